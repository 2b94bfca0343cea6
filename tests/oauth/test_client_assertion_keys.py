"""Where the keys of a client come from: jwks, jwks_uri, credentials in PEM; what is passed over."""

import json
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sekisho.keys import client_key, foreign
from sekisho.keys.foreign import KeyUnusable
from sekisho.oauth.authenticate import authenticate
from sekisho.oauth.issuers.keys import LONGEST_SET
from sekisho.spec.jose import SIGNATURES, encode
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.spec.refusals.protocol import ASSERTION_KEY_UNKNOWN, FETCH_FAILED
from sekisho.tenant import Tenant
from tests.oauth.test_client_assertion import (
    Json,
    assertion,
    claims,
    jwk,
    key,
    key_tenant,
    number,
    presented,
    refused,
    signed,
    with_tools,
)
from tests.oauth.test_client_assertion_certificate import der, pem

ADDRESS = "https://client.example.com/jwks.json"


@dataclass
class Page:
    """A document that came from outside."""

    body: bytes


@dataclass
class Canned:
    """A way out with two editions of one document: the remembered one, and the one that is there now."""

    young: object
    fresh: object = None
    asked: list[tuple[str, int, bool]] = field(default_factory=list)

    async def get(self, url: str, *, limit: int, fresh: bool = False) -> Page:
        self.asked.append((url, limit, fresh))
        found = self.fresh if fresh and self.fresh is not None else self.young
        if isinstance(found, Exception):
            raise found
        return Page(found if isinstance(found, bytes) else json.dumps({"keys": found}).encode())


async def uri_tenant(fetch: Canned, **fields: object) -> Tenant:
    """The machine with its keys at an address."""
    told: Json = {"jwks": (), "jwks_uri": ADDRESS}
    tenant = await key_tenant(**(told | fields))
    return with_tools(tenant, fetch=fetch)


async def test_keys_at_jwks_uri() -> None:
    """A client may publish its keys instead of sending them. RFC 7591 section 2, jwks_uri."""
    fetch = Canned([jwk("rsa")])
    assert await authenticate(presented(assertion()), await uri_tenant(fetch))
    assert fetch.asked == [(ADDRESS, LONGEST_SET, False)]


async def test_an_unknown_kid_makes_us_look_again() -> None:
    """A kid that we do not remember may be a rotated key. OpenID Connect Core 1.0 section 10.1.1."""
    fetch = Canned([jwk("rsa-other")], [jwk("rsa")])
    assert await authenticate(presented(assertion()), await uri_tenant(fetch))
    assert [fresh for *_, fresh in fetch.asked] == [False, True]
    gone = Canned([jwk("rsa-other")])
    assert (await refused(presented(assertion()), await uri_tenant(gone))).reason is ASSERTION_KEY_UNKNOWN
    assert len(gone.asked) == 2


async def test_a_wrong_signature_sends_nobody_out_again() -> None:
    """Under a kid that is known, a signature is right or wrong: nothing is fetched anew for it."""
    fetch = Canned([jwk("rsa")])
    forged = signed({"alg": "RS256", "kid": "rsa"}, claims(), "rsa-other")
    assert (await refused(presented(forged), await uri_tenant(fetch))).reason.slug == "assertion_signature"
    assert len(fetch.asked) == 1


@pytest.mark.parametrize("members", [{"aud": "https://other.example.com/"}, {"exp": 1}])
async def test_what_is_refused_anyway_sends_nobody_out(members: Json) -> None:
    """The claims come before the keys: a stranger's nonsense makes us fetch nothing (attack class 42)."""
    fetch = Canned([jwk("rsa")])
    await refused(presented(assertion(**members)), await uri_tenant(fetch))
    assert fetch.asked == []


async def test_own_keys_come_first() -> None:
    """What stands with the client itself needs no way out."""
    fetch = Canned([])
    assert await authenticate(presented(assertion()), await uri_tenant(fetch, jwks=(jwk("rsa"),)))
    assert fetch.asked == []


