"""What runs in the background of every process."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import structlog
from msgspec.structs import replace

from sekisho.events.metrics import Sample, joined
from sekisho.events.report import report
from sekisho.events.tally import Tally
from sekisho.keys.delivery import opened
from sekisho.keys.seal import CannotOpen
from sekisho.mail.letter import KIND as MAIL
from sekisho.mail.letter import Letter
from sekisho.model.delivery import Delivery, Undeliverable, Undelivered
from sekisho.model.step import Note, Settle, Step
from sekisho.model.tenant import TenantRecord
from sekisho.spec.refusal import Refused
from sekisho.store import EVERYWHERE, Window
from sekisho.tenant import Directory, Tools

log = structlog.get_logger()

SWEEP_EVERY = 60.0
SWEEP_BATCH = 500
DAY = 86_400.0
LOOK_EVERY = 0.25
MOST_AT_ONCE = 16
LEASE = 60.0
PATIENCE = 30.0  # seconds for one attempt: it ends well before its lease
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 3_600.0
MOST_ATTEMPTS = 16  # over about six hours
LONGEST_ERROR = 200

# How a kind of delivery is made: it returns when the thing has arrived, and raises when it has not.
Deliver = Callable[[Delivery], Awaitable[None]]


def kinds(tools: Tools) -> Mapping[str, Deliver]:
    """What this process can deliver."""
    return {MAIL: partial(mail, tools)} if tools.post.is_open else {}


async def mail(tools: Tools, one: Delivery) -> None:
    """A letter is printed and handed over, while it is of use."""
    # Printing takes templates, which take time to load: a server that sends no mail never does.
    from sekisho.pages.letters import printed  # noqa: PLC0415

    try:
        letter = Letter.of(opened(one, tools.sealer))
    except CannotOpen:
        raise Undeliverable("its seal cannot be opened") from None
    if letter.expires_at <= tools.clock():
        raise Undeliverable("it would come too late")
    await tools.post.send(printed(letter, tools.clock()), one, tools.clock())


async def sweep(tools: Tools) -> None:
    """Delete what expired, a bounded batch at a time; processes take turns by chance."""
    while True:
        await asyncio.sleep(SWEEP_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load
        try:
            more = True
            while more:
                more = await sweep_once(tools) >= SWEEP_BATCH
        except Refused as refused:
            log.warning("sweep_waits", reason=refused.reason.slug)


async def deliver(tools: Tools, kinds: Mapping[str, Deliver]) -> None:
    """Make the deliveries that are due, each in one process at a time, again and again until it arrives."""
    async with asyncio.TaskGroup() as under_way:
        running: set[asyncio.Task[None]] = set()
        while True:
            free = MOST_AT_ONCE - len(running)
            try:
                claimed = await tools.store.claim(kinds, LEASE, free) if free else []
            except Exception as error:  # noqa: BLE001 - the store is away, or worse: it is asked again
                log.warning("deliveries_wait", why=repr(error))
                claimed = []
            for one in claimed:
                task = under_way.create_task(attempt(tools, kinds[one.kind], one))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(LOOK_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load


async def attempt(tools: Tools, make: Deliver, one: Delivery) -> None:
    """Try once and write what became of it, unless the lease was lost; what is not written is due again."""
    error, is_final = "the process that tried ended every time", True
    if one.attempts <= MOST_ATTEMPTS:
        error, is_final = await _error(make, one)
    try:
        await tools.store.write(*_settled(tools, one, error[:LONGEST_ERROR], is_final=is_final))
    except Exception as wrong:  # noqa: BLE001 - its lease ends, and it is tried again
        log.warning("delivery_not_settled", id=one.id, why=repr(wrong))


async def _error(make: Deliver, one: Delivery) -> tuple[str, bool]:
    """Why it did not arrive, nothing where it did; and whether it never will."""
    is_last = one.attempts >= MOST_ATTEMPTS
    try:
        async with asyncio.timeout(PATIENCE):
            await make(one)
    except TimeoutError:
        return "it took too long", is_last
    except Undelivered as why:
        text = str(why).encode(errors="replace").decode().replace("\0", "")
        return text or "it was not taken", is_last or isinstance(why, Undeliverable)
    except Refused as refused:
        return refused.reason.slug, is_last
    except Exception as bug:  # noqa: BLE001 - no delivery may end the others; its text may hold a secret
        return type(bug).__name__, is_last
    return "", True


def _settled(tools: Tools, one: Delivery, error: str, *, is_final: bool) -> tuple[Step, ...]:
    """Done, to be tried again later, or given up: then the audit tells. Of a mail it tells both."""
    now = tools.clock()
    if not error:
        told = {"id": one.id, "target": one.target, "attempts": one.attempts}
        sent = (Note(tools.audit.event(one.tenant, "mail_sent", detail=told)),) if one.kind == MAIL else ()
        return (Settle(replace(one, done_at=now, last_error="")), *sent)
    if not is_final:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (one.attempts - 1))
        later = now + pause * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load
        return (Settle(replace(one, next_at=later, last_error=error)),)
    detail = {"id": one.id, "kind": one.kind, "target": one.target, "attempts": one.attempts, "error": error}
    note = Note(tools.audit.event(one.tenant, "delivery_failed", detail=detail))
    return (Settle(replace(one, done_at=now, last_error=error)), note)


async def count(tally: Tally, directory: Directory, tools: Tools, folder: Path) -> None:
    """Report what this process counted, and how it stands."""
    await report(lambda: (*tally.samples(), *levels(tally, directory, tools)), folder)


def levels(tally: Tally, directory: Directory, tools: Tools) -> Iterable[Sample]:
    """What is high or low just now."""
    yield ("processes",), (1,)
    yield ("store_queue_units",), (tools.store.waiting(),)
    yield ("audit_queue_events",), (tools.audit.waiting(),)
    yield ("config_staleness_seconds",), (tools.known.staleness(),)
    now = tools.clock()
    # Tenants beyond the first share a label: the oldest key of theirs counts.
    yield from joined(
        (("signing_key_age_seconds", tally.tenant(tenant.record.slug), key.alg), (now - key.current_since,))
        for tenant in directory.all()
        for ring in tenant.keys.rings.values()
        for key in ring
        if key.state == "current" and key.current_since is not None
    ).items()


async def sweep_once(tools: Tools) -> int:
    """One batch of each kind; how many things went."""
    now = tools.clock()
    gone = await tools.store.sweep(now, SWEEP_BATCH) + await tools.limits.sweep(now, SWEEP_BATCH)
    window = Window(limit=SWEEP_BATCH)
    while tenants := await tools.store.records(TenantRecord, EVERYWHERE, {}, window):
        for tenant in tenants:
            gone += await _prune(tools, tenant, now)
        window = Window(limit=SWEEP_BATCH, after=tenants[-1].id)
    return gone


async def _prune(tools: Tools, tenant: TenantRecord, now: float) -> int:
    """The audit is kept as long as the tenant says."""
    days = tenant.policy.audit_days
    return await tools.store.prune(tenant.id, now - days * DAY, SWEEP_BATCH) if days else 0
