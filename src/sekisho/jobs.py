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
    while True:  # noqa: ASYNC110 - the pause is the rhythm, nothing is waited for
        await asyncio.sleep(SWEEP_EVERY * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, guards nothing
        try:
            while await sweep_once(tools) >= SWEEP_BATCH:
                await asyncio.sleep(0.05)
        except Refused as refused:
            log.warning("sweep_waits", reason=refused.reason.slug)


async def sweep_once(tools: Tools) -> int:
    """One batch; how many things went."""
    now = tools.clock()
    return await tools.store.sweep(now, SWEEP_BATCH) + await tools.limits.sweep(now, SWEEP_BATCH)
