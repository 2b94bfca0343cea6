"""Claims of a tenant's own in tokens and at /userinfo, in both of Auth0's pipelines."""

import json
from dataclasses import replace as replaced
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec.structs import replace

from sekisho import tokens
from sekisho.api import log_types
from sekisho.model.api import MANAGEMENT
from sekisho.model.client_grant import ClientGrant
from sekisho.model.role import Role
from sekisho.model.step import Save
from sekisho.model.tenant import Carrier, ClaimRule
from sekisho.oauth.token import token
from sekisho.oauth.userinfo import userinfo
from sekisho.registry import system_apis
from sekisho.spec.refusals.claims import CLAIM_LEFT_OUT
from sekisho.store import Window
from sekisho.tenant import Tenant
from sekisho.tokens import custom
from tests.tenants import AUDIENCE, NOW, ORIGIN, TENANT, api, ask, asking, machine_tenant
from tests.visitor import Browser, people_tenant, person, person_changed, redeemed, refreshed, told

COLOR = "https://app.example.com/favorite_color"
EVERYWHERE: tuple[Carrier, ...] = ("id_token", "access_token", "userinfo")
GRANTS = ("authorization_code", "implicit", "refresh_token")


def rule(claim: str, expression: str, *tokens: Carrier, **fields: Any) -> ClaimRule:
    """A rule of the demo tenant."""
    told = ClaimRule(
        tenant=TENANT,
        id=f"clr_{claim}",
        name=claim,
        claim=claim,
        expression=expression,
        tokens=tokens or EVERYWHERE,
    )
    return replace(told, **fields)


async def ruled(*rules: ClaimRule, **fields: Any) -> Tenant:
    """A tenant with these rules, and somebody with a favourite colour."""
    tenant = await people_tenant(**{"grant_types": GRANTS, **fields})
    await person_changed(tenant, user_metadata={"favorite_color": "blue"}, app_metadata={"plan": "gold"})
    return replaced(tenant, rules=rules)


def claims_of(tenant: Tenant, text: object) -> dict[str, Any]:
    """What a token says, checked as a client would."""
    keys = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    return jwt.decode(str(text), keys, algorithms=["RS256"]).claims


async def by_code(tenant: Tenant, **more: str | None) -> dict[str, Any]:
    """What the token endpoint gives for a code."""
    return await redeemed(tenant, await Browser(tenant).code(**more))


async def in_front(tenant: Tenant, **more: str | None) -> dict[str, str]:
    """What the answer itself says after somebody signed in."""
    browser = Browser(tenant)
    return told(await browser.signs_in(await browser.authorize(**more)))


async def seen(tenant: Tenant, text: object) -> dict[str, Any]:
    """What /userinfo says to whoever shows this token."""
    here = ask(path="/userinfo", method="GET", headers={"authorization": f"Bearer {text}"})
    answer = await userinfo(here, tenant)
    assert isinstance(answer.json, dict)
    return answer.json


async def left_out(tenant: Tenant) -> list[str]:
    """Why claims were left out, as the audit has it."""
    await tenant.audit.flush()
    found = await tenant.store.events(tenant.id, {"slug": CLAIM_LEFT_OUT.slug}, Window(limit=500))
    return [str(each.detail["debug"]) for each in found]


async def test_the_conformant_sample() -> None:
    """A namespaced claim of a rule is in ID token and access token (contract section 3)."""
    tenant = await ruled(rule(COLOR, "user.user_metadata.favorite_color"))
    given = await in_front(tenant, response_type="token id_token", scope="openid email", audience=AUDIENCE)
    identity, access = (claims_of(tenant, given[each]) for each in ("id_token", "access_token"))
    assert (identity[COLOR], access[COLOR]) == ("blue", "blue")
    assert identity["aud"] == "web"
    assert access["aud"] == [AUDIENCE, f"{ORIGIN}/userinfo"]
    assert (await seen(tenant, given["access_token"]))[COLOR] == "blue"


async def test_tokens_of_a_code_and_of_a_refresh_token() -> None:
    """Each issuance asks the rules anew: what changed meanwhile is in the next token."""
    tenant = await ruled(rule(COLOR, "user.user_metadata.favorite_color"))
    first = await by_code(tenant, audience=AUDIENCE, scope="openid offline_access")
    assert claims_of(tenant, first["id_token"])[COLOR] == "blue"
    await person_changed(tenant, user_metadata={"favorite_color": "red"})
    again = await refreshed(tenant, str(first["refresh_token"]))
    assert claims_of(tenant, again["id_token"])[COLOR] == "red"
    assert claims_of(tenant, again["access_token"])[COLOR] == "red"


async def test_the_older_pipeline() -> None:
    """There, too: beside the attributes that scopes ask for."""
    tenant = await ruled(
        rule(COLOR, "user.user_metadata.favorite_color"),
        rule("plan", "user.app_metadata.plan"),
        oidc_conformant=False,
    )
    given = await in_front(tenant, response_type="token", scope="openid favorite_color", nonce=None)
    identity = claims_of(tenant, given["id_token"])
    assert (identity["favorite_color"], identity[COLOR], identity["plan"]) == ("blue", "blue", "gold")
    profile = await seen(tenant, given["access_token"])
    assert (profile["favorite_color"], profile[COLOR], profile["plan"]) == ("blue", "blue", "gold")


