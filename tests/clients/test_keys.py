"""Tokens of every algorithm, verified with the key set that we publish, by libraries that know no more."""

import ssl

import jwt
import pytest
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet

from tests.clients.place import ALGS, AUDIENCE, Machine, Place, signed_by
from tests.clients.script import Scripts

MALFORMED = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vYm9keSJ9.e30.c2ln"


@pytest.mark.parametrize("alg", ALGS)
def test_pyjwt(place: Place, signers: Machine, alg: str):
    """PyJWT fetches the key set, picks the key by `kid`, and accepts the token. RFC 7517 section 4.5."""
    token = place.token(signers, signed_by(alg))
    keys = jwt.PyJWKClient(
        place.at("jwks_uri"), ssl_context=ssl.create_default_context(cafile=place.authority)
    )
    key = keys.get_signing_key_from_jwt(token)
    assert key.algorithm_name == alg
    claims = jwt.decode(token, key, algorithms=[alg], issuer=place.issuer, audience=signed_by(alg))
    assert claims["client_id"] == signers.client_id
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=[alg], issuer=place.issuer, audience=AUDIENCE)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # RFC 9864 calls it Ed25519
@pytest.mark.parametrize("alg", ALGS)
def test_joserfc(place: Place, signers: Machine, alg: str):
    """The library joserfc imports the key set and accepts the token. RFC 7517 section 5."""
    keys = KeySet.import_key_set(place.web.get(place.at("jwks_uri")).json())
    token = joserfc_jwt.decode(place.token(signers, signed_by(alg)), keys, algorithms=[alg])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["client_id"] == signers.client_id


@pytest.mark.parametrize("alg", ALGS)
def test_jose(node: Scripts, place: Place, signers: Machine, alg: str):
    """The library jose fetches the key set and accepts the token, its type included. RFC 9068 section 4."""
    told = {"audience": signed_by(alg), "jwks_uri": place.at("jwks_uri"), "type": "at+jwt"}
    found = node.run("jose", token=place.token(signers, signed_by(alg)), **told)
    assert found["header"]["alg"] == alg
    assert found["claims"]["client_id"] == signers.client_id


def test_jose_does_not_know_a_key(node: Scripts, place: Place):
    """A token under a key that is not published is refused by whoever looks for the key. RFC 7517."""
    told = {"audience": AUDIENCE, "jwks_uri": place.at("jwks_uri")}
    assert node.complaint("jose", token=MALFORMED, **told)["code"] == "ERR_JWKS_NO_MATCHING_KEY"
