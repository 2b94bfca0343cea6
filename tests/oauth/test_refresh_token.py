"""Refresh tokens: families that notice theft (RFC 6749 section 6, RFC 9700 section 4.14.2)."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sekisho import tokens
from sekisho.keys import secret
from sekisho.model.api import Api
from sekisho.model.artifact import Owner, Refresh
from sekisho.model.client import RefreshTerms
from sekisho.model.step import Erase, Put, Save
from sekisho.model.user import User
from sekisho.oauth.revoke import revoke
from sekisho.people import sessions
from sekisho.spec.contrast import Contrast
from sekisho.spec.jose import decode, encode
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from sekisho.tokens import refresh_token
from tests.servers import claims_of
from tests.tenants import AUDIENCE, NOW, SECRET, Clock, ask
from tests.visitor import (
    EVERYTHING,
    Browser,
    altered,
    decided,
    people_tenant,
    person,
    person_changed,
    redeemed,
    refreshed,
    tokens_of,
    web_client,
)

POLICY = Policy()


async def family(tenant: Tenant, **more: str | None) -> object:
    """The first refresh token of a fresh sign-in."""
    return (await tokens_of(tenant, **more))["refresh_token"]


async def turned(tenant: Tenant, text: object) -> object:
    """The next one."""
    return (await refreshed(tenant, text))["refresh_token"]


async def kept(tenant: Tenant, text: object) -> Refresh:
    found = await tenant.store.get(Refresh, refresh_token.read(str(text)).family)
    assert isinstance(found, Refresh)
    return found


async def still(tenant: Tenant) -> tuple[Refresh, object]:
    """A family that does not rotate, and its one token."""
    first = await kept(tenant, await family(tenant))
    fixed = replace(first, id="77777777-7777-4777-8777-777777777777", rotates=False)
    fixed = replace(fixed, owner=replace(fixed.owner, grant=fixed.id))
    assert await tenant.store.write(Put(fixed, fixed.id)) is None
    return fixed, refresh_token.mint(fixed, tenant)


async def refused(tenant: Tenant, text: object, **more: str | None) -> str:
    with pytest.raises(Refused) as refused:
        await refreshed(tenant, text, **more)
    return refused.value.reason.slug


async def test_a_refresh_gives_the_next_of_all_tokens() -> None:
    """New access, ID and refresh token; scope and audience stay. RFC 6749 section 6."""
    clock = Clock()
    tenant = await people_tenant(clock)
    first = await tokens_of(tenant, scope=f"{EVERYTHING} read:things", audience=AUDIENCE)
    clock.now += 100
    second = await refreshed(tenant, first["refresh_token"])
    assert second["scope"] == first["scope"] == f"{EVERYTHING} read:things"
    assert all(second[name] != first[name] for name in ("access_token", "id_token", "refresh_token"))
    before, after = (claims_of(str(body["access_token"])) for body in (first, second))
    assert {name: after[name] for name in ("sub", "aud", "azp", "iss")} == {
        name: before[name] for name in ("sub", "aud", "azp", "iss")
    }
    # One grant, and each token of it by itself.
    assert after["jti"] != before["jti"]
    assert after["jti"].split(".")[0] == before["jti"].split(".")[0]
    (event,) = await tenant.store.events(tenant.id, {"slug": "token_refreshed"}, Window())
    assert event.detail["grant_type"] == "refresh_token"


async def test_the_id_token_of_a_refresh() -> None:
    """The same person, client and sign-in, a new time, and no nonce. OpenID Connect Core 1.0 section 12.2."""
    clock = Clock()
    tenant = await people_tenant(clock)
    first = await tokens_of(tenant)
    clock.now += 100
    second = await refreshed(tenant, first["refresh_token"])
    before, after = (claims_of(str(body["id_token"])) for body in (first, second))
    for name in ("iss", "sub", "aud", "auth_time", "sid", "amr"):
        assert after[name] == before[name]
    assert after["iat"] == before["iat"] + 100
    assert before["nonce"] == "n-1"
    assert "nonce" not in after


async def test_each_token_is_used_once() -> None:
    """Used after its leeway, a token ends the family, and the audit knows. RFC 9700 section 4.14.2."""
    clock = Clock()
    tenant = await people_tenant(clock)
    first = await tokens_of(tenant)
    second = await refreshed(tenant, first["refresh_token"])
    clock.now += POLICY.refresh_leeway + 1
    with pytest.raises(Refused, match="refresh_invalid") as reused:
        await refreshed(tenant, first["refresh_token"])
    assert reused.value.text == "Unknown or invalid refresh token."
    assert await refused(tenant, second["refresh_token"]) == "refresh_invalid"
    for body in (first, second):
        assert await tokens.good(str(body["access_token"]), tenant) is None
    (event,) = await tenant.store.events(tenant.id, {"slug": "refresh_reused"}, Window())
    assert (event.client, event.user) == ("web", "auth0|aya")


async def test_within_the_leeway_the_successor_is_the_same() -> None:
    """Whoever lost the answer asks again and is not signed out, and there is still one successor."""
    clock = Clock()
    tenant = await people_tenant(clock)
    first = await family(tenant)
    second = await turned(tenant, first)
    clock.now += POLICY.refresh_leeway
    assert await turned(tenant, first) == second
    # Once the successor was used, the first one is no longer the one before.
    third = await turned(tenant, second)
    assert await refused(tenant, first) == "refresh_invalid"
    assert await turned(tenant, second) == third
    assert await turned(tenant, third) not in (first, second, third)


async def test_without_a_leeway_nothing_comes_twice() -> None:
    """A tenant that allows no overlap ends the family a moment later."""
    clock = Clock()
    tenant = await people_tenant(clock, Policy(refresh_leeway=0))
    first = await family(tenant)
    second = await turned(tenant, first)
    clock.now += 0.5
    assert await refused(tenant, first) == "refresh_invalid"
    assert await refused(tenant, second) == "refresh_invalid"


async def test_many_at_once_get_the_same_successor() -> None:
    """Those that race are answered alike: nobody is signed out for having two tabs. Class 18."""
    tenant = await people_tenant()
    first = await family(tenant)
    bodies = await asyncio.gather(*(refreshed(tenant, first) for _ in range(20)))
    assert len({str(body["refresh_token"]) for body in bodies}) == 1
    assert (await kept(tenant, first)).generation == 1


async def test_who_loses_the_swap_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw the same generation: the loser of the write is given what the winner was. Class 18."""
    tenant = await people_tenant()
    first = await family(tenant)
    get, both = tenant.store.get, asyncio.Barrier(2)
    seen: list[object] = []

    async def together(kind: type, handle: str) -> object:
        found = await get(kind, handle)
        if kind is Refresh and len(seen) < 2:
            seen.append(found)
            await both.wait()
        return found

    monkeypatch.setattr(tenant.store, "get", together)
    one, two = await asyncio.gather(turned(tenant, first), turned(tenant, first))
    assert one == two != first