async def test_a_rule_says_where() -> None:
    """Its claim is in the tokens that it names, and an opaque token says it at /userinfo alone."""
    tenant = await ruled(
        rule("one", "1", "id_token"), rule("two", "2", "access_token"), rule("three", "3", "userinfo")
    )
    given = await by_code(tenant, audience=AUDIENCE)
    names = {"one", "two", "three"}
    assert names & claims_of(tenant, given["id_token"]).keys() == {"one"}
    assert names & claims_of(tenant, given["access_token"]).keys() == {"two"}
    assert names & (await seen(tenant, given["access_token"])).keys() == {"three"}
    opaque = await by_code(tenant)
    assert "." not in str(opaque["access_token"])
    assert names & (await seen(tenant, opaque["access_token"])).keys() == {"three"}


async def test_a_code_alone_asks_nobody() -> None:
    """Where an answer has no token, no rule is evaluated."""
    tenant = await ruled(rule("broken", "1 / 0"))
    await Browser(tenant).code()
    assert await left_out(tenant) == []


async def test_the_profile_of_rfc_9068() -> None:
    """There, too, and never instead of a claim of the profile."""
    tenant = await ruled(rule(COLOR, "'blue'"), rule("client_id", "'other'"))
    assert await tenant.change(Save(replace(api(dialect="rfc9068_profile"), version=2))) is None
    given = await by_code(tenant, audience=AUDIENCE)
    access = claims_of(tenant, given["access_token"])
    assert (access[COLOR], access["client_id"]) == ("blue", "web")


@pytest.mark.parametrize(
    ("scope", "told"),
    [("openid", None), ("openid email", "aya@rules.example"), ("openid profile", None)],
)
async def test_standard_claims_appear_where_scopes_ask(scope: str, told: str | None) -> None:
    """A rule may say email, for those who may know it. OpenID Connect Core 1.0 section 5.4."""
    tenant = await ruled(rule("email", "user.nickname + '@rules.example'"))
    given = await by_code(tenant, scope=scope, audience=AUDIENCE)
    assert claims_of(tenant, given["id_token"]).get("email") == told
    assert claims_of(tenant, given["access_token"]).get("email") == told
    assert (await seen(tenant, given["access_token"])).get("email") == told


async def test_an_id_token_that_leaves_the_rest_to_userinfo() -> None:
    """A standard claim of a rule is left to it as well, one of the tenant's own is not."""
    tenant = await ruled(
        rule("email", "'a@b.example'"),
        rule(COLOR, "'blue'"),
        scope_claims_in_id_token="only_without_access_token",
    )
    given = await by_code(tenant, audience=AUDIENCE)
    identity = claims_of(tenant, given["id_token"])
    assert (identity.get("email"), identity[COLOR]) == (None, "blue")
    assert (await seen(tenant, given["access_token"]))["email"] == "a@b.example"


async def test_what_rules_are_told() -> None:
    """The person with roles by name, the client with what its owner noted, and the request."""
    tenant = await ruled(
        rule(
            "a:person",
            "[user.user_id, user.email, user.connection, user.roles[0], user.identities[0].connection]",
        ),
        rule("a:client", "[client.client_id, client.name, client.metadata.team]"),
        rule("a:request", "{'s': request.scopes, 'a': request.audience, 'g': request.grant_type}"),
        client_metadata={"team": "sales"},
    )
    assert await tenant.change(Save(Role(tenant=TENANT, id="rol_1", name="clerk"))) is None
    await person_changed(tenant, roles=("rol_gone", "rol_1"))
    given = await by_code(tenant, audience=AUDIENCE, scope="openid email")
    access = claims_of(tenant, given["access_token"])
    connection = "Username-Password-Authentication"
    assert access["a:person"] == ["auth0|aya", "aya@example.com", connection, "clerk", connection]
    assert access["a:client"] == ["web", "Web", "sales"]
    assert access["a:request"] == {"s": ["openid", "email"], "a": AUDIENCE, "g": "authorization_code"}


async def test_tokens_of_machines() -> None:
    """There is no person: what asks for one is left out, silently, and the rest is said."""
    tenant = replaced(
        await machine_tenant(client_metadata={"team": "sales"}),
        rules=(rule(COLOR, "user.user_metadata.favorite_color"), rule("team", "client.metadata.team")),
    )
    answer = await token(asking(), tenant)
    assert isinstance(answer.json, dict)
    access = claims_of(tenant, answer.json["access_token"])
    assert (access.get(COLOR), access["team"], access["gty"]) == (None, "sales", "client-credentials")
    assert await left_out(tenant) == []


