"""How the face words refusals: a number for each, one document, and names that lead to the log."""

import re
import uuid
from urllib.parse import urlsplit

import pytest
import structlog

from sekisho.faces.entra import says
from sekisho.model.client import Client
from sekisho.spec.entra import codes, wording
from sekisho.spec.entra.wording import Told
from sekisho.spec.http import Ask
from sekisho.spec.refusal import (
    INTERNAL,
    MISSING_PARAMETER,
    NOT_FOUND,
    OVERLOADED,
    RATE_LIMITED,
    STORE_UNAVAILABLE,
    Reason,
    Refused,
)
from sekisho.spec.refusals import CATALOGUE, entra, exchange
from sekisho.spec.refusals.authorization import CLIENT_UNKNOWN, LOGIN_REQUIRED, PERSON_DECLINED
from sekisho.spec.refusals.entra import DIRECTORY_ABSENT, NOT_CONSENTED
from sekisho.spec.refusals.protocol import ASSERTION_SIGNATURE, CLIENT_AUTH_FAILED, CLIENT_DISABLED
from tests.faces.entra.desk import APP, Desk
from tests.tenants import ORIGIN

# The numbers of contract section 5.4 that we say; what stands behind are those of the server's own troubles.
PUBLISHED = frozenset(
    (
        *(16000, 28000, 28002, 28003, 28004, 50001, 50011, 50012, 50013, 50020, 50027, 50034, 50049, 50057),
        *(50058, 50074, 50076, 50078, 50079, 50105, 50126, 50147, 50148, 50173, 50194, 53003, 54005, 65001),
        *(65004, 65005, 70000, 70001, 70002, 70003, 70005, 70007, 70008, 70011, 90002, 90014, 90094),
        *(
            240002,
            500011,
            500112,
            500131,
            500133,
            501051,
            501241,
            501481,
            700016,
            700021,
            700022,
            700023,
            700024,
        ),
        *(700025, 700027, 900023, 900144, 900561, 901002, 1002012, 5002730, 7000112, 7000114, 7000215),
        *(7000216, 7000218, 7000222, 9001023, 9002313, 9002325, 9002326, 9002327),
    )
)
OURS = frozenset((50000, 50053, 90033, 90055))
TRACE, CORRELATION = "b72a68c3-0926-4b8e-bc35-3150069c2800", "73d656cf-54b1-4eb2-b429-26d8165a52d7"
AT = Told(trace=TRACE, correlation=CORRELATION, at=1_493_678_600.0, root=ORIGIN)


def administrative(reason: Reason) -> bool:
    """It is said to administrators, by the management API."""
    return reason.error.startswith("inexistent_") or reason.error == "operation_not_supported"


def test_every_refusal_of_the_dialect_has_a_number():
    """What was thought of for this face is told by a number of its own table."""
    reasons = [each for area in (entra, exchange) for each in vars(area).values() if isinstance(each, Reason)]
    missing = [each.slug for each in reasons if each.slug not in codes.CODES and not administrative(each)]
    assert missing == []
    assert set(codes.CODES) <= set(CATALOGUE)


def test_every_number_is_published():
    """A number is one that people find when they search for it. Contract section 5.4."""
    said = {code.number for code in (*codes.CODES.values(), *codes.OTHERWISE.values(), codes.MALFORMED)}
    assert said <= PUBLISHED | OURS


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_every_refusal_can_be_worded(slug: str):
    """Any refusal has a number and an error, with a status that its error may have."""
    found = wording.code(Refused(CATALOGUE[slug]))
    assert found.number > 0
    assert found.error
    assert (found.status == 401) == (
        found.error in ("invalid_client", "invalid_token")
    ) or slug not in codes.CODES


