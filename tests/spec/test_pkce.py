"""Proof Key for Code Exchange (RFC 7636)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec import pkce
from sekisho.spec.jose import encode
from sekisho.spec.refusal import Refused

# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def test_the_vector_of_the_document() -> None:
    """The verifier of appendix B fits its challenge. RFC 7636 appendix B."""
    pkce.challenge_is_sound(CHALLENGE, "S256")
    pkce.verifier_fits(VERIFIER, CHALLENGE)


@given(st.text(UNRESERVED, min_size=43, max_size=128))
def test_every_verifier_fits_its_own_challenge(verifier: str) -> None:
    """43 to 128 unreserved characters are a verifier. RFC 7636 section 4.1."""
    pkce.verifier_fits(verifier, encode(hashlib.sha256(verifier.encode()).digest()).decode())


@given(st.text(UNRESERVED, min_size=43, max_size=128))
def test_no_other_verifier_fits(verifier: str) -> None:
    """A code goes with its own verifier only. RFC 7636 section 4.6."""
    if verifier != VERIFIER:
        with pytest.raises(Refused, match="code_verifier"):
            pkce.verifier_fits(verifier, CHALLENGE)


@pytest.mark.parametrize(
    ("challenge", "method"),
    [
        (CHALLENGE, "plain"),
        (CHALLENGE, "s256"),
        (CHALLENGE, "S512"),
        (CHALLENGE, ""),
        (CHALLENGE[:-1], "S256"),
        (CHALLENGE + "=", "S256"),
        (CHALLENGE + "\n", "S256"),
        (CHALLENGE[:-1] + "+", "S256"),
        (CHALLENGE[:-1] + "é", "S256"),
        (VERIFIER + "x", "S256"),
        ("", "S256"),
    ],
)
def test_refuses_what_is_no_challenge(challenge: str, method: str) -> None:
    """Only S256, and only what SHA-256 gives. RFC 7636 section 4.2, RFC 9700 section 2.1.1, class 14."""
    with pytest.raises(Refused, match="challenge_malformed"):
        pkce.challenge_is_sound(challenge, method)


@pytest.mark.parametrize(
    "verifier",
    [
        None,
        "",
        VERIFIER[:-1],
        "a" * 129,
        VERIFIER[:-1] + "/",
        VERIFIER[:-1] + "é",
        VERIFIER + "\n",
        CHALLENGE,
    ],
)
def test_refuses_a_verifier_that_does_not_fit(verifier: str | None) -> None:
    """A missing, malformed or wrong verifier redeems nothing. RFC 7636 section 4.6, class 13."""
    with pytest.raises(Refused, match="code_verifier"):
        pkce.verifier_fits(verifier, CHALLENGE)


def test_no_challenge_goes_with_no_verifier() -> None:
    """A verifier for a code without a challenge shows that somebody cut it out. RFC 9700 section 4.8.2."""
    pkce.verifier_fits(None, "")
    for sent in (VERIFIER, ""):
        with pytest.raises(Refused, match="code_verifier"):
            pkce.verifier_fits(sent, "")
