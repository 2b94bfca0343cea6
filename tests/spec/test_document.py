"""JSON documents from strangers."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec import document
from sekisho.spec.refusal import Refused

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from("abc"), VALUES))
def test_reads_what_json_says(members):
    """A sound object is read as it is. RFC 8259."""
    assert document.parse(json.dumps(members).encode()) == members


@given(st.binary())
def test_refuses_or_reads_any_bytes(raw):
    """No bytes make it fail in another way than by refusing."""
    with contextlib.suppress(Refused):
        assert isinstance(document.parse(raw), dict)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "The body is not JSON"),
        (b"\xef\xbb\xbf{}", "The body is not JSON"),
        (b"[]", "Expected type object"),
        (b'{"a": 1, "a": 1}', "Member was sent more than once: a"),
        (b'{"a": Infinity}', "Infinity is not JSON"),
        (b'{"a": 1e400}', "a number is too large"),
        (b'{"a": 9007199254740992}', "a number is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number is too large"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "the body is nested too deeply"),
        (b"[" * 100_000, "The body is not JSON"),
        (b'{"a": ["\\u0000"]}', "a text has a NUL character or half a surrogate pair"),
        (b'{"\\udfff": 1}', "a text has a NUL character or half a surrogate pair"),
    ],
)
def test_refuses_what_others_stumble_over(raw, problem):
    """Duplicates, depth, size and characters have bounds. RFC 7493 section 2."""
    with pytest.raises(Refused) as caught:
        document.parse(raw)
    assert caught.value.text == f"Payload validation error: '{problem}'"
