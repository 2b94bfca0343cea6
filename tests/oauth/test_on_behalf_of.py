"""On behalf of: which token may be shown, by whom, for what (RFC 7523, in Entra's words)."""

import base64
from collections.abc import Mapping
from hashlib import sha1
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.keys.signer import segment
from sekisho.model.api import Api, PreAuthorized
from sekisho.model.artifact import Owner
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.consent import Consent
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Erase, Save
from sekisho.model.user import User
from sekisho.oauth.token import token as native
from sekisho.spec.entra.scope import GRAPH
from sekisho.spec.jose import encode
from sekisho.spec.policy import JWT_BEARER, Policy
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.entra import (
    BOOKS,
    ME,
    NEWER,
    OLDER,
    PAGE,
    SPA,
    STOCK,
    A,
    B,
    C,
    Visitor,
    agreed,
    answered,
    application,
    blocked,
    changed,
    claims,
    entra_tenant,
    exchanged,
    gone,
    no,
    on_behalf,
    posted,
    signed_in,
    stock,
    token_a,
)
from tests.oauth.test_client_assertion import segment as part
from tests.oauth.test_client_assertion import signature
from tests.oauth.test_client_assertion_certificate import credential, der
from tests.tenants import NOW, ORIGIN, SECRET, TENANT, Clock, ask, demo_directory
from tests.visitor import person

HOUR = 3_600
# What every request here has wrong at once, by the rows of the table that says which error wins.
WRONG: Mapping[str, str | None] = {"assertion": "no token", "scope": '"', "requested_token_use": "other"}


def basic(client_id: str, text: str) -> str:
    """Credentials in the header. RFC 6749 section 2.3.1."""
    return "Basic " + base64.b64encode(f"{client_id}:{text}".encode()).decode()


def forged(tenant: Tenant, **more: Any) -> str:
    """A token that our key signed, with these claims beside those of one for API A; None leaves one out."""
    usual: dict[str, Any] = {
        "aud": A,
        "iss": f"{ORIGIN}/{TENANT}/v2.0",
        "iat": int(NOW),
        "nbf": int(NOW),
        "exp": int(NOW) + HOUR,
        "azp": SPA,
        "oid": person().id,
        "scp": "access_as_user",
        "uti": "grant.part",
        "ver": "2.0",
        "aio": encode(msgspec.json.encode(["a", "auth0|aya", NOW, ["pwd"]])).decode(),
        **more,
    }
    told = {name: value for name, value in usual.items() if value is not None}
    header = {"typ": "JWT", "alg": "RS256", "kid": tenant.keys.thumbprint("tokens", "RS256")}
    return tenant.keys.signer("tokens", "RS256").compact(segment(header), msgspec.json.encode(told))


def altered(text: str, **header: Any) -> str:
    """A token whose header says something else; its signature stays."""
    _, body, tail = text.split(".")
    head = encode(msgspec.json.encode({"typ": "JWT", "alg": "RS256", **header})).decode()
    return f"{head}.{body}.{tail}"


async def slug(tenant: Tenant, assertion: str, **more: str | None) -> tuple[str, int]:
    """Why API A is refused, by our name and by Entra's number."""
    found = await no(tenant, posted(on_behalf(assertion, **more)))
    return found.slug, found.number


async def test_goes_on_in_the_persons_name() -> None:
    """The next token is for the next API, about the same person, given to who was called."""
    tenant = await entra_tenant()
    first = await token_a(tenant)
    body = await exchanged(tenant, first)
    assert body == {
        "token_type": "Bearer",
        "scope": STOCK,
        "expires_in": HOUR,
        "ext_expires_in": HOUR,
        "access_token": body["access_token"],
    }
    before, after = await claims(tenant, first), await claims(tenant, body["access_token"])
    assert (before["aud"], before["azp"], before["azpacr"]) == (A, SPA, "0")
    assert (after["aud"], after["azp"], after["azpacr"], after["scp"]) == (B, A, "1", "read")
    for name in ("oid", "tid", "name", "preferred_username", "iss"):
        assert before[name] == after[name]
    # A name for each application: what they know of somebody cannot be put together by it.
    assert before["sub"] != after["sub"]