def test_the_document_of_a_refusal():
    """The members of an error are those of the sample, the sentence is ours. Contract section 5.1."""
    refused = Refused(NOT_CONSENTED, words={"client": "A", "resource": "B"})
    text = "Neither the user nor an administrator has consented to 'A' for 'B'"
    assert wording.body(refused, AT) == {
        "error": "invalid_grant",
        "error_description": (
            f"AADSTS65001: {text}\r\nTrace ID: {TRACE}\r\nCorrelation ID: {CORRELATION}\r\n"
            "Timestamp: 2017-05-01 22:43:20Z"
        ),
        "error_codes": [65001],
        "timestamp": "2017-05-01 22:43:20Z",
        "trace_id": TRACE,
        "correlation_id": CORRELATION,
        "error_uri": f"{ORIGIN}/error?code=65001",
        "suberror": "consent_required",
    }
    assert "suberror" not in wording.body(Refused(CLIENT_DISABLED), AT)


def test_what_was_sent_breaks_no_line():
    """Words of the request cannot begin a line of their own. RFC 6749 section 5.2."""
    refused = Refused(DIRECTORY_ABSENT, words={"name": 'x\r\nTrace ID: "forged"\\' * 50})
    told = str(wording.body(refused, AT)["error_description"])
    assert told.count("\r\n") == 3
    assert len(told) < 650
    assert not re.search(r'["\\]', told)


@pytest.mark.parametrize(
    ("reason", "pairs"),
    [
        (LOGIN_REQUIRED, {"error": "login_required", "error_uri": f"{ORIGIN}/error?code=50058"}),
        (
            PERSON_DECLINED,
            {"error": "access_denied", "error_uri": f"{ORIGIN}/error?code=65004", "error_subcode": "cancel"},
        ),
    ],
)
def test_a_refusal_in_a_redirect(reason: Reason, pairs: dict[str, str]):
    """An application's address hears error, text and where it is explained; who cancelled, says so."""
    told = dict(wording.pairs(Refused(reason), AT))
    assert told.pop("error_description").startswith(f"AADSTS{pairs['error_uri'][-5:]}: ")
    assert told == pairs


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        (ASSERTION_SIGNATURE, 401, "invalid_client"),
        (CLIENT_DISABLED, 400, "unauthorized_client"),
        (CLIENT_UNKNOWN, 400, "unauthorized_client"),
        (RATE_LIMITED, 429, "temporarily_unavailable"),
        (OVERLOADED, 503, "temporarily_unavailable"),
        (STORE_UNAVAILABLE, 503, "temporarily_unavailable"),
        (INTERNAL, 500, "server_error"),
        (NOT_FOUND, 404, "invalid_request"),
    ],
)
def test_status_and_error(reason: Reason, status: int, error: str):
    """Who did not prove itself is told 401, troubles of ours are 5xx, limits 429. Contract section 5.1."""
    words = {"client_id": "x"} if reason is CLIENT_UNKNOWN else {}
    answer = says.says(Refused(reason, words=words), Ask(method="POST", path="/", root=ORIGIN))
    assert answer.status == status
    assert isinstance(answer.json, dict)
    assert answer.json["error"] == error


async def test_what_every_refusal_carries(desk: Desk):
    """Nobody keeps it; its trace is the name of the request, the caller's own name comes back if it wants."""
    path = "/nobody/v2.0/.well-known/openid-configuration"
    answer = await desk.ask(path, client_request_id=CORRELATION, return_client_request_id="true")
    assert answer.headers["cache-control"] == "no-store, no-cache"
    assert (answer.headers["pragma"], answer.headers["expires"]) == ("no-cache", "-1")
    assert answer.headers["x-ms-request-id"] == answer.json()["trace_id"]
    assert answer.headers["client-request-id"] == answer.json()["correlation_id"] == CORRELATION
    assert answer.headers["x-correlation-id"] == CORRELATION
    assert "retry-after" not in answer.headers
    uuid.UUID(answer.json()["trace_id"])
    # Without the wish it is not said again.
    assert "client-request-id" not in (await desk.ask(path, client_request_id=CORRELATION)).headers


