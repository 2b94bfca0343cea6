"""Class 32, substitution: what is asked for in one dialect is worth nothing where another one is spoken."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.faces.entra import sign_out
from sekisho.model.api import Api
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.consent import Consent
from sekisho.model.step import Save
from sekisho.oauth import logout
from sekisho.oauth.introspect import introspect
from sekisho.oauth.userinfo import userinfo
from sekisho.spec.entra.scope import GRAPH
from sekisho.spec.http import Answer
from sekisho.spec.policy import TOKEN_EXCHANGE
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from sekisho.tokens import id_token
from tests.entra import (
    BOOKS,
    ENTER,
    ME,
    SITE,
    SPA,
    STOCK,
    A,
    B,
    Visitor,
    agreed,
    answered,
    asking,
    changed,
    claims,
    entra_tenant,
    exchanged,
    gone,
    no,
    on_behalf,
    posted,
    redeeming,
    signed_in,
    token_a,
)
from tests.oauth.test_on_behalf_of import forged
from tests.tenants import AUDIENCE, NOW, ORIGIN, SECRET, TENANT, ask
from tests.visitor import VERIFIER, Browser, at_token, location, person, request, told

HERE = {"origin": "https://spa.example.com"}
# API A's application is one that both dialects know.
BOTH: dict[str, str | None] = {"client_id": A, "redirect_uri": SITE}


class Native(Browser):
    """The same person at our own authorization endpoint."""

    async def authorize(self, **more: str | None) -> Answer:
        """API A's application asks in our own words."""
        return await self.opens(request(**{**BOTH, "scope": "openid offline_access", **more}))


async def native_code(tenant: Tenant, **more: str | None) -> str:
    """A code of our own endpoint."""
    visitor = Native(tenant)
    return told(await visitor.signs_in(await visitor.authorize(**more)))["code"]


async def qualified_code(tenant: Tenant) -> str:
    """A code of the face, for the same application."""
    asked = {**BOTH, "scope": f"openid offline_access {STOCK}"}
    return (await Visitor(tenant).arrives(**asked))["code"]


def form(code: str) -> dict[str, str | None]:
    """How the application redeems a code, wherever it is."""
    return redeeming(code, **BOTH, client_secret=SECRET, code_verifier=VERIFIER)


def again(text: object) -> dict[str, str | None]:
    """How it refreshes."""
    told_: dict[str, str | None] = {"grant_type": "refresh_token", "client_id": A, "client_secret": SECRET}
    return {**told_, "refresh_token": str(text)}


async def native_refusal(tenant: Tenant, sent: dict[str, str | None]) -> str:
    """Why our own token endpoint says no."""
    with pytest.raises(Refused) as refused:
        await at_token(tenant, sent)
    return refused.value.reason.slug


async def test_codes_are_redeemed_where_they_were_asked_for() -> None:
    """A code of one endpoint is none at the other, and both are good at home afterwards: code_invalid."""
    tenant = await entra_tenant()
    native, qualified = await native_code(tenant), await qualified_code(tenant)
    assert (await no(tenant, posted(form(native))))[:2] == ("code_invalid", 70000)
    assert await native_refusal(tenant, form(qualified)) == "code_invalid"
    assert "access_token" in await at_token(tenant, form(native))
    assert "access_token" in await answered(tenant, posted(form(qualified)))


async def test_refresh_tokens_are_used_where_they_were_asked_for() -> None:
    """So are refresh tokens, those of on-behalf-of too: refresh_invalid."""
    tenant = await entra_tenant()
    native = await at_token(tenant, form(await native_code(tenant)))
    qualified = await answered(tenant, posted(form(await qualified_code(tenant))))
    behalf = await exchanged(tenant, await token_a(tenant), scope=f"{STOCK} offline_access")
    assert (await no(tenant, posted(again(native["refresh_token"]))))[:2] == ("refresh_invalid", 70000)
    for body in (qualified, behalf):
        assert await native_refusal(tenant, again(body["refresh_token"])) == "refresh_invalid"
        assert "access_token" in await answered(tenant, posted(again(body["refresh_token"])))
    assert "access_token" in await at_token(tenant, again(native["refresh_token"]))


@pytest.mark.parametrize("scope", ["openid read write", "openid rule", "openid"])
async def test_an_entra_applications_api_is_not_asked_for_in_our_own_words(scope: str) -> None:
    """Who may consent to what takes an administrator, its own words alone decide: audience_refused."""
    tenant = await entra_tenant()
    before = await tenant.store.records(Consent, TENANT, {}, Window(limit=99))
    for audience in (B, "api://b", BOOKS, "https://graph.microsoft.com"):
        visitor = Native(tenant)
        answer = told(await visitor.authorize(audience=audience, scope=scope))
        assert answer["error"] == "access_denied"
        assert "audience" in answer["error_description"] or "Service not found" in answer["error_description"]
    assert await tenant.store.records(Consent, TENANT, {}, Window(limit=99)) == before


