"""sekisho user: the people of a tenant."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from sekisho.cli.options import for_tenant, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.says import text_of
from sekisho.cli.work import OPERATOR, at_work
from sekisho.people import arrivals
from sekisho.spec import document
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

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
    counts = asyncio.run(_bring(where, whose, files))
    click.echo(
        f"{counts['came']} came, {counts['here']} were here already, {counts['refused']} were refused."
    )
    if counts["refused"]:
        click.get_current_context().exit(SOME_ARE_MISSING)


async def _bring(where: Where, whose: Whose, files: tuple[Path, ...]) -> dict[str, int]:
    people = _gathered(files)
    counts = dict.fromkeys(("came", "here", "refused"), 0)
    async with at_work(where, whose.tenant) as tenant:
        for place, told in people.items():
            counts[await _one(place, told, tenant)] += 1
    return counts


async def _one(place: str, told: dict[str, Any], tenant: Tenant) -> str:
    """What became of one person; why they were refused is said at once."""
    try:
        return "came" if await arrivals.arrive(told, OPERATOR, tenant) else "here"
    except Refused as refused:
        click.echo(f"{place}: {text_of(refused)}", err=True)
        return "refused"


def _gathered(files: tuple[Path, ...]) -> dict[str, dict[str, Any]]:
    """What all lines say of each person; a later line about somebody adds to what was said."""
    found: dict[str, dict[str, Any]] = {}
    for place, told in _lines(files):
        key = arrivals.name_of(told) or place
        found[key] = {**found.get(key, {}), **told}
    return found


def _lines(files: tuple[Path, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in files:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    place = f"{file.name}:{number}"
                    try:
                        yield place, document.parse(line)
                    except Refused as refused:
                        raise click.UsageError(f"{place}: {text_of(refused)}") from refused
