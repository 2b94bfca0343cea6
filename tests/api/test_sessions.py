"""/api/v2/sessions and /api/v2/refresh-tokens."""

import dataclasses

import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.people import signed_in as verbs
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from tests.api.conftest import Desk
from tests.tenants import ORIGIN
from tests.visitor import EVERYTHING, Browser, redeemed, refreshed, tokens_of, told

AYA = "/users/auth0%7Caya"


async def signed_in(desk: Desk) -> Browser:
    """A browser in which the person is signed in."""
    browser = Browser(desk.tenant)
    await browser.code(scope=EVERYTHING)
    return browser


async def is_in(browser: Browser) -> bool:
    """Whether nobody is asked to sign in there."""
    return "error" not in told(await browser.authorize(prompt="none"))


async def the_session(desk: Desk) -> dict:
    """The one session of the person."""
    (session,) = (await desk.made(f"GET {AYA}/sessions", None))["sessions"]
    return dict(session)


async def the_token(desk: Desk) -> dict:
    """The one refresh token of the person."""
    (token,) = (await desk.made(f"GET {AYA}/refresh-tokens", None))["tokens"]
    return dict(token)


async def is_good(desk: Desk, given: dict[str, object]) -> bool:
    """Whether the refresh token can still be used."""
    try:
        return bool(await refreshed(desk.tenant, given["refresh_token"]))
    except Refused:
        return False


async def slugs(desk: Desk) -> set[str]:
    """What happened."""
    return {event.slug for event in await desk.tenant.store.events(desk.tenant.id, {}, Window())}


async def test_a_session_says_where_and_until_when(home):
    """A session has its moments, its clients, and how it began; the cookie is in no answer."""
    browser = await signed_in(home)
    session = await the_session(home)
    assert session == {
        "id": session["id"],
        "user_id": "auth0|aya",
        "created_at": "2027-01-15T08:00:00.000Z",
        "updated_at": "2027-01-15T08:00:00.000Z",
        "authenticated_at": "2027-01-15T08:00:00.000Z",
        "last_interacted_at": "2027-01-15T08:00:00.000Z",
        "idle_expires_at": "2027-01-18T08:00:00.000Z",
        "expires_at": "2027-01-22T08:00:00.000Z",
        "device": {},
        "clients": [{"client_id": "web"}],
        "authentication": {"methods": [{"name": "pwd", "timestamp": "2027-01-15T08:00:00.000Z"}]},
    }
    answer = await home.ask(f"GET /sessions/{session['id']}")
    assert answer.json == session
    assert not any(value in str(answer.json) for value in browser.cookies.values())


async def test_a_session_ends(home):
    """The browser is signed out at once; what clients have lasts until it is ended itself."""
    given = await tokens_of(home.tenant)
    browser = await signed_in(home)
    for session in (await home.ask(f"GET {AYA}/sessions")).json["sessions"]:
        assert (await home.ask(f"DELETE /sessions/{session['id']}")).status == 202
        assert (await home.ask(f"DELETE /sessions/{session['id']}")).status == 404
    assert not await is_in(browser)
    assert await is_good(home, given)
    assert "session_ended" in await slugs(home)


async def test_a_revoked_session_takes_its_refresh_tokens_along(home):
    """What came of this session ends; what came of another one stays."""
    mine = Browser(home.tenant)
    given = await redeemed(home.tenant, await mine.code(scope=EVERYTHING))
    session = await the_session(home)
    code = await mine.code(scope=EVERYTHING)
    others = await tokens_of(home.tenant)
    assert (await home.ask(f"POST /sessions/{session['id']}/revoke")).status == 202
    assert not await is_in(mine)
    assert not await is_good(home, given)
    assert await tokens.good(str(given["access_token"]), home.tenant) is None
    with pytest.raises(Refused, match="code_invalid"):
        await redeemed(home.tenant, code)
    assert await is_good(home, others)
    assert {"session_ended", "token_revoked"} <= await slugs(home)


async def test_signing_out_everywhere(home):
    """All browsers of one person are signed out, and nobody else's."""
    browsers = [await signed_in(home) for _ in range(3)]
    assert (await home.ask(f"DELETE {AYA}/sessions")).status == 202
    assert not any([await is_in(browser) for browser in browsers])
    assert (await home.ask(f"GET {AYA}/sessions")).json == {"sessions": []}
    assert (await home.ask(f"DELETE {AYA}/sessions")).status == 202


