"""Free texts of an application, client_metadata: a name and its text on each line."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from sekisho.model.client import Client
from sekisho.spec import metadata

FIELD = "client_metadata"


def lines(client: Client) -> list[str]:
    """As a text area shows them."""
    return [_line(name, text) for name, text in client.client_metadata.items()]


def changed(typed: Sequence[str], client: Client) -> dict[str, str | None] | UnsetType:
    """What is to be changed: lines that stand there already are left as they are, whatever is in them."""
    had = {_line(name, text): name for name, text in client.client_metadata.items()}
    gone: dict[str, str | None] = {name: None for line, name in had.items() if line not in typed}
    new = dict(_pair(line) for line in typed if line not in had)
    return {**gone, **new} or UNSET


def _line(name: str, text: str) -> str:
    return " ".join(f"{name} = {text}".split())


def _pair(line: str) -> tuple[str, str]:
    name, is_told, text = line.partition("=")
    if not is_told or not name.strip():
        raise metadata.problem(FIELD, f"Not a name and a text: {line[:200]}")
    return name.strip(), text.strip()
