"""Lists of the dashboard, a stretch at a time: from the first one, or onwards from the last one seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sekisho.model.record import Record
from sekisho.pages import forms
from sekisho.spec.http import Ask, one
from sekisho.store import Where, Window
from sekisho.tenant import Tenant

R = TypeVar("R", bound=Record)
MOST = 25
LONGEST_CURSOR = 512


@dataclass(frozen=True, slots=True)
class Stretch(Generic[R]):
    """Some of many, and the addresses of the first ones and of those that come next, where there are some.

    `total` is 0 where nobody counted.
    """

    found: Sequence[R]
    total: int
    first: str
    next: str


async def stretch(kind: type[R], where: Where, ask: Ask, tenant: Tenant) -> Stretch[R]:
    """What the query asks for, in the order of ids."""
    found = await uncounted(kind, where, ask, tenant)
    return replace(found, total=await tenant.store.count(kind, tenant.id, where))


async def uncounted(kind: type[R], where: Where, ask: Ask, tenant: Tenant) -> Stretch[R]:
    """The same without a total: counting takes long where much is found by names or tags."""
    after = cursor(ask)
    found = await tenant.store.records(kind, tenant.id, where, Window(limit=MOST + 1, after=after))
    more = found[MOST - 1].id if len(found) > MOST else ""
    return Stretch(found[:MOST], 0, again(ask, "") if after else "", again(ask, more) if more else "")


def cursor(ask: Ask) -> str | None:
    """The last one that was seen; None at the beginning."""
    after = one(ask.query, "after") or ""
    return after if after and len(after) <= LONGEST_CURSOR and "\0" not in after else None


def again(ask: Ask, after: str) -> str:
    """This list from somewhere else on, looked for in the same way."""
    kept = (pair for pair in ask.query if pair[0] not in ("after", "done"))
    return forms.query(*kept, ("after", after)) or "?"


def without(ask: Ask, *names: str) -> str:
    """This list without some of what is asked for."""
    return forms.query(*(pair for pair in ask.query if pair[0] not in (*names, "done"))) or "?"


def sought(ask: Ask, name: str = "q", longest: int = 200) -> str:
    """What somebody looks for; what is too long finds nothing anyway."""
    return (one(ask.query, name) or "").strip()[:longest].replace("\0", "")