@pytest.mark.parametrize(
    "found",
    [
        *(b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":7}', b"\xff", b"[" * 30_000),
        *(b'{"keys":[],"keys":[]}', [], [7, None, [], "x", {}], [{"kty": "RSA"}]),
        Refused(FETCH_FAILED, debug="client.example.com: no"),
    ],
)
async def test_a_set_that_cannot_be_used(found: object) -> None:
    """A document that is no JWK Set, or out of reach, means that the key is unknown (attack class 53)."""
    told = await refused(presented(assertion()), await uri_tenant(Canned(found)))
    assert (told.reason, told.reason.error) == (ASSERTION_KEY_UNKNOWN, "invalid_client")
    assert told.debug


async def test_that_we_are_busy_is_not_the_clients_fault() -> None:
    """While we are too busy to fetch, the client is asked to come again. RFC 9110 section 15.6.4."""
    fetch = Canned(Refused(OVERLOADED))
    assert (await refused(presented(assertion()), await uri_tenant(fetch))).reason is OVERLOADED


def weak() -> Json:
    return jwk("weak")


def off_the_curve() -> Json:
    return jwk("p256", y=number(5, 32))


UNUSABLE: list[Json] = [
    {"kty": "oct", "k": "c2VjcmV0"},
    {"kty": "oct"},
    {"kty": "RSA", "n": "AQAB"},
    {"kty": "RSA", "n": 7, "e": "AQAB"},
    {"kty": ["RSA"]},
    {"kty": "EC", "crv": "P-256K", "x": "AA", "y": "AA"},
    {"kty": "OKP", "crv": "X25519", "x": encode(bytes(32)).decode()},
    {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    {"kty": "OKP", "crv": "Ed25519"},
    {},
    jwk("rsa", use="enc"),
    jwk("rsa", use=None),
    jwk("rsa", key_ops=["encrypt"]),
    jwk("rsa", key_ops="verify"),
    jwk("rsa", alg="RSA-OAEP"),
    jwk("rsa", alg="HS256"),
    jwk("rsa", alg="ES256"),
    jwk("rsa", alg="none"),
    jwk("rsa", alg=7),
    jwk("rsa", kid=7),
    jwk("rsa", d="AQAB"),
    jwk("rsa", n="A" * 9_000),
    jwk("rsa", n="!!!!"),
    jwk("rsa", n="ä"),
    jwk("rsa", e="AA"),
    jwk("rsa", e=number((1 << 33) + 1)),
    jwk("p256", alg="ES384"),
    off_the_curve(),
    weak(),
]


@pytest.mark.parametrize("unusable", UNUSABLE)
async def test_keys_that_cannot_be_used_are_passed_over(unusable: Json) -> None:
    """A key of another kind, use, size or algorithm counts as absent. RFC 7517 section 5."""
    with pytest.raises(KeyUnusable):
        foreign.from_jwk(unusable)
    tenant = await key_tenant(jwks=(unusable, jwk("rsa")))
    assert await authenticate(presented(assertion()), tenant)
    alone = await key_tenant(jwks=(unusable,))
    assert (await refused(presented(assertion()), alone)).reason is ASSERTION_KEY_UNKNOWN


async def test_a_set_has_fifty_keys_at_most() -> None:
    """However long a set is, fifty keys of it are looked at."""
    many = [jwk("rsa-other", kid=f"k{n}") for n in range(client_key.MOST_KEYS)]
    assert len(client_key.published(json.dumps({"keys": [*many, jwk("rsa")]}).encode())) == len(many)
    tenant = await key_tenant(jwks=(*many, jwk("rsa")))
    assert (await refused(presented(assertion()), tenant)).reason is ASSERTION_KEY_UNKNOWN


def test_a_key_in_pem() -> None:
    """A public key or a certificate comes as PEM and is kept as DER. RFC 7468 sections 5 and 13."""
    public = key("rsa").public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        assert foreign.from_pem(public.public_bytes(Encoding.PEM, form).decode()) == ("public_key", spki)
    assert foreign.from_pem(pem()) == ("x509_cert", der())
    assert foreign.from_der(der(), "x509_cert", SIGNATURES, "k").certificate == der()
    assert foreign.from_der(spki, "public_key", SIGNATURES, "k").algs == {
        *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    }


def spelled(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no PEM",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        spelled(key("weak").public_key()),
        spelled(ec.generate_private_key(ec.SECP256K1()).public_key()),
        spelled(dsa.generate_private_key(1024).public_key()),
    ],
)
def test_a_pem_that_cannot_be_used(text: str) -> None:
    """Nothing is registered that could not verify anything. RFC 7518 sections 3.3 and 3.4."""
    with pytest.raises(KeyUnusable):
        foreign.from_pem(text)


def test_a_signature_of_the_wrong_size_is_wrong() -> None:
    """An ECDSA signature is two numbers of the size of the curve, nothing else. RFC 7518 section 3.4."""
    ours = foreign.from_jwk(jwk("p256"))
    for size in (0, 63, 65, 72, 128):
        assert not ours.verify("ES256", b"text", bytes(size))
    assert not ours.verify("ES256", b"text", bytes(64))
    assert not ours.verify("RS256", b"text", bytes(64))