async def test_a_family_that_ends_during_a_refresh_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A revocation between the look and the write wins. Class 18."""
    tenant = await people_tenant()
    first = await family(tenant)
    get: Any = tenant.store.get
    seen: list[object] = []

    async def late(kind: type, handle: str) -> object:
        found = await get(kind, handle)
        if kind is Refresh and not seen:
            seen.append(found)
            await tenant.store.revoke(found.owner, tenant.now())
        return found

    monkeypatch.setattr(tenant.store, "get", late)
    assert await refused(tenant, first) == "refresh_invalid"


async def test_who_is_never_first_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grant is asked again a bounded number of times."""
    tenant = await people_tenant()
    first = await family(tenant)
    before = await kept(tenant, first)
    get = tenant.store.get
    await turned(tenant, first)

    async def old(kind: type, handle: str) -> object:
        return before if kind is Refresh else await get(kind, handle)

    monkeypatch.setattr(tenant.store, "get", old)
    assert await refused(tenant, first) == "grant_lost"


async def test_without_rotation_the_token_stays() -> None:
    """The answer has no refresh token, and many uses at once get in nobody's way (auth0.md section 4.6)."""
    clock = Clock()
    tenant = await people_tenant(clock)
    before, text = await still(tenant)
    for wait in (0, 61, 61):
        clock.now += wait
        bodies = await asyncio.gather(*(refreshed(tenant, text) for _ in range(20)))
        assert not any("refresh_token" in body for body in bodies)
        assert all("id_token" in body for body in bodies)
    after = await kept(tenant, text)
    assert after.generation == 0
    assert after.expires_at == before.expires_at + 122


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_family_that_nobody_uses_ends(rotates: bool) -> None:
    """Use keeps it, for its absolute lifetime at most. RFC 9700 section 4.14.2."""
    clock = Clock()
    tenant = await people_tenant(clock)
    text = await family(tenant) if rotates else (await still(tenant))[1]
    uses = 0
    while True:
        clock.now += POLICY.refresh_idle_lifetime - 1
        if clock.now >= NOW + POLICY.refresh_lifetime:
            break
        body = await refreshed(tenant, text)
        text, uses = body.get("refresh_token", text), uses + 1
    assert uses == 2
    assert await refused(tenant, text) == "refresh_invalid"
    fresh = await family(tenant)
    clock.now += POLICY.refresh_idle_lifetime
    assert await refused(tenant, fresh) == "refresh_invalid"


