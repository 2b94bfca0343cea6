"""A key that signs, as it is remembered: the private half is sealed."""

from typing import Literal

from sekisho.model.record import Record

KeyState = Literal["next", "current", "retired", "revoked"]


class SigningKey(Record, frozen=True, kw_only=True):
    """One key of a ring; `id` is its kid."""

    ring: str
    alg: str
    state: KeyState
    pinned: bool = False
    sealed: bytes
    certificate: bytes
    published_at: float
    current_since: float | None = None
    current_until: float | None = None
    revoked_at: float | None = None
