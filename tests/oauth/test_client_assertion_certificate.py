"""Certificate assertions as the clients of Entra build them: each row of what they really send."""

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha1, sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from sekisho.model.client import Credential
from sekisho.oauth.authenticate import authenticate
from sekisho.oauth.token import token
from sekisho.spec.contrast import Contrast
from sekisho.spec.jose import encode
from sekisho.tenant import Tenant
from tests.oauth.test_client_assertion import (
    Json,
    jwk,
    key,
    presented,
    refused,
    segment,
    signature,
)
from tests.tenants import NOW, ORIGIN, Clock, machine_tenant

# Entra's clients are aimed at an endpoint of their own face; here it is the one that exists.
AUDIENCE = f"{ORIGIN}/oauth/token"
JTI = "c0f0e4f2-7f6a-4cf2-9a3e-93fd2b9fb0a4"


@cache
def certificate(name: str = "rsa") -> x509.Certificate:
    """A self-signed certificate, as one uploads it to an app registration."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    born = datetime.fromtimestamp(NOW, UTC) - timedelta(days=1)
    draft = x509.CertificateBuilder(subject, subject, key(name).public_key(), 1000)
    return draft.not_valid_before(born).not_valid_after(born + timedelta(days=365)).sign(key(name), SHA256())


def der(name: str = "rsa") -> bytes:
    return certificate(name).public_bytes(Encoding.DER)


def pem(name: str = "rsa") -> str:
    return certificate(name).public_bytes(Encoding.PEM).decode()


def credential(name: str = "rsa", **fields: Any) -> Credential:
    told = Credential(
        id="cred_1", kind="x509_cert", der=der(name), algs=("RS256", "PS256"), created_at=NOW - 60
    )
    return replace(told, **fields)


async def app_tenant(clock: Clock | None = None, **fields: object) -> Tenant:
    """An application with a secret and a certificate."""
    told: Json = {
        "credentials": (credential(),),
        "client_authentication_methods": {"private_key_jwt": ("cred_1",)},
        "assertion_audience": "lenient",
    }
    return await machine_tenant(clock, **(told | fields))


def pyjwt(alg: str, headers: Json, payload: Json) -> str:
    """PyJWT: compact JSON, typ and alg first, segments without padding."""
    parts = ({"typ": "JWT", "alg": alg} | headers, payload)
    texts = [json.dumps(part, separators=(",", ":")).encode() for part in parts]
    signing_input = b".".join(map(encode, texts))
    return (signing_input + b"." + encode(signature("rsa", alg, signing_input))).decode()


def msal_claims() -> Json:
    """MSAL Python: exp and iat are floats, there is no nbf."""
    now = NOW + 0.1234567
    return {
        "aud": AUDIENCE,
        "iss": "machine",
        "sub": "machine",
        "exp": now + 600,
        "iat": now,
        "jti": JTI,
    }


def msal_thumbprint(hexadecimal: str) -> str:
    """MSAL Python leaves the padding on."""
    return base64.urlsafe_b64encode(bytes.fromhex(hexadecimal)).decode()


def extracted(text: str) -> list[str]:
    """MSAL Python's extract_certs: what stands between the lines, line breaks included."""
    found = re.findall(r"-----BEGIN CERTIFICATE-----(?P<cert_value>[^-]+)-----END CERTIFICATE-----", text)
    return [each.strip() for each in found]


def msal_python_thumbprint() -> str:
    """MSAL Python, private_key + thumbprint."""
    return pyjwt("RS256", {"x5t": msal_thumbprint(sha1(der()).hexdigest())}, msal_claims())


def msal_python_thumbprint_and_certificate() -> str:
    """MSAL Python, private_key + thumbprint + public_certificate: the whole file goes along."""
    chain = extracted(pem() + pem("rsa-issuer"))
    headers = {"x5c": chain, "x5t": msal_thumbprint(sha1(der()).hexdigest())}
    return pyjwt("RS256", headers, msal_claims())