async def test_a_client_may_keep_one_token() -> None:
    """Where the client's tokens do not rotate, an answer has none, and the first one goes on."""
    tenant = await people_tenant(refresh=RefreshTerms(rotates=False))
    text = await family(tenant)
    for _ in range(2):
        assert "refresh_token" not in await refreshed(tenant, text)


async def test_a_client_decides_on_its_own_terms() -> None:
    """Leeway and both lifetimes are the client's where it has them, the tenant's otherwise."""
    clock = Clock()
    tenant = await people_tenant(clock, refresh=RefreshTerms(leeway=60, lifetime=5_000, idle_lifetime=1_000))
    text = await family(tenant)
    successor = await turned(tenant, text)
    clock.now += POLICY.refresh_leeway + 1
    assert await turned(tenant, text) == successor
    clock.now += 1_001
    assert await refused(tenant, successor) == "refresh_invalid"
    text = await family(tenant)
    for _ in range(5):
        clock.now += 999
        text = await turned(tenant, text)
    clock.now += 6
    assert await refused(tenant, text) == "refresh_invalid"


async def test_a_client_whose_tokens_do_not_end() -> None:
    """Without any lifetime a family goes on until somebody ends it."""
    clock = Clock()
    tenant = await people_tenant(clock, refresh=RefreshTerms(lifetime=0, idle_lifetime=0))
    text = await family(tenant)
    clock.now += 10 * 365 * 86_400
    assert await turned(tenant, text)


async def test_a_family_without_an_absolute_end() -> None:
    """Where only idleness ends it, use keeps it for as long as it goes on."""
    clock = Clock()
    tenant = await people_tenant(clock)
    first = await kept(tenant, await family(tenant))
    endless = replace(first, id="77777777-7777-4777-8777-777777777777", absolute_at=None)
    assert await tenant.store.write(Put(endless, endless.id)) is None
    text: object = refresh_token.mint(endless, tenant)
    for _ in range(4):
        clock.now += POLICY.refresh_idle_lifetime - 1
        text = await turned(tenant, text)
    assert clock.now > NOW + POLICY.refresh_lifetime


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, "openid email offline_access read:things"),
        ("", "openid email offline_access read:things"),
        ("openid", "openid"),
        ("read:things openid", "read:things openid"),
    ],
)
async def test_less_may_be_asked_for(asked: str | None, granted: str) -> None:
    """A part of the scope, for this one access token; the next may be all again. RFC 6749 section 6."""
    tenant = await people_tenant()
    text = await family(tenant, scope="openid email offline_access read:things", audience=AUDIENCE)
    body = await refreshed(tenant, text, scope=asked)
    assert body["scope"] == granted
    assert (await refreshed(tenant, body["refresh_token"]))["scope"].count(" ") == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("scope", ["openid write:things", "phone", "read:things x"])
