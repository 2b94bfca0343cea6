"""One canonical form of login names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.login import LONGEST, canonical
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import LOGIN_MALFORMED

SAME = [
    ("ann", "ann", "Ann", " ANN ", "\u3000ann\u3000", "ＡＮＮ"),
    ("ann@example.com", "Ann@Example.COM", "ＡＮＮ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example。com"),
    ("ann@xn--bcher-kva.example", "ann@Bücher.example", "ann@BÜCHER.EXAMPLE", "ANN@XN--BCHER-KVA.example"),
    ("strasse", "Straße", "STRASSE"),
    ("strasse@xn--strae-oqa.de", "STRAßE@STRAßE.de"),
    ("山田", "山田"),
    ("がく", "か\u3099く"),
    ("admin@localhost", "admin@LOCALHOST"),
    ("a|b@example.com", "A|B@example.com"),
    ("ffi", "ﬃ"),
    ("σοφοσ", "ΣΟΦΟΣ", "σοφος"),
]
MALFORMED = [
    *("", " ", "@", "ann@", "@example.com", "a@b@example.com", "a＠b@example.com"),
    *("ann b", "ann\u00a0b", "ann\u2003b", "ann@exam ple.com", "\u00a0ann", "ann\t", "ann\n", "ann\0"),
    *("an\u200bn", "an\u200dn", "an\u00adn", "\u202enna", "\ufeffann", "\u2028", "ann\x7f"),
    *(
        "\u3164",
        "ann\uffa0",
        "ann\u115f",
        "a\u034fnn",
        "ann\ufe0f",
        "ann\u2800",
        "ann\U000e0101",
        "ann\u180b",
    ),
    *("\ud800", "ann\ue000", "ann\u0378", "¨"),
    *(
        "ann@-example.com",
        "ann@example..com",
        "ann@example.com.",
        "ann@ex_ample.com",
        "ann@xn--a",
        "ann@☃.net",
    ),
    *("auth0|ann", "a" * (LONGEST + 1), "ﷺ" * 20, f"{'a' * 250}@example.com"),
]


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_says_what_is_the_same(names: tuple[str, ...]):
    """Case, width, composition and the way a domain is written make no other login name."""
    assert {canonical(name) for name in names} == {names[0]}


@pytest.mark.parametrize("text", MALFORMED, ids=ascii)
def test_refuses_what_is_none(text: str):
    """Spaces, controls, what nobody sees, broken addresses and the shape of a user_id are no login name."""
    with pytest.raises(Refused) as caught:
        canonical(text)
    assert caught.value.reason is LOGIN_MALFORMED


def test_the_longest_is_a_login_name():
    """A login name has up to 254 characters. RFC 5321 section 4.5.3.1.3."""
    assert canonical("a" * LONGEST) == "a" * LONGEST


@given(
    st.text(max_size=40) | st.emails() | st.from_regex(r"[A-Za-z0-9ﬀ-ﬆＡ-ｚᾀ-ῼϐ-ϵ.]{1,20}", fullmatch=True)
)
def test_the_form_of_a_form_is_itself(text: str):
    """Whatever has a canonical form, that form is its own: it is visible, bounded, and no user_id."""
    try:
        form = canonical(text)
    except Refused:
        return
    assert canonical(form) == form == canonical(f" {text} ")
    assert 0 < len(form) <= LONGEST
    assert form.isprintable()
    assert " " not in form
    assert "@" in form or "|" not in form


@given(st.from_regex(r"[a-z0-9._-]{1,30}(@[a-z0-9]{1,20}\.com)?", fullmatch=True))
def test_case_makes_no_difference(text: str):
    """Upper and lower case are one name."""
    assert canonical(text.upper()) == canonical(text) == text
