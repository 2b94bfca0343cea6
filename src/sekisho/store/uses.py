"""The port of uses."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sekisho.model.event import Use


class Uses(Protocol):
    """When clients were last used: known roughly, without versions, for those who tidy up."""

    async def used(self, uses: Sequence[Use]) -> None:
        """Remember these; an earlier moment never replaces a later one."""
        ...

    async def last_used(self, tenant: str, clients: Collection[str]) -> Mapping[str, float]:
        """Of these clients, those that were ever used, and when last."""
        ...
