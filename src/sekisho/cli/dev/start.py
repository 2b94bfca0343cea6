"""Starting a development server: folder, keys, schema, demo tenant; then it serves."""

import asyncio
import os
from dataclasses import dataclass
from socket import socket

import click
import uvicorn
from msgspec.structs import replace

from sekisho.cli.dev import LOOPBACK, Wishes, demo, screen
from sekisho.cli.folder import AUTHORITY, MASTER, Card, Folder
from sekisho.cli.server import bound, configured, drains_and_leaves
from sekisho.events import log
from sekisho.house import House, open_house
from sekisho.keys.master import Master
from sekisho.server import serving
from sekisho.settings import Settings
from sekisho.store.sql import migrate
from sekisho.store.sql.revision import SchemaOutdated

ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - to recognise it, not to listen there
LOOK_EVERY = 0.005


@dataclass(frozen=True, slots=True)
class Plan:
    """What the wishes come to: where things are, what is told about them, how to serve."""

    wishes: Wishes
    folder: Folder
    card: Card
    settings: Settings


def start(wishes: Wishes) -> None:
    """The port first, so that nothing is touched where it is taken; then the folder, then the server."""
    os.umask(0o077)
    drains_and_leaves()
    log.configure(wishes.log, "text")
    folder = Folder(wishes.folder)
    with bound(wishes.host, wishes.port) as taken:
        folder.prepare()
        with folder.held():
            if wishes.reset:
                folder.clear()
            folder.is_whole()
            plan = _planned(wishes, folder, taken.getsockname()[1])
            config = configured(plan.settings, serving(plan.settings))
            try:
                with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
                    runner.run(_serve(plan, uvicorn.Server(config), taken))
            except KeyboardInterrupt:
                click.echo()


def _planned(wishes: Wishes, folder: Folder, port: int) -> Plan:
    host = "localhost" if wishes.host in (*LOOPBACK, *ANYWHERE) else wishes.host
    origin = f"{'https' if wishes.https else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    card = replace(folder.card(), base_url=origin, ca_file=None)
    settings = replace(folder.settings(origin), log=wishes.log)
    if wishes.https:
        from sekisho.cli.dev import authority

        cert, key = authority.prepare(folder)
        settings = replace(settings, tls_cert=str(cert), tls_key=str(key))
        card = replace(card, ca_file=str(folder.file(AUTHORITY[0]).resolve()))
    return Plan(wishes, folder, card, settings)


async def _serve(plan: Plan, server: uvicorn.Server, taken: socket) -> None:
    card = await _prepared(plan)
    plan.folder.keep(card)
    served = asyncio.create_task(server.serve(sockets=[taken]))
    while not server.started and not served.done():  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(LOOK_EVERY)
    if server.started:
        screen.show(card, plan.folder)
    await served


async def _prepared(plan: Plan) -> Card:
    """Key, schema and tenant, each made where it is missing."""
    master = plan.folder.file(MASTER)
    if not master.exists():
        Master.create(master)
    house = await _opened(plan.settings)
    try:
        if not plan.wishes.no_demo:
            is_there = house.directory.named(demo.SLUG) is not None
            with screen.working(
                "Checking the demo tenant" if is_there else "Making keys and the demo tenant"
            ):
                return await demo.prepare(house, plan.card, plan.folder)
        if plan.wishes.host not in LOOPBACK and house.directory.named(demo.SLUG):
            raise click.UsageError(
                f"{plan.folder.path} holds the demo tenant, which is for this machine only: choose another"
            )
        return plan.card
    finally:
        await house.close()


async def _opened(settings: Settings) -> House:
    """The tool that migrates takes long to load, so it is only asked when there is something to do."""
    try:
        return await open_house(settings)
    except SchemaOutdated:
        with screen.working("Preparing the database"):
            migrate(settings.database_url)
    return await open_house(settings)
