"""Whether all is well: database, signing keys, the way here, and what an administrator should know."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from sekisho.keys.rotation import OVERDUE
from sekisho.model.client import Client
from sekisho.model.tenant import TenantRecord
from sekisho.registry.keys import TOKENS
from sekisho.spec.http import Ask
from sekisho.store import EVERYWHERE, Window
from sekisho.tenant import Tenant

# More applications than these are not looked through while somebody waits.
MOST_CLIENTS, MOST_DELIVERIES = 100, 100


@dataclass(frozen=True, slots=True)
class Health:
    """The database and how many milliseconds it took to answer just now; the rest is in its parts."""

    database: str
    milliseconds: float
    is_encrypted: bool
    is_trial: bool
    keys: "Ring"
    implicit: tuple[Client, ...]
    undelivered: int

    @property
    def notes(self) -> int:
        """How many things there are to look at."""
        is_open = not (self.is_encrypted or self.is_trial)
        return len(self.keys.notes) + bool(self.implicit) + bool(self.undelivered) + is_open


@dataclass(frozen=True, slots=True)
class Ring:
    """What signs tokens, since when the longest of it does, and what should be rotated or followed."""

    algs: tuple[str, ...]
    since: float
    overdue: tuple[str, ...]
    unfollowed: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """The algorithms that need something."""
        return tuple(dict.fromkeys((*self.overdue, *self.unfollowed)))


async def of(ask: Ask, tenant: Tenant) -> Health:
    """As it is now."""
    began = time.perf_counter()
    await tenant.store.record(TenantRecord, EVERYWHERE, tenant.id)
    took = (time.perf_counter() - began) * 1000
    return Health(
        database=tenant.store.name,
        milliseconds=took,
        is_encrypted=urlsplit(ask.root).scheme == "https",
        is_trial=tenant.addresses.development,
        keys=_ring(tenant),
        implicit=await _implicit(tenant),
        undelivered=await _undelivered(tenant),
    )


def _ring(tenant: Tenant) -> Ring:
    records = tenant.keys.rings.get(TOKENS, ())
    signing = [each for each in records if each.state == "current"]
    followed = {each.alg for each in records if each.state == "next"}
    since = {each.alg: each.current_since or each.published_at for each in signing}
    return Ring(
        algs=tenant.keys.algs(TOKENS),
        since=min(since.values(), default=0.0),
        overdue=tuple(alg for alg, at in since.items() if tenant.now() - at > OVERDUE),
        unfollowed=tuple(alg for alg in since if alg not in followed),
    )


async def _implicit(tenant: Tenant) -> tuple[Client, ...]:
    """Applications whose tokens travel in addresses, of not too many. RFC 9700 section 2.1.2."""
    found = await tenant.store.records(Client, tenant.id, {"application": ""}, Window(limit=MOST_CLIENTS + 1))
    if len(found) > MOST_CLIENTS:
        return ()
    return tuple(client for client in found if client.enabled and "implicit" in client.grant_types)


async def _undelivered(tenant: Tenant) -> int:
    """What did not arrive at its first try and is tried again."""
    found = await tenant.store.deliveries(tenant.id, None, MOST_DELIVERIES)
    return sum(1 for each in found if each.done_at is None and each.last_error)
