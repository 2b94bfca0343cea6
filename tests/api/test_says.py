"""How the management API words a refusal: one row for each reason."""

from collections import defaultdict

import pytest

from sekisho.api.says import says
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals import CATALOGUE
from tests.tenants import AUDIENCE, ORIGIN

ABSENT_GRANT = {"client_id": "x", "audience": AUDIENCE}
ROWS: list[tuple[str, object, str, int, str]] = [
    ("POST /clients", {}, "body_invalid", 400, "invalid_body"),
    ("GET /clients?foo=1", None, "query_invalid", 400, "invalid_query_string"),
    (
        "POST /clients",
        {"name": "x", "compliance_level": "y"},
        "not_supported",
        400,
        "operation_not_supported",
    ),
    ("GET /clients/x", None, "client_absent", 404, "inexistent_client"),
    ("POST /client-grants", ABSENT_GRANT, "client_absent", 404, "inexistent_client"),
    ("GET /resource-servers/x", None, "api_absent", 404, "inexistent_resource_server"),
    ("GET /client-grants/x", None, "grant_absent", 404, "inexistent_client_grant"),
    ("POST /resource-servers", {"identifier": AUDIENCE}, "already_exists", 409, "conflict"),
    (
        "DELETE /resource-servers/https%3A%2F%2Fid.example.com%2Fapi%2Fv2%2F",
        None,
        "system_api",
        400,
        "operation_not_supported",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2])
async def test_words_a_refusal_in_one_shape(desk, row):
    """Status, phrase, message and code: always these four, whatever was refused."""
    line, body, slug, status, code = row
    answer = await desk.ask(line, body)
    assert desk.refused.reason.slug == slug
    assert answer.status == status
    assert answer.json.keys() == {"statusCode", "error", "message", "errorCode"}
    assert (answer.json["statusCode"], answer.json["errorCode"]) == (status, code)
    assert answer.json["message"] == desk.refused.text


async def test_names_the_scope_that_is_missing(desk):
    """A missing scope is its own reason."""
    assert (await desk.ask("GET /clients", token=desk.token("x"))).status == 403
    assert desk.refused.reason.slug == "scope_insufficient"


@pytest.mark.parametrize("reason", CATALOGUE.values(), ids=lambda reason: reason.slug)
def test_can_word_every_reason(reason):
    """Whatever is refused on the way here is worded too, with nothing that was kept for the log."""
    words = defaultdict(lambda: "x", name="x")
    asked = Ask(method="GET", path="/clients", root=ORIGIN)
    refused = Refused(reason, debug="for the log", words=words)
    answer = says(refused, asked)
    assert answer.status == reason.status
    assert "for the log" not in str(answer)
    assert isinstance(answer.json, dict)
    assert ("errorCode" in answer.json) == (reason.status != 401)
