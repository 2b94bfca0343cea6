"""sekisho client: the applications of a tenant, and what they may ask of APIs."""

import asyncio
from dataclasses import dataclass

import click

from sekisho.change.fields import creation
from sekisho.change.unit import whole
from sekisho.cli.options import as_json, for_tenant, option, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import Row, show_all, show_one
from sekisho.cli.work import OPERATOR, at_work
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.registry import apis, client_grants, clients
from sekisho.registry.client_fields import ClientFields
from sekisho.spec import scope as scopes
from sekisho.spec.metadata import APP_TYPES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, GRANT_ABSENT
from sekisho.tenant import Tenant

COLUMNS = ("client_id", "name", "app_type", "enabled", "grant_types")


@dataclass(frozen=True, slots=True)
class New:
    """What the options say about a new client."""

    name: str
    description: str
    app_type: str
    grant_type: tuple[str, ...]
    callback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client may ask of an API."""

    client_id: str
    audience: str
    scope: tuple[str, ...]


@click.group()
def client() -> None:
    """Create, show, switch and delete clients, and let them use APIs."""


@client.command()
@click.argument("name")
@option(
    "--type",
    "app_type",
    type=click.Choice(sorted(APP_TYPES)),
    default="regular_web",
    show_default=True,
    metavar="TYPE",
    help="regular_web, spa, native, non_interactive …",
)
@option("--description", default="", help="What it is for.")
@option("--grant-type", multiple=True, help="A way to ask for tokens; may be repeated.")
@option("--callback", multiple=True, metavar="URL", help="Where answers may be sent to; may be repeated.")
@for_tenant
@as_json
@taking(Where, Whose, New)
def create(where: Where, whose: Whose, new: New, *, as_json: bool) -> None:
    """Create the client NAME; its secret is shown now and never again."""
    show_one(asyncio.run(_create(where, whose, new)), as_json=as_json)


@client.command("list")
@for_tenant
@as_json
@taking(Where, Whose)
def every(where: Where, whose: Whose, *, as_json: bool) -> None:
    """List the clients of a tenant, but for those that registered themselves."""
    show_all(asyncio.run(_every(where, whose)), COLUMNS, as_json=as_json)


@client.command()
@click.argument("client_id")
@for_tenant
@as_json
@taking(Where, Whose)
def show(where: Where, whose: Whose, client_id: str, *, as_json: bool) -> None:
    """Show a client and what it may ask of APIs."""
    show_one(asyncio.run(_show(where, whose, client_id)), as_json=as_json)


@client.command()
@click.argument("client_id")
@for_tenant
@taking(Where, Whose)
def delete(where: Where, whose: Whose, client_id: str) -> None:
    """Delete a client; everything that was issued to it ends."""
    asyncio.run(_delete(where, whose, client_id))
    click.echo(f"The client {client_id} is deleted.")


@client.command()
@click.argument("client_id")
@for_tenant
@taking(Where, Whose)
def enable(where: Where, whose: Whose, client_id: str) -> None:
    """Let a client ask for tokens again."""
    asyncio.run(_switch(where, whose, client_id, enabled=True))
    click.echo(f"The client {client_id} is enabled.")


@client.command()
@click.argument("client_id")
@for_tenant
@taking(Where, Whose)
def disable(where: Where, whose: Whose, client_id: str) -> None:
    """Refuse a client until it is enabled again."""
    asyncio.run(_switch(where, whose, client_id, enabled=False))
    click.echo(f"The client {client_id} is disabled.")


@client.command()
@click.argument("client_id")
@click.argument("audience")
@option("--scope", multiple=True, help="A scope that it may have; may be repeated. All of them unless said.")
@for_tenant
@as_json
@taking(Where, Whose, Wish)
def allow(where: Where, whose: Whose, wish: Wish, *, as_json: bool) -> None:
    """Let a client ask for tokens for the API AUDIENCE in its own name."""
    show_one(asyncio.run(_allow(where, whose, wish)), as_json=as_json)


@client.command()
@click.argument("client_id")
@click.argument("audience")
@for_tenant
@taking(Where, Whose)
def deny(where: Where, whose: Whose, client_id: str, audience: str) -> None:
    """Take back what `allow` gave."""
    asyncio.run(_deny(where, whose, client_id, audience))
    click.echo(f"The client {client_id} may ask nothing of {audience} any more.")


async def _create(where: Where, whose: Whose, new: New) -> Row:
    members: dict[str, object] = {"name": new.name, "app_type": new.app_type, "description": new.description}
    if new.grant_type:
        members["grant_types"] = new.grant_type
    if new.callback:
        members["callbacks"] = new.callback
    async with at_work(where, whose.tenant) as tenant:
        made = await clients.create(tenant, creation(members, ClientFields), OPERATOR)
        secret = {"client_secret": made.secret} if made.secret else {}
        return {"client_id": made.client.client_id, **secret, **_row(made.client)}


async def _every(where: Where, whose: Whose) -> list[Row]:
    async with at_work(where, whose.tenant) as tenant:
        found = await whole(tenant, Client, {"application": ""})
    return [_row(each) for each in sorted(found, key=lambda each: (each.name, each.client_id))]


async def _show(where: Where, whose: Whose, client_id: str) -> Row:
    async with at_work(where, whose.tenant) as tenant:
        found = await clients.find(tenant, client_id)
        grants = await whole(tenant, ClientGrant, {"client_id": client_id})
    may = {f"may use {grant.audience}": scopes.text(grant.scopes) or "no scopes" for grant in grants}
    return {**_row(found), **may}


async def _delete(where: Where, whose: Whose, client_id: str) -> None:
    async with at_work(where, whose.tenant) as tenant:
        await clients.find(tenant, client_id)
        await clients.delete(tenant, client_id, OPERATOR)


async def _switch(where: Where, whose: Whose, client_id: str, *, enabled: bool) -> None:
    async with at_work(where, whose.tenant) as tenant:
        await clients.change(tenant, client_id, ClientFields(enabled=enabled), OPERATOR)


async def _allow(where: Where, whose: Whose, wish: Wish) -> Row:
    client_id, audience = wish.client_id, wish.audience
    async with at_work(where, whose.tenant) as tenant:
        api = await apis.find(tenant, audience)
        wanted = scopes.parse(" ".join(wish.scope) if wish.scope else None)
        given = tuple(each.value for each in api.scopes) if wanted is None else wanted
        known = await _grant(tenant, client_id, audience)
        fields = client_grants.ClientGrantFields
        if known:
            grant = await client_grants.change(tenant, known.id, fields(scopes=given), OPERATOR)
        else:
            new = fields(client_id=client_id, audience=audience, scopes=given)
            grant = await client_grants.create(tenant, new, OPERATOR)
    return {"client_id": client_id, "audience": audience, "scope": scopes.text(grant.scopes)}


async def _deny(where: Where, whose: Whose, client_id: str, audience: str) -> None:
    async with at_work(where, whose.tenant) as tenant:
        known = await _grant(tenant, client_id, audience)
        if known is None:
            raise Refused(GRANT_ABSENT)
        await client_grants.delete(tenant, known.id, OPERATOR)


async def _grant(tenant: Tenant, client_id: str, audience: str) -> ClientGrant | None:
    api = await apis.of_audience(tenant, audience)
    if api is None:
        raise Refused(API_ABSENT)
    return await tenant.store.named(ClientGrant, tenant.id, f"{client_id} {api.identifier}")


def _row(each: Client) -> Row:
    return {
        "client_id": each.client_id,
        "name": each.name,
        "description": each.description,
        "app_type": each.app_type,
        "enabled": each.enabled,
        "token_endpoint_auth_method": each.token_endpoint_auth_method,
        "grant_types": each.grant_types,
        "callbacks": tuple(reply.url for reply in each.reply_urls),
    }
