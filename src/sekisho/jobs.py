"""What runs in the background of every process."""

import asyncio
import random

import structlog

from sekisho.spec.refusal import Refused
from sekisho.tenant import Tools

log = structlog.get_logger()

SWEEP_EVERY = 60.0
SWEEP_BATCH = 500


async def sweep(tools: Tools) -> None:
    """Delete what expired, a bounded batch at a time; processes take turns by chance."""
    while True:
        await asyncio.sleep(SWEEP_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load
        try:
            more = True
            while more:
                more = await sweep_once(tools) >= SWEEP_BATCH
        except Refused as refused:
            log.warning("sweep_waits", reason=refused.reason.slug)


async def sweep_once(tools: Tools) -> int:
    """One batch; how many things went."""
    now = tools.clock()
    return await tools.store.sweep(now, SWEEP_BATCH) + await tools.limits.sweep(now, SWEEP_BATCH)
