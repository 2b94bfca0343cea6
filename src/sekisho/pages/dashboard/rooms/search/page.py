"""The page of results: one list for each kind of thing that was found."""

from collections.abc import Mapping, Sequence
from itertools import islice

from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb
from sekisho.pages.dashboard.rooms.search import events, things
from sekisho.pages.dashboard.rooms.search.things import Thing
from sekisho.registry.logs import TRACED
from sekisho.spec.http import Answer, Ask
from sekisho.store.sound import searched
from sekisho.tenant import Tenant

MOST = 12


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what the word finds, of what this administrator may read."""
    word = listing.sought(ask)
    spots = _spots(word, who) if word else {}
    found = await _things(word, who, tenant) if word else {}
    by_id = events.is_id(word) and who.may("read:logs")
    seen = await events.of(word, tenant) if by_id else ()
    context = {
        "word": word,
        "spots": spots,
        "things": found,
        "events": seen,
        "by_id": by_id,
        "looked_through": TRACED,
        "nothing": bool(word) and not (spots or found or seen),
    }
    return frame.page("search", context, (Crumb("search.title"),), (ask, who, tenant))


def _spots(word: str, who: Administrator) -> Mapping[str, Sequence[object]]:
    """Pages, and settings; a server that nobody searches never reads what they are called."""
    from sekisho.pages.dashboard.rooms.search.spots import INDEX, found  # noqa: PLC0415

    words = tuple(searched((word,)).split())
    kinds = {"pages": INDEX.pages, "settings": INDEX.settings}
    spots = {kind: tuple(islice(found(called, words, who), MOST)) for kind, called in kinds.items()}
    return {kind: each for kind, each in spots.items() if each}


async def _things(word: str, who: Administrator, tenant: Tenant) -> Mapping[str, Sequence[Thing]]:
    kinds = {kind: finds for kind, (needs, finds) in things.KINDS.items() if who.may(needs)}
    found = {kind: await finds(word, tenant) for kind, finds in kinds.items()}
    return {kind: each for kind, each in found.items() if each}
