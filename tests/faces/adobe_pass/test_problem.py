"""The error documents of protected APIs, member for member."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest
from structlog.testing import capture_logs

from sekisho.app import lost, urls
from sekisho.faces.adobe_pass import problem
from sekisho.spec.http import Ask
from sekisho.spec.refusal import INTERNAL, NOT_FOUND, STORE_UNAVAILABLE, Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.spec.software.enhanced import PROBLEMS, in_header
from sekisho.store import Window
from tests.faces.adobe_pass.gated import CHANNEL, OTHER, TRACE, Gated, gated
from tests.tenants import ORIGIN

NEW, OLD = f"/api/v2/{OTHER}/configuration", f"/reggie/v1/{OTHER}/regcode"
MEMBERS = ["action", "status", "code", "message", "helpUrl", "trace"]
ACTIONS = {"none", "configuration", "application-registration", "authentication", "authorization", "retry"}


@pytest.fixture
async def house() -> AsyncIterator[Gated]:
    """An installation of an application for one service provider."""
    async with gated() as found:
        yield found


async def test_the_document_is_flat(house: Gated):
    """All six members, in the order of the samples, and the status of the answer."""
    answer = await house.nginx(NEW)
    told = answer.json()
    assert list(told) == MEMBERS
    assert told["status"] == answer.status_code == 401
    assert TRACE.fullmatch(told["trace"])
    assert told["helpUrl"] == f"{ORIGIN}/help/adobe-pass#{told['code']}"
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_help_is_served(house: Gated):
    """The address of the help leads to a page of ours that has an anchor for the code."""
    told = (await house.nginx(NEW)).json()
    address = urlsplit(told["helpUrl"])
    page = await house.web.get(address.path, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert f'id="{address.fragment}"' in page.text


async def test_the_trace_is_found_again(house: Gated):
    """A trace is unique, and the log and the audit know the refusal by it."""
    with capture_logs() as logged:
        traces = [(await house.nginx(NEW)).json()["trace"] for _ in range(3)]
    assert len(set(traces)) == 3
    assert [line["trace"] for line in logged if line["event"] == "refused"] == traces
    await house.tenant.audit.flush()
    events = await house.tenant.store.events(house.tenant.id, {}, Window(limit=50))
    found = [event for event in events if event.detail.get("trace") in traces]
    assert {event.slug for event in found} == {"token_channel"}
    assert len(found) == 3


async def test_nothing_secret_is_told(house: Gated):
    """Neither the answer, nor the log, nor the audit holds the token or anything that was sent as one."""
    with capture_logs() as logged:
        told = [await house.nginx(NEW)]
        told.append(await house.nginx(f"{OLD}?access_token={house.token}", authorization=""))
        await house.revoke_statement()
        told.append(await house.nginx(NEW))
    await house.tenant.audit.flush()
    events = await house.tenant.store.events(house.tenant.id, {}, Window(limit=50))
    everything = str([each.text for each in told]) + str(logged) + str(events)
    for part in (house.token, *house.token.split("."), house.client["client_secret"]):
        assert part not in everything


@pytest.mark.parametrize("accept", ["application/xml", "text/xml", "application/xml, application/json;q=0.5"])
async def test_old_apis_speak_xml(house: Gated, accept: str):
    """Who prefers XML gets the whole document in XML from old APIs, and JSON from new ones."""
    answer = await house.nginx(OLD, accept=accept)
    assert answer.headers["content-type"] == "application/xml;charset=UTF-8"
    tree = ET.fromstring(answer.text)
    assert tree.tag == "error"
    assert [child.tag for child in tree] == MEMBERS
    told = {child.tag: child.text for child in tree}
    assert (told["status"], told["code"]) == ("403", "invalid_access_token_service_provider")
    assert answer.status_code == 403
    assert "accept" in answer.headers["vary"]
    assert list((await house.nginx(NEW, accept=accept)).json()) == MEMBERS


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/json, application/xml", "x"])
async def test_old_apis_speak_oauth(house: Gated, accept: str):
    """Everybody else hears one code from old APIs, and not a word more."""
    assert (await house.nginx(OLD, accept=accept)).json() == {"error": "access_denied"}


@pytest.mark.parametrize("code", PROBLEMS)
def test_each_problem_is_whole(code: str):
    """Each problem has a status that can be sent, an action that clients know, and a sentence."""
    found = PROBLEMS[code]
    assert found.code == code
    assert found.action in ACTIONS
    assert 400 <= found.status <= 503
    assert found.message.endswith(".")


def test_only_an_ended_registration_makes_one_register():
    """`application-registration` makes clients throw credentials away: no other code asks for it."""
    asking = {code for code, found in PROBLEMS.items() if found.action == "application-registration"}
    assert asking == {
        "invalid_access_token_client_application",
        "invalid_access_token_service_provider",
    }


@pytest.mark.parametrize("slug", CATALOGUE)
@pytest.mark.parametrize("path", [f"/o/gate{NEW}", f"/o/gate{OLD}"])
def test_every_refusal_has_its_words(slug: str, path: str):
    """Whatever is refused, the answer has the form of the API that was asked, and our debug is not in it."""
    refused = Refused(CATALOGUE[slug], debug="hush", words=dict.fromkeys(("name", "audience", "scopes"), "w"))
    answer = problem.says(refused, Ask(method="GET", path=path, root=ORIGIN))
    assert answer.status >= 400
    assert "hush" not in str(answer)
    if answer.status == 429:
        assert answer.kind == "text/html"
        return
    told = answer.json
    assert isinstance(told, dict)
    assert (list(told) == MEMBERS) if "v2" in path else (list(told) == ["error"])
    assert refused.trace


@pytest.mark.parametrize(
    ("reason", "status", "code", "action"),
    [
        (INTERNAL, 500, "internal_server_error", "none"),
        (STORE_UNAVAILABLE, 503, "temporarily_unavailable", "retry"),
        (NOT_FOUND, 404, "not_found", "none"),
    ],
)
def test_our_own_trouble_is_ours(reason: object, status: int, code: str, action: str):
    """A server in trouble says so in the same document, and sends nobody to register."""
    told = problem.says(Refused(reason), Ask(method="GET", path=f"/o/gate{NEW}", root=ORIGIN)).json  # type: ignore[arg-type]
    assert isinstance(told, dict)
    assert (told["status"], told["code"], told["action"]) == (status, code, action)


async def test_what_the_door_refuses_is_worded_too(house: Gated):
    """A request that never reaches the gate's own code is answered in the same form."""
    answer = await house.web.get(f"/o/gate{NEW}?a=%ff")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    large = await house.web.post("/o/gate", content=b"x" * 70_000)
    assert large.status_code == 400
    assert large.json() == {"error": "invalid_request"}
    assert lost(Refused(NOT_FOUND), Ask(method="GET", path="/demo/adobe-pass/x", root=ORIGIN)).status == 404
    assert urls().find("GET", f"/o/gate{NEW}").route.limit == "device"


def test_a_service_provider_fits_into_a_header():
    """What a header cannot carry is percent-encoded, the rest stays readable."""
    assert in_header("REF30:a/b@c") == "REF30:a/b@c"
    assert in_header("映 %\r\n") == "%E6%98%A0%20%25%0D%0A"
    assert json.dumps(in_header(CHANNEL)) == f'"{CHANNEL}"'
    assert httpx.Headers({"x": in_header("é")})["x"] == "%C3%A9"
