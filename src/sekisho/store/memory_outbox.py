"""Deliveries in memory."""

from collections.abc import Collection

import msgspec

from sekisho.model.delivery import Delivery
from sekisho.model.step import Lost, Reseal, Send, Settle
from sekisho.store.memory_held import Held, Journal
from sekisho.store.outbox import KEEP_DONE
from sekisho.store.outbox_rows import ResealRow, SendRow, SettleRow


def send(journal: Journal, step: Send, row: SendRow) -> Lost | None:
    """Keep it, once."""
    if row.id in journal.held.deliveries:
        return Lost(step, "duplicate")
    journal.set(journal.held.deliveries, row.id, Delivery(**row._asdict()))
    return None


def settle(journal: Journal, step: Settle, row: SettleRow) -> Lost | None:
    """What became of the attempt, if no other one began meanwhile."""
    there = journal.held.deliveries.get(row.id)
    if there is None:
        return Lost(step, "absent")
    if there.attempts != row.attempts or there.done_at is not None:
        return Lost(step, "stale")
    after = msgspec.structs.replace(
        there, next_at=row.next_at, lease_until=0.0, done_at=row.done_at, last_error=row.last_error
    )
    journal.set(journal.held.deliveries, row.id, after)
    return None


def reseal(journal: Journal, step: Reseal, row: ResealRow) -> Lost | None:
    """Another seal, around what is still there."""
    there = journal.held.deliveries.get(row.id)
    if there is None:
        return Lost(step, "absent")
    if there.body != row.was:
        return Lost(step, "stale")
    journal.set(journal.held.deliveries, row.id, msgspec.structs.replace(there, body=row.body))
    return None


def listed(held: Held, tenant: str, after: str | None) -> list[Delivery]:
    """A tenant's, by their ids."""
    found = (one for one in held.deliveries.values() if one.tenant == tenant and one.id > (after or ""))
    return sorted(found, key=lambda one: one.id)


def claim(held: Held, kinds: Collection[str], now: float, until: float) -> list[Delivery]:
    """Those that are due, the longest first, and how they are under the lease."""
    due = [
        one
        for one in held.deliveries.values()
        if one.done_at is None and one.next_at <= now and one.lease_until <= now and one.kind in kinds
    ]
    return [
        msgspec.structs.replace(one, lease_until=until, attempts=one.attempts + 1)
        for one in sorted(due, key=lambda one: (one.next_at, one.id))
    ]


def done(held: Held, now: float) -> list[str]:
    """Which came to an end long enough ago."""
    before = now - KEEP_DONE
    return [one.id for one in held.deliveries.values() if one.done_at is not None and one.done_at <= before]
