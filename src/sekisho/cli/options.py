"""Options: each has an environment variable, and a command takes what belongs together as one value."""

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

C = TypeVar("C", bound=Callable[..., Any])


def option(name: str, *more: str, **facts: Any) -> Callable[[C], C]:  # noqa: ANN401 - click's own words
    """An option --some-name that SEKISHO_SOME_NAME sets too; of --on/--off it is SEKISHO_ON."""
    variable = "SEKISHO_" + name.partition("/")[0].removeprefix("--").replace("-", "_").upper()
    return click.option(name, *more, envvar=variable, show_envvar=True, **facts)


def taking(*kinds: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand options over as values of these dataclasses, by the names of their fields; then the rest."""

    def wrap(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def call(**given: object) -> object:
            values = [kind(**{each.name: given.pop(each.name) for each in fields(kind)}) for kind in kinds]
            return command(*values, **given)

        return call

    return wrap


def somewhere(command: C) -> C:
    """--data and --config: which installation is meant."""
    folder = option(
        "--data",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="The data folder of a development server; ./.sekisho is found by itself.",
    )
    config = option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The settings file of an installation; ./sekisho.toml is found by itself.",
    )
    return folder(config(command))


def for_tenant(command: C) -> C:
    """--tenant on top of what `somewhere` asks."""
    tenant = option("--tenant", default="", metavar="SLUG", help="The tenant; the default one unless said.")
    return somewhere(tenant(command))


def as_json(command: C) -> C:
    """--json for machines."""
    return option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(command)


def version() -> click.Option:
    """--version, which reads the package's metadata only when used."""

    def show(context: click.Context, _option: click.Parameter, wanted: object) -> None:
        if wanted:
            from importlib.metadata import version as installed

            click.echo(f"sekisho {installed('sekisho')}")
            context.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the version and exit.",
    )
