"""What a password may be, and what its hash costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec import password
from sekisho.spec.contrast import WITHHELD, Contrast
from sekisho.spec.password import Cost, cost_of, password_is_not_personal, password_is_sound
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import PASSWORD_MALFORMED, PASSWORD_PERSONAL, PASSWORD_SHORT

OWN = ("Ann.Miller@Example.com", "Ann Miller", "あんのみら", "bo")


@pytest.mark.parametrize(
    ("memory", "passes", "memory_is", "passes_are"),
    [
        (19_456, 2, 19_456, 2),
        (65_536, 3, 65_536, 3),
        (65_536, 0, 65_536, 1),
        (19_456, 1, 19_456, 2),
        (12_288, 1, 12_288, 3),
        (1, 1, 7_168, 5),
        (10**9, 10**9, 262_144, 20),
        (-1, -1, 7_168, 5),
    ],
)
def test_a_hash_never_costs_too_little(memory: int, passes: int, memory_is: int, passes_are: int):
    """What the policy says is raised to what is safe, and lowered to what a server can bear."""
    found = cost_of(Policy(password_memory_kib=memory, password_passes=passes))
    assert found == Cost(memory=memory_is, passes=passes_are)


def test_the_default_costs_what_is_recommended():
    """19 MiB and two passes."""
    assert cost_of(Policy()) == Cost(memory=19 * 1024, passes=2)


@pytest.mark.parametrize(
    "text",
    ["a" * 257, "pass\0word", "pass\nword", "password\x7f", "password\ud800", "\U0001f600" * 256 + "a"],
)
def test_refuses_what_cannot_be_a_password(text: str):
    """Too long, control characters, half a character: refused before anything is computed."""
    with pytest.raises(Refused) as caught:
        password_is_sound(text, 8)
    assert caught.value.reason is PASSWORD_MALFORMED
    assert not password.is_bounded(text)


def test_bytes_are_bounded_too():
    """256 characters of four bytes each are the most."""
    assert password.is_bounded("\U0001f600" * 256)
    # Composed, this letter is three others.
    assert not password.is_bounded("\U0001d160" * 256)


@pytest.mark.parametrize(
    ("text", "shortest", "least"),
    [("1234567", 8, 8), ("", 8, 8), ("1234567", 0, 8), ("a" * 11, 12, 12), ("a" * 255, 999, 256)],
)
def test_refuses_what_is_short(text: str, shortest: int, least: int):
    """The policy may ask for more than eight characters, never for fewer, nor for more than 256."""
    with pytest.raises(Refused) as caught:
        password_is_sound(text, shortest)
    assert caught.value.reason is PASSWORD_SHORT
    assert f"at least {least} " in caught.value.text
    assert caught.value.seen == Contrast("password", f"at least {least} characters", WITHHELD)


def test_counts_characters_not_bytes():
    """Eight letters of any script are eight letters, composed or not."""
    password_is_sound("ひみつのことばだ", 8)
    with pytest.raises(Refused):
        password_is_sound("か\u3099" * 4, 8)


@pytest.mark.parametrize(
    "text",
    [
        "ann.miller@example.com",
        "Miller1984",
        "MILLERmiller",
        "annmiller",
        "example!!",
        "あんのみら1234",
        "miller-example-x",
    ],
)
def test_refuses_what_is_hardly_more_than_a_name(text: str):
    """A password that is somebody's own name or address with little else is refused."""
    with pytest.raises(Refused) as caught:
        password_is_not_personal(text, OWN)
    assert caught.value.reason is PASSWORD_PERSONAL


@pytest.mark.parametrize(
    "text", ["seven grey herons", "miller and seven herons", "bobobobo", "Anna1234", "1234567"]
)
def test_a_name_may_be_in_a_password(text: str):
    """Enough beside the name, or no name at all, is no reason to refuse."""
    password_is_not_personal(text, OWN)


@given(st.text(max_size=60))
def test_one_text_on_every_keyboard(text: str):
    """A text that is prepared is prepared. RFC 8265 section 4.2.2."""
    found = password.prepared(text)
    assert password.prepared(found) == found


def test_prepares_what_keyboards_do_differently():
    """Decomposed letters and wide spaces are what others type; case and width of letters stay."""
    assert password.prepared("か\u3099 e\u0301") == "が é"
    assert password.prepared("a\u3000b\u00a0c") == "a b c"
    assert password.prepared("Ａa") == "Ａa"
