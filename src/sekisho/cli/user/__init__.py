"""sekisho user: the people of a tenant."""

import asyncio
from pathlib import Path

import click

from sekisho.cli.options import for_tenant, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.user import arriving

SOME_ARE_MISSING = 1


@click.group()
def user() -> None:
    """Bring people of another server along."""


@user.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@for_tenant
@taking(Where, Whose)
def bring(where: Where, whose: Whose, files: tuple[Path, ...]) -> None:
    """Bring the people in FILES along, one JSON document per line; who is here already stays as they are.

    Lines about the same person count as one. They may be what Auth0 exports: users, and hashes of passwords.
    """
    counts = asyncio.run(arriving.bring(where, whose, files))
    click.echo(
        f"{counts['came']} came, {counts['here']} were here already, {counts['refused']} were refused."
    )
    if counts["refused"]:
        click.get_current_context().exit(SOME_ARE_MISSING)
