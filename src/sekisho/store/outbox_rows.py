"""Steps about deliveries as engines keep them."""

from typing import NamedTuple

from sekisho.model.step import Reseal, Send, Settle
from sekisho.store.sound import finite, plain


class SendRow(NamedTuple):
    """A delivery to be made, in the order of its columns."""

    id: str
    tenant: str
    kind: str
    target: str
    body: bytes
    next_at: float


class SettleRow(NamedTuple):
    """What became of an attempt; `attempts` is the number that it had."""

    id: str
    attempts: int
    next_at: float
    done_at: float | None
    last_error: str


class ResealRow(NamedTuple):
    """Another seal around a body that is still `was`."""

    id: str
    body: bytes
    was: bytes


def send(step: Send, _: bytes) -> SendRow:
    """A new delivery."""
    one = step.delivery
    plain(one.id, one.tenant, one.kind, one.target)
    finite(one.next_at)
    return SendRow(one.id, one.tenant, one.kind, one.target, one.body, one.next_at)


def settle(step: Settle, _: bytes) -> SettleRow:
    """The delivery as the attempt left it."""
    one = step.delivery
    plain(one.id, one.last_error)
    finite(one.next_at, one.done_at or 0)
    return SettleRow(one.id, one.attempts, one.next_at, one.done_at, one.last_error)


def reseal(step: Reseal, _: bytes) -> ResealRow:
    """The delivery under its new seal."""
    plain(step.delivery.id)
    return ResealRow(step.delivery.id, step.delivery.body, step.was)
