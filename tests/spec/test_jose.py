"""Compact JWS are read with suspicion (RFC 7515, RFC 7519, RFC 8725; attack classes 46 to 50 and 53)."""

import hmac
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec import jose
from sekisho.spec.jose import Compact, decode, encode, read_compact, times_hold
from sekisho.spec.refusal import Refused

VECTORS = json.loads((Path(__file__).parent / "vectors" / "jose.json").read_text())
OURS = {"RS256", "PS256", "ES256", "EdDSA"}
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}
CLAIMS = {"iss": "https://id.example.com/", "sub": "someone", "exp": 2_000, "iat": 1_000}
NOW = 1_500
BACKSLASH = "\\"


def text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def token(header: object = HEADER, payload: object = CLAIMS, signature: bytes = b"\x01" * 64) -> str:
    """A compact JWS of these parts; a string is taken as the JSON text itself."""
    return ".".join(
        encode(part).decode() for part in (text(header).encode(), text(payload).encode(), signature)
    )


def why(sent: str, allowed=OURS, **rules) -> str:
    """Why a token is refused, as its log says."""
    with pytest.raises(Refused) as caught:
        read_compact(sent, allowed, **rules)
    assert caught.value.reason.slug == "token_invalid"
    assert caught.value.debug
    return caught.value.debug


def nested(depth: int) -> str:
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.parametrize("vector", VECTORS["read"], ids=lambda vector: vector["where"])
def test_reads_the_examples(vector):
    """The examples of the documents are read as they say. RFC 7515 appendix A."""
    read = read_compact(vector["token"], {vector["alg"]})
    assert (read.header, read.payload) == (vector["header"], vector["payload"])
    assert read.signing_input + b"." + encode(read.signature) == vector["token"].encode()


def test_reads_the_example_with_a_shared_key():
    """The signing input and the signature come out as RFC 7515 appendix A.1 computes them."""
    read = read_compact(VECTORS["read"][0]["token"], {"HS256"})
    key = decode(b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
    assert hmac.digest(key, read.signing_input, sha256) == read.signature


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["where"])
def test_refuses_the_examples_of_what_we_do_not_take(vector):
    """Unsecured tokens, JSON serializations and payloads without claims are refused. RFC 8725 section 3.2."""
    assert vector["why"] in why(vector["token"])


def test_tells_what_it_names():
    """Algorithm, key and type are those of the header. RFC 7515 section 4.1."""
    read = read_compact(token(), OURS)
    assert (read.alg, read.kid, read.typ) == ("ES256", "k1", "at+jwt")
    bare = read_compact(token({"alg": "ES256"}), OURS)
    assert (bare.alg, bare.kid, bare.typ) == ("ES256", "", "")


def test_a_type_may_have_its_prefix():
    """A media type is compared without its prefix and its case. RFC 7515 section 4.1.9."""
    assert read_compact(token(HEADER | {"typ": "application/AT+JWT"}), OURS).typ == "at+jwt"


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS512", "dir", "PBES2-HS256+A128KW"]
)
def test_refuses_an_algorithm_that_is_not_allowed(alg):
    """The verifier decides about the algorithm, not the token. RFC 8725 section 3.1 (classes 46, 47, 52)."""
    assert "alg" in why(token(HEADER | {"alg": alg}))


@pytest.mark.parametrize(
    "header", [{}, {"alg": None}, {"alg": ["ES256"]}, {"alg": {"ES256": 1}}, {"alg": 1}, {"ALG": "ES256"}]
)
def test_refuses_an_algorithm_that_is_no_name(header):
    """The algorithm is there, and a string. RFC 7515 section 4.1.1."""
    assert "alg" in why(token(header))


@pytest.mark.parametrize("alg", ["none", "None", "dir"])
def test_refuses_none_even_where_somebody_allowed_it(alg):
    """An unsecured token is never taken, whatever an allow-list says. RFC 8725 section 3.2 (class 47)."""
    assert "alg" in why(token(HEADER | {"alg": alg}), {"ES256", alg})
    assert "alg" in why(token(HEADER | {"alg": alg}), {alg})


