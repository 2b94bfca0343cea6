"""What can be asked of the management API: each method and path, who may, and what it is answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.change.fields import Fields
from sekisho.model.bearer import Bearer
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Reason
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant, Bearer], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the description, in the languages of its readers."""

    en: str
    ja: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query; `type` describes what it may be."""

    name: str
    type: Any
    text: Words
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """The type that reads a body, and a sample; what has to be there depends on whether something is made.

    `but`: members of the type that have their place elsewhere.
    """

    kind: type[Fields]
    sample: Mapping[str, object]
    makes: bool = False
    optional: bool = False
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that is a stretch of a list: bare, with its place in the list, or with the next step.

    `linked`: a step is bare too, and the next one is in the Link header. `steps`: there are any.
    """

    kind: Any
    plural: str
    linked: bool = False
    steps: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the list.

    Of `scopes` one suffices, those of `also` have to be there too. `refuses`: beyond what each may refuse.
    `versioned`: the answer is one thing, its version in the ETag. `guarded`: If-Match is honoured.
    `kind`: an answer that is not JSON is a file to keep.
    """

    method: str
    path: str
    endpoint: Endpoint
    title: Words
    scopes: tuple[str, ...]
    also: tuple[str, ...] = ()
    takes: tuple[Parameter, ...] = ()
    body: Body | None = None
    status: int = 200
    gives: Any = None
    refuses: tuple[Reason, ...] = ()
    versioned: bool = False
    guarded: bool = False
    kind: str = "application/json"