async def test_more_may_not(scope: str) -> None:
    """What was not granted is refused, and the token is still good. RFC 6749 section 6, class 19."""
    tenant = await people_tenant()
    text = await family(tenant, scope="openid offline_access read:things", audience=AUDIENCE)
    assert await refused(tenant, text, scope=scope) == "scope_widened"
    with pytest.raises(Refused) as told:
        await refreshed(tenant, text, scope=scope)
    assert told.value.seen == Contrast("scope", "openid offline_access read:things", scope)
    assert await refreshed(tenant, text, audience="https://other.example.com")


async def test_a_scope_that_the_api_lost_is_lost() -> None:
    """A refresh looks at the API as it is now. Class 19."""
    tenant = await people_tenant()
    text = await family(tenant, scope="openid offline_access read:things", audience=AUDIENCE)
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    await tenant.change(Save(replace(known, scopes=())))
    assert (await refreshed(tenant, text))["scope"] == "openid offline_access"


async def test_another_clients_token_is_none() -> None:
    """Whoever finds it learns nothing and ends nothing. RFC 6749 section 6, class 21."""
    tenant = await people_tenant()
    other = web_client(id="o", client_id="other", secrets=(secret.remember(SECRET, NOW),))
    assert await tenant.change(Save(other)) is None
    text = await family(tenant)
    assert await refused(tenant, text, client_id="other") == "refresh_invalid"
    assert await turned(tenant, text)


async def test_another_tenants_token_is_none() -> None:
    """Not even for a client of the same name. Class 33."""
    tenant = await people_tenant()
    text = await family(tenant)
    record = replace(tenant.record, id=tenant.id.replace("1", "2"))
    assert await tenant.change(Save(web_client(tenant=record.id))) is None
    there = Tenant(record, tenant.addresses, tenant.keys, tenant.tools)
    assert await refused(there, text) == "refresh_invalid"
    assert await turned(tenant, text)


@pytest.mark.parametrize("text", ["x", "", "é" * 71, "A" * 71, "A" * 72, "A" * 200, "a.b.c", "AaBl==="])
async def test_what_is_no_refresh_token(text: str) -> None:
    """Whatever is shown, the answer is the same sentence. RFC 6749 section 5.2."""
    tenant = await people_tenant()
    assert await refused(tenant, text) == ("refresh_invalid" if text else "missing_parameter")


@given(st.integers(0, 52), st.integers(1, 255))
def test_no_other_bytes_are_a_token(place: int, change: int) -> None:
    """Each byte is proved: a changed generation, family or MAC is a forgery. Class 18."""
    asyncio.run(_forged(place, change))


async def _forged(place: int, change: int) -> None:
    tenant = await people_tenant()
    text = str(await family(tenant))
    raw = bytearray(decode(text.encode()))
    raw[place] ^= change
    assert await refused(tenant, encode(bytes(raw)).decode()) == "refresh_invalid"
    assert await turned(tenant, text)


async def test_a_blocked_person_stays_out() -> None:
    """The client is told so in the words that SDKs know; unblocked, the token is good again. Class 34."""
    tenant = await people_tenant()
    text = await family(tenant)
    await person_changed(tenant, blocked=True)
    with pytest.raises(Refused, match="grant_blocked") as blocked:
        await refreshed(tenant, text)
    assert blocked.value.seen == Contrast("blocked", "false", "true")
    await person_changed(tenant, blocked=False)
    assert await turned(tenant, text)


