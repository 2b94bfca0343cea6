"""The command line: one module per noun, imported when its command is used."""

import os
import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import cast

import click

COMMANDS = (
    *("api", "claim-rule", "client", "dev", "doctor", "key", "migrate", "serve", "site-setting"),
    *("software-statement", "sweep", "tenant", "token", "user"),
)
MINE_TO_MEND = 2
INTERRUPTED = 130


class Lazy:
    """The commands by name, each imported when somebody asks for it."""

    def get(self, name: str, default: click.Command | None = None) -> click.Command | None:
        """The command, imported now."""
        if name not in COMMANDS:
            return default
        module = name.replace("-", "_")
        return cast("click.Command", getattr(import_module(f"sekisho.cli.{module}"), module))

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)


def program() -> click.Group:
    """All commands under one name."""
    from sekisho.cli.options import version

    return click.Group(
        "sekisho",
        cast(MutableMapping[str, click.Command], Lazy()),
        params=[version()],
        help="Sekisho, an OAuth 2.0 and OpenID Connect server.",
        epilog="Every option can also be set by the environment variable that its help names.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def main() -> None:
    """One clear line and status 2 for whatever is the caller's to mend."""
    try:
        status = program().main(prog_name="sekisho", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # as in `sekisho client list | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as wrong:
        from sekisho.cli.says import said

        line = said(wrong)
        if line is None:
            raise
        click.echo(line, err=True)
        sys.exit(MINE_TO_MEND)
    sys.exit(status if isinstance(status, int) else 0)
