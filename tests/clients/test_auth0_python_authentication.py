"""The authentication half of auth0-python, as it comes; it sends JSON with nulls and a telemetry header."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from auth0.authentication import GetToken, RevokeToken
from auth0.authentication.exceptions import Auth0Error
from auth0.authentication.token_verifier import AsymmetricSignatureVerifier
from jwt.exceptions import InvalidKeyError

from tests.clients.place import AUDIENCE, Machine, Place, Trouble, a_key, pem

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


def test_its_verifier_reads_rsa_keys_only(place: Place, poster: Machine):
    """The library takes each key for RSA's, so it cannot read one with others (differences.md)."""
    token = GetToken(place.domain, poster.client_id, poster.secret).client_credentials(AUDIENCE)
    verifier = AsymmetricSignatureVerifier(place.at("jwks_uri"))
    with pytest.raises(InvalidKeyError, match="Not an RSA key"):
        verifier.verify_signature(token["access_token"])


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
