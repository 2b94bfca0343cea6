"""The words of the pages, one file for each language."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

_FOLDER = Path(__file__).with_name("locale")


def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its key, as in `landing.title`. Texts are HTML, their words are not."""
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file), ""))


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
