"""Scopes that name their resource: `<identifier>/<value>`, `<identifier>/.default`, or OpenID Connect's."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import DEFAULT_MIXED

# The resource of a scope that names none: Microsoft Graph, in a tenant that has an application of this id.
GRAPH = "00000003-0000-0000-c000-000000000000"
DEFAULT = ".default"
# What a person is asked about themselves; the order is the one in which answers name them.
OPENID = ("openid", "profile", "email", "offline_access")
# Before the name of a resource that is no address.
ENTITY = "spn:"


@dataclass(frozen=True, slots=True)
class Qualified:
    """A scope as it was written: the identifier of its resource, and the value there."""

    resource: str
    value: str
    text: str

    @property
    def is_default(self) -> bool:
        """Everything that the client was configured for or granted."""
        return self.value.casefold() == DEFAULT


def read(words: Iterable[str]) -> tuple[tuple[str, ...], tuple[Qualified, ...]]:
    """OpenID Connect's own words, and the others in their order."""
    own: list[str] = []
    others: list[Qualified] = []
    for word in words:
        if word.casefold() in OPENID:
            own.append(word.casefold())
            continue
        # The last slash divides: a resource whose identifier ends with one keeps it.
        resource, slash, value = word.rpartition("/")
        others.append(Qualified(resource.removeprefix(ENTITY) if slash else GRAPH, value, word))
    return tuple(dict.fromkeys(own)), tuple(others)


def default_stands_alone(asked: Collection[Qualified]) -> None:
    """`.default` goes with OpenID Connect's words and with nothing else."""
    if len(asked) > 1 and any(each.is_default for each in asked):
        words = " ".join(each.text for each in asked)
        raise Refused(DEFAULT_MIXED, seen=contrast("scope", "one <resource>/.default", words))


def spellings(resource: str) -> tuple[str, ...]:
    """The names under which a resource may be kept: case does not matter, nor does a final slash."""
    bare = resource.removesuffix("/")
    written = (resource, bare, f"{bare}/")
    return tuple(dict.fromkeys((*written, *(each.casefold() for each in written))))


def is_the_same(one: str, other: str) -> bool:
    """Two spellings of one name."""
    return one.casefold().removesuffix("/") == other.casefold().removesuffix("/")


def folded(identifiers: Iterable[str]) -> tuple[str, ...]:
    """The names under which an application is found: as they are written, and without regard to case."""
    written = tuple(identifiers)
    return tuple(dict.fromkeys((*written, *(each.casefold().removesuffix("/") for each in written))))
