"""Who the person is, for who may ask (OpenID Connect Core 1.0 section 5.3)."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.step import Erase, Save
from sekisho.model.user import User
from sekisho.oauth.says import says_to_bearers
from sekisho.oauth.token import token
from sekisho.oauth.userinfo import userinfo
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, ORIGIN, Clock, allowed, ask, asking, client
from tests.visitor import (
    Browser,
    altered,
    decided,
    people_tenant,
    person,
    person_changed,
    redeemed,
    tokens_of,
)


async def a_token(tenant: Tenant, **more: str | None) -> str:
    return str((await redeemed(tenant, await Browser(tenant).code(**more)))["access_token"])


async def shown(tenant: Tenant, text: str, scheme: str = "Bearer") -> Answer:
    asked = ask(path="/userinfo", method="GET", headers={"authorization": f"{scheme} {text}"})
    return await userinfo(asked, tenant)


async def refused(tenant: Tenant, text: str) -> str:
    with pytest.raises(Refused) as refused:
        await shown(tenant, text)
    return refused.value.reason.slug


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid phone", {"sub", "phone_number"}),
        ("openid profile", {"sub", "name", "nickname", "updated_at"}),
    ],
)
@pytest.mark.parametrize("audience", [None, AUDIENCE])
async def test_the_scopes_say_what_is_told(scope: str, names: set[str], audience: str | None) -> None:
    """`sub` always, and what the scopes ask for; never stored. OpenID Connect Core 1.0 section 5.3.2."""
    tenant = await people_tenant()
    answer = await shown(tenant, await a_token(tenant, scope=scope, audience=audience))
    assert isinstance(answer.json, dict)
    assert answer.status == 200
    assert set(answer.json) == names
    assert answer.json["sub"] == "auth0|aya"
    assert ("cache-control", "no-store") in answer.headers


async def test_three_ways_to_show_a_token() -> None:
    """GET or POST with the header, or POST with the form. OpenID Connect Core 1.0 section 5.3.1."""
    tenant = await people_tenant()
    text = await a_token(tenant)
    headers = {"authorization": f"bearer {text}"}
    for asked in (
        ask(method="GET", headers=headers),
        ask(method="POST", headers=headers),
        ask((("access_token", text),)),
    ):
        assert (await userinfo(asked, tenant)).status == 200


async def test_where_a_token_is_not_looked_for() -> None:
    """Never in the address, nor in two places, nor in another scheme. RFC 6750 section 2."""
    tenant = await people_tenant()
    text = await a_token(tenant)
    pair = (("access_token", text),)
    headers = {"authorization": f"Bearer {text}"}
    for asked, slug in (
        (ask(method="GET", query=pair), "token_missing"),
        (ask(method="GET", form=pair), "token_missing"),
        (ask(method="GET"), "token_missing"),
        (ask(method="GET", headers={"authorization": f"Basic {text}"}), "token_missing"),
        (ask(method="GET", headers={"authorization": "Bearer"}), "token_missing"),
        (ask(pair, headers=headers), "repeated_parameter"),
        (ask((*pair, *pair)), "repeated_parameter"),
    ):
        with pytest.raises(Refused, match=slug):
            await userinfo(asked, tenant)


async def test_the_challenge() -> None:
    """Who showed nothing is told how; who showed something bad, what is wrong. RFC 6750 section 3."""
    tenant = await people_tenant()
    for asked, status, told in (
        (ask(method="GET"), 401, None),
        (ask(method="GET", headers={"authorization": "Bearer x"}), 401, 'error="invalid_token"'),
        (ask((("access_token", "x"), ("access_token", "y"))), 400, None),
    ):
        with pytest.raises(Refused) as refused:
            await userinfo(asked, tenant)
        answer = says_to_bearers(refused.value, asked)
        challenge = dict(answer.headers).get("www-authenticate", "")
        assert answer.status == status
        assert challenge.startswith("Bearer realm=") is (status == 401)
        assert (told or "") in challenge
        assert ("error=" in challenge) is bool(told)


async def test_without_openid_nobody_is_told() -> None:
    """The scope is needed. OpenID Connect Core 1.0 section 5.3."""
    tenant = await people_tenant()
    text = await a_token(tenant, scope="email")
    with pytest.raises(Refused, match="scope_insufficient") as refused:
        await shown(tenant, text)
    assert says_to_bearers(refused.value, ask()).status == 403
    assert refused.value.seen == Contrast("scope", "openid", "email")


async def test_a_token_for_somebody_else_is_none() -> None:
    """A token that is only for an API is not for us, whatever its scope. RFC 9068 section 4, class 32."""
    tenant = await people_tenant()
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    for dialect in ("access_token", "opaque"):
        await tenant.change(Save(replace(known, signing_alg="ES256", dialect=dialect)))
        known = await tenant.known.named(Api, tenant.id, AUDIENCE)
        assert known
        text = await a_token(tenant, audience=AUDIENCE)
        with pytest.raises(Refused, match="token_audience") as other:
            await shown(tenant, text)
        assert other.value.seen == Contrast("aud", f"{ORIGIN}/userinfo", AUDIENCE)


@pytest.mark.parametrize("text", ["x", "a.b.c", "a.b", "é", "x" * 20_000, "\0"])
async def test_what_is_no_token(text: str) -> None:
    """Whatever is shown is refused in the same way. RFC 6750 section 3.1."""
    assert await refused(await people_tenant(), text) == "token_invalid"


async def test_other_tokens_of_ours_are_none() -> None:
    """ID tokens and refresh tokens say who somebody is, but give nothing here. Class 32."""
    tenant = await people_tenant()
    body = await tokens_of(tenant)
    for name in ("id_token", "refresh_token"):
        assert await refused(tenant, str(body[name])) == "token_invalid"


async def test_a_machine_is_nobody() -> None:
    """A token that no person gave says nothing about one. Class 32."""
    tenant = await people_tenant()
    await tenant.change(Save(client()), Save(allowed()))
    answer = await token(asking(), tenant)
    assert isinstance(answer.json, dict)
    assert await refused(tenant, str(answer.json["access_token"])) == "token_audience"


@pytest.mark.parametrize("audience", [None, AUDIENCE])
async def test_who_is_gone_is_told_about_no_more(audience: str | None) -> None:
    """Blocked, deleted, expired, or asked for by a client that is gone. Class 34."""
    clock = Clock()
    tenant = await people_tenant(clock)
    text = await a_token(tenant, audience=audience)
    await person_changed(tenant, blocked=True)
    assert await refused(tenant, text) == "token_invalid"
    await person_changed(tenant, blocked=False)
    await altered(tenant, enabled=False)
    assert await refused(tenant, text) == "token_client_gone"
    await altered(tenant, enabled=True)
    assert (await shown(tenant, text)).status == 200
    user = await tenant.store.record(User, tenant.id, person().id)
    assert user
    await tenant.change(Erase(user))
    assert await refused(tenant, text) == "token_invalid"
    await tenant.change(Save(replace(person(), id="8" * 36)))
    clock.now += Policy().access_token_lifetime + 10
    assert await refused(tenant, text) in ("token_invalid", "token_expired")


async def test_a_person_who_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is told of a person who is not there, whatever became of the token."""
    tenant = await people_tenant()
    text = await a_token(tenant)
    named: Any = tenant.store.named

    async def others(kind: type, *told: str) -> object:
        return None if kind is User else await named(kind, *told)

    monkeypatch.setattr(tenant.store, "named", others)
    assert await refused(tenant, text) == "token_invalid"


async def test_the_default_audience_does_not_stand_in_the_way() -> None:
    """A tenant's default API is an audience beside /userinfo."""
    tenant = await decided(await people_tenant(), Policy(default_audience=AUDIENCE))
    assert (await shown(tenant, await a_token(tenant))).status == 200
