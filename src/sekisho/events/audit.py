"""The audit: successes of stateless issuance are batched, refusals are capped, then counted."""

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from traceback import walk_tb
from typing import Protocol

import structlog

from sekisho.events.tally import Tally
from sekisho.model.event import Event, moment
from sekisho.model.step import Lost, Note, Step
from sekisho.spec.contrast import plain
from sekisho.spec.refusal import Refused

log = structlog.get_logger()

FLUSH_EVERY = 0.5
MOST_WAITING = 50_000
BATCH = 50
BATCHES = 20  # in one group
REFUSALS_A_MINUTE = 10
# Of one kind from one address, whatever client it claims to be.
CLAIMS_A_MINUTE = 100
ANY_CLIENT = "*"
MOST_REFUSERS = 10_000
LONGEST_DEBUG = 500


class Writer(Protocol):
    """The part of the store that the audit needs."""

    async def write(self, *steps: Step) -> Lost | None:
        """All steps or none."""
        ...


class Audit:
    """One for a process. At most the last second of batched events is lost on a kill."""

    def __init__(self, store: Writer, clock: Callable[[], float], tally: Tally | None = None) -> None:
        self._store = store
        self._clock = clock
        self._tally = tally
        self._waiting: deque[Event] = deque(maxlen=MOST_WAITING)
        self._refusals: dict[tuple[str, str, str, str], int] = {}
        self._minute = 0
        self._run = secrets.token_hex(4)
        self._numbers = itertools.count()

    def event(self, tenant: str, slug: str, **facts: str | Mapping[str, object] | None) -> Event:
        """An event of now, ready to be noted in a unit or batched."""
        now = self._clock()
        id = f"{moment(now)}{self._run}{next(self._numbers) & 0xFFFFFFFF:08x}"
        return Event(id=id, at=now, tenant=tenant, slug=slug, **facts)  # type: ignore[arg-type]

    def batch(self, event: Event) -> None:
        """Written within a second; nobody waits for it."""
        if len(self._waiting) == MOST_WAITING:
            self._dropped("full")
        self._waiting.append(event)
        self.landed(event)

    def landed(self, event: Event) -> None:
        """It is a fact, so it counts; whoever notes an event in a unit of their own says so afterwards."""
        if self._tally:
            self._tally.happened(event)

    def waiting(self) -> int:
        """How many events are not written yet."""
        return len(self._waiting)

    def refused(self, tenant: str, refused: Refused, **facts: str | None) -> None:
        """Remember why something was refused; a flood of the same is counted, not stored."""
        slug, address = refused.reason.slug, facts.get("address") or ""
        here = self._seen((tenant, slug, ANY_CLIENT, address))
        same = self._seen((tenant, slug, facts.get("client") or "", address))
        if same <= REFUSALS_A_MINUTE and here <= CLAIMS_A_MINUTE:
            self.batch(self.event(tenant, slug, detail=_why(refused), **facts))

    def _seen(self, key: tuple[str, str, str, str]) -> int:
        minute = int(self._clock() // 60)
        if minute != self._minute or len(self._refusals) >= MOST_REFUSERS:
            self._close_minute(minute)
        seen = self._refusals[key] = self._refusals.get(key, 0) + 1
        return seen

    def _close_minute(self, minute: int) -> None:
        """Say how many were not stored. Whoever changes its name at every try is one line, too."""
        for (tenant, slug, client, address), seen in self._refusals.items():
            most = CLAIMS_A_MINUTE if client == ANY_CLIENT else REFUSALS_A_MINUTE
            if seen > most:
                detail = {"suppressed": seen - most}
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
        """Write all that waits; while the store is away it keeps waiting."""
        while batches := list(itertools.islice(iter(self._batch, []), BATCHES)):
            try:
                # Units that come together are one group: the disk is waited for once.
                results = await asyncio.gather(*map(self._written, batches), return_exceptions=True)
            except asyncio.CancelledError:
                self._wait_on(batches)
                raise
            refused = {n: result for n, result in enumerate(results) if result is not None}
            self._wait_on([batches[n] for n in refused])
            for result in refused.values():
                raise result

    def _batch(self) -> list[Event]:
        return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _wait_on(self, batches: Iterable[list[Event]]) -> None:
        self._waiting.extendleft(reversed(list(itertools.chain.from_iterable(batches))))

    async def _written(self, events: list[Event]) -> None:
        try:
            lost = await self._store.write(*map(Note, events))
        except (Refused, asyncio.CancelledError):
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with one of them, the others are written
            await self._apart(events)
        else:
            if lost:  # one is there already: it landed when nobody waited for it any more
                await self._apart(events)

    def _dropped(self, why: str) -> None:
        if self._tally:
            self._tally.count(("events_dropped", why))

    async def _apart(self, events: list[Event]) -> None:
        for event in events:
            try:
                await self._store.write(Note(event))
            except Refused:
                self._waiting.append(event)
            except Exception as error:  # noqa: BLE001 - no event may end the audit
                self._dropped("unwritable")
                log.warning(
                    "event_dropped", slug=event.slug, correlation=event.correlation, why=type(error).__name__
                )


def _why(refused: Refused) -> dict[str, str]:
    """What the owner of a client needs to put it right: the rule, what it expected, what came."""
    why = {"error": refused.reason.error, "debug": refused.debug[:LONGEST_DEBUG], "rule": _rule(refused)}
    if refused.words:  # otherwise the catalogue has the sentence
        why["text"] = plain(refused.text)
    if seen := refused.seen:
        why |= {"parameter": seen.name, "expected": seen.expected, "got": seen.got}
    if refused.trace:
        why["trace"] = refused.trace
    return why


def _rule(refused: Refused) -> str:
    """Where it was raised: functions are named after what has to hold."""
    frames = [frame for frame, _ in walk_tb(refused.__traceback__)]
    if not frames:
        return ""
    module = frames[-1].f_globals.get("__name__", "").removeprefix("sekisho.")
    return f"{module}.{frames[-1].f_code.co_name}"
