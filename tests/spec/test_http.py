"""Requests and answers as values."""

import pytest

from sekisho.spec.http import Ask, every, one, parameters_are_single
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals import AREAS, CATALOGUE


def test_an_empty_parameter_is_absent() -> None:
    """Parameters sent without a value are treated as omitted. RFC 6749 section 3.2."""
    ask = Ask(method="POST", path="/", root="", form=(("scope", ""), ("grant_type", "x")))
    assert ask.get("scope") is None
    assert ask.need("grant_type") == "x"


def test_a_missing_parameter_is_named() -> None:
    """A refusal for a missing parameter says which one. RFC 6749 section 5.2."""
    with pytest.raises(Refused) as refused:
        Ask(method="POST", path="/", root="").need("grant_type")
    assert refused.value.text == "Missing required parameter: grant_type"
    assert refused.value.reason.slug == "missing_parameter"


def test_a_repeat_is_refused_where_it_is_read() -> None:
    """A parameter that is read has one value. RFC 6749 section 3.2."""
    with pytest.raises(Refused, match="repeated_parameter"):
        one((("a", "1"), ("a", "2")), "a")
    assert every((("a", "1"), ("a", ""), ("a", "2")), "a") == ("1", "2")


def test_a_repeat_of_an_unknown_parameter_is_refused() -> None:
    """Parameters are sent at most once, even those nobody reads. RFC 6749 section 3.2."""
    pairs = (("a", "1"), ("b", "1"), ("b", "1"))
    with pytest.raises(Refused, match="repeated_parameter"):
        parameters_are_single(pairs)
    parameters_are_single(pairs, {"b"})
    parameters_are_single((("a", "1"), ("b", "1")))


def test_the_catalogue_holds_every_reason_once() -> None:
    """Slugs are unique, statuses are errors, and texts stay within RFC 6749's characters (section 5.2)."""
    found = [value for area in AREAS for value in vars(area).values() if isinstance(value, Reason)]
    reasons = CATALOGUE.values()
    assert len(found) == len(reasons)
    assert all(400 <= reason.status < 600 for reason in reasons)
    assert not any(set('"\\') & set(reason.text) for reason in reasons)
