"""Scopes."""

import pytest

from sekisho.spec import scope
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import Refused


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, None), ("a b", ("a", "b")), (" a  b a ", ("a", "b")), ("read:things", ("read:things",))],
)
def test_reads_words_once_in_order(text: str | None, words: tuple[str, ...] | None) -> None:
    """A scope is a list of words; a repeat adds nothing. RFC 6749 section 3.3."""
    assert scope.parse(text) == words


@pytest.mark.parametrize("text", ['a"b', "a\\b", "naïve", "a\x01", " ".join(map(str, range(1001)))])
def test_refuses_what_is_no_scope(text: str) -> None:
    """Words consist of NQCHAR, and there is a bound. RFC 6749 section 3.3 and appendix A.4."""
    with pytest.raises(Refused, match="scope_malformed"):
        scope.parse(text)


def test_unknown_words_fall_away() -> None:
    """What is granted was both asked for and allowed; without asking it is all that is allowed."""
    assert scope.narrow(("b", "x"), ("a", "b")) == ("b",)
    assert scope.narrow(None, ("a", "b")) == ("a", "b")
    assert scope.narrow((), ("a", "b")) == ()
    assert scope.text(("a", "b")) == "a b"


def test_tells_what_is_wrong() -> None:
    """The words are told, or how many there are."""
    for text, seen in (
        ("a\\b", ("words of ASCII without quotes", "a\\b")),
        (" ".join(map(str, range(1001))), ("at most 1000 words", "1001 words")),
    ):
        with pytest.raises(Refused) as refused:
            scope.parse(text)
        assert refused.value.seen == Contrast("scope", *seen)
