"""The words of the pages: for each language a file, and a folder with one for each room of the dashboard."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

_FOLDER = Path(__file__).with_name("locale")


def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its key, as in `landing.title`. Texts are HTML, their words are not."""
    found: dict[str, str] = {}
    for path in (_FOLDER / f"{language}.toml", *sorted((_FOLDER / language).glob("*.toml"))):
        with path.open("rb") as file:
            found |= _flat(tomllib.load(file), "")
    return found


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