async def test_sessions_come_in_steps(home):
    """Steps cover all sessions once."""
    for _ in range(5):
        await signed_in(home)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        step = (await home.ask(f"GET {AYA}/sessions?take=2&from={cursor}")).json
        seen += [each["id"] for each in step["sessions"]]
        cursor = step.get("next")
    assert len(set(seen)) == len(seen) == 5
    assert (await home.ask(f"GET {AYA}/sessions?take=101")).status == 400


async def test_a_refresh_token_is_told_of_without_itself(home):
    """The family has an id that opens nothing; neither the token nor what proves it is in any answer."""
    given = await tokens_of(home.tenant)
    token, session = await the_token(home), await the_session(home)
    assert token == {
        "id": token["id"],
        "user_id": "auth0|aya",
        "client_id": "web",
        "session_id": session["id"],
        "created_at": "2027-01-15T08:00:00.000Z",
        "last_exchanged_at": "2027-01-15T08:00:00.000Z",
        "idle_expires_at": "2027-01-30T08:00:00.000Z",
        "expires_at": "2027-02-14T08:00:00.000Z",
        "rotating": True,
        "resource_servers": [{"audience": f"{ORIGIN}/userinfo", "scopes": EVERYTHING}],
    }
    assert (await home.ask(f"GET /refresh-tokens/{token['id']}")).json == token
    assert str(given["refresh_token"]) not in str(token)
    with pytest.raises(Refused, match="refresh_invalid"):
        await refreshed(home.tenant, token["id"])
    home.clock.now += 60
    assert await is_good(home, given)
    later = await the_token(home)
    assert (later["id"], later["last_exchanged_at"]) == (token["id"], "2027-01-15T08:01:00.000Z")


async def test_a_refresh_token_ends(home):
    """One family ends with the access tokens that came of it; another one of the same client stays."""
    first = await tokens_of(home.tenant)
    token = await the_token(home)
    second = await tokens_of(home.tenant)
    assert (await home.ask(f"DELETE /refresh-tokens/{token['id']}")).status == 204
    assert await tokens.good(str(first["access_token"]), home.tenant) is None
    assert not await is_good(home, first)
    assert await is_good(home, second)
    answer = await home.ask(f"DELETE /refresh-tokens/{token['id']}")
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_refresh_token")


async def test_all_refresh_tokens_of_a_person_end(home):
    """No client can refresh anything; the person stays signed in."""
    given = [await tokens_of(home.tenant) for _ in range(3)]
    browser = await signed_in(home)
    assert len((await home.ask(f"GET {AYA}/refresh-tokens?take=2")).json["tokens"]) == 2
    assert (await home.ask(f"DELETE {AYA}/refresh-tokens")).status == 202
    assert not any([await is_good(home, each) for each in given])
    assert (await home.ask(f"GET {AYA}/refresh-tokens")).json == {"tokens": []}
    assert await is_in(browser)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("GET /sessions/x", "inexistent_session"),
        ("DELETE /sessions/x", "inexistent_session"),
        ("POST /sessions/x/revoke", "inexistent_session"),
        (f"GET /sessions/{'x' * 300}", "inexistent_session"),
        ("GET /refresh-tokens/x", "inexistent_refresh_token"),
        (f"DELETE /refresh-tokens/{'x' * 300}", "inexistent_refresh_token"),
        ("GET /users/auth0%7Cnobody/sessions", "inexistent_user"),
        ("DELETE /users/auth0%7Cnobody/sessions", "inexistent_user"),
        ("GET /users/aya@example.com/refresh-tokens", "inexistent_user"),
        ("DELETE /users/auth0%7Cnobody/refresh-tokens", "inexistent_user"),
    ],
)
async def test_says_that_there_is_no_such_thing(home, line, code):
    """What is not there, or is somebody else's kind of thing, is absent."""
    answer = await home.ask(line)
    assert (answer.status, answer.json["errorCode"]) == (404, code)
    slug = {"session": "session_absent", "refresh_token": "refresh_token_absent"}.get(code.partition("_")[2])
    assert slug in (None, home.refused.reason.slug)


async def test_another_tenant_sees_nothing(home):
    """Ids of one tenant are nothing at another one."""
    given = await tokens_of(home.tenant)
    token, session = await the_token(home), await the_session(home)
    mine, record = home.tenant, replace(home.tenant.record, id="x", tenant="x")
    other = dataclasses.replace(mine, record=record)
    for lookup, id in ((verbs.session, session["id"]), (verbs.family, token["id"])):
        assert await lookup(mine, id)
        with pytest.raises(Refused, match="absent"):
            await lookup(other, id)
    assert await is_good(home, given)
