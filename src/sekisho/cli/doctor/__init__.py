"""sekisho doctor: is this deployment as it should be, and what to do where it is not."""

import asyncio
import time
from collections.abc import AsyncIterator

import click

from sekisho.cli.doctor import machine, residents
from sekisho.cli.doctor.finding import Finding
from sekisho.cli.options import as_json, somewhere, taking
from sekisho.cli.place import Where
from sekisho.cli.says import text_of
from sekisho.cli.table import show_all
from sekisho.cli.work import named, opened, tenants
from sekisho.house import House
from sekisho.settings import Settings, SettingsError
from sekisho.store import Window

COLUMNS = ("state", "check", "finding", "cure")


@click.command()
@somewhere
@as_json
@taking(Where)
def doctor(where: Where, *, as_json: bool) -> int:
    """Check a deployment and say what to do.

    The exit status is 1 where something is bad.
    """
    found = asyncio.run(_examine(where))
    rows = [{name: getattr(each, name) for name in COLUMNS} for each in found]
    show_all(rows, COLUMNS, as_json=as_json)
    return int(any(each.state == "bad" for each in found))


async def _examine(where: Where) -> list[Finding]:
    """From the outside in; what cannot be reached is not judged."""
    try:
        settings = where.settings()
    except SettingsError as wrong:
        return [Finding("bad", "settings", str(wrong))]
    return [finding async for finding in _deployment(settings)]


async def _deployment(settings: Settings) -> AsyncIterator[Finding]:
    now = time.time()
    yield Finding("ok", "settings", "Complete and sound")
    for finding in (
        *machine.settings_are_safe(settings),
        *machine.tls_is_good(settings, now),
        *machine.files_are_enough(settings),
    ):
        yield finding
    try:
        yield machine.master_key_is_sound(settings)
        async with opened(settings) as house:
            yield Finding("ok", "database", "Reachable, with the schema of this program")
            async for finding in _residents(house, now):
                yield finding
    except Exception as wrong:
        text = text_of(wrong)
        if text is None:
            raise
        yield Finding("bad", "master key or database", text)


async def _residents(house: House, now: float) -> AsyncIterator[Finding]:
    records = await tenants(house)
    yield machine.clock_is_right(now, await _newest(house, [record.id for record in records]))
    if not any(record.default for record in records):
        yield Finding(
            "note",
            "tenants",
            "No default tenant: the shared address answers with 404",
            "Run `sekisho tenant create SLUG --default` if that is not meant",
        )
    for record in records:
        tenant = named(house, record.slug)
        for finding in (*await residents.keys_are_ready(tenant), *await residents.clients_are_safe(tenant)):
            yield finding


async def _newest(house: House, ids: list[str]) -> float:
    """When the last thing happened that the audit remembers."""
    latest = [await house.tools.store.events(id, {}, Window(limit=1)) for id in ids]
    return max((event.at for events in latest for event in events), default=0.0)
