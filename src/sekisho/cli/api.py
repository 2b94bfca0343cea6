"""sekisho api: the protected APIs of a tenant."""

import asyncio
from dataclasses import dataclass

import click

from sekisho.change.fields import creation
from sekisho.change.unit import whole
from sekisho.cli.options import as_json, for_tenant, option, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import Row, show_all, show_one
from sekisho.cli.work import OPERATOR, at_work, origin_of
from sekisho.model.api import MANAGEMENT, Api
from sekisho.registry import apis
from sekisho.spec import scope as scopes
from sekisho.tenant import MANAGEMENT_PATH, Tenant

COLUMNS = ("identifier", "name", "id", "signing_alg", "token_lifetime", "scope")


@dataclass(frozen=True, slots=True)
class New:
    """What the options say about a new API."""

    name: str
    identifier: str
    scope: tuple[str, ...]
    alg: str | None


@click.group()
def api() -> None:
    """Create, show and delete APIs."""


@api.command()
@click.argument("name")
@click.argument("identifier")
@option("--scope", multiple=True, help="A scope that it knows; may be repeated.")
@option("--alg", type=click.Choice(apis.ALGS), help="What signs its tokens; RS256 unless said.")
@for_tenant
@as_json
@taking(Where, Whose, New)
def create(where: Where, whose: Whose, new: New, *, as_json: bool) -> None:
    """Create the API NAME; its IDENTIFIER is the audience of its tokens."""
    show_one(asyncio.run(_create(where, whose, new)), as_json=as_json)


@api.command("list")
@for_tenant
@as_json
@taking(Where, Whose)
def every(where: Where, whose: Whose, *, as_json: bool) -> None:
    """List the APIs of a tenant."""
    show_all(asyncio.run(_every(where, whose)), COLUMNS, as_json=as_json)


@api.command()
@click.argument("identifier")
@for_tenant
@as_json
@taking(Where, Whose)
def show(where: Where, whose: Whose, identifier: str, *, as_json: bool) -> None:
    """Show an API, by its identifier or its id."""
    show_one(asyncio.run(_show(where, whose, identifier)), as_json=as_json)


@api.command()
@click.argument("identifier")
@for_tenant
@taking(Where, Whose)
def delete(where: Where, whose: Whose, identifier: str) -> None:
    """Delete an API, and what clients may ask of it."""
    asyncio.run(_delete(where, whose, identifier))
    click.echo(f"The API {identifier} is deleted.")


async def _create(where: Where, whose: Whose, new: New) -> Row:
    members: dict[str, object] = {"identifier": new.identifier, "name": new.name}
    if new.scope:
        members["scopes"] = [{"value": value} for value in scopes.parse(" ".join(new.scope)) or ()]
    if new.alg:
        members["signing_alg"] = new.alg
    async with at_work(where, whose.tenant) as tenant:
        made = await apis.create(tenant, creation(members, apis.ApiFields), OPERATOR)
        return _row(made, tenant)


async def _every(where: Where, whose: Whose) -> list[Row]:
    async with at_work(where, whose.tenant) as tenant:
        found = await whole(tenant, Api, {})
        return [_row(each, tenant) for each in sorted(found, key=lambda each: each.identifier)]


async def _show(where: Where, whose: Whose, identifier: str) -> Row:
    async with at_work(where, whose.tenant) as tenant:
        return _row(await apis.find(tenant, identifier), tenant)


async def _delete(where: Where, whose: Whose, identifier: str) -> None:
    async with at_work(where, whose.tenant) as tenant:
        await apis.delete(tenant, identifier, OPERATOR)


def _row(each: Api, tenant: Tenant) -> Row:
    outside = f"{origin_of(tenant)}/{MANAGEMENT_PATH}"
    return {
        "identifier": outside if each.identifier == MANAGEMENT else each.identifier,
        "id": each.id,
        "name": each.name,
        "signing_alg": each.signing_alg,
        "token_dialect": each.dialect,
        "token_lifetime": each.token_lifetime,
        "scope": scopes.text([scope.value for scope in each.scopes]),
    }
