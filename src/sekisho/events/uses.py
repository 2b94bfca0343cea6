"""When clients were used: noted at once, remembered a little later, several at a time."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

from sekisho.model.event import Use
from sekisho.spec.refusal import Refused

FLUSH_EVERY = 5.0
MOST = 50_000


class Uses(Protocol):
    """What is needed of a store."""

    async def used(self, uses: Sequence[Use]) -> None:
        """Remember these."""
        ...


class UseBook:
    """The last use of each client since the last flush; a kill loses some seconds, promised to nobody."""

    def __init__(self, store: Uses) -> None:
        self._store = store
        self._noted: dict[tuple[str, str], float] = {}

    def note(self, tenant: str, client_id: str, at: float) -> None:
        """It was used. Where too many are waiting, one more is noted at its next use."""
        if len(self._noted) < MOST:
            self._noted[tenant, client_id] = at

    async def flush(self) -> None:
        """Remember what was noted; what a store that is away does not take is noted again."""
        noted, self._noted = self._noted, {}
        if not noted:
            return
        try:
            await self._store.used([Use(tenant, name, at) for (tenant, name), at in noted.items()])
        except Refused:
            self._noted = {**noted, **self._noted}
            raise

    async def run(self) -> None:
        """Flush for as long as the process lives."""
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            with contextlib.suppress(Refused):
                await self.flush()
