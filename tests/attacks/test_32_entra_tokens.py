"""Class 32, in Entra's words: one kind of token, or a part of one, is taken for another kind."""

import asyncio
import json
from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from sekisho import tokens as tokens_
from sekisho.change.actor import Actor
from sekisho.change.fields import creation
from sekisho.model.api import Api, Scope
from sekisho.model.bearer import Memory
from sekisho.oauth.delegation import subject
from sekisho.registry.applications import verbs
from sekisho.registry.applications.fields import EntraApplicationFields as Fields
from sekisho.spec.claim_rule import names
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from sekisho.tokens import signed
from tests.attacks.callers import (
    changed,
    code_of,
    goes_on,
    granted,
    is_refused,
    site_tokens,
    token_a,
    tokens_of,
)
from tests.attacks.guest import ask, tokens, who
from tests.attacks.household import AYA, BEN, OPAQUE_API, Household
from tests.attacks.target import HOST
from tests.entra import ME, SPA, A, B, agreed
from tests.servers import claims_of
from tests.tenants import SECRET, TENANT

UNTRUSTED, MALFORMED, ID_TOKEN = 50013, 50027, 240002
NONE = (UNTRUSTED, MALFORMED, ID_TOKEN, 500131, 7000114)
OWN = f"https://{HOST}/"
TYPES = (
    "logout+jwt",
    "token-introspection+jwt",
    "oauth-authz-req+jwt",
    "software+jwt",
    "secevent+jwt",
    "JWE",
)


CLAIMS = (
    "aio", "scp", "oid", "tid", "ver", "uti", "appid", "appidacr", "azpacr", "idtyp", "xms_cc", "acrs",
    "wids", "upn", "unique_name", "AIO", "Scp", "OID", "azp", "aud", "iss", "sub", "exp", "nbf", "iat", "act",
    "may_act", "cnf", "jti", "scope",
)  # fmt: skip


OURS = (f"https://{HOST}/api/v2", f"https://{HOST}/userinfo")


def named(home: Household, uri: str) -> None:
    """API A is called like this, and everybody agreed to what it has."""
    scopes = (Scope(id="id-1", value="read:clients"), Scope(id="id-2", value="openid"))
    changed(home, Api, A, dialect="entra_v1", identifiers=(A, uri), scopes=scopes)
    home.change(agreed(SPA, A, "read:clients", "openid", user=None))


def manages(home: Household, text: str) -> int:
    """What the management API says to a token."""
    with home.web(authorization=f"Bearer {text}") as web:
        return web.get("/api/v2/clients").status_code


def signs(home: Household, claims: dict[str, Any], typ: str = "JWT", ring: str = "tokens") -> str:
    """These claims, under a key of the tenant."""
    return home.tenant.keys.signer(ring, "RS256").sign(json.dumps(claims).encode(), typ)


def part(value: object) -> str:
    """A segment of a token."""
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def memory(**fields: Any) -> str:
    """What a token remembers, as somebody else would write it."""
    told = Memory(**{"kind": "a", "user": BEN, "auth_time": 1_800_000_000, **fields})
    return urlsafe_b64encode(msgspec.json.encode(told)).rstrip(b"=").decode()


def test_nothing_else_is_an_assertion(firm: Household) -> None:
    """ID tokens of both formats, codes, refresh and opaque tokens, secrets, handles, nothing: refused."""
    code, body, ours = code_of(firm), site_tokens(firm), tokens(firm)
    older = granted(
        goes_on(firm, body["access_token"], path=f"/{TENANT}/oauth2", scope="openid", resource="api://b")
    )
    opaque = tokens(firm, audience=OPAQUE_API)["access_token"]
    for text in (
        body["id_token"], older["id_token"], ours["id_token"], code,
        body["refresh_token"], ours["refresh_token"],
        opaque, SECRET, "..", "a.b.c", f"{body['access_token']}.", f"{body['access_token']}\n",
        f"Bearer {body['access_token']}", json.dumps({"payload": body["access_token"]}),
        "PHNhbWxwOkFzc2VydGlvbi8+", "<saml:Assertion/>",
    ):  # fmt: skip
        is_refused(goes_on(firm, text), *NONE)
    # Nothing was used up by trying.
    assert granted(goes_on(firm, body["access_token"]))


@pytest.mark.parametrize("typ", TYPES)
def test_other_types_of_ours_are_none(firm: Household, typ: str) -> None:
    """What we signed as something else, with all the claims of an access token, is still something else."""
    said = claims_of(token_a(firm))
    is_refused(goes_on(firm, signs(firm, said, typ)), UNTRUSTED)
    # As the very same thing it would be good: the type is what differs.
    assert granted(goes_on(firm, signs(firm, said)))


def test_a_memory_is_of_its_token(firm: Household) -> None:
    """What a token remembers of whom it is about is signed with it: neither changed nor moved nor removed."""
    text = token_a(firm)
    head, _, mark = text.split(".")
    said = claims_of(text)
    id_token_ = claims_of(tokens_of(firm)["id_token"])
    for aio in (memory(), memory(kind="c"), id_token_["aio"], "", None, "x", memory(user="auth0|admin")):
        changed_ = {**said, "aio": aio} if aio is not None else {k: v for k, v in said.items() if k != "aio"}
        is_refused(goes_on(firm, f"{head}.{part(changed_)}.{mark}"), UNTRUSTED)
    # Even under our own key, one without it, or with that of an ID token, is no access token.
    for aio in (None, "", "x", "W10", id_token_["aio"], memory(kind="c", user="")):
        changed_ = {**said, "aio": aio} if aio is not None else {k: v for k, v in said.items() if k != "aio"}
        is_refused(goes_on(firm, signs(firm, changed_)), *NONE)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_rule_says_nothing_of_entras(name: str) -> None:
    """No claim of a tenant's own makes one of our tokens look like another kind."""
    with pytest.raises(Refused):
        names.claim_is_free(name)


