"""Starting in production: everything that can be wrong is found before the port listens."""

import asyncio
import os
import resource
import ssl
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from socket import socket

import click
import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

from sekisho.cli.metrics import listening
from sekisho.cli.server import bound, configured, drains_and_leaves
from sekisho.cli.work import named, opened
from sekisho.events import log
from sekisho.keys.ring import Keys
from sekisho.server import from_environment, serving
from sekisho.settings import Settings

SPARE_FILES = 256  # for the database, logs and files, beside one per connection


def start(settings: Settings) -> None:
    """Check, take the port, serve."""
    os.umask(0o077)
    drains_and_leaves()
    tls_is_sound(settings)
    traces_are_possible(settings)
    asyncio.run(_house_is_sound(settings))
    log.configure(settings.log, settings.log_format)
    _raise_file_limit(settings)
    with bound(settings.host, settings.port) as taken, listening(settings) as folder:
        structlog.get_logger().info("starting", listen=settings.listen, public_url=settings.public_url)
        try:
            _serve(settings, taken, folder)
        except KeyboardInterrupt:
            sys.exit(0)


def tls_is_sound(settings: Settings) -> None:
    """Certificate and key are there and belong together."""
    if not settings.tls_cert:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (ssl.SSLError, OSError) as wrong:
        files = f"tls_cert {settings.tls_cert} and tls_key {settings.tls_key}"
        raise click.UsageError(f"{files} cannot be used: {wrong.strerror or wrong}") from None


def traces_are_possible(settings: Settings) -> None:
    """What sends them is installed, where they are on."""
    if not settings.traces_endpoint:
        return
    try:
        import_module("sekisho.events.otlp")
    except ModuleNotFoundError as absent:
        cure = "pip install 'sekisho[otel]', or leave traces_endpoint out"
        raise click.UsageError(f"Traces need {absent.name}, which is not installed: {cure}") from None


async def _house_is_sound(settings: Settings) -> None:
    """Master key, database and schema are; and somebody is told where there is nobody to serve."""
    async with opened(settings) as house:
        if not house.directory.addresses.slugs:
            click.echo(
                "sekisho: there is no tenant yet: `sekisho tenant create SLUG --default` makes one", err=True
            )
        for slug in house.directory.addresses.slugs:
            _keys_open(named(house, slug).keys)


def _keys_open(keys: Keys) -> None:
    """One key stands for all: with another installation's master key every token would be a 500."""
    for alg in keys.algs("tokens")[:1]:
        keys.signer("tokens", alg).unlock()


def _raise_file_limit(settings: Settings) -> None:
    """Each connection is a file; without room for them the server would spin instead of refusing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.most_connections + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        room = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (room, hard))


def _serve(settings: Settings, taken: socket, folder: Path | None) -> None:
    if settings.workers == 1:
        uvicorn.Server(configured(settings, serving(settings, folder))).run(sockets=[taken])
        return
    # Each worker reads the settings itself.
    supervisor = Multiprocess(configured(settings, partial(from_environment, folder)), sockets=[taken])
    supervisor.run()
    if any(worker.exitcode not in (0, None) and worker.exitcode > 0 for worker in supervisor.processes):
        raise click.ClickException("A worker could not start; its log says why")