def msal_python_public_certificate() -> str:
    """MSAL Python, private_key + public_certificate without a thumbprint."""
    chain = ["\n".join(pem().splitlines()[1:-1])]
    assert "\n" in chain[0]
    headers = {"x5c": chain, "x5t#S256": msal_thumbprint(sha256(der()).hexdigest())}
    return pyjwt("PS256", headers, msal_claims())


def msal_python_pfx() -> str:
    """MSAL Python, private_key_pfx_path."""
    return pyjwt("PS256", {"x5t#S256": msal_thumbprint(sha256(der()).hexdigest())}, msal_claims())


def azure_async() -> str:
    """azure-identity, asynchronous: padded segments, the padding is signed; no iat, half an hour."""
    now = int(NOW)
    header = {"typ": "JWT", "alg": "PS256"}
    header["x5t#S256"] = base64.urlsafe_b64encode(sha256(der()).digest()).decode()
    payload = {"jti": JTI, "aud": AUDIENCE, "iss": "machine", "sub": "machine"}
    text = b".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode())
        for part in (header, payload | {"nbf": now, "exp": now + 60 * 30})
    )
    assert b"=" in text
    tail = base64.urlsafe_b64encode(signature("rsa", "PS256", text))
    assert tail.endswith(b"=")
    return (text + b"." + tail).decode()


def msal_node(alg: str, headers: Json) -> str:
    """MSAL Node on jsonwebtoken: nbf, iat and exp are whole, nothing is padded."""
    now = int(NOW)
    payload = {"aud": AUDIENCE, "exp": now + 600, "iss": "machine", "sub": "machine", "nbf": now, "jti": JTI}
    parts = ({"alg": alg, "typ": "JWT"} | headers, payload | {"iat": now})
    texts = [json.dumps(part, separators=(",", ":")).encode() for part in parts]
    text = b".".join(map(encode, texts))
    return (text + b"." + encode(signature("rsa", alg, text))).decode()


def msal_node_sha256() -> str:
    """MSAL Node, thumbprintSha256."""
    return msal_node("PS256", {"x5t#S256": encode(sha256(der()).digest()).decode()})


def msal_node_sha256_chain() -> str:
    """MSAL Node, thumbprintSha256 + x5c."""
    chain = [base64.b64encode(der(name)).decode() for name in ("rsa", "rsa-issuer")]
    return msal_node("PS256", {"x5t#S256": encode(sha256(der()).digest()).decode(), "x5c": chain})


def msal_node_sha1() -> str:
    """MSAL Node, thumbprint."""
    return msal_node("RS256", {"x5t": encode(sha1(der()).digest()).decode()})


def msal_node_sha1_chain() -> str:
    """MSAL Node, thumbprint + x5c."""
    chain = [base64.b64encode(der()).decode()]
    return msal_node("RS256", {"x5t": encode(sha1(der()).digest()).decode(), "x5c": chain})


ROWS: tuple[Callable[[], str], ...] = (
    msal_python_thumbprint,
    msal_python_thumbprint_and_certificate,
    msal_python_public_certificate,
    msal_python_pfx,
    azure_async,
    msal_node_sha256,
    msal_node_sha256_chain,
    msal_node_sha1,
    msal_node_sha1_chain,
)


async def accepted(text: str) -> None:
    """The assertion buys a token, and only for who has this certificate."""
    assert (await token(presented(text), await app_tenant())).status == 200
    other = await app_tenant(credentials=(credential("rsa-other"),))
    assert (await refused(presented(text), other)).reason.slug == "assertion_key_unknown"


async def test_msal_python_thumbprint() -> None:
    """Row 1: RS256, x5t with padding, float dates, no nbf, 600 s. entra 3.2."""
    text = msal_python_thumbprint()
    assert json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))["x5t"].endswith("=")
    await accepted(text)


async def test_msal_python_thumbprint_with_a_chain() -> None:
    """Row 1 with public_certificate: x5c is the whole file, line breaks included. entra 3.2."""
    await accepted(msal_python_thumbprint_and_certificate())


async def test_msal_python_public_certificate() -> None:
    """Row 2: PS256, x5t#S256, x5c with line breaks inside the base64 text. entra 3.2."""
    await accepted(msal_python_public_certificate())