async def test_a_secret_may_come_in_the_header() -> None:
    """HTTP Basic is as good as the body; the certificate of an application is better, and is said so."""
    tenant = await entra_tenant()
    first = await token_a(tenant)
    form = on_behalf(first, client_secret=None)
    body = await answered(tenant, posted(form, authorization=basic(A, SECRET)))
    assert (await claims(tenant, body["access_token"]))["azpacr"] == "1"
    named = posted({**form, "client_id": None}, authorization=basic(A, SECRET))
    assert (await answered(tenant, named))["scope"] == STOCK
    assert await no(tenant, posted(form, authorization=basic(A, "wrong"))) == (
        *("client_auth_failed", 7000215, "invalid_client", 401, ""),
    )
    other = posted({**form, "client_id": None}, authorization=basic("nobody", "wrong"))
    assert (await no(tenant, other))[:2] == ("client_unknown", 700016)
    malformed = posted({**form, "client_id": None}, authorization="Basic ?")
    assert (await no(tenant, malformed))[:2] == ("client_auth_failed", 7000215)


async def test_a_certificate_proves_as_much() -> None:
    """An assertion under a registered certificate, which may be the same one again until it expires."""
    tenant = await entra_tenant()
    method = {"private_key_jwt": ("cred_1",)}
    await changed(tenant, Client, A, credentials=(credential(),), client_authentication_methods=method)
    told = {"aud": f"{ORIGIN}{NEWER}/token", "iss": A, "sub": A, "exp": NOW + 599.5, "jti": "1"}
    head = {"alg": "RS256", "typ": "JWT", "x5t": encode(sha1(der()).digest()).decode()}
    text = f"{part(head)}.{part(told)}".encode()
    proof = {
        "client_secret": None,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": (text + b"." + encode(signature("rsa", "RS256", text))).decode(),
    }
    first = await token_a(tenant)
    for _ in range(2):
        body = await exchanged(tenant, first, **proof)
        assert (await claims(tenant, body["access_token"]))["azpacr"] == "2"


