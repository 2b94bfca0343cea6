"""sekisho dev: a development server on an embedded database, with a demo tenant."""

from dataclasses import dataclass
from pathlib import Path

import click

from sekisho.cli.folder import DEFAULT
from sekisho.cli.options import option, taking

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the options say."""

    port: int
    folder: Path
    https: bool
    reset: bool
    no_demo: bool
    host: str
    log: str


@click.command()
@option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0 takes a free one.")
@option(
    "--data",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT,
    show_default=True,
    help="The data folder: database, keys and dev.json.",
)
@option("--https", is_flag=True, help="Serve TLS with a certificate authority made for this folder.")
@option(
    "--reset", is_flag=True, help="Delete database, keys and secrets of the folder first, without asking."
)
@option("--no-demo", is_flag=True, help="Make no demo tenant.")
@option("--host", default="127.0.0.1", show_default=True, help="Where to listen; others need --no-demo.")
@option(
    "--log",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="What to log to the terminal.",
)
@taking(Wishes)
def dev(wishes: Wishes) -> None:
    """Start a development server on SQLite with a demo tenant.

    A second start keeps everything. People sign in at /demo/app; machines get their tokens.
    """
    if wishes.host not in LOOPBACK and not wishes.no_demo:
        raise click.UsageError(
            f"--host {wishes.host} needs --no-demo: the demo tenant is for this machine only"
        )
    if wishes.host not in LOOPBACK and wishes.https:
        raise click.UsageError(f"--https is for this machine only: leave out --host {wishes.host}")
    from sekisho.cli.dev.start import start

    start(wishes)
