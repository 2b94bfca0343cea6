"""Tokens of both formats, verified by what the two metadata documents say, by libraries that know no more."""

import hashlib
import ssl
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from authlib.integrations.starlette_client import OAuth
from cryptography import x509
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet
from starlette.requests import Request

from tests.clients.application import Application
from tests.clients.entra import LEDGER, SELF, Firm, is_of
from tests.clients.person import Person
from tests.clients.place import CALLBACK, NOWHERE, Machine
from tests.clients.script import Scripts

VERSIONS = {"1.0": "", "2.0": "/v2.0"}


@dataclass(frozen=True, slots=True)
class Given:
    """A token of one format, whom it is for, and what an API is told about such tokens."""

    version: str
    token: str
    audience: str
    said: Mapping[str, Any]


@pytest.fixture(params=VERSIONS)
def given(request: pytest.FixtureRequest, firm: Firm, shown: str) -> Given:
    """On behalf of somebody, asked for without any library."""
    version = str(request.param)
    asked = f"{LEDGER}/Ledger.Read" if version == "1.0" else firm.orders.scope("Orders.Read")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_id": firm.shop.client_id,
        "client_secret": firm.shop.secret,
        "assertion": shown,
        "scope": asked,
        "requested_token_use": "on_behalf_of",
    }
    answer = firm.place.web.post(f"{firm.authority}/oauth2/v2.0/token", data=form)
    assert answer.status_code == 200, answer.text
    audience = LEDGER if version == "1.0" else firm.orders.client_id
    said = metadata(firm, VERSIONS[version])
    return Given(version, answer.json()["access_token"], audience, said)


def metadata(firm: Firm, path: str, tenant: str = "") -> dict[str, Any]:
    """What is published for one format."""
    named = tenant or firm.tenant
    found: dict[str, Any] = firm.place.web.get(f"/{named}{path}/.well-known/openid-configuration").json()
    return found


def keys_of(firm: Firm, said: Mapping[str, Any]) -> jwt.PyJWKClient:
    """The published keys, as PyJWT fetches them."""
    trusting = ssl.create_default_context(cafile=firm.place.authority)
    return jwt.PyJWKClient(said["jwks_uri"], ssl_context=trusting)


def test_pyjwt(firm: Firm, given: Given):
    """PyJWT picks the key by `kid`, and accepts issuer and audience. Contract of the dialect, section 4.6."""
    key = keys_of(firm, given.said).get_signing_key_from_jwt(given.token)
    told = {"algorithms": ["RS256"], "issuer": given.said["issuer"], "options": {"require": ["exp", "nbf"]}}
    claims = jwt.decode(given.token, key, audience=given.audience, **told)
    assert claims["ver"] == given.version
    is_of(claims, firm)
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(given.token, key, audience=NOWHERE, **told)
    other = metadata(firm, VERSIONS["2.0" if given.version == "1.0" else "1.0"])
    with pytest.raises(jwt.InvalidIssuerError):
        jwt.decode(given.token, key, audience=given.audience, **{**told, "issuer": other["issuer"]})


def test_jose(node: Scripts, firm: Firm, given: Given):
    """The library jose fetches the key set and accepts the token, its type included. Section 4.1."""
    told = {"audience": given.audience, "issuer": given.said["issuer"], "type": "JWT"}
    found = node.run("jose", token=given.token, jwks_uri=given.said["jwks_uri"], **told)
    is_of(found["claims"], firm)
    assert found["header"].get("x5t") == (found["header"]["kid"] if given.version == "1.0" else None)


def test_joserfc(firm: Firm, given: Given):
    """The library joserfc imports the key set, certificates included, and accepts the token. Section 10.3."""
    keys = KeySet.import_key_set(firm.place.web.get(given.said["jwks_uri"]).json())
    assert joserfc_jwt.decode(given.token, keys, algorithms=["RS256"]).claims["iss"] == given.said["issuer"]


