"""Something that has to reach somebody outside: a logout call, a mail, a webhook."""

import msgspec


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """It is made at least once: who receives it tells repeats by `id`. `attempts` counts those that began.

    `target` is shown to operators. `body` is opaque here: whoever sends a secret seals it first, by
    keys/delivery.py.
    """

    id: str
    tenant: str
    kind: str
    target: str
    body: bytes
    next_at: float
    attempts: int = 0
    lease_until: float = 0
    done_at: float | None = None
    last_error: str = ""


class Undelivered(Exception):
    """It did not arrive and has to be tried again; the text is kept and shown, so nothing secret is in it."""


class Undeliverable(Undelivered):
    """It never will arrive: nobody tries again."""
