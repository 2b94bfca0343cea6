"""Tokens of a portal, checked by those who have its public key and nothing else: jose, openssl, PyJWT."""

import subprocess
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.clients.person import Person
from tests.clients.place import Place, pem
from tests.clients.script import Scripts
from tests.outside import program

CLIENT = "validated-portal"
TOKEN, KEY = "/_services/auth/token", "/_services/auth/publickey"
# What is wrong, by what PyJWT and jose say of it.
WRONG: Mapping[str, tuple[type[jwt.InvalidTokenError], str]] = {
    "another audience": (jwt.InvalidAudienceError, "ERR_JWT_CLAIM_VALIDATION_FAILED"),
    "an issuer with its scheme": (jwt.InvalidIssuerError, "ERR_JWT_CLAIM_VALIDATION_FAILED"),
    "another portal": (jwt.InvalidIssuerError, "ERR_JWT_CLAIM_VALIDATION_FAILED"),
    "another key": (jwt.InvalidSignatureError, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
    "a changed token": (jwt.InvalidSignatureError, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A token of a person, and what a validator was told."""

    token: str
    pem: str
    audience: str
    issuer: str

    def told(self, wrong: str = "") -> dict[str, str]:
        """The same, with one thing wrong."""
        told = {"token": self.token, "pem": self.pem, "audience": self.audience, "issuer": self.issuer}
        return (
            told
            | {
                "": dict[str, str](),
                "another audience": {"audience": "other"},
                "an issuer with its scheme": {"issuer": f"https://{self.issuer}"},
                "another portal": {"issuer": "portal.example.com"},
                "another key": {"pem": public(rsa.generate_private_key(65_537, 2_048))},
                "a changed token": {"token": f"{self.token[:-8]}AAAAAAAA"},
            }[wrong]
        )


def public(private: rsa.RSAPrivateKey) -> str:
    """The public half as PEM."""
    return openssl("pkey", "-pubout", told=pem(private).encode()).decode()


def openssl(*words: str | Path, told: bytes = b"") -> bytes:
    """What openssl prints, which is satisfied."""
    ended = subprocess.run(
        [program("openssl"), *words], input=told, capture_output=True, timeout=20, check=False
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout


@pytest.fixture
def given(place: Place, person: Person) -> Given:
    """As a page of the portal gets it, for a client that is registered."""
    for name, value in (("RegisteredClientId", CLIENT), (f"{CLIENT}/RedirectUri", f"{place.url}/landing")):
        path = f"/api/v2/site-settings/{quote(f'ImplicitGrantFlow/{name}', safe='')}"
        assert place.web.put(path, json={"value": value}).status_code == 200
    person.visits(f"{place.url}/SignIn?returnUrl=/portal/")
    answer = person.web.post(f"{place.url}{TOKEN}", params={"client_id": CLIENT, "nonce": "n-1"})
    assert answer.status_code == 200, answer.text
    return Given(answer.text, place.web.get(KEY).text, CLIENT, place.domain)


def test_pyjwt(given: Given) -> None:
    """PyJWT takes the PEM as it is; issuer is the bare host with its port, audience the client."""
    told = given.told()
    claims = jwt.decode(
        told["token"], told["pem"], ["RS256"], issuer=told["issuer"], audience=told["audience"]
    )
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (given.issuer, CLIENT, "n-1")


@pytest.mark.parametrize("wrong", WRONG)
def test_pyjwt_refuses(given: Given, wrong: str) -> None:
    """One thing that is wrong is enough."""
    told = given.told(wrong)
    with pytest.raises(WRONG[wrong][0]):
        jwt.decode(told["token"], told["pem"], ["RS256"], issuer=told["issuer"], audience=told["audience"])


def test_jose(node: Scripts, given: Given) -> None:
    """`importSPKI` takes the PEM as it is, and `jwtVerify` the token, whose header names no key."""
    found = node.run("portal", **given.told())
    assert found["header"] == {"alg": "RS256", "typ": "JWT", "nonce": "n-1"}
    assert (found["claims"]["iss"], found["claims"]["aud"]) == (given.issuer, CLIENT)


@pytest.mark.parametrize("wrong", WRONG)
def test_jose_refuses(node: Scripts, given: Given, wrong: str) -> None:
    """One thing that is wrong is enough."""
    assert node.complaint("portal", **given.told(wrong))["code"] == WRONG[wrong][1]


def test_openssl(given: Given, tmp_path: Path) -> None:
    """`openssl dgst -verify` needs the file as it was fetched, and the two parts that were signed."""
    signed, _, signature = given.token.rpartition(".")
    (tmp_path / "key.pem").write_text(given.pem)
    (tmp_path / "signature").write_bytes(urlsafe_b64decode(signature + "=="))
    words = ("dgst", "-sha256", "-verify", tmp_path / "key.pem", "-signature", tmp_path / "signature")
    assert openssl(*words, told=signed.encode()) == b"Verified OK\n"
    with pytest.raises(AssertionError):
        openssl(*words, told=signed.encode() + b"x")
    assert b"2048 bit" in openssl("pkey", "-pubin", "-in", tmp_path / "key.pem", "-noout", "-text")


def test_a_token_without_a_client_is_good_for_no_api(node: Scripts, person: Person, given: Given) -> None:
    """Its audience is empty: an API that knows its own name refuses it."""
    text = person.web.post(f"{person.place.url}{TOKEN}").text
    told = {**given.told(), "token": text}
    assert jwt.decode(text, given.pem, ["RS256"], options={"verify_aud": False})["aud"] == ""
    with pytest.raises(jwt.MissingRequiredClaimError):
        jwt.decode(text, given.pem, ["RS256"], audience=CLIENT)
    assert node.complaint("portal", **told)["code"] == "ERR_JWT_CLAIM_VALIDATION_FAILED"
