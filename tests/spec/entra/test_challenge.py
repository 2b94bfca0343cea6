"""The `claims` parameter: what is understood, what is refused, what an error says (contract section 6.3)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.entra import challenge
from sekisho.spec.entra.challenge import LONGEST, MOST, NONE, Challenge, read
from sekisho.spec.refusal import Refused

GUID = "9ab03e19-ed42-4168-b6b7-7001fb3e933a"


def of_access(**claims: object) -> str:
    """The parameter, as it asks for claims of the access token."""
    return json.dumps({"access_token": claims})


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        (None, NONE),
        ("", NONE),
        ("{}", NONE),
        ('{"access_token":null}', NONE),
        ('{"id_token":{"auth_time":{"essential":true}},"userinfo":7}', NONE),
        (of_access(unknown={"essential": True, "value": 1}), NONE),
        (of_access(polids={"essential": True, "values": [GUID]}), Challenge(policies=(GUID,))),
        (of_access(capolids={"essential": True, "values": [GUID]}), Challenge(policies=(GUID,))),
        (
            of_access(polids={"values": [GUID, "b", ""]}, capolids={"values": [GUID, "c"]}),
            Challenge(policies=(GUID, "b", "c")),
        ),
        (of_access(acrs={"essential": True, "value": "c1"}), Challenge(contexts=("c1",))),
        (of_access(acrs={"essential": True, "values": ["c1", "c2"]}), Challenge(contexts=("c1", "c2"))),
        (of_access(acrs={"essential": False, "value": "c1"}), NONE),
        (of_access(acrs=None), NONE),
        (of_access(acrs={}), NONE),
        (of_access(nbf={"essential": True, "value": "1604106651"}), Challenge(not_before=1604106651)),
        (of_access(nbf={"essential": True, "value": 1604106651}), Challenge(not_before=1604106651)),
        (of_access(xms_cc={"values": ["cp1"]}), Challenge(is_capable=True)),
        (of_access(xms_cc={"values": ["other", "CP1"]}), Challenge(is_capable=True)),
        (of_access(xms_cc={"values": ["cp2"]}), NONE),
        (
            '{"access_token":{"xms_cc":{"values":["cp1"]},"acrs":{"essential":true,"value":"c1"}}}',
            Challenge(contexts=("c1",), is_capable=True),
        ),
    ],
)
def test_what_is_known_is_understood(text: str | None, understood: Challenge) -> None:
    """Both spellings of policies, one value or several, a number or a text; all else is nobody's loss."""
    assert read(text) == understood


NO_OBJECTS: tuple[object, ...] = (7, "c1", [], ["c1"], True)
NO_LISTS: tuple[object, ...] = ("c1", 7, {}, [7], [None], [["c1"]], None)
NO_TIMES: tuple[object, ...] = ("-1", "1.5", "١٢", "1" * 11, True, 1.5, [1])


@pytest.mark.parametrize(
    "text",
    [
        *("x", "[]", "7", '"a"', "null", "{", '{"access_token":{}', "\ud800", '{"a":1,"a":2}'),
        *(f'{{"access_token":{each}}}' for each in ("7", '"a"', "[]", "false", "0")),
        *(of_access(acrs=each) for each in NO_OBJECTS),
        *(of_access(acrs={"values": each}) for each in NO_LISTS),
        *(of_access(acrs={"value": each}) for each in (7, None, ["c1"], True)),
        *(of_access(nbf={"value": each}) for each in NO_TIMES),
        of_access(polids={"values": ["x"] * (MOST + 1)}),
        of_access(acrs={"value": "x" * LONGEST}),
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    """Nobody is half understood: claims_malformed."""
    with pytest.raises(Refused, match="claims_malformed"):
        read(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else comes of it."""
    try:
        assert isinstance(read(text), Challenge)
    except Refused as refused:
        assert refused.reason.slug == "claims_malformed"  # noqa: PT017 - any other is a bug


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(("polids", "capolids", "acrs", "nbf", "xms_cc", "other"))
INNER = st.dictionaries(st.sampled_from(("essential", "value", "values", "more")), JSON, max_size=3)


@given(st.dictionaries(NAMES, INNER | JSON, max_size=5))
def test_any_document_is_read_or_refused(claims: dict[str, object]) -> None:
    """Whatever stands where."""
    try:
        assert isinstance(read(of_access(**claims)), Challenge)
    except Refused as refused:
        assert refused.reason.slug == "claims_malformed"  # noqa: PT017 - any other is a bug


WORDS = st.lists(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=8),
    max_size=4,
    unique=True,
)


@given(WORDS.map(tuple), WORDS.map(tuple), st.integers(0, 9_999_999_999))
def test_what_an_error_says_is_understood_when_it_comes_back(
    policies: tuple[str, ...], contexts: tuple[str, ...], moment: int
) -> None:
    """A client passes it on unchanged, and asks for just what was missing."""
    asked = Challenge(policies=policies, contexts=contexts, not_before=float(moment))
    assert read(challenge.text(asked)) == asked


def test_an_error_says_it_as_the_reference_does() -> None:
    """JSON within a text, without blanks. Contract section 5.1."""
    assert challenge.text(Challenge(policies=(GUID,))) == (
        '{"access_token":{"polids":{"essential":true,"values":["9ab03e19-ed42-4168-b6b7-7001fb3e933a"]}}}'
    )
    assert challenge.text(Challenge(contexts=("c1",))) == (
        '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
    )
    assert challenge.text(Challenge(contexts=("c1", "c2"), not_before=7)) == (
        '{"access_token":{"acrs":{"essential":true,"values":["c1","c2"]},'
        '"nbf":{"essential":true,"value":"7"}}}'
    )
