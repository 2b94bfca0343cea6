"""Scopes that name their resource."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.entra import scope
from sekisho.spec.entra.scope import GRAPH, Qualified
from sekisho.spec.refusal import Refused

GUID = "bbbbbbbb-0000-4000-8000-000000000003"
AZURE = "https://management.core.windows.net"


@pytest.mark.parametrize(
    ("word", "resource", "value"),
    [
        ("api://b/user_impersonation", "api://b", "user_impersonation"),
        ("https://graph.microsoft.com/User.Read", "https://graph.microsoft.com", "User.Read"),
        (f"{GUID}/read", GUID, "read"),
        ("User.Read", GRAPH, "User.Read"),
        ("api://b/.default", "api://b", ".default"),
        (".default", GRAPH, ".default"),
        (f"{AZURE}//.default", f"{AZURE}/", ".default"),
        (f"{AZURE}//user_impersonation", f"{AZURE}/", "user_impersonation"),
        (f"{GUID}/.default", GUID, ".default"),
        ("spn:urn:some:entity/.default", "urn:some:entity", ".default"),
        ("https://api.example.com/a/b/read", "https://api.example.com/a/b", "read"),
        ("api://b/", "api://b", ""),
        ("/", "", ""),
    ],
)
def test_reads_every_form(word: str, resource: str, value: str) -> None:
    """The last slash divides resource and value; what names no resource is Graph's."""
    assert scope.read((word,)) == ((), (Qualified(resource, value, word),))


def test_openid_has_its_own_words() -> None:
    """OpenID Connect's words are of no resource, in whatever case, each once; address and phone are none."""
    own, others = scope.read(("openid", "PROFILE", "email", "offline_access", "openid", "phone"))
    assert own == ("openid", "profile", "email", "offline_access")
    assert [each.resource for each in others] == [GRAPH]


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("api://b/.default", True),
        ("openid profile offline_access api://b/.default", True),
        ("api://b/read api://c/read", True),
        ("api://b/.default api://b/read", False),
        ("api://b/.DEFAULT api://b/read", False),
        ("api://b/.default api://c/.default", False),
        (".default User.Read", False),
    ],
)
def test_default_stands_alone(words: str, fits: bool) -> None:
    """`.default` goes with OpenID Connect's words and nothing else: default_mixed."""
    _, asked = scope.read(words.split())
    if fits:
        scope.default_stands_alone(asked)
        return
    with pytest.raises(Refused) as refused:
        scope.default_stands_alone(asked)
    assert refused.value.reason.slug == "default_mixed"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("api://b", "api://b/", True),
        ("API://B", "api://b", True),
        ("api://b/", "API://b", True),
        ("api://b", "api://c", False),
        ("api://b", "api://b//", False),
        (GUID, GUID.upper(), True),
    ],
)
def test_spells_a_resource_in_several_ways(one: str, other: str, same: bool) -> None:
    """Neither case nor one final slash tells resources apart."""
    assert scope.is_the_same(one, other) is same


def test_is_found_as_it_is_written_and_folded() -> None:
    """An application's names are those that it has, and what every spelling of them comes down to."""
    assert scope.folded((GUID, "https://B.example/")) == (GUID, "https://B.example/", "https://b.example")


@given(st.from_regex(r"[a-zA-Z][a-zA-Z0-9:./-]{0,30}", fullmatch=True))
def test_whatever_is_registered_is_found(identifier: str) -> None:
    """Each spelling of a registered name meets one of the names that it is kept under."""
    kept = set(scope.folded((identifier,)))
    for spelling in scope.spellings(identifier):
        assert not kept.isdisjoint(scope.spellings(spelling))
