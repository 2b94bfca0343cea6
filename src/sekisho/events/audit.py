"""The audit: successes of stateless issuance are batched, refusals are capped, then counted."""

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from sekisho.model.event import Event
from sekisho.model.step import Lost, Note, Step
from sekisho.spec.refusal import Refused

log = structlog.get_logger()

FLUSH_EVERY = 0.5
MOST_WAITING = 50_000
BATCH = 50
REFUSALS_A_MINUTE = 10
MOST_REFUSERS = 10_000


class Writer(Protocol):
    """The part of the store that the audit needs."""

    async def write(self, *steps: Step) -> Lost | None:
        """All steps or none."""
        ...


class Audit:
    """One for a process. At most the last second of batched events is lost on a kill."""

    def __init__(self, store: Writer, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[Event] = deque(maxlen=MOST_WAITING)
        self._refusals: dict[tuple[str, str, str, str], int] = {}
        self._minute = 0
        self._run = secrets.token_hex(4)
        self._numbers = itertools.count()

    def event(self, tenant: str, slug: str, **facts: str | Mapping[str, object] | None) -> Event:
        """An event of now, ready to be noted in a unit or batched."""
        now = self._clock()
        id = f"{int(now * 1000):012x}{self._run}{next(self._numbers) & 0xFFFFFFFF:08x}"
        return Event(id=id, at=now, tenant=tenant, slug=slug, **facts)  # type: ignore[arg-type]

    def batch(self, event: Event) -> None:
        """Written within a second; nobody waits for it."""
        self._waiting.append(event)

    def refused(self, tenant: str, refused: Refused, **facts: str | None) -> None:
        """Remember why something was refused; a flood of the same is counted, not stored."""
        minute = int(self._clock() // 60)
        if minute != self._minute or len(self._refusals) > MOST_REFUSERS:
            self._close_minute(minute)
        key = (tenant, refused.reason.slug, facts.get("client") or "", facts.get("address") or "")
        seen = self._refusals[key] = self._refusals.get(key, 0) + 1
        if seen <= REFUSALS_A_MINUTE:
            detail = {"error": refused.reason.error, "debug": refused.debug[:500]}
            self.batch(self.event(tenant, refused.reason.slug, detail=detail, **facts))

    def _close_minute(self, minute: int) -> None:
        for (tenant, slug, client, address), seen in self._refusals.items():
            if seen > REFUSALS_A_MINUTE:
                detail = {"suppressed": seen - REFUSALS_A_MINUTE}
                self.batch(self.event(tenant, slug, client=client or None, address=address, detail=detail))
        self._refusals.clear()
        self._minute = minute

    async def run(self) -> None:
        """Write what waits, for as long as the process lives."""
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            try:
                await self.flush()
            except Refused as refused:
                log.warning("audit_waits", reason=refused.reason.slug, waiting=len(self._waiting))

    async def flush(self) -> None:
        """Write all that waits; what cannot be written keeps waiting."""
        while self._waiting:
            events = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                await self._store.write(*map(Note, events))
            except BaseException:
                self._waiting.extendleft(reversed(events))
                raise
