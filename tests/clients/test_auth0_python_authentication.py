"""The authentication half of auth0-python, as it comes; it sends JSON with nulls and a telemetry header."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from auth0.authentication import GetToken, RevokeToken
from auth0.authentication.exceptions import Auth0Error, TokenValidationError
from auth0.authentication.token_verifier import AsymmetricSignatureVerifier, TokenVerifier
from jwt.exceptions import InvalidKeyError

from tests.clients.place import (
    AUDIENCE,
    NOWHERE,
    Machine,
    Place,
    Trouble,
    a_key,
    pem,
    serving,
    signed_by,
)

pytestmark = [
    pytest.mark.usefixtures("trusting"),
    # Python 3.12 complains of the clock that it reads.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]
METHODS = ("client_secret_post", "private_key_jwt")


def means(machine: Machine) -> dict[str, Any]:
    """What it takes to be this client."""
    if machine.key:
        return {"client_assertion_signing_key": machine.key, "client_assertion_signing_alg": "RS256"}
    return {"client_secret": machine.secret}


@pytest.mark.parametrize("method", METHODS)
def test_a_token(place: Place, machines: Mapping[str, Machine], method: str):
    """With a secret and with a signed assertion a client gets a token. RFC 6749 section 4.4, RFC 7523."""
    machine = machines[method]
    token = GetToken(place.domain, machine.client_id, **means(machine)).client_credentials(AUDIENCE)
    assert (token["token_type"], token["scope"], token["expires_in"]) == ("Bearer", "read:things", 86_400)


def test_its_verifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It verifies our tokens while no API of the tenant has asked for keys on a curve (differences.md)."""
    with serving(tmp_path) as fresh:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fresh.authority))
        machine = fresh.machine("client_secret_post")
        token = GetToken(fresh.domain, machine.client_id, machine.secret).client_credentials(AUDIENCE)
        text = token["access_token"]
        claims = TokenVerifier(keys_of(fresh), fresh.issuer, AUDIENCE).verify(text)
        assert (claims["iss"], claims["aud"]) == (fresh.issuer, AUDIENCE)
        with pytest.raises(TokenValidationError, match="Audience"):
            TokenVerifier(keys_of(fresh), fresh.issuer, NOWHERE).verify(text)
        fresh.api(signed_by("ES256"), signing_alg="ES256")
        with pytest.raises(InvalidKeyError, match="Not an RSA key"):
            TokenVerifier(keys_of(fresh), fresh.issuer, AUDIENCE).verify(text)


def keys_of(place: Place) -> AsymmetricSignatureVerifier:
    """The key set, as the library fetches it; it keeps what it fetched."""
    return AsymmetricSignatureVerifier(place.at("jwks_uri"))


@pytest.mark.parametrize("method", METHODS)
def test_revocation(place: Place, apis: Mapping[str, Machine], method: str):
    """A revoked token is not active any more. RFC 7009 section 2."""
    machine, looking = apis[method], apis["client_secret_post"]
    token = GetToken(place.domain, machine.client_id, **means(machine)).client_credentials(AUDIENCE)
    form = {"token": token["access_token"]}
    credentials = (looking.client_id, looking.secret)
    assert place.web.post("/oauth/introspect", data=form, auth=credentials).json()["active"] is True
    RevokeToken(place.domain, machine.client_id, **means(machine)).revoke_refresh_token(form["token"])
    assert place.web.post("/oauth/introspect", data=form, auth=credentials).json() == {"active": False}


def test_complains_with_our_error_code(place: Place, trouble: Trouble):
    """A refusal is the library's own error, with our status, code and text. RFC 6749 section 5.2."""
    machine = trouble.machine
    with pytest.raises(Auth0Error) as raised:
        GetToken(place.domain, machine.client_id, machine.secret).client_credentials(trouble.audience)
    assert raised.value.error_code == trouble.error
    assert raised.value.status_code == (401 if trouble.error == "invalid_client" else 400)
    assert raised.value.message


def test_complains_of_a_strange_key(place: Place, machines: Mapping[str, Machine]):
    """An assertion under a key that was not registered is refused with our code. RFC 7521 section 4.2.1."""
    strange = replace(machines["private_key_jwt"], key=pem(a_key()))
    with pytest.raises(Auth0Error) as raised:
        GetToken(place.domain, strange.client_id, **means(strange)).client_credentials(AUDIENCE)
    assert (raised.value.status_code, raised.value.error_code) == (401, "invalid_client")