def test_refuses_hmac_where_a_public_key_is_meant():
    """Where signatures are allowed an HMAC never is. RFC 8725 section 2.1 (class 46)."""
    mixed = {"RS256", "HS256"}
    assert "alg" in why(token(HEADER | {"alg": "HS256"}), mixed)
    assert read_compact(token(HEADER | {"alg": "RS256"}), mixed).alg == "RS256"
    assert read_compact(token(HEADER | {"alg": "HS256"}), {"HS256", "HS512"}).alg == "HS256"


@pytest.mark.parametrize("name", ["crit", "b64", "enc", "zip"])
@pytest.mark.parametrize("value", [None, False, True, [], ["exp"], ["b64"], "DEF"])
def test_refuses_extensions(name, value):
    """No extension, encryption or compression is taken. RFC 7515 section 4.1.11 (classes 49, 51, 53)."""
    assert name in why(token(HEADER | {name: value}))
    assert name in why(token(HEADER | {name: value}), rules=jose.STRANGERS)


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_refuses_a_token_that_brings_its_key(name):
    """A token of ours has no key in its header. RFC 8725 section 3.10 (class 48)."""
    sent = token(HEADER | {name: "https://evil.example/"})
    assert name in why(sent)
    assert read_compact(sent, OURS, rules=jose.STRANGERS).kid == "k1"


@pytest.mark.parametrize(
    "value", ["", "k" * 257, 1, None, ["k1"], {"k": 1}, "a\nb", "a\0b", "\x7f", "\ud800"]
)
@pytest.mark.parametrize("name", ["kid", "typ"])
def test_refuses_a_name_that_is_not_sane(name, value):
    """A key's name is a short text before it gets near a look-up. RFC 8725 section 3.10 (class 48)."""
    why(token(HEADER | {name: value}))


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1 --", "k" * 256, "鍵"])
def test_a_kid_is_only_a_name(kid):
    """Any other text is a name like each other one: it finds a key or it does not. RFC 7515 section 4.1.4."""
    assert read_compact(token(HEADER | {"kid": kid}), OURS).kid == kid


@pytest.mark.parametrize(
    "sent",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c.d",
        token() + ".",
        "." + token(),
        token() + "." + token(),
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AA.AA.AA",
        token().replace(".", " ."),
        token() + "\n",
        " " + token(),
        token() + "=",
        token().replace("e", "\uff45"),
        token() + "é",
        token(signature=b""),
        token().rpartition(".")[0],
        json.dumps([token()]),
    ],
)
def test_refuses_other_shapes(sent):
    """A token is three segments of base64url, none empty. RFC 7515 section 7.1 (classes 50, 53)."""
    why(sent)


def test_refuses_what_is_too_long():
    """A token has at most 16 KB, and its size is looked at first. RFC 8725 section 2.4 (class 51)."""
    assert "characters" in why("." * (jose.MOST_CHARACTERS + 1))
    assert "segments" in why("." * jose.MOST_CHARACTERS)


@pytest.mark.parametrize(
    "segment",
    [b"QQ==", b"QQ=", b"QR", b"QUI=", b"QUJ", b"Q", b"Q Q", b"QUJD\n", b"+A", b"/w", b"QQ.", b"\xff\xff"],
)
def test_octets_have_one_spelling(segment):
    """Padding, other alphabets, blanks and stray bits are refused. RFC 4648 sections 3.2 to 3.5."""
    with pytest.raises(ValueError, match=r".+"):
        decode(segment)


@pytest.mark.parametrize("at", range(3))
def test_refuses_another_spelling_of_each_segment(at):
    """A token cannot be respelled: header, payload and signature are canonical. RFC 4648 section 3.5."""
    parts = token(signature=b"\0" * 64).split(".")
    parts[at] = parts[at] + "A" if len(parts[at]) % 4 == 0 else parts[at] + "=" * (-len(parts[at]) % 4)
    assert "cannot be read" in why(".".join(parts))


@given(st.binary(max_size=99))
def test_encodes_and_decodes(raw):
    """What is encoded is decoded to the same octets, without padding. RFC 7515 appendix C."""
    assert decode(encode(raw)) == raw
    assert not encode(raw).endswith(b"=")


