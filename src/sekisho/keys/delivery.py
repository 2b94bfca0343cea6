"""Secrets on their way: the body of a delivery, sealed for as long as it is kept."""

from msgspec.structs import replace

from sekisho.keys.seal import Sealer, context
from sekisho.model.delivery import Delivery

SEALED_AS = "delivery"


def sealed(one: Delivery, plain: bytes, sealer: Sealer) -> Delivery:
    """The delivery with a body that only its maker can read."""
    return replace(one, body=sealer.seal(plain, place(one)))


def opened(one: Delivery, sealer: Sealer) -> bytes:
    """What is to be delivered, or CannotOpen."""
    return sealer.open(one.body, place(one))


def resealed(one: Delivery, sealer: Sealer) -> Delivery:
    """The same delivery under the current master key; itself, where it is already or holds no secret."""
    if sealer.is_current(one.body) or not sealer.knows(one.body):
        return one
    return sealed(one, opened(one, sealer), sealer)


def place(one: Delivery) -> str:
    """Where its body may be opened."""
    return context(one.tenant, SEALED_AS, one.id)
