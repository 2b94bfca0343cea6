"""Client assertions as rules: what is read, what has to hold, what is remembered (RFC 7521, RFC 7523)."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sekisho.spec import assertion, jose
from sekisho.spec.assertion import CERTIFICATES, KEYS, TYPE, Expected
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Ask
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import Refused

ISSUER = "https://id.example.com/"
TOKEN = f"{ISSUER}oauth/token"
NOW = 1_000_000.0
ALGS = frozenset(("RS256",))
CLAIMS = {"iss": "c", "sub": "c", "aud": ISSUER, "exp": NOW + 60, "iat": NOW, "jti": "j"}


def text(header: object, payload: object = CLAIMS, *, padded: bool = False) -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), b"\x01" * 256]
    segments = [jose.encode(part).decode() for part in parts]
    return ".".join(each + "=" * (-len(each) % 4 if padded else 0) for each in segments)


def compact(header: Any = None, **claims: object) -> Compact:
    return Compact(header or {"alg": "RS256"}, CLAIMS | claims, b"head.body", b"tail")


def expected(**fields: object) -> Expected:
    told: dict[str, Any] = {
        "client_id": "c",
        "issuer": ISSUER,
        "addresses": frozenset(),
        "terms": KEYS,
        "now": NOW,
    }
    return Expected(**(told | fields))


def slug(call, *args) -> str:
    """Why it is refused; empty where it passes."""
    try:
        call(*args)
    except Refused as refused:
        return refused.reason.slug
    return ""


def asked(*form: tuple[str, str]) -> Ask:
    return Ask(method="POST", path="/oauth/par", root=ISSUER.rstrip("/"), form=form)


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ((), None),
        ((("client_id", "c"),), None),
        ((("client_assertion", ""), ("client_assertion_type", "")), None),
        ((("client_assertion", "a"), ("client_assertion_type", TYPE)), "a"),
        ((("client_assertion", "a"),), "missing_parameter"),
        ((("client_assertion_type", TYPE),), "missing_parameter"),
        ((("client_assertion", "a"), ("client_assertion_type", TYPE + " ")), "assertion_type"),
        ((("client_assertion", "a"), ("client_assertion", "b")), "repeated_parameter"),
    ],
)
def test_an_assertion_and_its_type(form, found):
    """Both parameters, or neither; the type is one URN, letter for letter. RFC 7521 section 4.2."""
    if found in (None, "a"):
        assert assertion.carried(asked(*form)) == found
    else:
        assert slug(assertion.carried, asked(*form)) == found


@pytest.mark.parametrize(
    ("header", "keyed"),
    [({"alg": "HS256"}, True), ({"alg": "RS256"}, False), ({"alg": ["HS256"]}, False), ({}, False)],
)
def test_an_hmac_is_told_by_its_algorithm(header, keyed):
    """Which method it is follows from what it says, and the method decides what it may say. RFC 8725 3.1."""
    assert assertion.is_keyed_by_secret(text(header)) is keyed


def test_the_subject_is_a_name_to_look_up():
    """Without client_id the subject says who asks. RFC 7521 section 4.2."""
    assert assertion.subject(text({"alg": "RS256"})) == "c"
    for sub in (None, 7, "", "a\nb", ["c"]):
        assert slug(assertion.subject, text({"alg": "RS256"}, CLAIMS | {"sub": sub})) == "assertion_subject"


@pytest.mark.parametrize("broken", ["", "x", "a.b", "é.é.é", "e30", "W10.W10.x", "x" * 16_385])
def test_what_is_no_jwt(broken):
    """What cannot be read is refused as such, before anything is looked up. RFC 7519 section 7.2."""
    assert slug(assertion.subject, broken) == "assertion_malformed"
    assert slug(assertion.read, broken, ALGS) in {"assertion_malformed", "assertion_algorithm"}


@given(st.text(alphabet="ey.JhbGciOiJSUzI1NiJ9=-_ \0é", max_size=200))
def test_nothing_but_a_refusal(garbage):
    """Whatever comes, it is read or refused; nothing else is raised."""
    for reader in (assertion.subject, assertion.is_keyed_by_secret):
        slug(reader, garbage)
    slug(assertion.read, garbage, ALGS)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"alg": "RS256"}, ""),
        ({"alg": "RS256", "typ": "JWT", "kid": "k"}, ""),
        ({"alg": "RS256", "typ": "application/client-authentication+jwt"}, ""),
        ({"alg": "RS256", "x5t": "abc="}, ""),
        ({"alg": "RS256", "x5t#S256": "abc", "x5c": ["AAAA"]}, ""),
        ({"alg": "RS256", "x5c": ["AAAA"]}, "assertion_malformed"),
        ({"alg": "RS256", "x5t": 1}, "assertion_malformed"),
        ({"alg": "RS256", "x5t": "x" * 65}, "assertion_malformed"),
        ({"alg": "RS256", "x5t#S256": ""}, "assertion_malformed"),
        ({"alg": "RS256", "typ": "dpop+jwt"}, "assertion_malformed"),
        ({"alg": "RS256", "jwk": {}}, "assertion_malformed"),
        ({"alg": "RS256", "jku": "https://a.example"}, "assertion_malformed"),
        ({"alg": "RS256", "x5u": "https://a.example"}, "assertion_malformed"),
        ({"alg": "RS256", "crit": []}, "assertion_malformed"),
        ({"alg": "RS384"}, "assertion_algorithm"),
        ({"alg": "none"}, "assertion_algorithm"),
        ({"alg": {}}, "assertion_algorithm"),
        ({}, "assertion_algorithm"),
    ],
)
def test_headers(header, why):
    """Algorithm, type and names of keys are read; keys are not. RFC 8725 sections 3.1, 3.10 and 3.11."""
    assert slug(assertion.read, text(header), ALGS) == why


def test_padding_is_for_certificates_and_counts_as_signed():
    """Padded segments are read of who names a certificate, and what was signed has the padding. entra 3.2."""
    header = {"alg": "RS256", "x5t": "abcd"}
    padded = text(header, padded=True)
    assert "=" in padded
    read = assertion.read(padded, ALGS)
    assert read.signing_input == padded.rpartition(".")[0].encode()
    assert read.payload == CLAIMS
    assert slug(assertion.read, text({"alg": "RS256", "kid": "abcd"}, padded=True), ALGS) == (
        "assertion_malformed"
    )
    assert slug(assertion.read, padded.replace(".", "=.", 1), ALGS) == "assertion_malformed"


def test_thumbprints_are_compared_without_padding():
    """Some clients leave the padding of a thumbprint on. entra 3.2."""
    named = compact({"alg": "RS256", "x5t": "a=", "x5t#S256": "b"})
    assert assertion.thumbprints(named) == {"x5t": "a", "x5t#S256": "b"}
    assert assertion.thumbprints(compact()) == {}


RULES = [
    ({}, {}, ""),
    ({"iss": "d"}, {}, "assertion_subject"),
    ({"sub": "d"}, {}, "assertion_subject"),
    ({"sub": None}, {}, "assertion_subject"),
    ({"aud": TOKEN}, {}, "assertion_audience"),
    ({"aud": [ISSUER]}, {}, "assertion_audience"),
    ({"aud": None}, {}, "assertion_audience"),
    ({"aud": TOKEN}, {"addresses": frozenset((TOKEN,))}, ""),
    ({"aud": ["https://a.example/", TOKEN]}, {"addresses": frozenset((TOKEN,))}, ""),
    ({"aud": [ISSUER]}, {"addresses": frozenset((TOKEN,))}, ""),
    ({"aud": "https://a.example/"}, {"addresses": frozenset((TOKEN,))}, "assertion_audience"),
    ({"exp": None}, {}, "assertion_lifetime"),
    ({"exp": NOW - 9.9}, {}, ""),
    ({"exp": NOW - 10}, {}, "assertion_expired"),
    ({"exp": NOW + 310}, {}, ""),
    ({"exp": NOW + 310.1}, {}, "assertion_lifetime"),
    ({"exp": NOW + 3_610}, {"terms": CERTIFICATES}, ""),
    ({"exp": NOW + 3_610.1}, {"terms": CERTIFICATES}, "assertion_lifetime"),
    ({"iat": NOW + 10}, {}, ""),
    ({"iat": NOW + 10.1}, {}, "assertion_early"),
    ({"nbf": NOW + 10}, {}, ""),
    ({"nbf": NOW + 10.1}, {}, "assertion_early"),
    ({"iat": None}, {}, ""),
    ({"jti": None}, {}, "assertion_jti"),
    ({"jti": None}, {"terms": CERTIFICATES}, ""),
    ({"jti": "x" * 64}, {}, ""),
    ({"jti": "x" * 65}, {}, "assertion_jti"),
    ({"jti": "x" * 65}, {"terms": CERTIFICATES}, "assertion_jti"),
]


@pytest.mark.parametrize(("claims", "fields", "why"), RULES)
def test_claims(claims, fields, why):
    """Each item of RFC 7523 section 3, at its edges."""
    assert slug(assertion.hold, "short", compact(**claims), expected(**fields)) == why


def seen(call, *args) -> Contrast | None:
    """What the refusal tells of what was expected and what came."""
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value.seen


AHEAD = "a time that lies ahead"
BOTH = {"addresses": frozenset((TOKEN,))}
TOLD = [
    ({"iss": "d"}, {}, ("iss", "c", "d")),
    ({"sub": None}, {}, ("sub", "c", "")),
    ({"aud": TOKEN}, {}, ("aud", ISSUER, TOKEN)),
    ({"aud": None}, {}, ("aud", ISSUER, "")),
    ({"aud": ["a", "b"]}, BOTH, ("aud", f"{ISSUER} {TOKEN}", "a b")),
    ({"exp": None}, {}, ("exp", AHEAD, "")),
    ({"exp": NOW - 60}, {}, ("exp", AHEAD, "60 s ago")),
    ({"exp": NOW + 400}, {}, ("exp", "at most 300 s ahead", "400 s ahead")),
    ({"exp": NOW + 4_000}, {"terms": CERTIFICATES}, ("exp", "at most 3600 s ahead", "4000 s ahead")),
    ({"iat": NOW + 20}, {}, ("iat", "not ahead of now", "20 s ahead")),
    ({"nbf": NOW + 20}, {}, ("nbf", "not ahead of now", "20 s ahead")),
    ({"jti": None}, {}, ("jti", "1 to 64 characters", "")),
    ({"jti": "x" * 65}, {}, ("jti", "1 to 64 characters", "65 characters")),
]


@pytest.mark.parametrize(("claims", "fields", "told"), TOLD)
def test_claims_tell_what_was_expected(claims, fields, told):
    """Each claim that does not hold is told beside what it has to be."""
    assert seen(assertion.hold, "short", compact(**claims), expected(**fields)) == Contrast(*told)


def test_the_rest_tells_what_was_expected():
    """So are type, algorithm and a missing subject; never the assertion."""
    sent = asked(("client_assertion", "a"), ("client_assertion_type", "saml"))
    assert seen(assertion.carried, sent) == Contrast("client_assertion_type", TYPE, "saml")
    half = asked(("client_assertion", "a"))
    assert seen(assertion.carried, half) == Contrast("client_assertion_type", "a value", "")
    assert seen(assertion.read, text({"alg": "RS384"}), ALGS) == Contrast("alg", "RS256", "RS384")
    assert seen(assertion.read, text({}), ALGS) == Contrast("alg", "RS256", "")
    nameless = text({"alg": "RS256"}, CLAIMS | {"sub": 7})
    assert seen(assertion.subject, nameless) == Contrast("sub", "a client_id", "")


def test_the_first_rule_that_fails_is_the_one_that_is_told():
    """Of two faults the same one is told each time: subject, audience, expiry, beginning, name."""
    faults: dict[str, Any] = {"iss": "d", "aud": "x", "exp": 1, "nbf": NOW + 99, "jti": None}
    order = ("assertion_subject", "assertion_audience", "assertion_expired", "assertion_early")
    for name, why in zip(("iss", "aud", "exp", "nbf"), order, strict=True):
        assert slug(assertion.hold, "", compact(**faults), expected()) == why
        del faults[name]


@pytest.mark.parametrize(("terms", "most"), [(KEYS, 2_048), (CERTIFICATES, 16_384)])
def test_lengths(terms, most):
    """An assertion is as long as its kind may be, and no longer."""
    assert slug(assertion.hold, "x" * most, compact(), expected(terms=terms)) == ""
    assert slug(assertion.hold, "x" * (most + 1), compact(), expected(terms=terms)) == "assertion_malformed"


def test_addresses():
    """The issuer alone, or our addresses too: bare, token endpoint, what was called. RFC 9126 section 2."""
    assert assertion.addresses(asked(), "issuer", "t") == frozenset()
    bare = ISSUER.rstrip("/")
    assert assertion.addresses(asked(), "lenient", "t") == {bare, TOKEN, f"{bare}/oauth/par"}


def test_addresses_of_entra():
    """At an endpoint of Entra's dialect its addresses are our names, whatever the client says. entra 3.1."""
    here = replace(asked(), path="/Demo/oauth2/v2.0/token")
    bare = ISSUER.rstrip("/")
    for audience in ("issuer", "lenient"):
        found = assertion.addresses(here, audience, "t")
        assert {f"{bare}/{name}/oauth2/v2.0/token" for name in ("Demo", "demo", "t", "common")} <= found
        assert {f"{bare}/t/v2.0", f"{bare}/t/"} <= found
        assert TOKEN not in found


def test_what_is_remembered():
    """The jti, or the digest of what was signed, until the last moment at which it could be accepted."""
    assert assertion.once(compact()) == ("jti j", NOW + 70)
    nameless = compact(jti=None)
    assert assertion.once(nameless) == (f"sha256 {sha256(b'head.body').hexdigest()}", NOW + 70)
    assert assertion.once(compact(jti="sha256 x"))[0] == "jti sha256 x"
