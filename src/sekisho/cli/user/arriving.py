"""What `sekisho user import` does: files are read as a whole, then people come one by one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from sekisho.cli.place import Where, Whose
from sekisho.cli.says import text_of
from sekisho.cli.work import OPERATOR, at_work
from sekisho.people import arrivals
from sekisho.spec import document
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


async def bring(where: Where, whose: Whose, files: tuple[Path, ...]) -> dict[str, int]:
    """How many came, were here already, were refused."""
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
