"""sekisho software-statement: registered applications, their statements and their clients."""

import asyncio
from dataclasses import dataclass

import click

from sekisho.cli.options import as_json, for_tenant, option, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.software_statement import installations, releases
from sekisho.cli.software_statement.releases import New
from sekisho.cli.table import show_all, show_one

COLUMNS = ("id", "name", "version", "state", "channels", "scopes", "published_at")
CLIENT_COLUMNS = ("client_id", "created_at", "last_used_at", "device", "redirect_uris", "statement")
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Measure:
    """Which clients are idle, and whether they are deleted."""

    unused_for: int
    yes: bool


@click.group("software-statement")
def software_statement() -> None:
    """Register applications, give out their software statements, look after their clients."""


@software_statement.command()
@click.argument("name")
@option("--release", default="1.0.0", show_default=True, help="Which release of the application this is.")
@option("--channel", multiple=True, help="A channel that it acts for, * for all; may be repeated.")
@option("--platform", multiple=True, help="A platform that it runs on; may be repeated.")
@option("--domain", multiple=True, help="A domain that answers may lead to; may be repeated.")
@option("--custom-scheme", multiple=True, help="A scheme that leads into it; may be repeated.")
@option("--scope", multiple=True, help="A scope that its clients get, as api:client:v2; may be repeated.")
@for_tenant
@as_json
@taking(Where, Whose, New)
def create(where: Where, whose: Whose, new: New, *, as_json: bool) -> None:
    """Create the draft of a registered application called NAME."""
    show_one(asyncio.run(releases.create(where, whose, new)), as_json=as_json)


@software_statement.command("list")
@for_tenant
@as_json
@taking(Where, Whose)
def every(where: Where, whose: Whose, *, as_json: bool) -> None:
    """List the registered applications of a tenant."""
    show_all(asyncio.run(releases.every(where, whose)), COLUMNS, as_json=as_json)


@software_statement.command()
@click.argument("application")
@for_tenant
@as_json
@taking(Where, Whose)
def show(where: Where, whose: Whose, application: str, *, as_json: bool) -> None:
    """Show a registered application and the statements that were given out for it."""
    show_one(asyncio.run(releases.show(where, whose, application)), as_json=as_json)


@software_statement.command()
@click.argument("application")
@for_tenant
@taking(Where, Whose)
def publish(where: Where, whose: Whose, application: str) -> None:
    """Publish a draft: from now on there are statements, and nothing of it changes any more."""
    asyncio.run(releases.publish(where, whose, application))
    click.echo(f"The application {application} is published.")


@software_statement.command()
@click.argument("application")
@for_tenant
@taking(Where, Whose)
def download(where: Where, whose: Whose, application: str) -> None:
    """Print a new software statement and nothing else; earlier ones stay good."""
    click.echo(asyncio.run(releases.download(where, whose, application)))


@software_statement.command()
@click.argument("application")
@option(
    "--statement", default="", metavar="JTI", help="This statement only, and the clients that came by it."
)
@for_tenant
@taking(Where, Whose)
def revoke(where: Where, whose: Whose, application: str, statement: str) -> None:
    """Revoke an application for ever: its statements, its clients and their tokens end."""
    asyncio.run(releases.revoke(where, whose, application, statement))
    what = f"statement {statement}" if statement else f"application {application}"
    click.echo(f"The {what} is revoked.")


@software_statement.command()
@click.argument("application")
@for_tenant
@as_json
@taking(Where, Whose)
def clients(where: Where, whose: Whose, application: str, *, as_json: bool) -> None:
    """List the clients that registered themselves with an application's statements."""
    show_all(asyncio.run(installations.every(where, whose, application)), CLIENT_COLUMNS, as_json=as_json)


@software_statement.command()
@click.argument("application")
@click.argument("client_id")
@option(
    "--previous-expires-in",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="How long the previous secret stays good.",
)
@for_tenant
@as_json
@taking(Where, Whose, installations.Turn)
def rotate(where: Where, whose: Whose, turn: installations.Turn, *, as_json: bool) -> None:
    """Give a client a new secret, which is shown now and never again; its tokens end."""
    show_one(asyncio.run(installations.rotate(where, whose, turn)), as_json=as_json)


@software_statement.command("delete-client")
@click.argument("application")
@click.argument("client_id")
@for_tenant
@taking(Where, Whose)
def delete_client(where: Where, whose: Whose, application: str, client_id: str) -> None:
    """Delete a client; it has to register anew, and its tokens end."""
    asyncio.run(installations.delete(where, whose, application, client_id))
    click.echo(f"The client {client_id} is deleted.")


@software_statement.command()
@click.argument("application")
@option(
    "--unused-for", type=click.IntRange(1, 3_650), required=True, metavar="DAYS", help="Not used so long."
)
@option("--yes", is_flag=True, help="Delete them; without it they are only counted.")
@for_tenant
@as_json
@taking(Where, Whose, Measure)
def prune(where: Where, whose: Whose, measure: Measure, application: str, *, as_json: bool) -> None:
    """Count the clients that were not used for some days, and delete them with --yes."""
    days = measure.unused_for
    found = asyncio.run(installations.prune(where, whose, application, days, yes=measure.yes))
    if as_json:
        row = {"unused_for_days": days, "deleted": measure.yes, "count": len(found), "client_ids": found}
        show_one(row, as_json=True)
        return
    for client_id in found[:SHOWN]:
        click.echo(client_id)
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN} more")
    end = "are deleted." if measure.yes else "would be deleted: say --yes to do it."
    click.echo(f"{len(found)} clients that were not used for {days} days {end}")