async def test_a_person_or_an_api_that_is_gone() -> None:
    """What the family stands for has to be there still."""
    tenant = await people_tenant()
    text = await family(tenant, audience=AUDIENCE)
    other = await family(tenant)
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    user = await tenant.store.record(User, tenant.id, person().id)
    assert known
    assert user
    assert await tenant.change(Erase(known)) is None
    assert await refused(tenant, text) == "refresh_invalid"
    assert await tenant.change(Erase(user)) is None
    assert await refused(tenant, other) == "refresh_invalid"


async def test_a_client_that_may_not_refresh_any_more() -> None:
    """Neither without the grant, nor where the tenant switched it off. Class 20."""
    tenant = await people_tenant()
    text = await family(tenant)
    stricter = await decided(tenant, Policy(grant_types=("authorization_code",)))
    assert await refused(stricter, text) == "grant_type_unknown"
    await altered(tenant, grant_types=("authorization_code",))
    assert await refused(tenant, text) == "grant_type_not_allowed"


async def test_signing_out_does_not_end_offline_access() -> None:
    """Who was allowed to act while the person is away still may. OpenID Connect Core 1.0 section 11."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    text = (await redeemed(tenant, await browser.code(scope=EVERYTHING)))["refresh_token"]
    session = await sessions.current(browser.ask("/", {}), tenant)
    assert session
    await sessions.end(session, tenant)
    assert await turned(tenant, text)


async def revoking(tenant: Tenant, text: object, by: str = "web") -> int:
    form = (("client_id", by), ("client_secret", SECRET), ("token", str(text)))
    return (await revoke(ask(form), tenant)).status


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
@pytest.mark.parametrize("audience", [None, AUDIENCE])
async def test_a_client_revokes_the_grant(which: str, audience: str | None) -> None:
    """By either token: what descends from the same grant ends. RFC 7009 section 2.1."""
    tenant = await people_tenant()
    body = await tokens_of(tenant, audience=audience)
    other = await tokens_of(tenant)
    assert await revoking(tenant, body[which]) == 200
    assert await tokens.good(str(body["access_token"]), tenant) is None
    assert await refused(tenant, body["refresh_token"]) == "refresh_invalid"
    # Neither error nor effect the second time, and none on another grant.
    assert await revoking(tenant, body[which]) == 200
    assert await tokens.good(str(other["access_token"]), tenant)
    (event,) = await tenant.store.events(tenant.id, {"slug": "token_revoked"}, Window())
    assert event.client == "web"


async def test_an_older_token_ends_the_family_too() -> None:
    """A client that revokes with what it has, even if it is not the newest, means the grant."""
    tenant = await people_tenant()
    first = await family(tenant)
    second = await turned(tenant, first)
    assert await revoking(tenant, first) == 200
    assert await refused(tenant, second) == "refresh_invalid"


async def test_nobody_revokes_what_is_anothers() -> None:
    """Nor what is forged, nor at another tenant. RFC 7009 section 2.1, class 21."""
    tenant = await people_tenant()
    other = web_client(id="o", client_id="other", secrets=(secret.remember(SECRET, NOW),))
    assert await tenant.change(Save(other)) is None
    text = str(await family(tenant))
    with pytest.raises(Refused, match="token_of_another"):
        await revoking(tenant, text, "other")
    raw = bytearray(decode(text.encode()))
    raw[-1] ^= 1
    assert await revoking(tenant, encode(bytes(raw)).decode()) == 200
    assert await turned(tenant, text)


async def test_a_revoked_person_loses_everything() -> None:
    """What ends all that a person gave ends families and access tokens, and codes on their way. Class 34."""
    clock = Clock()
    tenant = await people_tenant(clock)
    body = await tokens_of(tenant, audience=AUDIENCE)
    code = await Browser(tenant).code()
    clock.now += 1
    await tenant.store.revoke(Owner(tenant=tenant.id, user=person().user_id), tenant.now())
    assert await tokens.good(str(body["access_token"]), tenant) is None
    assert await refused(tenant, body["refresh_token"]) == "refresh_invalid"
    with pytest.raises(Refused, match="code_invalid"):
        await redeemed(tenant, code)
