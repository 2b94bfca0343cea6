"""The sample API: what an application under development meets behind the gate."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.faces.adobe_pass.gated import CHANNEL, OTHER, TRACE, Gated, gated

DEMO = "/demo/adobe-pass/api/v2"
DECISIONS = "decisions/authorize/SampleTV"


@pytest.fixture
async def house() -> AsyncIterator[Gated]:
    """A server in development."""
    async with gated(development=True) as found:
        yield found


async def asked(house: Gated, method: str, path: str, channel: str = CHANNEL, **more: Any) -> httpx.Response:
    """A request of the installation."""
    bearer = {"authorization": f"Bearer {house.token}"}
    return await house.web.request(method, f"{DEMO}/{channel}/{path}", headers=bearer, **more)


@pytest.mark.parametrize(
    ("method", "path", "member"),
    [
        ("GET", "configuration", "requestor"),
        ("POST", "sessions", "code"),
        ("GET", "sessions/DEMO001", "sessionId"),
        ("POST", "sessions/DEMO001", "sessionId"),
        ("GET", "profiles", "profiles"),
        ("GET", "profiles/SampleTV", "profiles"),
        ("GET", "logout/SampleTV", "logouts"),
        ("GET", "logout/Other", "logouts"),
    ],
)
async def test_every_endpoint_answers(house: Gated, method: str, path: str, member: str):
    """Each endpoint of the contract's table answers 200 in JSON to an installation."""
    answer = await asked(house, method, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert member in answer.json()


async def test_the_samples_fit_together(house: Gated):
    """The MVPD of the configuration is that of session and profile, and the session's address is served."""
    (mvpd,) = (await asked(house, "GET", "configuration")).json()["requestor"]["mvpds"]
    session = (await asked(house, "POST", "sessions", data={"mvpd": mvpd["id"]})).json()
    assert session["mvpd"] == mvpd["id"]
    assert session["notAfter"] > session["notBefore"]
    assert uuid.UUID(session["sessionId"])
    assert list((await asked(house, "GET", "profiles")).json()["profiles"]) == [mvpd["id"]]
    assert (await asked(house, "GET", "profiles/Other")).json() == {"profiles": {}}
    path = session["url"].removeprefix(f"/api/v2/{CHANNEL}/")
    assert (await asked(house, "POST", path, json={"resources": ["a"]})).status_code == 200


@pytest.mark.parametrize(("kind", "has_token"), [("preauthorize", False), ("authorize", True)])
async def test_a_denied_resource_is_one_item(house: Gated, kind: str, *, has_token: bool):
    """A denied resource is an error inside a success: its status differs from that of the answer."""
    body = {"resources": ["allowed", "denied"], "more": {"ignored": True}}
    answer = await asked(house, "POST", f"decisions/{kind}/SampleTV", json=body)
    assert answer.status_code == 200
    good, bad = answer.json()["decisions"]
    assert (good["authorized"], bad["authorized"]) == (True, False)
    assert ("token" in good) is has_token
    assert bad["error"]["status"] == 403
    assert bad["error"]["code"] == f"{kind.replace('ize', 'ization')}_denied_by_mvpd"
    assert TRACE.fullmatch(bad["error"]["trace"])
    assert "error" not in good


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"resources":[]}',
        b'{"resources":"a"}',
        b'{"resources":[1]}',
        b'{"resources":[""]}',
    ],
)
async def test_resources_are_a_list_of_texts(house: Gated, body: bytes):
    """Anything but a list of one or more texts is refused by its own code."""
    answer = await asked(house, "POST", DECISIONS, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter_resources")


@pytest.mark.parametrize(
    ("method", "path", "more", "code"),
    [
        ("POST", "decisions/authorize/Other", {"json": {"resources": ["a"]}}, "invalid_parameter_mvpd"),
        ("POST", "sessions", {"data": {"mvpd": "Other"}}, "invalid_parameter_mvpd"),
        ("GET", "sessions/8ER640M", {}, "invalid_parameter_code"),
    ],
)
async def test_what_is_not_known_has_its_code(
    house: Gated, method: str, path: str, more: dict[str, Any], code: str
):
    """An MVPD or a code that the sample does not have is refused by its own code."""
    answer = await asked(house, method, path, **more)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_the_gate_is_in_front(house: Gated):
    """The sample has the same gate: token, service provider, then method."""
    bare = await house.web.get(f"{DEMO}/{CHANNEL}/configuration")
    assert bare.json()["code"] == "missing_access_token"
    other = await asked(house, "DELETE", "configuration", OTHER)
    assert other.json()["code"] == "invalid_access_token_service_provider"
    wrong = await asked(house, "DELETE", "configuration")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (
        405,
        "method_not_allowed",
        "GET",
    )
    open_elsewhere = await house.web.get(f"{DEMO}/authenticate/sessions/DEMO001")
    assert open_elsewhere.status_code == 401
    await house.revoke_application()
    gone = await asked(house, "GET", "configuration")
    assert gone.json()["action"] == "application-registration"


async def test_there_is_no_sample_in_production():
    """A server that is not in development has nothing at these addresses."""
    async with gated() as house:
        answer = await asked(house, "GET", "configuration")
        assert (answer.status_code, json.loads(answer.text)["code"]) == (404, "not_found")


async def test_what_is_not_there_is_not_found(house: Gated):
    """Below the sample, an unknown address is 404 in the document."""
    answer = await asked(house, "GET", "nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json()["helpUrl"].startswith("https://")
