"""Pages of any origin may register and ask for tokens: nothing that a browser adds by itself counts."""

import json

import pytest

from tests.faces.adobe_pass.conftest import JSON, REGISTER, TOKEN, Place

ALWAYS = {
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "POST,GET,OPTIONS,DELETE",
    "access-control-allow-headers": (
        "ap_11,ap_42,ap_z,ap_19,ap_21,ap_23,authorization,content-type,pass_sfp,AP-Session-Identifier,"
        "AP-Device-Identifier,AP-SDK-Identifier,X-Device-Info"
    ),
    "access-control-expose-headers": "pass_sfp,Authzf-Error-Code,Authzf-Sub-Error-Code,Authzf-Error-Details",
    "vary": "origin",
}
ORIGINS = ("https://app.example", "http://localhost:3000", "null", "chrome-extension://abcdefghijklmnop")


def allows(answer: object, origin: str) -> None:
    """The page may read this."""
    headers = dict(answer.headers)  # type: ignore[attr-defined]
    assert headers["access-control-allow-origin"] == origin
    assert ALWAYS.items() <= headers.items()


@pytest.mark.parametrize("origin", ORIGINS)
async def test_a_page_may_read_every_answer(place: Place, origin: str) -> None:
    """Success and refusal alike carry the page's own origin and the vendor's lists."""
    good = await place.register({"software_statement": place.software.text}, Origin=origin)
    assert good.status_code == 201
    bad = await place.token({}, Origin=origin)
    assert bad.status_code == 400
    for answer in (good, bad):
        allows(answer, origin)


@pytest.mark.parametrize("path", [REGISTER, TOKEN])
@pytest.mark.parametrize("origin", ORIGINS)
async def test_a_browser_may_ask_before(place: Place, path: str, origin: str) -> None:
    """A preflight is answered without a body, for all the vendor's headers. Fetch, CORS-preflight fetch."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-device-info",
    }
    answer = await place.ask(f"OPTIONS {path}", b"", asked)
    assert (answer.status_code, answer.content) == (204, b"")
    allows(answer, origin)
    assert answer.headers["access-control-max-age"] == "600"
    names = {name for name, _ in answer.headers.multi_items() if name.startswith("access-control")}
    assert all(len(answer.headers.get_list(name)) == 1 for name in names)


async def test_without_an_origin_none_is_allowed(place: Place) -> None:
    """Who is no page gets the lists, as from the vendor's edge, and no origin; so does an endless one."""
    body = json.dumps({"software_statement": place.software.text}).encode()
    for told in ({}, {"Origin": ""}, {"Origin": "https://" + "x" * 400}):
        answer = await place.ask(f"POST {REGISTER}", body, {"Content-Type": JSON, **told})
        assert answer.status_code == 201
        assert "access-control-allow-origin" not in answer.headers
        assert ALWAYS.items() <= dict(answer.headers).items()
        assert (await place.ask(f"OPTIONS {REGISTER}", b"", told)).status_code == 204


async def test_cookies_do_not_count(place: Place) -> None:
    """The origin is echoed because there are no cookies: none changes an answer, and none is set."""
    told = {"software_statement": place.software.text}
    cookie = "session=stolen; __Host-flow-1=x; pass_sfp=y"
    answer = await place.register(told, Origin="https://evil.example", Cookie=cookie)
    assert answer.status_code == 201
    assert "set-cookie" not in answer.headers
    assert (await place.token({}, Origin="https://evil.example", Cookie=cookie)).status_code == 400


async def test_other_addresses_keep_their_own_rules(place: Place) -> None:
    """Where cookies or clients count, a page that no client named still reads nothing."""
    for line in (
        "POST /oauth/token",
        "OPTIONS /oauth/token",
        "GET /api/v2/clients",
        "OPTIONS /api/v2/clients",
    ):
        answer = await place.ask(line, b"", {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
