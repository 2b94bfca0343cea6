"""Codes at the token endpoint: redeemed once, by whom they are for (RFC 6749 section 4.1.3)."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.keys import secret
from sekisho.model.api import Api
from sekisho.model.artifact import Code, Owner, Refresh
from sekisho.model.client import ReplyUrl
from sekisho.model.step import Erase, Save
from sekisho.model.user import User
from sekisho.people import sessions
from sekisho.spec.contrast import Contrast
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.servers import claims_of
from tests.tenants import AUDIENCE, NOW, ORIGIN, SECRET, Clock
from tests.visitor import (
    CALLBACK,
    EVERYTHING,
    VERIFIER,
    Browser,
    decided,
    people_tenant,
    person,
    person_changed,
    redeemed,
    refreshed,
    tokens_of,
    web_client,
)


async def refused(tenant: Tenant, code: str | None, **more: str | None) -> str:
    with pytest.raises(Refused) as refused:
        await redeemed(tenant, code, **more)
    return refused.value.reason.slug


async def test_a_code_becomes_tokens() -> None:
    """Access, ID and refresh token, each with what goes with it. RFC 6749 section 5.1."""
    tenant = await people_tenant()
    body = await tokens_of(tenant)
    assert {name: value for name, value in body.items() if not name.endswith("_token")} == {
        "token_type": "Bearer",
        "expires_in": 86_400,
        "scope": EVERYTHING,
    }
    assert {"access_token", "id_token", "refresh_token"} <= set(body)
    (event,) = await tenant.store.events(tenant.id, {"slug": "code_redeemed"}, Window())
    assert (event.client, event.user) == ("web", "auth0|aya")
    assert event.detail["grant_type"] == "authorization_code"


async def test_a_code_of_oauth_alone() -> None:
    """Without `openid` there is no ID token, without `offline_access` no refresh token."""
    tenant = await people_tenant()
    code = await Browser(tenant).code(scope="read:things", audience=AUDIENCE, redirect_uri=None)
    body = await redeemed(tenant, code, redirect_uri=None)
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert claims_of(str(body["access_token"])) | {"jti": ""} == {
        "iss": f"{ORIGIN}/",
        "sub": "auth0|aya",
        "aud": AUDIENCE,
        "azp": "web",
        "iat": int(NOW),
        "exp": int(NOW) + 86_400,
        "jti": "",
        "scope": "read:things",
    }


@pytest.mark.parametrize(
    ("alg", "scope", "aud"),
    [
        ("RS256", "openid", [AUDIENCE, f"{ORIGIN}/userinfo"]),
        ("RS256", "read:things", AUDIENCE),
        ("ES256", "openid", AUDIENCE),
        ("PS256", "openid", AUDIENCE),
    ],
)
async def test_userinfo_is_an_audience_too(alg: str, scope: str, aud: object) -> None:
    """With `openid`, and where the API's tokens are signed as everybody can check (auth0.md section 3)."""
    tenant = await people_tenant()
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    await tenant.change(Save(replace(known, signing_alg=alg)))
    body = await redeemed(tenant, await Browser(tenant).code(scope=scope, audience=AUDIENCE))
    assert claims_of(str(body["access_token"]))["aud"] == aud


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"code": None}, "missing_parameter"),
        ({"code": "x"}, "code_invalid"),
        ({"code": "x" * 5000}, "code_invalid"),
        ({"redirect_uri": None}, "code_redirect"),
        ({"redirect_uri": f"{CALLBACK}/"}, "code_redirect"),
        ({"code_verifier": None}, "code_verifier"),
        ({"code_verifier": "w" * 43}, "code_verifier"),
        ({"code_verifier": "v"}, "code_verifier"),
        ({"client_secret": "wrong"}, "client_auth_failed"),
        ({"client_secret": None}, "client_auth_method"),
    ],
)
async def test_what_does_not_go_with_the_code(more: dict[str, str | None], slug: str) -> None:
    """Code, address and verifier belong together; afterwards the right ones still do. Classes 13 and 17."""
    tenant = await people_tenant()
    code = await Browser(tenant).code()
    assert await refused(tenant, **{"code": code, **more}) == slug
    assert "id_token" in await redeemed(tenant, code)


