"""Configuration as a process knows it: frozen values that die within a second of a change anywhere."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog

from sekisho.model.record import Record
from sekisho.model.step import Erase, Save, Step
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store import EVERYWHERE, Engine
from sekisho.store.nouns import NOUNS
from sekisho.store.upkeep import Change

R = TypeVar("R", bound=Record)
Key = tuple[str, str, str]

log = structlog.get_logger()

POLL_EVERY = 0.25
STALE_AFTER = 0.9
MOST_KNOWN = 20_000
MOST_ABSENT = 10_000
ABSENT_FOR = 5.0


class Known:
    """A cache in front of `named`, for configuration; a miss is one indexed read, an unknown name too."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Oldest first; a plain dict looks for its first entry behind all those that were let go.
        self._values: OrderedDict[Key, Record] = OrderedDict()
        self._names: dict[Key, tuple[Key, ...]] = {}
        self._absent: dict[Key, float] = {}
        self._era = 0
        self._version = 0
        self._confirmed = 0.0
        self._listeners: list[Callable[[tuple[Change, ...] | None], Awaitable[None]]] = []

    async def named(self, kind: type[R], tenant: str, name: str) -> R | None:
        """The record of this name. Refused while the store is out of reach: a stale yes is a wrong yes."""
        now = time.monotonic()
        if now - self._confirmed > STALE_AFTER:
            await self.confirm()
        key = (NOUNS[kind].table, tenant, name)
        value = self._values.get(key)
        if value is not None:
            return value  # type: ignore[return-value]
        if self._absent.get(key, 0) > now:
            return None
        return await self._read(kind, key)

    async def _read(self, kind: type[R], key: Key) -> R | None:
        era = self._era
        value, *brought = await self._engine.met(kind, key[1], key[2]) or (None,)
        if era != self._era:
            return value  # type: ignore[return-value]  # something changed while we read: not remembered
        if value is None:
            if len(self._absent) >= MOST_ABSENT:
                self._absent.clear()
            self._absent[key] = time.monotonic() + ABSENT_FOR
            return None
        self._keep(key, value)
        for record in brought:
            noun = NOUNS[type(record)]
            for name in noun.names(record):
                self._keep((noun.table, key[1], name), record)
        return value  # type: ignore[return-value]

    def _keep(self, key: Key, value: Record) -> None:
        if key in self._values:
            return  # somebody else asked at the same time
        if len(self._values) >= MOST_KNOWN:
            self._let_go(*self._values.popitem(last=False))
        self._values[key] = value
        owner = (key[0], key[1], value.id)
        self._names[owner] = (*self._names.get(owner, ()), key)

    def _let_go(self, key: Key, value: Record) -> None:
        owner = (key[0], key[1], value.id)
        names = tuple(name for name in self._names[owner] if name != key)
        if names:
            self._names[owner] = names
        else:
            del self._names[owner]

    def forget(self, changed: Iterable[Change] | None) -> None:
        """Stop believing these; all of them where None."""
        self._era += 1
        self._absent.clear()
        if changed is None:
            self._values.clear()
            self._names.clear()
            return
        for change in changed:
            for key in self._names.pop((change.kind, change.tenant, change.id), ()):
                del self._values[key]

    async def written(self, steps: Iterable[Step]) -> None:
        """Our own write landed: drop what it changed before anybody is answered."""
        records = [step.record for step in steps if isinstance(step, Save | Erase)]
        changed = tuple(_change(record) for record in records if NOUNS[type(record)].config)
        if changed:
            self.forget(changed)
            await self._tell(changed)

    async def confirm(self) -> None:
        """Ask the store where configuration stands, and follow it."""
        asked = time.monotonic()
        try:
            changes = await self._engine.changes(self._version)
        except Refused:
            raise
        except Exception as error:  # whatever an engine's driver says, the meaning is the same
            raise Refused(STORE_UNAVAILABLE, debug=repr(error)) from error
        if changes.version != self._version:
            first = self._version == 0
            self._version = changes.version
            self.forget(changes.changed)
            if not first:
                await self._tell(changes.changed)
        self._confirmed = asked

    async def _tell(self, changed: tuple[Change, ...] | None) -> None:
        for listener in self._listeners:
            await listener(changed)

    def listen(self, listener: Callable[[tuple[Change, ...] | None], Awaitable[None]]) -> None:
        """Call this after every change, with what changed."""
        self._listeners.append(listener)

    def staleness(self) -> float:
        """Seconds since the store confirmed what is known."""
        return time.monotonic() - self._confirmed

    async def follow(self) -> None:
        """Keep up with the store, for as long as the process lives."""
        reachable = True
        while True:
            try:
                await self.confirm()
                if not reachable:
                    log.info("store_is_back")
                reachable = True
            except Refused as refused:
                if reachable:
                    log.warning("store_unreachable", debug=refused.debug)
                reachable = False
            await asyncio.sleep(POLL_EVERY)


def _change(record: Record) -> Change:
    kind = NOUNS[type(record)].table
    return Change(kind, EVERYWHERE if kind == "tenant" else record.tenant, record.id)