BROKEN = [
    "",
    "[]",
    "null",
    '"x"',
    "1",
    "{",
    '{"a":1,}',
    "{'a':1}",
    '{"a":1}{"b":2}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":-Infinity}',
    '{"a":1e999}',
    '{"a":-1e999}',
    '{"a":' + "9" * 20 + "}",
    '{"a":' + "9" * 5000 + "}",
    '{"a":01}',
    '{"a":"\x01"}',
    '{"a":"\n"}',
    '{"a":1,"a":1}',
    '{"b":{"a":1,"a":2}}',
    '{"b":[{"a":1,"\\u0061":2}]}',
    '{"a":"' + BACKSLASH + 'ud800"}',
    '{"' + BACKSLASH + 'udfff":1}',
    '{"a":["' + BACKSLASH + 'u0000"]}',
    '{"a' + BACKSLASH + 'u0000":1}',
    "\ufeff{}",
    nested(17),
    nested(5000),
    '{"a":' * 17 + "1" + "}" * 17,
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_refuses_json_that_readers_could_disagree_about(broken):
    """Header and payload are JSON objects with a single reading. RFC 7519 section 4 (class 53)."""
    assert "payload" in why(token(payload=broken))
    assert "header" in why(token(header=broken))


@pytest.mark.parametrize(
    "raw", [b"\xff{}", '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-32"), b'{"a":"\xed\xa0\x80"}']
)
def test_refuses_other_encodings(raw):
    """JSON is UTF-8. RFC 7515 section 2."""
    with pytest.raises(ValueError, match=r".+"):
        jose.members(raw)


def test_reads_what_is_merely_unusual():
    """Depth up to the bound, escapes that pair up, many brackets and fractions are fine. RFC 8259."""
    assert jose.members(nested(16).encode())
    assert jose.members(b'{"a":"\\ud83d\\ude00","b":"\\u00e9","c":"\\\\u0000"}') == {
        "a": "😀",
        "b": "é",
        "c": "\\u0000",
    }
    assert jose.members(b'{"a":[' + b"[]," * 40 + b"[]]}")
    assert jose.members(b' {"a":-999999999999999999,"b":1.5} ') == {"a": -(10**18) + 1, "b": 1.5}


@pytest.mark.parametrize("name", ["iss", "sub", "jti"])
@pytest.mark.parametrize("value", [None, 1, 1.5, True, "", [], ["a"], {}, "a\tb", "a" * 2049])
def test_refuses_a_claim_that_is_no_text(name, value):
    """Issuer, subject and identifier are strings. RFC 7519 section 4.1 (class 53)."""
    assert name in why(token(payload=CLAIMS | {name: value}))


@pytest.mark.parametrize("value", [None, 1, "", [], [""], ["a", 1], ["a", ["b"]], {"a": 1}, True])
def test_refuses_an_audience_that_is_none(value):
    """An audience is a string or a list of strings. RFC 7519 section 4.1.3 (class 53)."""
    assert "aud" in why(token(payload=CLAIMS | {"aud": value}))


@pytest.mark.parametrize("value", ["https://api.example.com", ["a"], ["a", "b"]])
def test_reads_an_audience(value):
    """An audience is one name or several. RFC 7519 section 4.1.3."""
    assert read_compact(token(payload=CLAIMS | {"aud": value}), OURS).payload["aud"] == value


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value", [None, True, False, "1500", [1500], {}, -1, -0.5, 253_402_300_800, 10**18, 1e300]
)
def test_refuses_a_time_that_is_none(name, value):
    """A time is a number that a calendar holds; true is no number. RFC 7519 section 2 (class 53)."""
    assert name in why(token(payload=CLAIMS | {name: value}))
    with pytest.raises(Refused):
        times_hold(CLAIMS | {name: value}, NOW)


@pytest.mark.parametrize(
    ("claims", "now", "leeway", "slug"),
    [
        ({"exp": 2000}, 1999.9, 0, None),
        ({"exp": 2000}, 2000, 0, "token_expired"),
        ({"exp": 2000.5}, 2000.4, 0, None),
        ({"exp": 2000}, 2009, 10, None),
        ({"exp": 2000}, 2010, 10, "token_expired"),
        ({"exp": 2000, "nbf": 1500}, 1500, 0, None),
        ({"exp": 2000, "nbf": 1501}, 1500, 0, "token_invalid"),
        ({"exp": 2000, "nbf": 1510}, 1500, 10, None),
        ({"exp": 2000, "nbf": 1511}, 1500, 10, "token_invalid"),
        ({"exp": 2000, "iat": 1501}, 1500, 0, "token_invalid"),
        ({"exp": 2000, "iat": 1510}, 1500, 10, None),
        ({"iat": 1000}, 1500, 0, "token_invalid"),
        ({"exp": float("nan")}, 1500, 0, "token_invalid"),
        ({"exp": float("inf")}, 1500, 0, "token_invalid"),
    ],
)
def test_times_hold(claims, now, leeway, slug):
    """A token is good until just before its expiry, which it has. RFC 7519 sections 4.1.4 to 4.1.6."""
    if slug is None:
        times_hold(claims, now, leeway)
        return
    with pytest.raises(Refused) as caught:
        times_hold(claims, now, leeway)
    assert caught.value.reason.slug == slug


def test_says_nothing_of_the_token_in_the_log():
    """What is logged about a refusal is short and holds nothing of the payload."""
    said = why(token(HEADER | {"alg": "x" * 9000}, {"sub": "secret-subject"}))
    assert len(said) < 100
    assert "secret" not in why(token(payload={"sub": ["secret-subject"]}))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["alg", "kid", "typ", "crit", "jwk", "b64", "iss", "sub", "aud", "exp", "nbf", "iat", "jti"]
)
OBJECTS = st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=5)
SEGMENTS = st.one_of(
    st.text(max_size=30),
    st.binary(max_size=60).map(lambda raw: encode(raw).decode()),
    OBJECTS.map(lambda value: encode(json.dumps(value).encode()).decode()),
    OBJECTS.map(lambda value: encode(json.dumps(value | {"alg": "ES256"}).encode()).decode()),
)