@pytest.mark.parametrize(("sent", "got"), [(None, ""), (f"{CALLBACK}/", f"{CALLBACK}/")])
async def test_the_address_of_the_code_is_told(sent: str | None, got: str) -> None:
    """Both addresses are told; of code and verifier nothing is."""
    tenant = await people_tenant()
    code = await Browser(tenant).code()
    with pytest.raises(Refused, match="code_redirect") as address:
        await redeemed(tenant, code, redirect_uri=sent)
    assert address.value.seen == Contrast("redirect_uri", CALLBACK, got)
    with pytest.raises(Refused, match="code_verifier") as verifier:
        await redeemed(tenant, code, code_verifier="w" * 43)
    assert verifier.value.seen is None


async def test_a_verifier_for_a_code_without_a_challenge() -> None:
    """Somebody cut the challenge out of the request: nothing is given. RFC 9700 section 4.8.2, class 14."""
    tenant = await people_tenant()
    code = await Browser(tenant).code(code_challenge=None, code_challenge_method=None)
    assert await refused(tenant, code, code_verifier=VERIFIER) == "code_verifier"
    assert "id_token" in await redeemed(tenant, code, code_verifier=None)


async def test_an_address_that_was_not_sent_may_be() -> None:
    """Left out before, it may be left out or be the one address now. RFC 6749 section 4.1.3."""
    tenant = await people_tenant()
    for sent, slug in ((None, None), (CALLBACK, None), (f"{CALLBACK}x", "code_redirect")):
        code = await Browser(tenant).code(scope="email", redirect_uri=None)
        if slug:
            assert await refused(tenant, code, redirect_uri=sent) == slug
        else:
            assert await redeemed(tenant, code, redirect_uri=sent)


async def test_the_port_of_a_native_client_is_kept() -> None:
    """The address that was sent is the one that comes again, port and all. RFC 8252 section 7.3."""
    reply = ReplyUrl("http://127.0.0.1/cb", "public")
    tenant = await people_tenant(reply_urls=(reply,), token_endpoint_auth_method="none")
    sent = "http://127.0.0.1:51004/cb"
    code = await Browser(tenant).code(redirect_uri=sent)
    public = {"client_secret": None}
    assert await refused(tenant, code, redirect_uri="http://127.0.0.1:51005/cb", **public) == "code_redirect"
    assert "id_token" in await redeemed(tenant, code, redirect_uri=sent, **public)


async def test_another_clients_code_is_none() -> None:
    """A code is for the client that asked; who finds it learns and breaks nothing. RFC 6749 section 4.1.3."""
    tenant = await people_tenant()
    other = web_client(id="o", client_id="other", secrets=(secret.remember(SECRET, NOW),))
    assert await tenant.change(Save(other)) is None
    code = await Browser(tenant).code()
    assert await refused(tenant, code, client_id="other") == "code_invalid"
    body = await redeemed(tenant, code)
    # Nor does it revoke what the first use gave.
    assert await refused(tenant, code, client_id="other") == "code_invalid"
    assert await tokens.good(str(body["access_token"]), tenant)


async def test_a_code_expires() -> None:
    """After its short life it is worth nothing. RFC 6749 section 4.1.2."""
    clock = Clock()
    tenant = await people_tenant(clock)
    code = await Browser(tenant).code()
    clock.now += Policy().code_lifetime
    assert await refused(tenant, code) == "code_invalid"