@pytest.mark.parametrize("name", [AUDIENCE, f"{AUDIENCE}/", "urn:sekisho:management", f"{ORIGIN}/api/v2/"])
async def test_our_own_apis_are_not_asked_for_in_entras_words(name: str) -> None:
    """An API that lets applications in by grants, and the management API, are none: resource_absent."""
    tenant = await entra_tenant()
    own: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_id": A,
        "client_secret": SECRET,
        "scope": f"{name}/.default",
    }
    assert (await no(tenant, posted(own)))[:2] == ("resource_absent", 500011)
    text = await token_a(tenant)
    for scope in (f"{name}/read:things", f"{name}/.default"):
        assert (await no(tenant, posted(on_behalf(text, scope=scope))))[:2] == ("resource_absent", 500011)
        answer = await Visitor(tenant).arrives(scope=scope)
        assert answer["error"] == "invalid_resource"


async def test_a_native_access_token_is_for_who_it_is_for() -> None:
    """A token of our own words for another API is nobody's assertion here: subject_audience."""
    tenant = await entra_tenant()
    visitor = Native(tenant)
    code = told(
        await visitor.signs_in(await visitor.authorize(audience=AUDIENCE, scope="openid read:things"))
    )
    body = await at_token(tenant, form(code["code"]))
    found = await no(tenant, posted(on_behalf(str(body["access_token"]))))
    assert found[:2] == ("subject_audience", 500131)
    found = await no(tenant, posted(on_behalf(str(body["id_token"]))))
    assert found[:2] == ("subject_id_token", 240002)


# --- what is recognised everywhere, for what it is


async def looked_at(tenant: Tenant, text: str, **fields: Any) -> dict[str, Any]:
    """What API A's application is told about a token."""
    await changed(tenant, Client, A, **fields)
    pairs = (("client_id", A), ("client_secret", SECRET), ("token", text))
    answer = await introspect(ask(pairs, path="/oauth/introspect"), tenant)
    assert isinstance(answer.json, dict)
    return answer.json


async def test_introspection_says_what_a_token_means() -> None:
    """Active, about the person by our own name, for its audience: in the members of RFC 7662."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    said = await claims(tenant, text)
    expected = {
        "active": True,
        "iss": f"{ORIGIN}/{TENANT}/v2.0",
        "sub": "auth0|aya",
        "aud": A,
        "client_id": SPA,
        "scope": "access_as_user",
        "token_type": "Bearer",
        "iat": int(NOW),
        "exp": int(NOW) + 3_600,
        "jti": said["uti"],
    }
    found = await looked_at(tenant, text, resource_server_identifier=A)
    assert {name: found[name] for name in expected} == expected
    behalf = await exchanged(tenant, text)
    found = await looked_at(tenant, behalf["access_token"], resource_server_identifier="*")
    assert (found["aud"], found["client_id"], found["act"]) == (B, A, {"sub": A})
    assert await looked_at(tenant, behalf["access_token"], resource_server_identifier=A) == {"active": False}


async def test_an_id_token_is_no_access_token() -> None:
    """Introspection knows no ID token, and our own /userinfo none either."""
    tenant = await entra_tenant()
    body = await signed_in(tenant)
    found = await looked_at(tenant, body["id_token"], resource_server_identifier="*")
    assert found == {"active": False}
    assert await told_at_userinfo(tenant, body["id_token"]) == "token_invalid"


async def told_at_userinfo(tenant: Tenant, text: str) -> object:
    """What our own /userinfo says, or why it does not."""
    here = ask(method="GET", path="/userinfo", headers={"authorization": f"Bearer {text}"})
    try:
        return (await userinfo(here, tenant)).json
    except Refused as refused:
        return refused.reason.slug


async def test_userinfo_is_for_tokens_that_are_for_it() -> None:
    """Where a tenant has no Graph, a token for the person alone is for our own /userinfo; no other is."""
    tenant = await entra_tenant()
    for scope in (ENTER, f"openid {ENTER}", "openid"):
        body = await signed_in(tenant, scope=scope)
        assert await told_at_userinfo(tenant, body["access_token"]) == "token_audience"
    await gone(tenant, Api, GRAPH)
    body = await signed_in(tenant, scope="openid email")
    assert await told_at_userinfo(tenant, body["access_token"]) == {
        "sub": "auth0|aya",
        "email": "aya@example.com",
        "email_verified": True,
    }


async def test_an_id_token_of_the_face_is_a_hint_everywhere() -> None:
    """It names the person by a pairwise name, and we know whom it means: at /oidc/logout and /authorize."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, allowed_logout_urls=("https://spa.example.com/bye",))
    visitor = Visitor(tenant)
    code = (await visitor.arrives())["code"]
    body = await answered(tenant, posted(redeeming(code), **HERE))
    assert id_token.hinted(body["id_token"], tenant)[:2] == ("auth0|aya", SPA)
    answer = await visitor.authorize(prompt="none", id_token_hint=body["id_token"])
    assert "code" in told(answer)
    query = {"id_token_hint": body["id_token"], "post_logout_redirect_uri": "https://spa.example.com/bye"}
    leaves = await logout.leaving(visitor.ask("/oidc/logout", query), tenant)
    assert leaves.is_proved
    assert leaves.goes_to == "https://spa.example.com/bye"


