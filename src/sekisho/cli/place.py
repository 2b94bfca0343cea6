"""Which installation a command acts on."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from sekisho.cli.folder import CARD, DATABASE, DEFAULT, Folder
from sekisho.settings import FILE, Settings, load


@dataclass(frozen=True, slots=True)
class Where:
    """What --data and --config say."""

    folder: Path | None
    config: Path | None

    def settings(self) -> Settings:
        """The settings of the installation that is meant; never those of one that is only near."""
        if self.folder and self.config:
            raise click.UsageError("Say either --data or --config: they name two installations")
        if self.folder:
            return _of_folder(Folder(self.folder))
        is_said = self.config or "SEKISHO_DATABASE_URL" in os.environ
        if is_said or not DEFAULT.is_dir():
            return load(self.config, os.environ)
        if Path(FILE).exists():
            raise click.UsageError(
                f"Both {DEFAULT} and {FILE} are here: say --data {DEFAULT} or --config {FILE}"
            )
        return _of_folder(Folder(DEFAULT))


@dataclass(frozen=True, slots=True)
class Whose:
    """What --tenant says."""

    tenant: str


def _of_folder(folder: Folder) -> Settings:
    if not folder.file(DATABASE).exists():
        raise click.UsageError(f"There is no {DATABASE} in {folder.path}: `sekisho dev` makes one")
    if not folder.file(CARD).exists():
        raise click.UsageError(f"There is no {CARD} in {folder.path}: start `sekisho dev` once")
    return folder.settings()
