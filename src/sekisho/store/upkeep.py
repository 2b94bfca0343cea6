"""The port of upkeep: what changed, what may go."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Change:
    """A record of configuration that is no longer what a cache may believe."""

    kind: str
    tenant: str
    id: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Where configuration stands, and what changed on the way; None where too much did."""

    version: int
    changed: tuple[Change, ...] | None


class Upkeep(Protocol):
    """What the process asks of its storage; `name` is what people call it."""

    name: str

    async def changes(self, since: int) -> Changes:
        """What configuration changed after a version; also tells whether the store can be reached."""
        ...

    async def sweep(self, now: float, limit: int) -> int:
        """Delete at most `limit` things of each kind that expired before `now`; how many went."""
        ...

    async def prune(self, tenant: str, before: float, limit: int) -> int:
        """Delete at most `limit` of a tenant's audit events from before a moment, oldest first; how many."""
        ...

    def waiting(self) -> int:
        """How many units wait for their group."""
        ...

    async def close(self) -> None:
        """Write what is queued, then let go."""
        ...
