"""sekisho migrate: the schema of this program, and what a release adds to every tenant."""

import asyncio

import click

from sekisho.cli.options import somewhere, taking
from sekisho.cli.place import Where
from sekisho.cli.work import OPERATOR, named, opened, tenants
from sekisho.registry import system_apis
from sekisho.store.sql import migrate as migrated


@click.command()
@somewhere
@taking(Where)
def migrate(where: Where) -> None:
    """Bring the database to the schema of this program.

    It can run beside servers of the earlier release, and a second time without effect.
    """
    settings = where.settings()
    click.echo(migrated(settings.database_url))
    asyncio.run(_renew(where))


async def _renew(where: Where) -> None:
    """The management API of every tenant gets the scopes of this release."""
    async with opened(where.settings()) as house:
        for record in await tenants(house):
            await system_apis.renew_system(named(house, record.slug), OPERATOR)