def test_the_certificate_is_the_keys(firm: Firm, given: Given):
    """The names of a key are the digest of its certificate, which has that key. Section 10.3."""
    kid = jwt.get_unverified_header(given.token)["kid"]
    published = firm.place.web.get(given.said["jwks_uri"]).json()["keys"]
    (key,) = (key for key in published if key["kid"] == kid)
    der = b64decode(key["x5c"][0], validate=True)
    digest = urlsafe_b64encode(hashlib.sha1(der, usedforsecurity=False).digest()).rstrip(b"=").decode()
    assert key["kid"] == key["x5t"] == digest
    assert x509.load_der_x509_certificate(der).public_key() == jwt.PyJWK(key).key
    assert key.get("issuer") == (given.said["issuer"] if given.version == "2.0" else None)


@pytest.mark.parametrize("alias", ["common", "organizations"])
def test_an_api_for_every_tenant(firm: Firm, given: Given, alias: str):
    """Where the tenant is left open, issuer and keys are those of the token's tenant. Sections 4.6 and 10."""
    said = metadata(firm, VERSIONS[given.version], alias)
    key = keys_of(firm, said).get_signing_key_from_jwt(given.token)
    tenant = jwt.decode(given.token, options={"verify_signature": False})["tid"]
    issuer = said["issuer"].replace("{tenantid}", tenant)
    claims = jwt.decode(given.token, key, ["RS256"], audience=given.audience, issuer=issuer)
    assert claims["tid"] == firm.tenant
    published = firm.place.web.get(said["jwks_uri"]).json()["keys"]
    if given.version == "2.0":
        assert {each["issuer"].replace("{tenantid}", tenant) for each in published} == {issuer}


@pytest.mark.parametrize("version", VERSIONS)
def test_openid_client(node: Scripts, firm: Firm, person: Person, version: str):
    """Openid-client finds both endpoints by their issuers, and checks ID tokens. Section 4.3."""
    machine = Machine(client_id=firm.site.client_id, method="client_secret_post", secret=firm.site.secret)
    app = Application(node, "openid-client-code", machine, path=issued_at(firm, version))
    words = " ".join((*SELF, firm.shop.scope("access_as_user")))
    found = app.ends(app.begins(person, scope=words))
    claims = found["claims"]
    assert (claims["iss"], claims["aud"]) == (app.issuer, firm.site.client_id)
    assert claims["ver"] == version
    is_of(claims, firm)


@pytest.mark.parametrize("version", VERSIONS)
async def test_authlib(firm: Firm, person: Person, version: str):
    """Authlib finds them by their documents, and checks issuer, nonce and signature likewise. Section 4.3."""
    address = f"{firm.place.issuer}{issued_at(firm, version).rstrip('/')}/.well-known/openid-configuration"
    trusting = ssl.create_default_context(cafile=firm.place.authority)
    words = " ".join((*SELF, firm.shop.scope("access_as_user")))
    app = OAuth().register(
        "entra",
        client_id=firm.site.client_id,
        client_secret=firm.site.secret,
        server_metadata_url=address,
        client_kwargs={"scope": words, "code_challenge_method": "S256", "verify": trusting},
    )
    session: dict[str, Any] = {}
    leads = await app.authorize_redirect(asked(session, CALLBACK), CALLBACK)
    token = await app.authorize_access_token(asked(session, person.visits(leads.headers["location"])))
    assert token["userinfo"]["iss"] == f"{firm.place.issuer}{issued_at(firm, version)}"
    assert token["userinfo"]["ver"] == version
    is_of(token["userinfo"], firm)


def issued_at(firm: Firm, version: str) -> str:
    """Where an issuer is, below the server."""
    return f"{firm.tenant}{VERSIONS[version] or '/'}"


def asked(session: dict[str, Any], address: str) -> Request:
    """What the browser asks the application, which remembers it."""
    parts = urlsplit(address)
    scope = {"type": "http", "method": "GET", "path": parts.path, "headers": []}
    return Request({**scope, "query_string": parts.query.encode(), "session": session})