def test_a_look_alike_is_read_as_what_it_is(firm: Household) -> None:
    """A token of our own words with some of Entra's in it is about whom it says: never about its `aio`."""
    ours = claims_of(tokens(firm)["access_token"])
    forged = {**ours, "aio": memory(user=BEN), "oid": "x", "scp": "access_as_user", "tid": TENANT}
    # Without `ver` it is one of ours, for our own API.
    is_refused(goes_on(firm, signs(firm, forged)), 500131)
    # With everything it is one of Entra's, which has to have been given for who shows it.
    full = {**forged, "ver": "2.0", "uti": ours["jti"], "aud": A, "iss": f"{OWN}{TENANT}/v2.0", "azp": "web"}
    is_refused(goes_on(firm, signs(firm, full)), 500131)


def test_a_token_for_another_api_opens_nothing_of_ours(firm: Household) -> None:
    """No access token of the face is one for management, for /userinfo, or for Graph where it is not."""
    texts = [token_a(firm), site_tokens(firm)["access_token"]]
    texts += [
        granted(goes_on(firm, texts[0], scope=f"openid {each}"))["access_token"] for each in ("api://b/read",)
    ]
    for text in texts:
        assert who(firm, text).status_code in (401, 403)
        with firm.web(authorization=f"Bearer {text}") as web:
            for path in ("/api/v2/clients", "/api/v2/users", "/v1.0/me", "/oidc/userinfo"):
                assert web.get(path).status_code in (401, 403), path
    graph = granted(goes_on(firm, texts[0], scope=ME))["access_token"]
    with firm.web(authorization=f"Bearer {graph}") as web:
        assert web.get("/v1.0/me").status_code == 200
        assert web.get("/api/v2/clients").status_code in (401, 403)
        assert web.get("/userinfo").status_code in (401, 403)


@pytest.mark.parametrize("uri", OURS)
@pytest.mark.parametrize("end", ["", "/"])
def test_an_api_that_is_called_like_ours(firm: Household, uri: str, end: str) -> None:
    """However an API came by such a name, its tokens open neither management nor /userinfo."""
    named(firm, uri.replace(HOST, HOST.upper()))
    text = token_a(firm, scope=f"openid {uri}{end}/read:clients {uri}{end}/openid")
    assert claims_of(text)["aud"] == f"{uri}{end}"
    assert who(firm, text).status_code in (401, 403)
    assert manages(firm, text) == 401


@pytest.mark.parametrize("host", [HOST, HOST.upper(), "Id.Example.com", f"{HOST}/t/demo"])
@pytest.mark.parametrize("path", ["api/v2", "API/V2", "Api/v2"])
def test_nobody_takes_the_name_of_the_management_api(firm: Household, host: str, path: str) -> None:
    """Names of APIs are found in any case, so in no case is one of them the management API's."""
    asked = creation({"displayName": "Orders", "identifierUris": [f"https://{host}/{path}"]}, Fields)
    with pytest.raises(Refused) as refused:
        asyncio.run(verbs.create(firm.tenant, asked, Actor()))
    assert refused.value.reason.slug == "already_exists"


def test_nobody_else_looks_into_a_token(firm: Household) -> None:
    """Introspection tells a token's own API what it means, and no other client that there is one."""
    text = token_a(firm)
    told = {"token": text}
    for client in ("gate-0", "gate-1", "web"):
        answer = ask(firm, client, told, "/oauth/introspect")
        assert answer.json() == {"active": False}
    for client_id in (A, B):
        proof = {"client_id": client_id, "client_secret": SECRET, **told}
        assert ask(firm, "", proof, "/oauth/introspect").json() == {"active": False}


def read_as_before(read: Any, claims: Any, said: Memory, tenant: Tenant) -> Any:
    """A token of the face, read as if it could be for the management API."""
    bearer = read({**claims, "aud": "elsewhere"}, said, tenant)
    return msgspec.structs.replace(bearer, audience=(claims["aud"],))


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    text = token_a(firm)
    head, _, mark = text.split(".")
    told = f"{head}.{part({**claims_of(text), 'aio': memory(user=AYA, session='x')})}.{mark}"
    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_is_ours", lambda *_: None)
        assert granted(goes_on(firm, told))
    with monkeypatch.context() as mutant:
        mutant.setattr(signed, "_TYPES", ("jwt", "logout+jwt"))
        assert granted(goes_on(firm, signs(firm, claims_of(text), "logout+jwt")))
    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_is_no_id_token", lambda *_: None)
        is_refused(goes_on(firm, site_tokens(firm)["id_token"]), UNTRUSTED)
    named(firm, OURS[0].replace(HOST, HOST.upper()))
    told = token_a(firm, scope=f"openid {OURS[0]}//read:clients")
    with monkeypatch.context() as mutant:
        read = tokens_.entra_access.bearer
        mutant.setattr(tokens_.entra_access, "bearer", lambda *told_: read_as_before(read, *told_))
        assert manages(firm, told) == 200