async def test_plain_names_stay_out_of_tokens_for_the_server() -> None:
    """An API of ours believes what it knows; a name that says whose it is does no harm."""
    tenant = replaced(await machine_tenant(), rules=(rule("plan", "'gold'"), rule(COLOR, "'blue'")))
    grant = ClientGrant(
        tenant=TENANT, id="cgr_2", client_id="machine", audience=MANAGEMENT, scopes=("read:clients",)
    )
    assert await tenant.change(Save(system_apis.system(TENANT, NOW)), Save(grant)) is None
    answer = await token(asking(audience=f"{ORIGIN}/api/v2/"), tenant)
    assert isinstance(answer.json, dict)
    access = claims_of(tenant, answer.json["access_token"])
    assert (access.get("plan"), access[COLOR], access["scope"]) == (None, "blue", "read:clients")


async def test_a_claim_that_cannot_be_said_is_left_out() -> None:
    """The token is given, the others are said, and the audit knows which one was not, and why."""
    tenant = await ruled(
        rule("broken", "user.app_metadata.nothing"), rule(COLOR, "'blue'"), rule("none", "null")
    )
    given = await by_code(tenant, audience=AUDIENCE)
    identity = claims_of(tenant, given["id_token"])
    assert (identity.keys() & {"broken", "none"}, identity[COLOR]) == (set(), "blue")
    (why,) = await left_out(tenant)
    assert why.startswith("broken: NOT_FOUND")
    assert log_types.type_of(CLAIM_LEFT_OUT.slug) == "f"


async def test_so_many_events_and_no_more() -> None:
    """A rule that fails at each token fills no audit."""
    tenant = await ruled(rule("broken", "1 / 0", "access_token"))
    for _ in range(15):
        await by_code(tenant, audience=AUDIENCE)
    assert len(await left_out(tenant)) == 10


async def test_somebody_with_too_much_to_tell() -> None:
    """Whose metadata is larger than the reckoning has is told nothing of, and gets tokens."""
    tenant = await ruled(rule(COLOR, "'blue'"))
    await person_changed(tenant, user_metadata={"x": "y" * 40_000})
    given = await by_code(tenant, audience=AUDIENCE)
    assert COLOR not in claims_of(tenant, given["id_token"])
    (why,) = await left_out(tenant)
    assert why == "all claims of rules: what there is to tell has more than 32768 bytes"


async def test_claims_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """An access token has 8 KiB of them, an ID token and /userinfo 100 KiB: the first ones are said."""
    rules = tuple(rule(f"c{number}", "user.user_metadata.x") for number in range(9))
    tenant = await ruled(*rules)
    await person_changed(tenant, user_metadata={"x": "y" * 15_000})
    given = await by_code(tenant, audience=AUDIENCE)
    own = [
        name for name in claims_of(tenant, given["id_token"]) if name.startswith("c") and name[1:].isdigit()
    ]
    assert own == ["c0", "c1", "c2", "c3", "c4", "c5"]
    access = claims_of(tenant, given["access_token"])
    assert not [name for name in access if name[0] == "c" and name[1:].isdigit()]
    assert len(str(given["access_token"])) < 4_000
    assert len(await seen(tenant, given["access_token"])) >= 6
    assert {why.partition(": ")[2] for why in await left_out(tenant)} <= {
        "claims of rules would be over 8192 bytes",
        "claims of rules would be over 102400 bytes",
    }


async def test_rules_have_so_much_time_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is over, the rest is left out."""
    monkeypatch.setattr(custom, "LONGEST", -1.0)
    tenant = await ruled(rule("a:b", "1", "access_token"), rule("a:c", "1", "access_token"))
    given = await by_code(tenant, audience=AUDIENCE)
    assert not {"a:b", "a:c"} & claims_of(tenant, given["access_token"]).keys()
    assert await left_out(tenant) == ["a:b: the rules before it took too long"]


async def test_a_rule_that_nobody_would_take_any_more() -> None:
    """One that is stored and could not be made today says nothing."""
    tenant = await ruled(
        rule("sub", "'other'"), rule("SUB", "'other'"), rule("old", "user.name.matches('a')")
    )
    given = await by_code(tenant, audience=AUDIENCE)
    for name in ("id_token", "access_token"):
        told = claims_of(tenant, given[name])
        assert (told["sub"], told.keys() & {"SUB", "old"}) == ("auth0|aya", set())
    assert all(why.startswith("old: expression_malformed") for why in await left_out(tenant))


async def test_userinfo_for_a_client_that_is_no_record() -> None:
    """Where the client is not known there is nobody to tell."""
    tenant = await ruled(rule(COLOR, "'blue'"))
    given = await by_code(tenant)
    bearer = await tokens.live(str(given["access_token"]), tenant)
    assert (await custom.of_userinfo(person(), replace(bearer, audience=()), tenant))[COLOR] == "blue"
    assert await custom.of_userinfo(person(), replace(bearer, client_id="gone"), tenant) == {}


async def test_dialects_of_others_say_nothing_of_it() -> None:
    """A format that somebody else laid down has no room for claims of a tenant."""
    tenant = replaced(await machine_tenant(), rules=(rule(COLOR, "1 / 0"),))
    assert await tenant.change(Save(replace(api(dialect="opaque"), version=1))) is None
    answer = await token(asking(), tenant)
    assert isinstance(answer.json, dict)
    assert "." not in str(answer.json["access_token"])
    assert await left_out(tenant) == []