async def test_msal_python_pfx() -> None:
    """Row 3: PS256, x5t#S256, no chain unless asked for. entra 3.2."""
    await accepted(msal_python_pfx())
    chain = {"x5c": ["\n".join(pem().splitlines()[1:-1])]}
    named = {"x5t#S256": msal_thumbprint(sha256(der()).hexdigest())}
    await accepted(pyjwt("PS256", chain | named, msal_claims()))


async def test_azure_identity_synchronous() -> None:
    """Row 4: azure-identity hands thumbprint and, if asked, the file's bytes to MSAL Python. entra 3.2."""
    await accepted(msal_python_thumbprint())
    named = {"x5t": msal_thumbprint(sha1(der()).hexdigest().upper())}
    await accepted(pyjwt("RS256", named, msal_claims()))
    await accepted(pyjwt("RS256", {"x5c": extracted(pem())} | named, msal_claims()))


async def test_azure_identity_asynchronous() -> None:
    """Row 5: each segment is padded and signed so; no iat; exp is 1800 s ahead. entra 3.2."""
    await accepted(azure_async())


async def test_msal_node_sha256() -> None:
    """Row 6: PS256, x5t#S256 without padding, optional chain without line breaks. entra 3.2."""
    await accepted(msal_node_sha256())
    await accepted(msal_node_sha256_chain())


async def test_msal_node_sha1() -> None:
    """Row 7: RS256 and x5t, otherwise the same. entra 3.2."""
    await accepted(msal_node_sha1())
    await accepted(msal_node_sha1_chain())


@pytest.mark.parametrize("row", ROWS)
async def test_a_text_of_the_callers_own(row: Callable[[], str]) -> None:
    """Row 8: MSAL passes any client_assertion text through: nothing depends on who sends it. entra 3.2."""
    asked = replace(presented(row()), headers={"user-agent": "anything"})
    assert await authenticate(asked, await app_tenant())


@pytest.mark.parametrize("row", ROWS)
async def test_msal_presents_an_assertion_again(row: Callable[[], str]) -> None:
    """With the switch a certificate assertion may come again until it expires, otherwise never. entra 3.2."""
    clock = Clock()
    reusing = await app_tenant(clock, assertion_reuse=True)
    for _ in range(3):
        assert await authenticate(presented(row()), reusing)
        clock.now += 180
    clock.now += 1_800
    assert (await refused(presented(row()), reusing)).reason.slug == "assertion_expired"
    careful = await app_tenant()
    assert await authenticate(presented(row()), careful)
    assert (await refused(presented(row()), careful)).reason.slug == "assertion_replayed"


async def test_reuse_is_for_certificates_only() -> None:
    """The switch is about assertions that name a certificate: under a plain key there is no second use."""
    tenant = await app_tenant(assertion_reuse=True, jwks=(jwk("rsa"),), credentials=())
    text = pyjwt("RS256", {"kid": "rsa"}, msal_claims() | {"exp": NOW + 60})
    assert await authenticate(presented(text), tenant)
    assert (await refused(presented(text), tenant)).reason.slug == "assertion_replayed"


async def test_an_hour_is_the_most() -> None:
    """A certificate assertion may live for an hour; Entra sets no bound, we do. entra 3.1, 3.2."""
    named = {"x5t": encode(sha1(der()).digest()).decode()}
    tenant = await app_tenant()
    assert await authenticate(presented(pyjwt("RS256", named, msal_claims() | {"exp": NOW + 3_600})), tenant)
    late = pyjwt("RS256", named, msal_claims() | {"exp": NOW + 3_611, "jti": "b"})
    assert (await refused(presented(late), tenant)).reason.slug == "assertion_lifetime"


async def test_without_a_jti_the_signed_text_is_the_name() -> None:
    """Without a jti the same text is refused the second time. RFC 7523 section 3, item 7."""
    named = {"x5t": encode(sha1(der()).digest()).decode()}
    said = {name: value for name, value in msal_claims().items() if name != "jti"}
    tenant = await app_tenant()
    text = pyjwt("RS256", named, said)
    assert await authenticate(presented(text), tenant)
    assert (await refused(presented(text), tenant)).reason.slug == "assertion_replayed"
    assert await authenticate(presented(pyjwt("RS256", named, said | {"exp": NOW + 599})), tenant)