async def test_a_code_that_comes_again_takes_back_what_it_gave() -> None:
    """Every token that descends from it ends. RFC 6749 section 4.1.2, class 16."""
    clock = Clock()
    tenant = await people_tenant(clock)
    code = await Browser(tenant).code(scope=EVERYTHING, audience=AUDIENCE)
    first = await redeemed(tenant, code)
    second = await refreshed(tenant, first["refresh_token"])
    clock.now += 30
    assert await refused(tenant, code) == "code_invalid"
    for body in (first, second):
        assert await tokens.good(str(body["access_token"]), tenant) is None
        with pytest.raises(Refused, match="refresh_invalid"):
            await refreshed(tenant, body["refresh_token"])


async def test_many_at_once_are_one() -> None:
    """Of those that race one wins, and the others prove a leak: nothing survives. Class 16."""
    tenant = await people_tenant()
    code = await Browser(tenant).code(scope=EVERYTHING)
    ends = await asyncio.gather(*(redeemed(tenant, code) for _ in range(20)), return_exceptions=True)
    (won,) = [end for end in ends if isinstance(end, dict)]
    assert {str(end) for end in ends if isinstance(end, Refused)} <= {"code_invalid", "grant_lost"}
    assert await tokens.good(str(won["access_token"]), tenant) is None
    with pytest.raises(Refused, match="refresh_invalid"):
        await refreshed(tenant, won["refresh_token"])


async def test_the_loser_of_a_race_is_noticed_at_the_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw the code before either took it: the unit decides, and the loser revokes. Class 16."""
    tenant = await people_tenant()
    code = await Browser(tenant).code(scope=EVERYTHING)
    get, both = tenant.store.get, asyncio.Barrier(2)

    async def together(kind: type, handle: str) -> object:
        found = await get(kind, handle)
        if kind is Code:
            await both.wait()
        return found

    monkeypatch.setattr(tenant.store, "get", together)
    ends = await asyncio.gather(redeemed(tenant, code), redeemed(tenant, code), return_exceptions=True)
    (won,) = [end for end in ends if isinstance(end, dict)]
    (lost,) = [end for end in ends if isinstance(end, Refused)]
    assert lost.reason.slug == "grant_lost"
    monkeypatch.undo()
    assert await tokens.good(str(won["access_token"]), tenant) is None
    with pytest.raises(Refused, match="refresh_invalid"):
        await refreshed(tenant, won["refresh_token"])


@pytest.mark.parametrize("refresh", ["offline_access", ""])
async def test_a_session_that_ends_takes_its_codes_along(refresh: str) -> None:
    """A code that nobody redeemed goes with the session it came from. Class 34."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    code = await browser.code(scope=f"openid {refresh}")
    session = await sessions.current(browser.ask("/", {}), tenant)
    assert session
    await sessions.end(session, tenant)
    assert await refused(tenant, code) == "code_invalid"


async def test_a_blocked_person_gets_nothing() -> None:
    """Blocked between the code and its use: the client is told so. Class 34."""
    tenant = await people_tenant()
    code = await Browser(tenant).code()
    await person_changed(tenant, blocked=True)
    with pytest.raises(Refused, match="grant_blocked") as blocked:
        await redeemed(tenant, code)
    assert (blocked.value.reason.error, blocked.value.text) == ("invalid_grant", "user is blocked")
    assert blocked.value.seen == Contrast("blocked", "false", "true")


async def test_a_person_or_an_api_that_is_gone() -> None:
    """What the code stands for has to be there still."""
    tenant = await people_tenant()
    code = await Browser(tenant).code(audience=AUDIENCE)
    other = await Browser(tenant).code()
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    user = await tenant.store.record(User, tenant.id, person().id)
    assert known
    assert user
    assert await tenant.change(Erase(known)) is None
    assert await refused(tenant, code) == "code_invalid"
    assert await tenant.change(Erase(user)) is None
    assert await refused(tenant, other) == "code_invalid"


