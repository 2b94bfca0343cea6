"""An installation at work for a command: opened, asked or changed, closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import click

from sekisho.change.actor import Actor
from sekisho.cli.place import Where
from sekisho.events import log
from sekisho.house import House, open_house
from sekisho.model.client import COMMAND_LINE
from sekisho.model.tenant import TenantRecord
from sekisho.settings import Settings
from sekisho.store import EVERYWHERE, Window
from sekisho.tenant import Tenant

BATCH = 500
# Who the audit says it was: somebody with a shell on the machine.
OPERATOR = Actor(client=COMMAND_LINE, address="command line")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """The installation, without serving anybody."""
    log.configure("warning", "text")
    house = await open_house(settings)
    try:
        yield house
    finally:
        await house.close()


@asynccontextmanager
async def at_work(where: Where, slug: str) -> AsyncIterator[Tenant]:
    """One tenant of it."""
    async with opened(where.settings()) as house:
        yield named(house, slug)


def named(house: House, slug: str) -> Tenant:
    """The tenant of this slug, the default one for an empty slug."""
    tenant = house.directory.named(slug)
    if tenant is None:
        there = ", ".join(sorted(house.directory.addresses.slugs))
        wanted = f"There is no tenant {slug}" if slug else "There is no default tenant: say --tenant"
        makes = "make one with `sekisho tenant create`"
        raise click.UsageError(
            f"{wanted}; there are: {there}" if there else f"There is no tenant yet: {makes}"
        )
    return tenant


async def tenants(house: House) -> list[TenantRecord]:
    """All of them, by slug."""
    found: list[TenantRecord] = []
    window = Window(limit=BATCH)
    while batch := await house.tools.store.records(TenantRecord, EVERYWHERE, {}, window):
        found += batch
        window = Window(limit=BATCH, after=batch[-1].id)
    return sorted(found, key=lambda record: record.slug)


def moment(at: float | None) -> str | None:
    """A time for people and programs, to the second."""
    return None if at is None else datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")


def origin_of(tenant: Tenant) -> str:
    """The address that a tenant's tokens name: the shared one, its own domain, or a path below the first."""
    origin = tenant.addresses.origin
    if tenant.record.default:
        return origin
    if tenant.record.domains:
        return f"{origin.partition(':')[0]}://{tenant.record.domains[0]}"
    return f"{origin}/t/{tenant.record.slug}"