async def test_another_signature_of_the_same_text_is_the_same_assertion() -> None:
    """A signature can be made anew without the key (ECDSA) or at will (PSS): it names nothing."""
    named = {"x5t#S256": encode(sha256(der()).digest()).decode()}
    said = {name: value for name, value in msal_claims().items() if name != "jti"}
    tenant = await app_tenant()
    first, second = (pyjwt("PS256", named, said) for _ in range(2))
    assert first != second
    assert await authenticate(presented(first), tenant)
    assert (await refused(presented(second), tenant)).reason.slug == "assertion_replayed"


def headed(**members: object) -> str:
    return pyjwt("RS256", members, msal_claims())


def right(name: str) -> str:
    return encode({"x5t": sha1, "x5t#S256": sha256}[name](der()).digest()).decode()


def wrong(name: str) -> str:
    return encode({"x5t": sha1, "x5t#S256": sha256}[name](der("rsa-other")).digest()).decode()


OWN_CHAIN = [base64.b64encode(der()).decode()]
THEIR_CHAIN = [base64.b64encode(der("rsa-other")).decode()]
NAMED: list[tuple[Json, str]] = [
    ({"x5t": right("x5t"), "kid": sha1(der()).hexdigest().upper()}, ""),
    ({"x5t": right("x5t"), "x5t#S256": right("x5t#S256")}, ""),
    ({"kid": "anything"}, "assertion_lifetime"),
    ({"x5t": wrong("x5t")}, "assertion_key_unknown"),
    ({"x5t": right("x5t"), "x5t#S256": wrong("x5t#S256")}, "assertion_key_unknown"),
    ({"x5t": wrong("x5t"), "x5t#S256": right("x5t#S256")}, "assertion_key_unknown"),
    ({"x5t": right("x5t"), "x5c": THEIR_CHAIN}, "assertion_key_unknown"),
    ({"x5t": wrong("x5t"), "x5c": THEIR_CHAIN}, "assertion_key_unknown"),
    ({"x5t": wrong("x5t"), "x5c": OWN_CHAIN}, "assertion_key_unknown"),
    ({"x5t": right("x5t"), "x5c": [*THEIR_CHAIN, *OWN_CHAIN]}, "assertion_key_unknown"),
    ({"x5t": right("x5t"), "x5c": []}, "assertion_malformed"),
    ({"x5t": right("x5t"), "x5c": OWN_CHAIN[0]}, "assertion_malformed"),
    ({"x5t": right("x5t"), "x5c": [7]}, "assertion_malformed"),
    ({"x5t": right("x5t"), "x5c": ["!"]}, "assertion_malformed"),
    ({"x5t": "="}, "assertion_key_unknown"),
    ({"x5t": ""}, "assertion_malformed"),
]


@pytest.mark.parametrize(("members", "slug"), NAMED)
async def test_a_certificate_is_named_and_never_trusted(members: Json, slug: str) -> None:
    """Every thumbprint fits, and what comes along is what was registered. RFC 7515 section 4.1.6."""
    asked = presented(headed(**members))
    if slug:
        assert (await refused(asked, await app_tenant())).reason.slug == slug
    else:
        assert await authenticate(asked, await app_tenant())


async def test_the_certificate_that_is_meant_is_told() -> None:
    """The thumbprint in the header stands beside that of the registered certificate."""
    for name in ("x5t", "x5t#S256"):
        told = await refused(presented(headed(**{name: wrong(name)})), await app_tenant())
        assert told.seen == Contrast(name, right(name), wrong(name))


async def test_a_stranger_with_a_certificate_of_their_own() -> None:
    """A chain that fits its own signature proves nothing (attack class 48). RFC 8725 section 3.10."""
    for named, chain in ((right("x5t"), THEIR_CHAIN), (wrong("x5t"), THEIR_CHAIN), (right("x5t"), OWN_CHAIN)):
        text = f"{segment({'alg': 'RS256', 'x5t': named, 'x5c': chain})}.{segment(msal_claims())}"
        forged = f"{text}.{encode(signature('rsa-other', 'RS256', text.encode())).decode()}"
        told = await refused(presented(forged), await app_tenant())
        assert told.reason.slug in {"assertion_key_unknown", "assertion_signature"}


