"""Authlib for Python, as it comes: OAuth2Session with requests, AsyncOAuth2Client with httpx."""

import ssl
import time
from collections.abc import Mapping

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT

from tests.clients.place import AUDIENCE, METHODS, Machine, Place, Trouble

pytestmark = pytest.mark.usefixtures("trusting")
JWTS = {"client_secret_jwt": ClientSecretJWT, "private_key_jwt": PrivateKeyJWT}
GRANT = {"grant_type": "client_credentials", "audience": AUDIENCE}


def prove(session: OAuth2Session | AsyncOAuth2Client, issuer: str) -> None:
    """An assertion for the issuer, good for a minute and for one use: with `claims` the jti is made once."""
    method = session.token_endpoint_auth_method
    if method in JWTS:
        claims = {"exp": int(time.time()) + 60}
        session.register_client_auth_method(JWTS[method](issuer, claims=claims))


def session_of(machine: Machine, place: Place) -> OAuth2Session:
    """A session that proves itself as the client does, also where it revokes."""
    means = {"token_endpoint_auth_method": machine.method, "revocation_endpoint_auth_method": machine.method}
    session = OAuth2Session(machine.client_id, machine.secret or machine.key, **means)
    prove(session, place.issuer)
    return session


@pytest.mark.parametrize("method", METHODS)
def test_a_token(place: Place, machines: Mapping[str, Machine], method: str):
    """With each method a client gets a token. RFC 6749 section 4.4, RFC 7523 section 2.2."""
    with session_of(machines[method], place) as session:
        token = session.fetch_token(place.at("token_endpoint"), **GRANT)
    assert (token["token_type"], token["scope"]) == ("Bearer", "read:things")


@pytest.mark.parametrize("method", METHODS)
async def test_a_token_asynchronously(place: Place, machines: Mapping[str, Machine], method: str):
    """The same with httpx, which sends other headers. RFC 6749 section 4.4, RFC 7523 section 2.2."""
    machine = machines[method]
    trusting = ssl.create_default_context(cafile=place.authority)
    secret = machine.secret or machine.key
    async with AsyncOAuth2Client(machine.client_id, secret, method, verify=trusting) as session:
        prove(session, place.issuer)
        token = await session.fetch_token(place.at("token_endpoint"), **GRANT)
    assert (token["token_type"], token["scope"]) == ("Bearer", "read:things")


@pytest.mark.parametrize("method", METHODS)
def test_a_token_lives_and_ends(place: Place, apis: Mapping[str, Machine], method: str):
    """With each method a token is looked into, revoked, and at once not active. RFC 7009, RFC 7662."""
    with session_of(apis[method], place) as session:
        token = session.fetch_token(place.at("token_endpoint"), **GRANT)["access_token"]
        prove(session, place.issuer)
        living = session.introspect_token(place.at("introspection_endpoint"), token=token)
        prove(session, place.issuer)
        revoked = session.revoke_token(place.at("revocation_endpoint"), token=token)
        prove(session, place.issuer)
        ended = session.introspect_token(place.at("introspection_endpoint"), token=token)
    assert living.json()["active"] is True
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert ended.json() == {"active": False}


@pytest.mark.parametrize("method", JWTS)
def test_an_hour_is_too_long(place: Place, machines: Mapping[str, Machine], method: str):
    """An assertion expires within five minutes; Authlib's own default, an hour, is refused."""
    with session_of(machines[method], place) as session:
        session.register_client_auth_method(JWTS[method](place.issuer))
        with pytest.raises(OAuthError, match=r"invalid_client: .*\bexp\b"):
            session.fetch_token(place.at("token_endpoint"), **GRANT)


def test_the_token_endpoint_as_audience(place: Place, machines: Mapping[str, Machine]):
    """Authlib's own audience is the token endpoint, which takes a client that is `lenient`. RFC 7523 3.3."""
    lenient = place.machine("private_key_jwt", assertion_audience="lenient")
    with session_of(lenient, place) as session:
        session.register_client_auth_method(PrivateKeyJWT(claims={"exp": int(time.time()) + 60}))
        assert session.fetch_token(place.at("token_endpoint"), **GRANT)["access_token"]
    with session_of(machines["private_key_jwt"], place) as session:
        session.register_client_auth_method(PrivateKeyJWT(claims={"exp": int(time.time()) + 60}))
        with pytest.raises(OAuthError, match="invalid_client"):
            session.fetch_token(place.at("token_endpoint"), **GRANT)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_complains_with_our_error_code(place: Place, trouble: Trouble, method: str):
    """A refusal is the library's own error, with our code. RFC 6749 section 5.2."""
    machine = trouble.machine
    with (
        OAuth2Session(machine.client_id, machine.secret, method) as session,
        pytest.raises(OAuthError) as raised,
    ):
        session.fetch_token(place.at("token_endpoint"), **GRANT | {"audience": trouble.audience})
    assert raised.value.error == trouble.error
    assert raised.value.description


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_complains_asynchronously(place: Place, trouble: Trouble, method: str):
    """The same with httpx. RFC 6749 section 5.2."""
    machine = trouble.machine
    trusting = ssl.create_default_context(cafile=place.authority)
    async with AsyncOAuth2Client(machine.client_id, machine.secret, method, verify=trusting) as session:
        with pytest.raises(OAuthError) as raised:
            await session.fetch_token(place.at("token_endpoint"), **GRANT | {"audience": trouble.audience})
    assert raised.value.error == trouble.error