async def test_the_trace_leads_to_the_log(desk: Desk):
    """Trace and correlation of an answer are in the line of the log. Contract section 5.1."""
    with structlog.testing.capture_logs() as lines:
        answer = await desk.ask("/nobody/discovery/keys", client_request_id=CORRELATION)
    (line,) = [each for each in lines if each["event"] == "refused"]
    assert line["slug"] == DIRECTORY_ABSENT.slug
    assert line["trace"] == answer.json()["trace_id"]
    assert line["correlation"] == CORRELATION


def request(**fields: object) -> Ask:
    """A request with a name of our own."""
    told: dict[str, object] = {"method": "POST", "path": "/", "root": ORIGIN, "id": "abc", **fields}
    return Ask(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": {"client-request-id": CORRELATION}, "query": (("client-request-id", TRACE),)},
        {"query": (("client-request-id", CORRELATION),), "form": (("client-request-id", TRACE),)},
        {"form": (("client-request-id", CORRELATION),)},
        {"headers": {"client-request-id": "no GUID\r\n"}, "form": (("client-request-id", CORRELATION),)},
        {"correlation": CORRELATION},
    ],
)
def test_whose_correlation_counts(fields: dict[str, object]):
    """The caller's GUID counts: of the header, then the query, then the body."""
    assert says.correlation_of(request(**fields)) == CORRELATION


def test_a_request_without_a_name_gets_one():
    """Who names nothing gets a GUID, the same for one request each time."""
    made = says.correlation_of(request(query=(("client-request-id", "x"),)))
    assert uuid.UUID(made)
    assert made == says.correlation_of(request()) != says.correlation_of(request(id="other"))


async def test_a_client_that_there_is_not_is_no_wrong_secret(desk: Desk):
    """An unknown application is told apart, as at the authorization endpoint; a wrong secret stays one."""
    failed = Refused(CLIENT_AUTH_FAILED)
    assert await says.apart(failed, APP, desk.tenant) is failed
    for client_id in ("nobody", "x" * 600, "a\0b"):
        told = await says.apart(failed, client_id, desk.tenant)
        assert told.reason is CLIENT_UNKNOWN
        assert wording.code(told)[:3] == (700016, "unauthorized_client", 400)
    other = Refused(MISSING_PARAMETER, words={"name": "x"})
    assert await says.apart(other, "nobody", desk.tenant) is other
    assert await desk.tenant.known.named(Client, desk.tenant.id, "nobody") is None


async def test_what_is_not_there_is_said_in_its_words(desk: Desk):
    """An address below the face's that does not exist, or takes another method, is refused in its words."""
    for path in ("/demo/oauth2/v2.0/nothing", "/demo/discovery/nothing"):
        answer = await desk.ask(path)
        assert (answer.status_code, answer.json()["error_codes"]) == (404, [9002313])
    answer = await desk.ask("/demo/discovery/keys", method="PUT")
    assert (answer.status_code, answer.json()["error_codes"]) == (405, [900561])


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_a_number_is_explained(desk: Desk, language: str):
    """Where `error_uri` leads, people read what the number means, in their language."""
    address = str(wording.body(Refused(NOT_CONSENTED, words={"client": "", "resource": ""}), AT)["error_uri"])
    parts = urlsplit(address)
    answer = await desk.ask(f"{parts.path}?{parts.query}", accept="text/html", accept_language=language)
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert "AADSTS65001" in answer.text
    assert {"en": "Nobody agreed to this", "ja": "同意がありません"}[language] in answer.text


@pytest.mark.parametrize("code", ["", "1", "x", "9" * 30, "%3Cb%3E", "٣"])
async def test_a_number_that_nobody_says(desk: Desk, code: str):
    """What is no number of ours is told so, and not shown again."""
    answer = await desk.ask(f"/error?code={code}", accept="text/html")
    assert answer.status_code == 200
    assert "This number is not in use here" in answer.text
