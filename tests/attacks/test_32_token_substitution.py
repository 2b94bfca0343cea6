"""Class 32: a token of one kind is taken for a token of another kind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sekisho.tenant import Tenant
from sekisho.tokens import signed
from tests.attacks.double import Double
from tests.attacks.forgery import intrude, is_refused, nobody_came_in, segment, wished
from tests.attacks.target import ES, HOST, MANAGEMENT, OPAQUE, ORIGIN, OTHER_HOST, RS, Target
from tests.servers import made

LOOK_ALIKE = (
    f"{ORIGIN}/api/v2", f"https://{HOST.upper()}/api/v2/", f"https://{HOST}:443/api/v2/",
    f"http://{HOST}/api/v2/",
    f"{ORIGIN}/api/v2/#", f"{ORIGIN}/api/v2/?", f"{ORIGIN}//api/v2/", f"{ORIGIN}/api//v2/",
    f"https://{HOST}./api/v2/",
    f"https://x@{HOST}/api/v2/", f"{ORIGIN}/t/acme/api/v2/", f"https://{OTHER_HOST}/api/v2/",
    f"{ORIGIN}/t/nobody/api/v2/",
    f"{ORIGIN}/t/demo//api/v2/", "https://evil.example/api/v2/", "/api/v2/", "api/v2/",
)  # fmt: skip


@pytest.mark.parametrize("audience", [RS, ES, OPAQUE])
def test_a_token_for_an_api_does_not_administer(target: Target, audience: str) -> None:
    """What is good at somebody's API is nothing at ours, in every dialect."""
    token = target.token("machine", audience)
    with target.web() as web:
        answer = intrude(web, token)
        assert answer.status_code == 401
        assert answer.json()["message"] == f"Bad audience: {audience}"
    nobody_came_in(target)


@pytest.fixture
def look_alike(target: Target) -> Iterator[list[str]]:
    """Tokens with every management scope for APIs whose names look like ours."""
    with target.manage() as manage:
        apis, tokens = [], []
        for audience in LOOK_ALIKE:
            scopes = [{"value": "create:clients"}]
            api = made(manage, "resource-servers", name="Alike", identifier=audience, scopes=scopes)
            apis.append(api["id"])
            id = target.clients["machine"]["client_id"]
            made(manage, "client-grants", client_id=id, audience=audience, scope=["create:clients"])
            tokens.append(target.token("machine", audience))
        yield tokens
        for id in apis:
            assert manage.delete(f"/api/v2/resource-servers/{id}").status_code == 204


def test_a_name_that_looks_like_ours_is_another_api(target: Target, look_alike: list[str]) -> None:
    """An API of a similar name with scopes of the same names opens no management API, here or elsewhere."""
    with target.web() as web, target.web(OTHER_HOST) as other:
        for token in look_alike:
            assert intrude(web, token).json()["message"].startswith("Bad audience")
            is_refused(intrude(other, token))
            bearer = {"authorization": f"Bearer {token}"}
            is_refused(web.post("/t/acme/api/v2/clients", json={"name": "x"}, headers=bearer))
    nobody_came_in(target)


def test_our_own_name_cannot_be_taken(target: Target) -> None:
    """No API can be registered under an address or the inner name of the management API."""
    with target.manage() as manage:
        for audience in (MANAGEMENT, f"{ORIGIN}/t/demo/api/v2/", "urn:sekisho:management"):
            body = {"name": "Mine", "identifier": audience, "scopes": [{"value": "create:clients"}]}
            assert manage.post("/api/v2/resource-servers", json=body).status_code == 409