def is_refused_or_read(sent: str) -> None:
    for rules in (jose.OURS, jose.STRANGERS):
        try:
            read = read_compact(sent, OURS, rules=rules)
        except Refused as no:
            assert no.reason.slug == "token_invalid"  # noqa: PT017 - either outcome is lawful
        else:
            assert isinstance(read, Compact)
            assert read.alg in OURS
            assert read.signature
            assert read.signing_input.decode() + "." + encode(read.signature).decode() == sent
            json.dumps([read.header, read.payload], allow_nan=False, ensure_ascii=False).encode()


@given(st.text())
def test_never_fails_on_any_text(sent):
    """Whatever is sent is read or refused, and nothing else happens. RFC 8725 section 3.11 (class 53)."""
    is_refused_or_read(sent)


@given(st.lists(SEGMENTS, min_size=1, max_size=5).map(".".join))
def test_never_fails_on_anything_that_looks_like_a_token(sent):
    """Segments of any content are read or refused, nothing else happens. RFC 8725 section 3.11 (class 53)."""
    is_refused_or_read(sent)


@given(OBJECTS, OBJECTS, st.binary(min_size=1, max_size=80))
def test_never_fails_on_a_token_of_any_claims(header, payload, signature):
    """Headers and claims of any type are read or refused. RFC 8725 section 3.11 (class 53)."""
    is_refused_or_read(token({"alg": "ES256"} | header, payload, signature))


@given(st.integers(0, 200), st.characters())
def test_never_fails_on_a_token_with_one_other_character(at, character):
    """A token with one character changed is read or refused. RFC 8725 section 3.11 (class 53)."""
    sent = token()
    at %= len(sent)
    is_refused_or_read(sent[:at] + character + sent[at + 1 :])


@given(OBJECTS, st.floats(allow_nan=False, allow_infinity=False))
def test_times_never_fail(claims, now):
    """Claims of any type have lawful times or are refused. RFC 7519 section 4.1."""
    try:
        times_hold(claims, now)
    except Refused as no:
        assert no.reason.slug in {"token_invalid", "token_expired"}  # noqa: PT017 - either outcome is lawful
