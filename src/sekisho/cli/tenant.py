"""sekisho tenant: who lives in this installation."""

import asyncio
from dataclasses import dataclass

import click

from sekisho.cli.options import as_json, option, somewhere, taking
from sekisho.cli.place import Where
from sekisho.cli.table import Row, show_all, show_one
from sekisho.cli.work import OPERATOR, named, opened, origin_of, tenants
from sekisho.model.tenant import TenantRecord
from sekisho.registry import tenants as registry

COLUMNS = ("slug", "name", "default", "domains", "issuer")


@dataclass(frozen=True, slots=True)
class New:
    """What the options say about a new tenant."""

    slug: str
    name: str
    domain: tuple[str, ...]
    default: bool


@click.group()
def tenant() -> None:
    """Create and list tenants."""


@tenant.command()
@click.argument("slug")
@option("--name", default="", help="What people read; the slug unless said.")
@option("--domain", multiple=True, metavar="HOST", help="A host that is this tenant's own; may be repeated.")
@option("--default", is_flag=True, help="It answers at the shared address without a path.")
@somewhere
@as_json
@taking(Where, New)
def create(where: Where, new: New, *, as_json: bool) -> None:
    """Create the tenant SLUG with its keys and its management API."""
    show_one(asyncio.run(_create(where, new)), as_json=as_json)


@tenant.command("list")
@somewhere
@as_json
@taking(Where)
def every(where: Where, *, as_json: bool) -> None:
    """List all tenants."""
    show_all(asyncio.run(_every(where)), COLUMNS, as_json=as_json)


async def _create(where: Where, new: New) -> Row:
    asked = registry.NewTenant(slug=new.slug, name=new.name, domains=new.domain, default=new.default)
    async with opened(where.settings()) as house:
        record = await registry.create(house.tools, asked, OPERATOR)
        return _row(record, origin_of(named(house, record.slug)))


async def _every(where: Where) -> list[Row]:
    async with opened(where.settings()) as house:
        return [_row(record, origin_of(named(house, record.slug))) for record in await tenants(house)]


def _row(record: TenantRecord, origin: str) -> Row:
    return {
        "slug": record.slug,
        "id": record.id,
        "name": record.name,
        "default": record.default,
        "domains": record.domains,
        "issuer": f"{origin}/",
    }
