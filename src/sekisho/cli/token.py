"""sekisho token: a bearer token for whoever can read the database and the master key."""

import asyncio
import secrets
from dataclasses import dataclass

import click

from sekisho import tokens
from sekisho.cli.options import for_tenant, option, taking
from sekisho.cli.place import Where
from sekisho.cli.work import OPERATOR, at_work, origin_of
from sekisho.model.api import Api
from sekisho.model.client import COMMAND_LINE, Client
from sekisho.model.granted import Granted
from sekisho.registry import apis
from sekisho.spec import scope
from sekisho.tenant import MANAGEMENT_PATH, Tenant


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say."""

    tenant: str
    scope: str | None
    audience: str


@click.command()
@for_tenant
@option("--scope", help="The scopes, separated by spaces; all of them unless said.")
@option("--audience", default="", help="The API that the token is for; the management API unless said.")
@taking(Where, Wanted)
def token(where: Where, wanted: Wanted) -> None:
    """Print a bearer token for the management API, and nothing else."""
    click.echo(asyncio.run(_issue(where, wanted)))


async def _issue(where: Where, wanted: Wanted) -> str:
    async with at_work(where, wanted.tenant) as tenant:
        granted = await _granted(tenant, wanted)
        issued = tokens.issue(granted, tenant)
        detail = {
            "grant_type": "command_line",
            "audience": granted.audience,
            "scope": scope.text(granted.scopes),
        }
        note = OPERATOR.note(tenant.audit, tenant.id, "token_issued", detail)
        lost = await tenant.store.write(*issued.puts, note)
        if lost:
            raise click.ClickException(f"The token could not be kept: {lost.why}")
        return str(issued.body["access_token"])


async def _granted(tenant: Tenant, wanted: Wanted) -> Granted:
    issuer = f"{origin_of(tenant)}/"
    audience = wanted.audience or issuer + MANAGEMENT_PATH
    api = await apis.of_audience(tenant, audience)
    if api is None:
        raise click.UsageError(f"The tenant {tenant.record.slug} has no API {audience}")
    return Granted(
        id=secrets.token_urlsafe(16),
        grant_type="client_credentials",
        client=Client(tenant=tenant.id, id=COMMAND_LINE, client_id=COMMAND_LINE, name="Command line"),
        api=api,
        audience=audience if api.is_system else api.identifier,
        issuer=issuer,
        subject=f"{COMMAND_LINE}@clients",
        scopes=_scopes(wanted, api),
        lifetime=api.token_lifetime,
        at=tenant.now(),
    )


def _scopes(wanted: Wanted, api: Api) -> tuple[str, ...]:
    known = tuple(each.value for each in api.scopes)
    asked = scope.parse(wanted.scope)
    unknown = [word for word in asked or () if word not in known]
    if unknown:
        raise click.UsageError(f"{api.name} has no scope {unknown[0]}; it has: {' '.join(known)}")
    return known if asked is None else asked