@pytest.mark.parametrize(
    ("scope", "has_refresh", "has_id"),
    [
        (STOCK, False, False),
        (f"{STOCK} offline_access", True, False),
        (f"{STOCK} openid profile offline_access", True, True),
        ("api://b/.default openid profile", False, True),
    ],
)
async def test_what_comes_with_it(scope: str, has_refresh: bool, has_id: bool) -> None:
    """A refresh token for offline_access alone, an ID token for openid; whom it is about, where asked."""
    tenant = await entra_tenant()
    body = await exchanged(tenant, await token_a(tenant), scope=scope, client_info="1")
    assert ("refresh_token" in body, "id_token" in body) == (has_refresh, has_id)
    if has_id:
        assert (await claims(tenant, body["id_token"]))["aud"] == A
    raw = body["client_info"]
    decoded = msgspec.json.decode(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    assert decoded == {"uid": person().id, "utid": TENANT}


async def test_everything_that_was_granted() -> None:
    """`.default` gives all there is, and is named itself: caches look for what was asked for."""
    tenant = await entra_tenant()
    await tenant.change(Save(agreed(A, B, "write", "old", "forgotten", user=None)))
    body = await exchanged(tenant, await token_a(tenant), scope="openid api://b/.default")
    assert body["scope"] == "api://b/read api://b/write openid api://b/.default"
    # What was switched off and what the API does not know any more are nobody's.
    assert (await claims(tenant, body["access_token"]))["scp"] == "read write"


@pytest.mark.parametrize(
    ("scope", "told", "aud", "scp"),
    [
        ("API://B/READ", "API://B/READ", B, "read"),
        (f"{B}/read", f"{B}/read", B, "read"),
        ("api://b//read", "api://b//read", B, "read"),
        (ME, ME, "https://graph.microsoft.com", "User.Read"),
        ("user.read", "user.read", "https://graph.microsoft.com", "User.Read"),
        (
            ".default",
            "https://graph.microsoft.com/User.Read .default",
            "https://graph.microsoft.com",
            "User.Read",
        ),
        (f"{GRAPH}/User.Read", f"{GRAPH}/User.Read", "https://graph.microsoft.com", "User.Read"),
        (f"{BOOKS}//post", f"{BOOKS}//post", f"{BOOKS}/", "post"),
        (f"spn:{BOOKS}/.default", f"{BOOKS}/post spn:{BOOKS}/.default", BOOKS, "post"),
    ],
)
async def test_a_resource_is_called_in_several_ways(scope: str, told: str, aud: str, scp: str) -> None:
    """Answers repeat how scopes were written; a newer token names the application, an older one its name."""
    tenant = await entra_tenant()
    body = await exchanged(tenant, await token_a(tenant), scope=scope)
    assert body["scope"] == told
    said = await claims(tenant, body["access_token"])
    assert (said["aud"], said["scp"]) == (aud, scp)


async def test_two_names_of_one_resource_are_one_resource() -> None:
    """Scopes that call the same API differently are for one token together."""
    tenant = await entra_tenant()
    await tenant.change(Save(agreed(A, B, "write", user=None)))
    body = await exchanged(tenant, await token_a(tenant), scope=f"api://b/read {B}/write")
    assert (await claims(tenant, body["access_token"]))["scp"] == "read write"
    assert body["scope"] == "api://b/read api://b/write"


# --- the rows of contract section 2.5, from the top: what is wrong further down does not matter yet


async def test_the_tenant_comes_first() -> None:
    """Rows 1 and 2: a name that is nobody's, whatever else is wrong: directory_absent, AADSTS90002."""
    tenant = await entra_tenant()
    for name in ("nobody", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"):
        found = await no(tenant, posted(WRONG, f"/{name}/oauth2/v2.0"))
        assert found[:3] == ("directory_absent", 90002, "invalid_tenant")


async def test_then_what_names_client_and_grant() -> None:
    """Row 3: client_id and grant_type are there, whether or not the secret is good: missing_parameter."""
    tenant = await entra_tenant()
    for absent in ("client_id", "grant_type"):
        form = on_behalf("x", **{**WRONG, "client_secret": "wrong", absent: None})
        assert (await no(tenant, posted(form)))[:3] == ("missing_parameter", 900144, "invalid_request")
    anonymous = on_behalf("x", client_id=None, client_secret=None)
    assert (await no(tenant, posted(anonymous)))[:2] == ("missing_parameter", 900144)


async def test_then_that_there_is_such_an_application() -> None:
    """Row 4: an application that there is not is no wrong secret: client_unknown, AADSTS700016."""
    tenant = await entra_tenant()
    for proof in (SECRET, None):
        form = on_behalf("x", **{**WRONG, "client_id": "nobody", "client_secret": proof})
        assert (await no(tenant, posted(form)))[:3] == ("client_unknown", 700016, "unauthorized_client")


@pytest.mark.parametrize(
    ("more", "slug", "number"),
    [
        ({"client_secret": "wrong"}, "client_auth_failed", 7000215),
        ({"client_secret": None}, "proof_missing", 7000218),
        ({"client_id": SPA}, "proof_unfit", 700025),
        ({"client_assertion": "a.b.c"}, "missing_parameter", 900144),
    ],
)
async def test_then_who_asks(more: dict[str, str | None], slug: str, number: int) -> None:
    """Row 5: one proof, a good one, of an application that has any."""
    tenant = await entra_tenant()
    found = await no(tenant, posted(on_behalf("x", **{**WRONG, **more})))
    assert found[:2] == (slug, number)
    assert found.status == (400 if number == 900144 else 401)


async def test_a_public_application_goes_on_in_nobodys_name() -> None:
    """Row 5: without a secret nobody redeems what it was called with: proof_missing, client_disabled."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, grant_types=(JWT_BEARER,))
    form = on_behalf("x", **{**WRONG, "client_id": SPA, "client_secret": None})
    assert (await no(tenant, posted(form)))[:2] == ("proof_missing", 7000218)
    await changed(tenant, Client, A, enabled=False)
    assert (await no(tenant, posted(on_behalf("x", **WRONG))))[:2] == ("client_disabled", 7000112)


@pytest.mark.parametrize(
    ("more", "slug", "number"),
    [
        ({"assertion": None}, "missing_parameter", 900144),
        ({"scope": None}, "missing_parameter", 900144),
        ({"requested_token_use": None}, "missing_parameter", 900144),
        ({}, "token_use_unknown", 9002313),
        (
            {"requested_token_use": "on_behalf_of", "requested_token_type": "urn:x"},
            *("token_type_unknown", 9002313),
        ),
        ({"requested_token_use": "on_behalf_of"}, "subject_malformed", 50027),
    ],
)
async def test_then_what_is_asked(more: dict[str, str | None], slug: str, number: int) -> None:
    """Row 6: what has to be there is there, before anybody looks at the token: token_use_unknown."""
    tenant = await entra_tenant()
    assert (await no(tenant, posted(on_behalf("x", **{**WRONG, **more}))))[:2] == (slug, number)


async def test_then_what_the_token_looks_like() -> None:
    """Row 7: a signed token of ours and nothing else: subject_malformed, subject_untrusted."""
    tenant = await entra_tenant()
    good = await token_a(tenant)
    head, body, _ = good.split(".")
    malformed = (
        *("", "a.b", "a.b.c", "a.b.c.d.e", "ü.b.c", f"{good}{'a' * 17_000}", f"{head}.{body}."),
        altered(good, alg="none"),
        altered(good, alg="HS256"),
    )
    for text in malformed[1:]:
        assert await slug(tenant, text, scope='"') == ("subject_malformed", 50027)
    untrusted = (
        altered(good, kid="unknown"),
        altered(good),
        f"{head}.{body}.{encode(b'x' * 256).decode()}",
        forged(tenant, iss="https://sts.windows.net/x/", exp=1)[:-6] + "AAAAAA",
    )
    for text in untrusted:
        assert await slug(tenant, text, scope='"') == ("subject_untrusted", 50013)


async def test_then_its_time() -> None:
    """Row 8: within five minutes of its time, whoever issued it: subject_expired, AADSTS500133."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    for late in ({"nbf": NOW + 301}, {"iat": NOW + 301}, {"exp": NOW - 301}, {"exp": None}):
        text = forged(tenant, iss="https://elsewhere.example/", **late)
        assert await slug(tenant, text) == ("subject_expired", 500133)
    good = await token_a(tenant)
    clock.now = NOW + HOUR + 299
    assert (await exchanged(tenant, good))["scope"] == STOCK
    clock.now = NOW + HOUR + 300
    assert await slug(tenant, good) == ("subject_expired", 500133)


async def test_then_its_issuer() -> None:
    """Row 9: signed by us is not enough, it has to be this tenant's at an address of its own."""
    tenant = await entra_tenant()
    other = TENANT.replace("1", "2")
    for issuer in (f"{ORIGIN}/{other}/v2.0", f"https://elsewhere.example/{TENANT}/", None, 7):
        text = forged(tenant, iss=issuer, scp=None, aio=None, auth_time=1)
        expected = ("subject_malformed", 50027) if issuer == 7 else ("subject_untrusted", 50013)
        assert await slug(tenant, text) == expected
    for issuer in (f"{ORIGIN}/{TENANT}/", f"{ORIGIN}/{TENANT}/v2.0"):
        assert (await exchanged(tenant, forged(tenant, iss=issuer)))["scope"] == STOCK


async def test_a_token_of_another_tenant() -> None:
    """Row 9: each tenant has keys of its own, so that another one's token says nothing here."""
    directory = await demo_directory(Clock())
    acme = directory.named("acme")
    assert acme
    tenant = await entra_tenant()
    text = forged(acme, iss=f"{ORIGIN}/{acme.id}/v2.0")
    assert await slug(tenant, text) == ("subject_untrusted", 50013)


@pytest.mark.parametrize("urls", [(PAGE,), (PAGE, "https://*.example.com/", "https://spa.example.com/in/*")])
async def test_no_id_token_is_an_assertion(urls: tuple[str, ...]) -> None:
    """Row 10: who somebody is says nothing about what may be done in their name: subject_id_token."""
    tenant = await entra_tenant()
    replies = tuple(ReplyUrl(url, "spa") for url in urls)
    await changed(tenant, Client, SPA, reply_urls=replies)
    answer = await Visitor(tenant).arrives(
        response_type="id_token token", code_challenge=None, code_challenge_method=None
    )
    found = await no(tenant, posted(on_behalf(answer["id_token"])))
    assert found[:4] == ("subject_id_token", 240002, "invalid_request", 400)
    # An access token from the same answer is good, wildcards or not. Contract section 2.6.
    assert (await exchanged(tenant, answer["access_token"]))["scope"] == STOCK
    # One of our own words is none either, nor one that the API itself was given.
    own = forged(tenant, aio=None, ver=None, scp=None, auth_time=NOW, sub="auth0|aya")
    assert await slug(tenant, own) == ("subject_id_token", 240002)
    body = await exchanged(tenant, answer["access_token"], scope=f"openid {STOCK}")
    assert await slug(tenant, body["id_token"]) == ("subject_id_token", 240002)


async def test_what_says_nothing_is_no_access_token() -> None:
    """A text that we signed as something else is nobody's token: subject_untrusted."""
    tenant = await entra_tenant()
    for more in ({"uti": None}, {"oid": None}, {"azp": None}, {"aud": ["a", "b"]}, {"scp": 1}, {"aio": "%"}):
        assert await slug(tenant, forged(tenant, **more)) == ("subject_untrusted", 50013)


async def test_then_its_audience() -> None:
    """Row 11: it is for who shows it, under any of its names, and for nobody else: subject_audience."""
    tenant = await entra_tenant()
    for aud in (A, A.upper(), "api://a", "API://A/"):
        assert (await exchanged(tenant, forged(tenant, aud=aud)))["scope"] == STOCK
    # With an audience that is wrong it does not matter that the person is gone.
    for aud in (B, "api://b", "https://graph.microsoft.com", "api://a//", "api://nobody"):
        text = forged(tenant, aud=aud, aio=encode(b'["c"]').decode(), scp=None)
        assert await slug(tenant, text, scope='"') == ("subject_audience", 500131)


async def test_who_may_ask_about_all_tokens_redeems_none_of_them() -> None:
    """That an application may introspect tokens of any API does not make it the one they are for."""
    tenant = await entra_tenant()
    await changed(tenant, Client, A, resource_server_identifier="*")
    assert await slug(tenant, forged(tenant, aud=B)) == ("subject_audience", 500131)


async def test_then_whom_it_is_about() -> None:
    """Row 12: an application's own token is not traded, its roles notwithstanding: subject_app_only."""
    tenant = await entra_tenant()
    form = {"grant_type": "client_credentials", "client_id": B, "client_secret": SECRET}
    own = await answered(tenant, posted({**form, "scope": "api://a/.default"}))
    found = await no(tenant, posted(on_behalf(own["access_token"])))
    assert found[:4] == ("subject_app_only", 7000114, "unauthorized_client", 400)


async def test_then_what_it_may() -> None:
    """Row 13: without a scope of the application's it was not given for calling it: subject_scopeless."""
    tenant = await entra_tenant()
    await blocked(tenant)
    assert await slug(tenant, forged(tenant, scp=""), scope='"') == ("subject_scopeless", 50013)


async def test_then_the_person() -> None:
    """Row 14: there, not blocked, nothing of theirs revoked: subject_gone, grant_blocked, subject_revoked."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    text = await token_a(tenant)
    await blocked(tenant)
    assert await slug(tenant, text, scope='"') == ("grant_blocked", 50057)
    await blocked(tenant, blocked=False)
    clock.now += 1
    await tenant.store.revoke(Owner(tenant=TENANT, user="auth0|aya"), clock.now)
    found = await no(tenant, posted(on_behalf(text, scope='"')))
    assert found[:3] == ("subject_revoked", 50173, "invalid_grant")
    await gone(tenant, User, "auth0|aya")
    assert await slug(tenant, text, scope='"') == ("subject_gone", 50034)


async def test_the_page_that_was_called_from_is_still_trusted() -> None:
    """Row 14: what an application that was switched off was given is good for nothing: subject_revoked."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    await changed(tenant, Client, SPA, enabled=False)
    assert await slug(tenant, text) == ("subject_revoked", 50173)


@pytest.mark.parametrize(
    ("scope", "slug_", "number", "error"),
    [
        ('"', "scope_malformed", 70011, "invalid_scope"),
        ("api://b/.default api://b/read", "default_mixed", 70011, "invalid_scope"),
        ("api://b/read api://c/read", "resource_many", 28000, "invalid_request"),
        ("api://nobody/read", "resource_absent", 500011, "invalid_resource"),
        (f"{'x' * 700}/read", "resource_absent", 500011, "invalid_resource"),
        ("api://b/none", "resource_scope_unknown", 70011, "invalid_scope"),
        ("api://b/old", "resource_scope_unknown", 70011, "invalid_scope"),
        ("https://api.example.com/read:things", "resource_absent", 500011, "invalid_resource"),
    ],
)
async def test_then_what_it_is_for(scope: str, slug_: str, number: int, error: str) -> None:
    """Row 15: scopes of one resource that there is, which are enabled: before anybody's consent."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, assignment_required=True)
    found = await no(tenant, posted(on_behalf(await token_a(tenant), scope=scope)))
    assert found[:3] == (slug_, number, error)


async def test_then_who_may_use_it_at_all() -> None:
    """Row 16: an API for those who are assigned, before their consent is asked after: not_assigned."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    await changed(tenant, Api, B, assignment_required=True)
    found = await no(tenant, posted(on_behalf(text, scope="api://b/write")))
    assert found[:3] == ("not_assigned", 50105, "invalid_grant")


async def test_then_that_it_was_agreed_to() -> None:
    """Row 17: every scope that is named, or any where all are: not_consented, AADSTS65001."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    for scope in ("api://b/write", "api://b/read api://b/write", "api://c/.default", "api://c/read"):
        found = await no(tenant, posted(on_behalf(text, scope=scope)))
        assert found == ("not_consented", 65001, "invalid_grant", 400, "consent_required")


async def test_consent_for_the_page_is_none_for_what_is_behind() -> None:
    """That a person let the page call API A gives API A nothing of API B: each asks for itself."""
    tenant = await entra_tenant()
    await gone(tenant, Consent, f"auth0|aya {A} {B}")
    await tenant.change(Save(agreed(SPA, B, "read")))
    assert await slug(tenant, await token_a(tenant)) == ("not_consented", 65001)


async def test_another_persons_consent_is_theirs() -> None:
    """What somebody else agreed to is nothing that this person agreed to."""
    tenant = await entra_tenant()
    await gone(tenant, Consent, f"auth0|aya {A} {B}")
    await tenant.change(Save(agreed(A, B, "read", user="auth0|ben")))
    assert await slug(tenant, await token_a(tenant)) == ("not_consented", 65001)


async def test_a_resource_may_say_it_for_everybody() -> None:
    """Who is pre-authorized has these scopes without a question, as long as the resource says so."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    said = (PreAuthorized(client=A, scopes=("id-write", "id-old", "id-none")),)
    await changed(tenant, Api, B, pre_authorized=said)
    assert (await exchanged(tenant, text, scope="api://b/write"))["scope"] == "api://b/write"
    assert (await exchanged(tenant, text, scope="api://b/.default"))["scope"] == (
        "api://b/read api://b/write api://b/.default"
    )
    await changed(tenant, Api, B, pre_authorized=(PreAuthorized(client=C, scopes=("id-write",)),))
    assert await slug(tenant, text, scope="api://b/write") == ("not_consented", 65001)


# --- chains


async def through(tenant: Tenant, text: str, *ways: tuple[str, str]) -> str:
    """A token that passed through applications: each asks in its turn."""
    for client_id, scope in ways:
        text = (await exchanged(tenant, text, client_id=client_id, scope=scope))["access_token"]
    return text


async def test_a_chain_of_apis() -> None:
    """Who was called on behalf may call on behalf: the person stays, and each link is seen by its own app."""
    tenant = await entra_tenant()
    last = await through(tenant, await token_a(tenant), (A, STOCK), (B, "api://c/read"))
    said = await claims(tenant, last)
    assert (said["aud"], said["azp"], said["oid"]) == (C, B, person().id)


async def test_a_chain_ends_somewhere() -> None:
    """Through so many applications and no further, round in circles too: exchange_deep."""
    tenant = await entra_tenant(policy=Policy(exchange_depth=2))
    await tenant.change(Save(agreed(C, A, "access_as_user", user=None)))
    text = await through(tenant, await token_a(tenant), (A, STOCK), (B, "api://c/read"))
    again = on_behalf(text, client_id=C, scope="api://a/access_as_user")
    assert (await no(tenant, posted(again)))[:3] == ("exchange_deep", 70000, "invalid_grant")


async def test_refreshing_makes_no_chain_shorter() -> None:
    """A refresh token remembers through whom its family came."""
    tenant = await entra_tenant(policy=Policy(exchange_depth=2))
    first = await exchanged(tenant, await token_a(tenant), scope=f"{STOCK} offline_access")
    form = {"grant_type": "refresh_token", "client_id": A, "client_secret": SECRET}
    for _ in range(2):
        first = await answered(tenant, posted({**form, "refresh_token": first["refresh_token"]}))
    text = await through(tenant, first["access_token"], (B, "api://c/read"))
    await tenant.change(Save(agreed(C, A, "access_as_user", user=None)))
    again = on_behalf(text, client_id=C, scope="api://a/access_as_user")
    assert (await no(tenant, posted(again)))[0] == "exchange_deep"


async def test_ends_with_what_it_came_from() -> None:
    """Without a refresh token of its own, a token ends when the grant does that the first one came by."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    first = await signed_in(tenant)
    second = await exchanged(tenant, str(first["access_token"]))
    grant = (await claims(tenant, first["access_token"]))["uti"].rpartition(".")[0]
    assert (await claims(tenant, second["access_token"]))["uti"].startswith(f"{grant}.")
    # Without leave to refresh, asking for it makes nothing that lasts longer.
    await changed(tenant, Client, A, grant_types=(JWT_BEARER,))
    third = await exchanged(tenant, str(first["access_token"]), scope=f"{STOCK} offline_access")
    assert "refresh_token" not in third
    assert (await claims(tenant, third["access_token"]))["uti"].startswith(f"{grant}.")
    clock.now += 1
    await tenant.store.revoke(Owner(tenant=TENANT, grant=grant), clock.now)
    form = on_behalf(str(second["access_token"]), client_id=B, scope="api://c/read")
    assert (await no(tenant, posted(form)))[0] == "subject_revoked"


async def test_nothing_outlives_a_revocation_meanwhile() -> None:
    """A token is as old as its request: what was revoked while it was read ends it, too."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    text = await token_a(tenant)
    clock.now = NOW + 10.0
    body = await exchanged(tenant, text, scope=f"{STOCK} offline_access")
    assert (await claims(tenant, body["access_token"]))["iat"] == NOW + 10
    await tenant.store.revoke(Owner(tenant=TENANT, user="auth0|aya"), clock.now)
    form = {"grant_type": "refresh_token", "client_id": A, "client_secret": SECRET}
    assert (await no(tenant, posted({**form, "refresh_token": body["refresh_token"]})))[
        0
    ] == "refresh_invalid"


async def test_unknown_parameters_are_passed_over() -> None:
    """Libraries say much about themselves; repeats of what matters are refused all the same."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    more = {"x-client-sku": "x", "x-ms-lib-capability": "retry-after", "client-request-id": "1"}
    assert (await exchanged(tenant, text, **more))["scope"] == STOCK
    here = posted(on_behalf(text))
    twice = replace(here, form=(*here.form, ("x-client-sku", "1"), ("x-client-sku", "2")))
    assert (await answered(tenant, twice))["scope"] == STOCK
    twice = replace(here, form=(*here.form, ("scope", "api://b/write")))
    assert (await no(tenant, twice))[:2] == ("repeated_parameter", 9002313)


async def test_an_address_is_told_to_who_may_know_it() -> None:
    """A third party that was called learns nobody's mail address unless they agreed to that."""
    tenant = await entra_tenant()
    text, scope = await token_a(tenant), f"openid profile email {STOCK}"
    body = await exchanged(tenant, text, scope=scope)
    assert (await claims(tenant, body["id_token"]))["email"] == "aya@example.com"
    await changed(tenant, Client, A, is_first_party=False)
    body = await exchanged(tenant, text, scope=scope)
    assert "email" not in await claims(tenant, body["id_token"])
    assert "email" not in body["scope"]
    await tenant.change(Save(agreed(A, None, "email")))
    body = await exchanged(tenant, text, scope=scope)
    assert (await claims(tenant, body["id_token"]))["email"] == "aya@example.com"


async def test_a_single_application_asks_for_itself() -> None:
    """A token for the application itself needs nobody's consent, and is one it may go on with."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    body = await exchanged(tenant, text, scope=f"{A}/.default")
    said = await claims(tenant, body["access_token"])
    assert (said["aud"], said["azp"], said["scp"]) == (A, A, "access_as_user")
    assert (await exchanged(tenant, body["access_token"]))["scope"] == STOCK
    bare = on_behalf(text, scope="api://a/access_as_user")
    assert (await no(tenant, posted(bare)))[0] == "not_consented"


async def test_an_application_that_is_switched_off_is_no_resource() -> None:
    """Nobody gets tokens for the API of an application that was disabled."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    await changed(tenant, Client, B, enabled=False)
    assert await slug(tenant, text) == ("resource_absent", 500011)


async def test_without_a_resource_graph_is_meant_while_it_is_there() -> None:
    """Where only the person is asked about, a token is for Graph; switched off, it is for nobody."""
    tenant = await entra_tenant()
    body = await signed_in(tenant, scope="openid")
    assert (await claims(tenant, body["access_token"]))["aud"] == "https://graph.microsoft.com"
    assert await tenant.change(Save(application(GRAPH, "Graph", enabled=False))) is None
    bearer = await tokens.live(str((await signed_in(tenant, scope="openid"))["access_token"]), tenant)
    assert bearer.audience == (f"{ORIGIN}/userinfo",)


async def test_a_long_chain_and_many_contexts_are_remembered() -> None:
    """What a token remembers comes back whole, however much it is: a token of ours is never a stranger's."""
    contexts, actors = tuple("c" * 100 + str(each) for each in range(40)), (B * 3,) * 10
    signed = SignIn(auth_time=NOW, amr=("pwd", "otp", "mfa"), acr="x" * 100, contexts=contexts)
    tenant = await entra_tenant()
    granted = Granted(
        id="g",
        grant_type="x",
        client=application(A, "Orders"),
        api=stock(),
        audience=B,
        issuer=f"{ORIGIN}/",
        subject="auth0|aya",
        scopes=("read",),
        lifetime=60,
        at=NOW,
        user=person(),
        sign_in=signed,
        actors=actors,
        dialect="entra_v2",
    )
    text = str(tokens.issue(granted, tenant).body["access_token"])
    said = await tokens.live(text, tenant)
    assert said.sign_in == signed
    assert said.actors == actors


async def test_an_application_without_an_api_is_one_for_itself() -> None:
    """An application that exposes nothing may ask for a token for itself, which lets nobody do anything."""
    tenant = await entra_tenant()
    body = await signed_in(tenant, scope=f"openid {SPA}/.default")
    assert (await claims(tenant, body["access_token"]))["aud"] == SPA
    # By another application it is no resource.
    assert await slug(tenant, await token_a(tenant), scope=f"{SPA}/.default") == ("resource_absent", 500011)


async def test_our_own_endpoint_does_not_know_it() -> None:
    """At an address without a tenant the same grant is for other issuers' assertions: token_use_unknown."""
    tenant = await entra_tenant()
    form = {name: value for name, value in on_behalf(await token_a(tenant)).items() if value is not None}
    with pytest.raises(Refused) as refused:
        await native(ask(tuple(form.items())), tenant)
    assert refused.value.reason.slug == "token_use_unknown"


# --- the older endpoint


async def test_the_older_endpoint_is_for_a_resource() -> None:
    """`resource` instead of scopes, numbers as texts, and what a resource asks for decides on the token."""
    tenant = await entra_tenant()
    form = on_behalf(await token_a(tenant), scope="openid", resource="api://b")
    body = await answered(tenant, posted(form, OLDER))
    ends = str(int(NOW) + HOUR)
    assert {name: body[name] for name in body if not name.endswith("_token")} == {
        "token_type": "Bearer",
        "scope": "openid read",
        "expires_in": str(HOUR),
        "ext_expires_in": str(HOUR),
        "expires_on": ends,
        "not_before": str(int(NOW)),
        "resource": "api://b",
    }
    assert "refresh_token" in body
    said = await claims(tenant, body["access_token"])
    # The API's choice, whichever endpoint was asked; the ID token is the endpoint's.
    assert (said["ver"], said["aud"]) == ("2.0", B)
    assert (await claims(tenant, body["id_token"]))["ver"] == "1.0"
    books = await answered(tenant, posted({**form, "resource": BOOKS}, OLDER))
    assert (await claims(tenant, books["access_token"]))["ver"] == "1.0"


async def test_a_resource_is_no_parameter_of_the_newer_one() -> None:
    """At the newer endpoint scopes name their resource: resource_parameter, AADSTS901002."""
    tenant = await entra_tenant()
    found = await no(tenant, posted(on_behalf("x", resource="api://b", client_secret="wrong")))
    assert found[:3] == ("resource_parameter", 901002, "invalid_request")


async def test_every_agreement_is_looked_at_again() -> None:
    """Nothing is remembered of a consent: what was taken back a moment ago is gone."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    assert (await exchanged(tenant, text))["scope"] == STOCK
    for each in await tenant.store.records(Consent, TENANT, {"client_id": A}, Window(limit=9)):
        await tenant.change(Erase(each))
    assert await slug(tenant, text) == ("not_consented", 65001)