async def test_a_tenants_other_default_changes_no_code() -> None:
    """What was agreed to for /userinfo stays for /userinfo, whatever the tenant decides later."""
    tenant = await people_tenant()
    code = await Browser(tenant).code(scope=EVERYTHING)
    tenant = await decided(tenant, Policy(default_audience=AUDIENCE))
    body = await redeemed(tenant, code)
    assert "." not in str(body["access_token"])
    assert "." not in str((await refreshed(tenant, body["refresh_token"]))["access_token"])


@pytest.mark.parametrize(
    ("policy", "client", "api", "given"),
    [
        (Policy(), {}, True, True),
        (Policy(), {}, False, False),
        (Policy(), {"grant_types": ("authorization_code",)}, True, False),
        (Policy(grant_types=("authorization_code",)), {}, True, False),
    ],
)
async def test_staying_takes_everybodys_leave(
    policy: Policy, client: dict[str, Any], api: bool, given: bool
) -> None:
    """Offline access is the API's, the client's and the tenant's to allow; else its scope falls away."""
    tenant = await people_tenant(None, policy, **client)
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    await tenant.change(Save(replace(known, allow_offline_access=api)))
    code = await Browser(tenant).code(scope="openid offline_access", audience=AUDIENCE)
    body = await redeemed(tenant, code)
    assert ("refresh_token" in body) is given
    assert ("offline_access" in str(body["scope"])) is given


async def test_unknown_scopes_fall_away() -> None:
    """What neither server nor API knows, or what the API switched off, is not given. RFC 6749 section 3.3."""
    tenant = await people_tenant()
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    off = replace(known.scopes[1], enabled=False)
    await tenant.change(Save(replace(known, scopes=(known.scopes[0], off))))
    code = await Browser(tenant).code(scope="openid read:things write:things x", audience=AUDIENCE)
    assert (await redeemed(tenant, code))["scope"] == "openid read:things"
    code = await Browser(tenant).code(scope="openid read:things", audience=AUDIENCE)
    assert (await redeemed(tenant, code, scope="read:things x"))["scope"] == "read:things"


async def test_two_hundred_families_are_enough() -> None:
    """One more ends the oldest of this person and client, and nobody else's (auth0.md section 4.6)."""
    clock = Clock()
    tenant = await people_tenant(clock, Policy(refresh_most=3))
    other = web_client(id="o", client_id="other", secrets=(secret.remember(SECRET, NOW),))
    assert await tenant.change(Save(other)) is None
    others = await redeemed(
        tenant, await Browser(tenant).code(client_id="other", scope=EVERYTHING), client_id="other"
    )
    held = []
    for _ in range(5):
        clock.now += 1
        held.append((await tokens_of(tenant))["refresh_token"])
    whose = Owner(tenant=tenant.id, user=person().user_id, client="web")
    assert len(await tenant.store.find(Refresh, whose, None, 10)) == 3
    for text in held[:2]:
        with pytest.raises(Refused, match="refresh_invalid"):
            await refreshed(tenant, text)
    for text in held[2:]:
        assert await refreshed(tenant, text)
    assert await refreshed(tenant, others["refresh_token"], client_id="other")


async def test_who_comes_while_another_ends_the_oldest_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two new families at once both want the oldest to end: neither is refused for that."""
    tenant = await people_tenant(None, Policy(refresh_most=1))
    await tokens_of(tenant)
    codes = [await Browser(tenant).code(scope=EVERYTHING) for _ in range(2)]
    find, both, seen = tenant.store.find, asyncio.Barrier(2), []

    async def together(*asked: Any) -> object:
        found: list[Any] = await find(*asked)
        seen.append(found)
        if len(seen) <= 2:
            await both.wait()
        return found

    monkeypatch.setattr(tenant.store, "find", together)
    bodies = await asyncio.gather(*(redeemed(tenant, code) for code in codes))
    assert len({str(body["refresh_token"]) for body in bodies}) == 2
    whose = Owner(tenant=tenant.id, user=person().user_id, client="web")
    assert len(await find(Refresh, whose, None, 10)) == 1