async def test_a_registered_kid_has_to_fit_too() -> None:
    """Where a certificate was registered under a name, the header says no other one."""
    tenant = await app_tenant(credentials=(credential(kid="mine"),))
    for kid, fits in (("mine", True), ("other", False)):
        asked = presented(headed(x5t=right("x5t"), kid=kid))
        if fits:
            assert await authenticate(asked, tenant)
        else:
            assert (await refused(asked, tenant)).reason.slug == "assertion_key_unknown"


async def test_two_certificates_live_side_by_side() -> None:
    """While a certificate is rotated, the old and the new one both work."""
    both = (credential("rsa-other", id="cred_0"), credential())
    chosen = {"private_key_jwt": ("cred_0", "cred_1")}
    tenant = await app_tenant(credentials=both, client_authentication_methods=chosen)
    assert await authenticate(presented(msal_node_sha1()), tenant)


async def test_a_certificate_has_a_start_and_an_end() -> None:
    """A certificate counts from its start to its end. entra 3.1."""
    for end in ({"starts_at": NOW + 1}, {"expires_at": NOW}):
        tenant = await app_tenant(credentials=(replace(credential(), **end),))
        assert (await refused(presented(msal_node_sha1()), tenant)).reason.slug == "assertion_key_unknown"


async def test_a_thumbprint_beside_a_plain_key_is_an_ornament() -> None:
    """Some libraries say x5t#S256 of a key that was registered as JWK: kid decides, the strict terms hold."""
    tenant = await app_tenant(credentials=(), jwks=(jwk("rsa"),))
    short = msal_claims() | {"exp": NOW + 60}
    ornate = {"kid": "rsa", "x5t#S256": right("x5t#S256")}
    assert await authenticate(presented(pyjwt("RS256", ornate, short)), tenant)
    long = pyjwt("RS256", ornate, msal_claims())
    assert (await refused(presented(long), tenant)).reason.slug == "assertion_lifetime"
    chained = pyjwt("RS256", ornate | {"x5c": OWN_CHAIN}, short | {"jti": "b"})
    assert (await refused(presented(chained), tenant)).reason.slug == "assertion_key_unknown"


async def test_a_chain_may_be_long_but_not_endless() -> None:
    """A certificate assertion may bring three certificates of 4096 bits along, 16 KB in all."""
    chain = [*OWN_CHAIN, *("A" * 2_600 for _ in range(3))]
    text = headed(x5t=right("x5t"), x5c=chain)
    assert 10_000 < len(text) < 16_384
    assert await authenticate(presented(text), await app_tenant())
    text = headed(x5t=right("x5t"), x5c=[*chain, "A" * 5_200])
    assert (await refused(presented(text), await app_tenant())).reason.slug == "assertion_malformed"


@pytest.mark.parametrize("change", ["=", "==", "==="])
async def test_padding_is_whole(change: str) -> None:
    """Padding makes a segment a multiple of four, or is none. RFC 4648 section 3.2."""
    head, _, rest = azure_async().partition(".")
    bare = head.rstrip("=")
    asked = presented(f"{bare}{change}.{rest}")
    expected: Any = {"assertion_malformed", "assertion_signature"}
    if head == bare + change:
        assert await authenticate(asked, await app_tenant())
    else:
        assert (await refused(asked, await app_tenant())).reason.slug in expected


async def test_padding_that_was_not_signed_is_refused() -> None:
    """The padding is part of what was signed: taken away or put on, the signature is another's."""
    bare = ".".join(part.rstrip("=") for part in azure_async().split("."))
    assert (await refused(presented(bare), await app_tenant())).reason.slug == "assertion_signature"
    padded = ".".join(part + "=" * (-len(part) % 4) for part in msal_node_sha256().split("."))
    assert (await refused(presented(padded), await app_tenant())).reason.slug == "assertion_signature"
