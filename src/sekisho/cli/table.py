"""How results are shown: a table for people, JSON for programs, progress on a terminal."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click
import msgspec

Row = Mapping[str, object]
UNBOUNDED = 10_000
WORDS: Mapping[str, str] = {"True": "yes", "False": "no", "None": ""}


def show_all(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool) -> None:
    """Many things."""
    if as_json:
        _json(rows)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    _print(table)


def show_one(row: Row, *, as_json: bool) -> None:
    """One thing, with every member that has a value."""
    if as_json:
        _json(row)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in row.items():
        if value not in (None, "", [], ()):
            table.add_row(name, _cell(value))
    _print(table)


@contextmanager
def counting(text: str, total: int | None = None) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal; call what it gives with how many more are done."""
    if not sys.stderr.isatty():
        yield lambda _more: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda more: progress.advance(task, more)


def _json(what: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(what), indent=2).decode())


def _print(table: object) -> None:
    from rich.console import Console

    # In a pipe a line is a thing: nothing is folded there, and nothing coloured.
    console = Console(highlight=False, markup=False) if sys.stdout.isatty() else Console(width=UNBOUNDED)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def _cell(value: object) -> str:
    """Text of strangers as plain text: no markup, no control characters for the terminal."""
    from rich.markup import escape

    if isinstance(value, list | tuple):
        text = " ".join(map(str, value))
    else:
        text = WORDS.get(str(value), str(value)) if isinstance(value, bool | None) else str(value)
    return escape("".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text))
