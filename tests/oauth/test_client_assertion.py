"""Client assertions: private_key_jwt and client_secret_jwt at the token endpoint."""

import hmac
import json
from collections.abc import Callable
from dataclasses import replace as with_fields
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from sekisho.keys import secret
from sekisho.keys.seal import Sealer
from sekisho.model.client import Credential, Secret
from sekisho.oauth.authenticate import authenticate
from sekisho.oauth.client_auth import METHODS, SIGNING_ALGS
from sekisho.oauth.token import token
from sekisho.spec.assertion import TYPE
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Ask
from sekisho.spec.jose import encode
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import ASSERTION_KEY_UNKNOWN, CLIENT_AUTH_METHOD
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, MASTER, NOW, ORIGIN, SECRET, TENANT, Clock, ask, machine_tenant

ISSUER = f"{ORIGIN}/"
Json = dict[str, Any]
HASHES = {"256": SHA256(), "384": SHA384(), "512": SHA512()}


@cache
def key(name: str) -> Any:
    """A private key; the same one for the same name."""
    kind = name.partition("-")[0]
    if kind == "ed":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    if kind in curves:
        return ec.generate_private_key(curves[kind])
    return rsa.generate_private_key(65_537, {"weak": 1024}.get(kind, 2048))


def number(value: int, size: int | None = None) -> str:
    return encode(value.to_bytes(size or (value.bit_length() + 7) // 8)).decode()


def jwk(name: str, **members: object) -> Json:
    """The public half as a JWK, named after itself."""
    public = key(name).public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        made = {"kty": "OKP", "crv": "Ed25519", "x": encode(public.public_bytes_raw()).decode()}
    elif isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        made = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    else:
        point, size = public.public_numbers(), (public.curve.key_size + 7) // 8
        curve = {32: "P-256", 48: "P-384", 66: "P-521"}[size]
        made = {"kty": "EC", "crv": curve, "x": number(point.x, size), "y": number(point.y, size)}
    return {"kid": name, "use": "sig", **made, **members}


def signature(name: str, alg: str, text: bytes) -> bytes:
    """What the key makes of a text, by an algorithm."""
    private = key(name)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(text)
    digest = HASHES[alg[2:]]
    if alg.startswith("RS"):
        return bytes(private.sign(text, padding.PKCS1v15(), digest))
    if alg.startswith("PS"):
        return bytes(private.sign(text, padding.PSS(padding.MGF1(digest), digest.digest_size), digest))
    size = (private.curve.key_size + 7) // 8
    return b"".join(
        part.to_bytes(size) for part in decode_dss_signature(private.sign(text, ec.ECDSA(digest)))
    )


def segment(value: object) -> str:
    return encode((value if isinstance(value, str) else json.dumps(value)).encode()).decode()


def signed(header: Json, claims: object, name: str = "rsa") -> str:
    """A compact JWS of these members."""
    text = f"{segment(header)}.{segment(claims)}"
    return f"{text}.{encode(signature(name, header['alg'], text.encode())).decode()}"


def keyed(header: Json, claims: object, text: str | bytes = SECRET) -> str:
    """A compact JWS with an HMAC."""
    secret_key = text.encode() if isinstance(text, str) else text
    signing_input = f"{segment(header)}.{segment(claims)}"
    mac = hmac.digest(secret_key, signing_input.encode(), f"sha{header['alg'][2:]}")
    return f"{signing_input}.{encode(mac).decode()}"


def claims(*without: str, **members: object) -> Json:
    """What a careful client says of itself, with some of it left out or said otherwise."""
    said = {
        "iss": "machine",
        "sub": "machine",
        "aud": ISSUER,
        "iat": NOW,
        "exp": NOW + 60,
        "jti": "6d1f9a0e-3f0b-4c58-9c1e-0d0c8f6f2a11",
    }
    return {name: value for name, value in (said | members).items() if name not in without}


def assertion(*without: str, **members: object) -> str:
    return signed({"alg": "RS256", "typ": "JWT", "kid": "rsa"}, claims(*without, **members))


def presented(text: str, **form: str | None) -> Ask:
    """A client credentials request with an assertion; None takes a parameter away."""
    said = {
        "grant_type": "client_credentials",
        "audience": AUDIENCE,
        "client_id": "machine",
        "client_assertion_type": TYPE,
        "client_assertion": text,
    }
    return ask(tuple((name, value) for name, value in (said | form).items() if value is not None))


async def key_tenant(clock: Clock | None = None, **fields: object) -> Tenant:
    """The machine with an RSA key of its own and no secret."""
    told: Json = {"token_endpoint_auth_method": "private_key_jwt", "jwks": (jwk("rsa"),), "secrets": ()}
    return await machine_tenant(clock, **(told | fields))


def sealed(text: str = SECRET, **fields: object) -> Secret:
    """The machine's secret as the key of an HMAC."""
    made = secret.sealed(secret.remember(text, NOW), text, TENANT, Sealer.of(MASTER))
    return replace(made, **fields)


async def secret_tenant(**fields: object) -> Tenant:
    """The machine with a secret that is kept for HMAC."""
    told: Json = {"token_endpoint_auth_method": "client_secret_jwt", "secrets": (sealed(),)}
    return await machine_tenant(**(told | fields))


def with_tools(tenant: Tenant, **tools: object) -> Tenant:
    """The tenant with other tools."""
    own = {name: getattr(tenant.tools, name) for name in type(tenant.tools).__dataclass_fields__}
    changed: Any = SimpleNamespace(**(own | tools))
    return with_fields(tenant, tools=changed)


async def refused(asked: Ask, tenant: Tenant) -> Refused:
    """Why the client is not believed; nothing about it is ever a secret on the wire."""
    with pytest.raises(Refused) as caught:
        await authenticate(asked, tenant)
    assert caught.value.text
    return caught.value


async def test_a_token_for_an_assertion() -> None:
    """A client is known by an assertion that it signed. RFC 7523 section 2.2."""
    answer = await token(presented(assertion()), await key_tenant())
    assert answer.status == 200


async def test_a_token_for_an_assertion_under_a_secret() -> None:
    """A client is known by an assertion under its secret. OpenID Connect Core 1.0 section 9."""
    tenant = await secret_tenant()
    for alg in ("HS256", "HS384"):
        text = keyed({"alg": alg}, claims(jti=alg))
        assert (await authenticate(presented(text), tenant)).client_id == "machine"


@pytest.mark.parametrize(
    ("name", "alg"),
    [
        *(("rsa", alg) for alg in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        *(("p256", "ES256"), ("p384", "ES384"), ("p521", "ES512"), ("ed", "EdDSA"), ("ed", "Ed25519")),
    ],
)
async def test_algorithms(name: str, alg: str) -> None:
    """Each algorithm of the metadata works with a key of its kind. RFC 7518 section 3.1, RFC 8037."""
    tenant = await key_tenant(jwks=(jwk(name, alg=alg),))
    assert alg in SIGNING_ALGS
    assert await authenticate(presented(signed({"alg": alg, "kid": name}, claims(), name)), tenant)
    forged = signed({"alg": alg, "kid": name}, claims(), f"{name}-other")
    assert (await refused(presented(forged), tenant)).reason.slug == "assertion_signature"


async def test_both_names_of_one_algorithm() -> None:
    """EdDSA over Ed25519 and Ed25519 are one algorithm with two names. RFC 9864 section 2.2."""
    tenant = await key_tenant(jwks=(jwk("ed", alg="EdDSA"),), token_endpoint_auth_signing_alg="EdDSA")
    assert await authenticate(presented(signed({"alg": "Ed25519"}, claims(), "ed")), tenant)


def test_the_table_of_methods() -> None:
    """The metadata lists what is served, HMAC included. RFC 8414 section 2."""
    assert tuple(METHODS) == (
        *("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"),
    )
    assert {"RS256", "RS384", "PS256", "ES256", "EdDSA", "HS256"} < set(SIGNING_ALGS)
    assert "none" not in SIGNING_ALGS


async def test_client_id_may_be_left_out() -> None:
    """The assertion says who asks, so client_id need not. RFC 7521 section 4.2."""
    assert await authenticate(presented(assertion(), client_id=None), await key_tenant())


async def test_client_id_has_to_be_that_of_the_assertion() -> None:
    """A client_id beside the assertion names the same client. RFC 7521 section 4.2."""
    text = assertion(iss="other", sub="other")
    assert (await refused(presented(text), await key_tenant())).reason.slug == "assertion_subject"
    assert (await refused(presented(assertion(), client_id="other"), await key_tenant())).reason.error == (
        "invalid_client"
    )


FORMS: list[tuple[dict[str, str | None], str]] = [
    ({"client_assertion": None}, "missing_parameter"),
    ({"client_assertion_type": None}, "missing_parameter"),
    ({"client_assertion_type": "", "client_assertion": ""}, "client_auth_method"),
    ({"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}, "assertion_type"),
    ({"client_assertion_type": TYPE.upper()}, "assertion_type"),
    ({"client_assertion": "no JWT"}, "assertion_malformed"),
    ({"client_assertion": "no JWT", "client_id": None}, "assertion_malformed"),
    ({"client_assertion": assertion("sub"), "client_id": None}, "assertion_subject"),
    ({"client_assertion": assertion(sub=7), "client_id": None}, "assertion_subject"),
    ({"client_assertion": assertion(sub="x\0"), "client_id": None}, "assertion_malformed"),
    ({"client_assertion": assertion(sub="x\n"), "client_id": None}, "assertion_subject"),
    ({"client_assertion": assertion(sub="x" * 600), "client_id": None}, "client_auth_failed"),
    ({"client_secret": SECRET}, "client_auth_ambiguous"),
]


@pytest.mark.parametrize(("form", "slug"), FORMS)
async def test_an_assertion_comes_with_its_type(form: dict[str, str | None], slug: str) -> None:
    """Assertion and type belong together, and one request uses one method. RFC 7521 section 4.2."""
    tenant = await key_tenant()
    assert (await refused(presented(assertion(), **form), tenant)).reason.slug == slug


async def test_a_header_beside_the_assertion_is_a_second_method() -> None:
    """A client uses one authentication method per request. RFC 6749 section 2.3."""
    asked = replace(presented(assertion()), headers={"authorization": "Basic bWFjaGluZTp4"})
    assert (await refused(asked, await key_tenant())).reason.slug == "client_auth_ambiguous"


async def test_the_word_none_is_no_secret_beside_an_assertion() -> None:
    """Auth0's Python SDK sends client_secret=None with an assertion; alone it is a secret like any other."""
    tenant = await key_tenant()
    assert await authenticate(presented(assertion(), client_secret="None"), tenant)
    alone = ask((("client_id", "machine"), ("client_secret", "None")))
    assert (await refused(alone, tenant)).reason is CLIENT_AUTH_METHOD


CLAIMS: list[tuple[Json, str]] = [
    ({"iss": "other"}, "assertion_subject"),
    ({"sub": "other"}, "assertion_subject"),
    ({"sub": "Machine", "iss": "Machine"}, "assertion_subject"),
    ({"aud": "https://other.example.com/"}, "assertion_audience"),
    ({"aud": ORIGIN}, "assertion_audience"),
    ({"aud": f"{ORIGIN}/oauth/token"}, "assertion_audience"),
    ({"aud": f"{ORIGIN}/oauth/par"}, "assertion_audience"),
    ({"aud": [ISSUER]}, "assertion_audience"),
    ({"aud": [ISSUER, "https://other.example.com/"]}, "assertion_audience"),
    ({"aud": f"{ORIGIN}/t/demo/"}, "assertion_audience"),
    ({"aud": ISSUER.upper()}, "assertion_audience"),
    ({"exp": NOW - 10}, "assertion_expired"),
    ({"exp": NOW - 300}, "assertion_expired"),
    ({"exp": 0}, "assertion_expired"),
    ({"exp": NOW + 310.5}, "assertion_lifetime"),
    ({"exp": NOW + 86_400 * 365}, "assertion_lifetime"),
    ({"exp": 253_402_300_799}, "assertion_lifetime"),
    ({"nbf": NOW + 60.1}, "assertion_early"),
    ({"iat": NOW + 60.1}, "assertion_early"),
    ({"iat": NOW + 11}, "assertion_early"),
    ({"jti": "x" * 65}, "assertion_jti"),
    ({"jti": ""}, "assertion_malformed"),
    ({"jti": 7}, "assertion_malformed"),
    ({"aud": {"a": ISSUER}}, "assertion_malformed"),
    ({"aud": []}, "assertion_malformed"),
    ({"exp": str(NOW + 60)}, "assertion_malformed"),
    ({"exp": True}, "assertion_malformed"),
    ({"exp": 10**18}, "assertion_malformed"),
    ({"sub": ["machine"]}, "assertion_malformed"),
]


@pytest.mark.parametrize(("members", "slug"), CLAIMS)
async def test_claims_that_do_not_hold(members: Json, slug: str) -> None:
    """Issuer, subject, audience, lifetime and name are checked to the letter. RFC 7523 section 3."""
    told = await refused(presented(assertion(**members)), await key_tenant())
    assert (told.reason.slug, told.reason.error, told.reason.status) == (slug, "invalid_client", 401)


@pytest.mark.parametrize(
    ("missing", "slug"),
    [
        ("iss", "assertion_subject"),
        ("sub", "assertion_subject"),
        ("aud", "assertion_audience"),
        ("exp", "assertion_lifetime"),
        ("jti", "assertion_jti"),
    ],
)
async def test_claims_that_have_to_be_there(missing: str, slug: str) -> None:
    """Required are iss, sub, aud and exp, and jti so that there is no replay. RFC 7523 section 3."""
    assert (await refused(presented(assertion(missing)), await key_tenant())).reason.slug == slug


@pytest.mark.parametrize(
    "members",
    [
        {"iat": NOW + 8, "nbf": NOW + 8},
        {"exp": NOW - 9},
        {"exp": NOW + 300},
        {"exp": NOW + 310},
        {"jti": "x" * 64},
        {"exp": NOW + 60.25, "iat": NOW - 0.25},
        {"extra": {"deep": [1]}},
    ],
)
async def test_clocks_differ_a_little(members: Json) -> None:
    """Ten seconds either way are forgiven; FAPI 2.0 asks for eight ahead accepted and sixty refused."""
    assert await authenticate(presented(assertion(**members)), await key_tenant())


async def test_issue_time_may_be_left_out() -> None:
    """The times iat and nbf are optional. RFC 7523 section 3, items 5 and 6."""
    assert await authenticate(presented(assertion("iat")), await key_tenant())


LENIENT = (
    *(ISSUER, ORIGIN, f"{ORIGIN}/oauth/token", [ISSUER], [f"{ORIGIN}/oauth/token"]),
    ["https://other.example.com/", ISSUER],
)


@pytest.mark.parametrize("audience", LENIENT)
async def test_a_lenient_client_may_name_our_addresses(audience: object) -> None:
    """Issuer, token endpoint and the address that was called, also in an array. RFC 9126 section 2."""
    tenant = await key_tenant(assertion_audience="lenient")
    assert await authenticate(presented(assertion(aud=audience)), tenant)


async def test_a_lenient_client_may_name_the_address_it_calls() -> None:
    """The pushed authorization request endpoint is an audience where it is called. RFC 9126 section 2."""
    tenant = await key_tenant(assertion_audience="lenient")
    asked = replace(presented(assertion(aud=f"{ORIGIN}/oauth/par")), path="/oauth/par")
    assert await authenticate(asked, tenant)


async def test_a_lenient_client_names_nobody_else() -> None:
    """Lenient is about our own addresses; another server's are refused. RFC 7523 section 3, item 3."""
    tenant = await key_tenant(assertion_audience="lenient")
    others: list[object] = ["https://other.example.com/", f"{ORIGIN}/oauth/par", f"{ORIGIN}/other", [], None]
    for other in others:
        slug = (await refused(presented(assertion(aud=other)), tenant)).reason.slug
        assert slug in {"assertion_audience", "assertion_malformed"}


async def test_the_issuer_is_that_of_the_address_that_was_called() -> None:
    """A tenant's address under its path is an issuer of its own. OpenID Connect Discovery 1.0 section 4.3."""
    asked = replace(presented(assertion(aud=f"{ORIGIN}/t/demo/")), root=f"{ORIGIN}/t/demo")
    assert await authenticate(asked, await key_tenant())


HEADERS: list[tuple[Json, str]] = [
    ({"alg": "none"}, "assertion_algorithm"),
    ({"alg": "NONE"}, "assertion_algorithm"),
    ({"alg": ["RS256"]}, "assertion_algorithm"),
    ({"alg": None}, "assertion_algorithm"),
    ({"alg": "RSA-OAEP-256", "enc": "A256GCM"}, "assertion_algorithm"),
    ({"alg": "PBES2-HS256+A128KW", "p2c": 2**31}, "assertion_algorithm"),
    ({"crit": ["exp"], "exp": 1}, "assertion_malformed"),
    ({"b64": False}, "assertion_malformed"),
    ({"zip": "DEF"}, "assertion_malformed"),
    ({"jku": "https://evil.example.com/keys"}, "assertion_malformed"),
    ({"x5u": "https://evil.example.com/cert"}, "assertion_malformed"),
    ({"jwk": jwk("rsa-other")}, "assertion_malformed"),
    ({"x5c": ["AAAA"]}, "assertion_malformed"),
    ({"typ": "dpop+jwt"}, "assertion_malformed"),
    ({"typ": "oauth-authz-req+jwt"}, "assertion_malformed"),
    ({"typ": "at+jwt"}, "assertion_malformed"),
    ({"kid": "../../../dev/null"}, "assertion_key_unknown"),
    ({"kid": "' OR 1=1 --"}, "assertion_key_unknown"),
    ({"kid": "rsa\0"}, "assertion_malformed"),
    ({"kid": ["rsa"]}, "assertion_malformed"),
    ({"kid": "x" * 257}, "assertion_malformed"),
    ({"x5t": 7}, "assertion_malformed"),
    ({"x5t#S256": "x" * 65}, "assertion_malformed"),
]


@pytest.mark.parametrize(("members", "slug"), HEADERS)
async def test_headers_that_would_lead_astray(members: Json, slug: str) -> None:
    """Neither algorithm nor key come from the assertion itself. RFC 8725 sections 3.1 and 3.10, RFC 7515."""
    genuine = {"alg": "RS256", "typ": "JWT", "kid": "rsa"}
    text = f"{segment(genuine | members)}.{segment(claims())}"
    tail = encode(signature("rsa", "RS256", text.encode())).decode()
    told = await refused(presented(f"{text}.{tail}"), await key_tenant())
    assert (told.reason.slug, told.reason.error) == (slug, "invalid_client")


@pytest.mark.parametrize("kind", ["JWT", "jwt", "application/jwt", "client-authentication+jwt"])
async def test_types_of_assertions(kind: str) -> None:
    """An assertion may say that it is one. RFC 7515 section 4.1.9, RFC 8725 section 3.11."""
    text = signed({"alg": "RS256", "typ": kind}, claims())
    assert await authenticate(presented(text), await key_tenant())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"{text}.",
        lambda text: text.rpartition(".")[0] + ".",
        lambda text: text.rpartition(".")[0],
        lambda text: ".".join(part + "=" * (-len(part) % 4) for part in text.split(".")),
        lambda text: text.replace(".", "=.", 1),
        lambda text: text.replace(".", "==================.", 1),
        lambda text: f" {text}",
        lambda text: json.dumps({"payload": text.split(".")[1], "signatures": []}),
        lambda text: text + "é",
        lambda text: "." * 16_000,
        lambda text: "x" * 20_000,
    ],
)
async def test_other_spellings(change: Callable[[str], str]) -> None:
    """Only the compact serialisation is read, in its one spelling. RFC 7515 sections 2 and 7.1."""
    slug = (await refused(presented(change(assertion())), await key_tenant())).reason.slug
    assert slug in {"assertion_malformed", "assertion_algorithm", "assertion_signature"}


@pytest.mark.parametrize(
    "payload",
    [
        '{"iss":"machine","iss":"machine"}',
        '{"iss":"machine","aud":' + "[" * 40 + "]" * 40 + "}",
        '{"exp":1e999}',
        '{"iss":"\\u0000"}',
        "[]",
        "7",
    ],
)
async def test_payloads_that_readers_read_differently(payload: str) -> None:
    """Doubled members, endless depth and numbers beyond all bounds are refused. RFC 7493 section 2."""
    text = signed({"alg": "RS256", "kid": "rsa"}, payload)
    assert (await refused(presented(text), await key_tenant())).reason.slug == "assertion_malformed"


async def test_an_assertion_has_at_most_2048_characters() -> None:
    """Two kilobytes are enough for an assertion under a key, and its reader stops there."""
    tenant = await key_tenant()
    spare = 2_048 - len(assertion(pad=""))
    padded = assertion(pad="x" * (spare * 3 // 4 - 2))
    assert len(padded) <= 2_048
    assert await authenticate(presented(padded), tenant)
    long = await refused(presented(assertion(pad="x" * 1_100)), tenant)
    assert long.reason.slug == "assertion_malformed"
    assert "more than 2048" in long.debug


METHODS_OF: list[tuple[Json, str]] = [
    ({"token_endpoint_auth_method": "client_secret_post", "secrets": (sealed(),)}, "private_key_jwt"),
    ({"token_endpoint_auth_method": "client_secret_jwt", "secrets": (sealed(),)}, "private_key_jwt"),
    ({"token_endpoint_auth_method": "none"}, "private_key_jwt"),
    ({"secrets": (sealed(),)}, "client_secret_jwt"),
    ({"secrets": (sealed(),)}, "client_secret_post"),
    ({"token_endpoint_auth_method": "client_secret_jwt", "secrets": (sealed(),)}, "client_secret_post"),
]


@pytest.mark.parametrize(("fields", "used"), METHODS_OF)
async def test_the_method_has_to_be_registered(fields: Json, used: str) -> None:
    """A client proves itself as it registered, and in no other way. RFC 7591 section 2."""
    asked = {
        "private_key_jwt": presented(assertion()),
        "client_secret_jwt": presented(keyed({"alg": "HS256"}, claims())),
        "client_secret_post": ask((("client_id", "machine"), ("client_secret", SECRET))),
    }[used]
    told = await refused(asked, await key_tenant(**fields))
    assert told.reason is CLIENT_AUTH_METHOD
    assert told.debug.startswith(used)
    assert told.seen
    assert (told.seen.name, told.seen.got) == ("token_endpoint_auth_method", used)


async def test_two_methods_may_be_registered() -> None:
    """An application may have a secret and a certificate at once, and uses either."""
    tenant = await machine_tenant(client_authentication_methods={"private_key_jwt": ()}, jwks=(jwk("rsa"),))
    assert await authenticate(presented(assertion()), tenant)
    assert await authenticate(ask((("client_id", "machine"), ("client_secret", SECRET))), tenant)


async def test_nobody_with_credentials_comes_without() -> None:
    """A client that has credentials proves itself, whatever it registered. RFC 6749 section 3.2.1."""
    tenant = await machine_tenant(client_authentication_methods={"none": ()})
    told = await refused(ask((("client_id", "machine"),)), tenant)
    assert told.reason is CLIENT_AUTH_METHOD
    assert told.seen == Contrast("token_endpoint_auth_method", "client_secret_post", "none")


async def test_a_client_may_have_one_algorithm_only() -> None:
    """A client that registered token_endpoint_auth_signing_alg uses it. OIDC Registration 1.0 section 2."""
    tenant = await key_tenant(token_endpoint_auth_signing_alg="PS256")
    told = await refused(presented(assertion()), tenant)
    assert (told.reason.slug, told.reason.error) == ("assertion_algorithm", "invalid_client")
    assert told.seen == Contrast("alg", "PS256", "RS256")
    assert await authenticate(presented(signed({"alg": "PS256"}, claims())), tenant)


@pytest.mark.parametrize(
    "name",
    [
        *("n", "e", "kid", "pem", "der", "pem-prefixed", "empty", "digest", "digest-hex", "json"),
    ],
)
async def test_a_public_key_or_a_digest_is_no_secret(name: str) -> None:
    """Nothing but the secret is the key of an HMAC (attack classes 40 and 46). RFC 8725 section 3.1."""
    public = key("rsa").public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    digest = secret.remember(SECRET, NOW).digest
    guesses = {
        "n": jwk("rsa")["n"].encode(),
        "e": b"AQAB",
        "kid": b"rsa",
        "pem": pem,
        "der": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "pem-prefixed": b"\n" + pem,
        "empty": b"",
        "digest": digest,
        "digest-hex": digest.hex().encode(),
        "json": json.dumps(jwk("rsa")).encode(),
    }
    text = keyed({"alg": "HS256", "kid": "rsa"}, claims(), guesses[name])
    assert (await refused(presented(text), await key_tenant())).reason is CLIENT_AUTH_METHOD
    both = await key_tenant(
        client_authentication_methods={"client_secret_jwt": ()}, secrets=(sealed(),), jwks=(jwk("rsa"),)
    )
    assert (await refused(presented(text), both)).reason.slug == "assertion_signature"


async def test_a_hashed_secret_is_no_key() -> None:
    """A secret of which only the digest is kept serves no HMAC. OpenID Connect Core 1.0 section 10.1."""
    tenant = await secret_tenant(secrets=(secret.remember(SECRET, NOW),))
    told = await refused(presented(keyed({"alg": "HS256"}, claims())), tenant)
    assert told.reason is ASSERTION_KEY_UNKNOWN


async def test_the_key_is_as_long_as_the_hash() -> None:
    """A secret of 32 bytes is a key for HS256 and for nothing larger. RFC 7518 section 3.2."""
    text = "x" * 32
    tenant = await secret_tenant(secrets=(sealed(text),))
    assert await authenticate(presented(keyed({"alg": "HS256"}, claims(), text)), tenant)
    told = await refused(presented(keyed({"alg": "HS384"}, claims(jti="b"), text)), tenant)
    assert told.reason is ASSERTION_KEY_UNKNOWN


def test_a_short_secret_is_not_sealed() -> None:
    """The key of an HMAC has at least 256 bits. RFC 7518 section 3.2."""
    with pytest.raises(secret.SecretTooShort, match="32 bytes"):
        sealed("x" * 31)


async def test_secrets_for_hmac_are_rotated_like_others() -> None:
    """Two secrets live side by side, and an expired one is refused as such."""
    text = "another secret of some length: " + SECRET
    old = sealed(expires_at=NOW)
    tenant = await secret_tenant(secrets=(old, sealed(text)))
    assert await authenticate(presented(keyed({"alg": "HS256"}, claims(), text)), tenant)
    told = await refused(presented(keyed({"alg": "HS256"}, claims(jti="b"))), tenant)
    assert told.reason.slug == "client_secret_expired"


async def test_credentials_have_to_be_chosen_and_live() -> None:
    """A credential counts while a method names it, from its start to its end."""
    der = key("rsa").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    made = Credential(id="cred_1", kind="public_key", der=der, algs=("RS256",), kid="rsa", created_at=NOW)
    chosen: Json = {"client_authentication_methods": {"private_key_jwt": ("cred_1",)}, "jwks": ()}
    for fields, works in (
        (chosen | {"credentials": (made,)}, True),
        (chosen | {"credentials": (replace(made, starts_at=NOW, expires_at=NOW + 1),)}, True),
        (chosen | {"credentials": (replace(made, starts_at=NOW + 1),)}, False),
        (chosen | {"credentials": (replace(made, expires_at=NOW),)}, False),
        (chosen | {"credentials": (replace(made, id="cred_2"),)}, False),
        (chosen | {"credentials": (replace(made, der=b"broken"),)}, False),
        ({"jwks": (), "credentials": (made,)}, False),
    ):
        tenant = await key_tenant(**fields)
        if works:
            assert await authenticate(presented(assertion()), tenant)
        else:
            assert (await refused(presented(assertion()), tenant)).reason is ASSERTION_KEY_UNKNOWN


async def test_the_algorithm_is_that_of_the_credential() -> None:
    """A key is used with the algorithm that it was registered for. RFC 8725 section 3.1."""
    der = key("rsa").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    made = Credential(id="cred_1", kind="public_key", der=der, algs=("RS384",), created_at=NOW)
    chosen: Json = {"client_authentication_methods": {"private_key_jwt": ("cred_1",)}, "jwks": ()}
    tenant = await key_tenant(credentials=(made,), **chosen)
    told = await refused(presented(assertion()), tenant)
    assert (told.reason.slug, told.seen) == ("assertion_algorithm", Contrast("alg", "RS384", "RS256"))
    assert await authenticate(presented(signed({"alg": "RS384"}, claims())), tenant)


async def test_the_key_that_is_meant_is_told() -> None:
    """The name in the header stands beside those of the registered keys."""
    text = signed({"alg": "RS256", "kid": "other"}, claims())
    told = await refused(presented(text), await key_tenant())
    assert (told.reason, told.seen) == (ASSERTION_KEY_UNKNOWN, Contrast("kid", "rsa", "other"))


async def test_without_a_kid_every_key_is_tried() -> None:
    """A kid is optional; without it any registered key may have signed. RFC 7515 section 4.1.4."""
    tenant = await key_tenant(jwks=(jwk("p256"), jwk("rsa-other"), jwk("rsa")))
    assert await authenticate(presented(signed({"alg": "RS256"}, claims())), tenant)


async def test_keys_may_share_a_kid() -> None:
    """A kid is a hint, not a proof: of two keys of one name the one that signed counts."""
    tenant = await key_tenant(jwks=(jwk("rsa-other", kid="rsa"), jwk("rsa")))
    assert await authenticate(presented(assertion()), tenant)


async def test_auth0_python() -> None:
    """Auth0-python sends RS256 without kid, for the issuer with its slash, 180 s, with jti. auth0 8.4."""
    text = signed(
        {"typ": "JWT", "alg": "RS256"},
        {
            "iss": "machine",
            "sub": "machine",
            "aud": ISSUER,
            "iat": int(NOW),
            "exp": int(NOW) + 180,
            "jti": "0b2b2c61-6a2d-4d0f-8d5a-0c0c3d9e4f10",
        },
    )
    assert await authenticate(presented(text), await key_tenant(jwks=(jwk("rsa", alg="RS256"),)))


async def test_nextjs_auth0() -> None:
    """Nextjs-auth0 names the issuer of the metadata, 60 s, iat and nbf, a jti of 43 characters. auth0 8.3."""
    text = signed(
        {"alg": "RS256"},
        {
            "jti": "x" * 43,
            "aud": ISSUER,
            "exp": int(NOW) + 60,
            "iat": int(NOW),
            "nbf": int(NOW),
            "iss": "machine",
            "sub": "machine",
        },
    )
    assert await authenticate(presented(text), await key_tenant())
