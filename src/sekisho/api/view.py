"""What an answer shows: the members that the caller may see, cut to those it asked for."""

from collections.abc import Callable, Mapping

from sekisho.api import query
from sekisho.spec.http import NO_STORE, Answer, Ask, one

View = dict[str, object]
CUT = ("fields", "include_fields")


def cutter(ask: Ask) -> Callable[[Mapping[str, object]], View]:
    """How to cut a view to `fields`, or to everything else. It only ever takes away."""
    text = one(ask.query, "fields")
    include = query.flag(ask, "include_fields", default=True)
    if text is None:
        return dict
    names = frozenset(name.strip() for name in text.split(","))
    return lambda view: {name: value for name, value in view.items() if (name in names) == include}


def shown(view: object, status: int = 200) -> Answer:
    """An answer that no cache keeps."""
    return Answer(status=status, json=view, headers=NO_STORE)


def nothing() -> Answer:
    """Done; there is nothing to show."""
    return Answer(status=204, headers=NO_STORE)


def present(view: Mapping[str, object]) -> View:
    """The members that are set: unset ones are left out."""
    return {name: value for name, value in view.items() if value not in ("", None)}
