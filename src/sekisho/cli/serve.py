"""sekisho serve: production."""

import os
from pathlib import Path

import click

from sekisho.cli.options import option
from sekisho.cli.production import start
from sekisho.settings import load


@click.command()
@option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The settings file; ./sekisho.toml if it exists. Variables win over it.",
)
def serve(config: Path | None) -> None:
    """Start the server for production.

    It refuses to start on an unknown setting, a weak master key or an unmigrated schema. SIGTERM lets it
    answer what is in flight, then end.
    """
    settings = load(config, os.environ)
    if config:  # each worker reads its settings itself
        os.environ["SEKISHO_CONFIG"] = str(config)
    start(settings)