def test_only_the_header_of_a_token_counts(target: Target) -> None:
    """A good token anywhere but in the Authorization header, or under another scheme, is no token."""
    token = target.admin
    wanted = {"name": "Intruder", "access_token": token}
    with target.web() as web:
        tries: tuple[dict[str, Any], ...] = (
            {"params": {"access_token": token}, "json": wanted},
            {"json": wanted},
            {"data": wanted},
            {"json": wanted, "headers": {"cookie": f"access_token={token}; authorization=Bearer {token}"}},
            {"json": wanted, "headers": {"x-access-token": token, "proxy-authorization": f"Bearer {token}"}},
            {"json": wanted, "headers": {"authorization": token}},
            {"json": wanted, "headers": {"authorization": f"DPoP {token}"}},
            {"json": wanted, "headers": {"authorization": f"Basic {token}"}},
            {"json": wanted, "headers": {"authorization": "Bearer"}},
        )
        for told in tries:
            answer = web.request("POST", "/api/v2/clients", **told)
            assert answer.status_code == 401, told
            assert answer.json()["message"] == "Missing authentication"
    nobody_came_in(target)


def test_what_is_no_token_is_no_bearer(target: Target) -> None:
    """A client's secret, its Basic credentials, our public keys and our ids open nothing."""
    machine = target.clients["machine"]
    with target.web() as web:
        keys = web.get("/.well-known/jwks.json").json()["keys"]
        for text in (
            machine["client_secret"],
            machine["client_id"],
            keys[0]["kid"],
            keys[0]["n"],
            keys[0]["x5c"][0],
        ):
            is_refused(intrude(web, text))
        for role in ("machine", "reader"):
            form = target.form(role)
            answer = web.get("/api/v2/clients", auth=(form["client_id"], form["client_secret"]))
            assert answer.json()["message"] == "Missing authentication"


KINDS: list[tuple[str, dict[str, object]]] = [
    ("logout+jwt", {}), ("secevent+jwt", {}), ("entity-statement+jwt", {}), ("dpop+jwt", {}), ("JWE", {}),
    ("token", {}),
    ("JWT", {"scope": None}), ("JWT", {"jti": None}), ("JWT", {"azp": None}), ("JWT", {"iat": None}), ("JWT",
    {"exp": None}),
    ("JWT", {"aud": None}), ("JWT", {"sub": None}), ("JWT", {"iss": None}), ("JWT",
    {"scope": ["create:clients"]}),
    ("JWT", {"nbf": 4_000_000_000}), ("JWT", {"iat": 4_000_000_000}), ("JWT", {"exp": "4000000000"}),
    ("JWT", {"exp": True}), ("JWT", {"aud": []}), ("JWT", {"aud": [None, MANAGEMENT]}), ("JWT", {"sub": 1}),
]  # fmt: skip


def of_kind(double: Double, typ: str, change: dict[str, object]) -> str:
    """A truly signed token of another kind, as an ID token or a logout token would be."""
    header, claims = wished(double.target)
    said = {name: value for name, value in (claims | change).items() if value is not None}
    signer = double.tenant.keys.signer("tokens", "RS256")
    return signer.compact(segment(header | {"typ": typ}).encode(), json.dumps(said).encode())


@pytest.mark.parametrize(("typ", "change"), KINDS, ids=repr)
def test_our_signature_alone_makes_no_access_token(
    double: Double, typ: str, change: dict[str, object]
) -> None:
    """What we sign for another purpose, or half, is not taken for an access token."""
    with double.target.web() as web:
        is_refused(intrude(web, of_kind(double, typ, change)))


def test_kinds_bite(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the check of the type, or of the audience, gone, the substitution succeeds."""
    target = double.target
    with target.web() as web, monkeypatch.context() as mutant:
        mutant.setattr(signed, "_TYPES", ("jwt", "at+jwt", "logout+jwt"))
        assert intrude(web, of_kind(double, "logout+jwt", {})).status_code == 201
    token = of_kind(double, "JWT", {"aud": RS})
    with target.web() as web:
        assert intrude(web, token).status_code == 401
        monkeypatch.setattr(Tenant, "is_management", lambda *_: True)
        assert intrude(web, token).status_code == 201
