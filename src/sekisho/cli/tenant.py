"""sekisho tenant: who lives in this installation."""

import asyncio
from dataclasses import dataclass

import click

from sekisho.cli.options import as_json, for_tenant, option, somewhere, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import Row, show_all, show_one
from sekisho.cli.work import OPERATOR, at_work, named, opened, origin_of, tenants
from sekisho.model.tenant import TenantRecord
from sekisho.people import administrators, members, powers
from sekisho.people.user_fields import email_is_sound
from sekisho.registry import tenants as registry
from sekisho.tenant import Tenant

COLUMNS = ("slug", "name", "default", "domains", "issuer")


@dataclass(frozen=True, slots=True)
class New:
    """What the options say about a new tenant."""

    slug: str
    name: str
    domain: tuple[str, ...]
    default: bool
    owner: str


@click.group()
def tenant() -> None:
    """Create and list tenants."""


@tenant.command()
@click.argument("slug")
@option("--name", default="", help="What people read; the slug unless said.")
@option("--domain", multiple=True, metavar="HOST", help="A host that is this tenant's own; may be repeated.")
@option("--default", is_flag=True, help="It answers at the shared address without a path.")
@option("--owner", default="", metavar="EMAIL", help="Who administers it first; prints a one-time link.")
@somewhere
@as_json
@taking(Where, New)
def create(where: Where, new: New, *, as_json: bool) -> None:
    """Create the tenant SLUG with its keys and its management API."""
    row, link = asyncio.run(_create(where, new))
    show_one({**row, "invitation": link} if as_json else row, as_json=as_json)
    if link and not as_json:
        # On a line of its own: a table may fold it.
        click.echo(f"\nWith this link {new.owner} sets a password, once and within a day:\n{link}")


@tenant.command()
@click.argument("email")
@for_tenant
@taking(Where, Whose)
def invite(where: Where, whose: Whose, email: str) -> None:
    """Make EMAIL an owner of the tenant: print a link that sets a password, once and within a day."""
    click.echo(asyncio.run(_invite(where, whose, email)))


@tenant.command("list")
@somewhere
@as_json
@taking(Where)
def every(where: Where, *, as_json: bool) -> None:
    """List all tenants."""
    show_all(asyncio.run(_every(where)), COLUMNS, as_json=as_json)


async def _create(where: Where, new: New) -> tuple[Row, str]:
    if new.owner:
        email_is_sound(new.owner)  # before there is a tenant
    asked = registry.NewTenant(slug=new.slug, name=new.name, domains=new.domain, default=new.default)
    async with opened(where.settings()) as house:
        record = await registry.create(house.tools, asked, OPERATOR)
        made = named(house, record.slug)
        link = await _link(made, new.owner) if new.owner else ""
        return _row(record, origin_of(made)), link


async def _invite(where: Where, whose: Whose, email: str) -> str:
    async with at_work(where, whose.tenant) as tenant:
        return await _link(tenant, email)


async def _link(tenant: Tenant, email: str) -> str:
    """The way to the page of an invitation; its ticket is shown here and nowhere else."""
    user = await administrators.invited(tenant, email, OPERATOR)
    ticket = await members.let_in(tenant, user, powers.OWNER, OPERATOR)
    return f"{origin_of(tenant)}/invitation?ticket={ticket}"


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
