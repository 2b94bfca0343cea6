"""sekisho sweep: delete what has expired, in bounded batches."""

import asyncio

import click

from sekisho.cli.options import somewhere, taking
from sekisho.cli.place import Where
from sekisho.cli.table import counting
from sekisho.cli.work import opened
from sekisho.jobs import SWEEP_BATCH, sweep_once

PAUSE = 0.05  # between batches: whoever is served goes first


@click.command()
@somewhere
@taking(Where)
def sweep(where: Where) -> None:
    """Delete what has expired.

    Servers do this by themselves all the time; this does the rest at once, in batches that disturb nobody.
    """
    gone = asyncio.run(_sweep(where))
    click.echo(f"{gone} expired things deleted.")


async def _sweep(where: Where) -> int:
    gone = 0
    async with opened(where.settings()) as house:
        with counting("Deleting what has expired") as count:
            while batch := await sweep_once(house.tools):
                gone += batch
                count(batch)
                if batch < SWEEP_BATCH:
                    break
                await asyncio.sleep(PAUSE)
    return gone
