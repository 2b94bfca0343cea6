"""What a refusal tells of what was expected and what came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.contrast import (
    LONGEST,
    SECRET,
    WITHHELD,
    Contrast,
    absent,
    contrast,
    nearest,
    plain,
    repeated,
)

TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
ADDRESS = "https://app.example.com/cb"


def test_what_never_came_and_what_came_twice() -> None:
    """Nothing that came is empty; what came twice is told without its values."""
    assert absent("nonce") == Contrast("nonce", "a value", "")
    assert absent("aud", "the issuer") == Contrast("aud", "the issuer", "")
    assert repeated("x" * 1_000) == Contrast("x" * LONGEST, "once", "more than once")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (ADDRESS, ADDRESS),
        (f"{ADDRESS}?state=s&a=b#c", f"{ADDRESS}?state={WITHHELD}&a=b#c"),
        (f"{ADDRESS}?a=b&CODE=c", f"{ADDRESS}?a=b&CODE={WITHHELD}"),
        (f"{ADDRESS}#access_token=x&token_type=y", f"{ADDRESS}#access_token={WITHHELD}&token_type=y"),
        (f"{ADDRESS}?decode=x", f"{ADDRESS}?decode=x"),
        ("https://user:word@app.example.com/cb", f"https://user:{WITHHELD}@app.example.com/cb"),
        ("https://app.example.com@evil.example/", "https://app.example.com@evil.example/"),
        (f"{ADDRESS}/{TOKEN}?a=b", f"{ADDRESS}/{WITHHELD}?a=b"),
        (f"openid {TOKEN} email", f"openid {WITHHELD} email"),
    ],
)
def test_what_travels_with_an_address_is_withheld(sent: str, told: str) -> None:
    """A secret in the query, in the fragment or before the host is not taken down; the rest is."""
    assert contrast("redirect_uri", "x", sent).got == told


@given(st.sampled_from(sorted(SECRET)), st.text(alphabet="abcXYZ019-._~%+/", min_size=8))
def test_no_value_of_a_secret_parameter_is_told(name: str, value: str) -> None:
    """Whatever it is, it is not there."""
    assert value not in contrast("redirect_uri", "x", f"https://a.example/?x=1&{name}={value}").got


@pytest.mark.parametrize(
    ("came", "found"),
    [
        ("https://app.example.com/cb/", "https://app.example.com/cb"),
        ("https://app.example.com/auth/CB", "https://app.example.com/auth/cb"),
        ("http://app.example.com/auth/cb", "https://app.example.com/auth/cb"),
        ("https://two.example.com/cb", "https://app.example.com/cb"),
        ("com.example.app:/other", "com.example.app:/cb"),
        ("", "https://app.example.com/cb"),
    ],
)
def test_the_nearest_has_most_in_common(came: str, found: str) -> None:
    """It is alike at the beginning and at the end, whatever its case; the first of several that are."""
    known = ("https://app.example.com/cb", "https://app.example.com/auth/cb", "com.example.app:/cb")
    assert nearest(came, known) == found
    assert nearest(came, ()) == ""


@given(st.text(), st.lists(st.text(), min_size=1))
def test_the_nearest_is_one_of_them(came: str, known: list[str]) -> None:
    """Whatever came, it is one that would have been right."""
    assert nearest(came, known) in known


def test_a_sentence_is_told_without_the_secrets_in_it() -> None:
    """What was sent and stands in a public sentence is kept without what opens something."""
    jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln"
    assert plain("Grant type 'implicit' not allowed") == "Grant type 'implicit' not allowed"
    assert plain(f"Unknown: {jwt}") == f"Unknown: {WITHHELD}"
    assert plain("Unknown: https://a/?code=abc&x=1") == f"Unknown: https://a/?code={WITHHELD}&x=1"
    assert len(plain("x" * 10_000)) == LONGEST
