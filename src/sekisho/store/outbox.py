"""The port of deliveries: what a unit sends is claimed under a lease until it is settled."""

from collections.abc import Collection
from typing import Protocol

from sekisho.model.delivery import Delivery

KEEP_DONE = 7 * 86_400.0  # seconds for which a delivery that came to an end can be looked at


class Outbox(Protocol):
    """Deliveries that are due; they are sent and settled by steps of a unit."""

    async def claim(self, kinds: Collection[str], lease: float, limit: int) -> list[Delivery]:
        """Those that are due, the longest first; nobody else gets them for `lease` seconds."""
        ...

    async def deliveries(self, tenant: str, after: str | None, limit: int) -> list[Delivery]:
        """A tenant's deliveries in the order of their ids, those that came to an end too."""
        ...