async def test_an_access_token_is_no_hint() -> None:
    """An access token of the face is not an ID token, whoever takes it for one: hint_invalid."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    with pytest.raises(Refused) as refused:
        id_token.hinted(text, tenant)
    assert refused.value.reason.slug == "hint_invalid"
    # Not even one that says when somebody signed in.
    with pytest.raises(Refused):
        id_token.hinted(forged(tenant, auth_time=int(NOW), sub="auth0|aya"), tenant)
    visitor = Visitor(tenant)
    query = {"id_token_hint": text, "post_logout_redirect_uri": "https://spa.example.com/"}
    here = replace(visitor.ask(f"/{TENANT}/oauth2/v2.0/logout", query), names={"t": TENANT})
    assert not location(await sign_out.end(here, tenant)).startswith("https://spa.example.com")


async def test_an_exchange_in_our_own_words_goes_by_the_same_rules() -> None:
    """RFC 8693 at our own endpoint is no way around consent or assignment: not_consented, not_assigned."""
    tenant = await entra_tenant()
    await changed(tenant, Client, A, grant_types=(TOKEN_EXCHANGE,), exchange="delegation")
    sent: dict[str, str | None] = {
        "grant_type": TOKEN_EXCHANGE,
        "client_id": A,
        "client_secret": SECRET,
        "subject_token": await token_a(tenant),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "audience": "api://b",
        "scope": "read",
    }
    body = await at_token(tenant, sent)
    assert (await claims(tenant, body["access_token"]))["scp"] == "read"
    assert await native_refusal(tenant, {**sent, "scope": "write"}) == "not_consented"
    await changed(tenant, Api, B, assignment_required=True)
    assert await native_refusal(tenant, sent) == "not_assigned"


# --- where answers go: class 45 and class 1


@pytest.mark.parametrize("sent", ["https://evil.example.com.attacker.example/", "https://a.b.example.com/"])
async def test_a_pattern_is_for_its_own_labels(sent: str) -> None:
    """A wildcard crosses no border of a label, at the endpoint either."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, reply_urls=(ReplyUrl("https://*.example.com/", "spa"),))
    with pytest.raises(Refused) as refused:
        await Visitor(tenant).opens(asking(redirect_uri=sent))
    assert refused.value.reason.slug == "redirect_mismatch"
    visitor = Visitor(tenant)
    answer = await visitor.authorize(redirect_uri="https://one.example.com/?next=https://evil.example/")
    answer = await visitor.signs_in(answer)
    assert location(answer).startswith("https://one.example.com/?code=")


async def test_names_for_show_identify_nobody() -> None:
    """Class 65: who takes over an address or a name is another person to every application."""
    tenant = await entra_tenant()
    before = await claims(tenant, await token_a(tenant))
    found = await tenant.store.named(type(person()), TENANT, "auth0|aya")
    assert found
    assert await tenant.change(Save(replace(found, logins=("old@example.com",)))) is None
    other = person(
        id="55555555-4444-4444-8444-444444444444", user_id="auth0|eve", logins=("aya@example.com",)
    )
    assert await tenant.change(Save(other), Save(agreed(SPA, A, "access_as_user", user="auth0|eve"))) is None
    visitor = Visitor(tenant)
    code = told(await visitor.signs_in(await visitor.authorize(), other))["code"]
    body = await answered(tenant, posted(redeeming(code), **HERE))
    after = await claims(tenant, body["access_token"])
    assert before["preferred_username"] == after["preferred_username"]
    assert before["oid"] != after["oid"]
    assert before["sub"] != after["sub"]
    # What Aya agreed to is not Eve's.
    assert (await no(tenant, posted(on_behalf(body["access_token"]))))[0] == "not_consented"
    assert (await no(tenant, posted(on_behalf(body["access_token"], scope=ME))))[0] == "not_consented"
