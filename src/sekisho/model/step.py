"""The steps of a unit: all of them land, or none."""

from dataclasses import dataclass
from typing import Literal

from sekisho.model.artifact import Artifact, Spent
from sekisho.model.delivery import Delivery
from sekisho.model.event import Event
from sekisho.model.record import Record


@dataclass(frozen=True, slots=True)
class Put:
    """Keep a new artifact under a secret handle. Lost when its owner was revoked."""

    thing: Artifact
    handle: str


@dataclass(frozen=True, slots=True)
class PutOnce:
    """Claim a key that nobody may claim again before it expires (replay protection)."""

    key: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Take:
    """Use up a one-time artifact."""

    kind: type[Artifact]
    handle: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Replace an artifact by a changed one, if it still has the version that `thing` was made from."""

    thing: Artifact


@dataclass(frozen=True, slots=True)
class Save:
    """Create a record (version 0) or change the one that still has its version."""

    record: Record


@dataclass(frozen=True, slots=True)
class Erase:
    """Remove a record that still has this version."""

    record: Record


@dataclass(frozen=True, slots=True)
class Note:
    """Write an audit event."""

    event: Event


@dataclass(frozen=True, slots=True)
class Send:
    """Have something delivered once this unit has landed."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Settle:
    """Say what became of an attempt at a delivery: done, given up, or to be tried again at `next_at`.

    Stale when the lease ran out and another attempt began.
    """

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Reseal:
    """Keep the body of a delivery under another seal. Stale when it is not `was` any more."""

    delivery: Delivery
    was: bytes


Step = Put | PutOnce | Take | Swap | Save | Erase | Note | Send | Settle | Reseal
Why = Literal["absent", "spent", "stale", "duplicate", "revoked"]


@dataclass(frozen=True, slots=True)
class Lost:
    """A unit did not land: the first step that could not be made, and why."""

    step: Step
    why: Why
    spent: Spent | None = None
