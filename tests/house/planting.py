"""A copy of the source with violations planted into it, and the tools that have to find them."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.source import ROOT

BIN = Path(sys.executable).parent
PATIENCE = 60
SECTION = re.compile(r"^(?P<name>[^\n]+)\n-+\n+(?P<text>.*?)(?=^[^\n]+\n-+\n|\Z)", re.MULTILINE | re.DOTALL)


def project() -> dict:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def contracts() -> dict[str, dict]:
    """The import contracts by their ids."""
    return {contract["id"]: contract for contract in project()["tool"]["importlinter"]["contracts"]}


def copied(place: Path) -> Path:
    """A copy of the source and of its configuration; returns the package in it."""
    unseen = shutil.ignore_patterns("__pycache__", "*.html", "*.css", "*.js", "*.svg", "*.woff2")
    shutil.copytree(ROOT / "src", place / "src", ignore=unseen)
    shutil.copy(ROOT / "pyproject.toml", place)
    return place / "src" / "sekisho"


def plant(package: Path, name: str, text: str) -> None:
    """A module in the copy, with the folders that it needs."""
    path = package / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in [path.parent, *path.parent.parents]:
        if package in folder.parents and not (folder / "__init__.py").exists():
            (folder / "__init__.py").write_text('"""Planted."""\n')
    path.write_text(f'"""Planted."""\n\n{text}\n')


def run(place: Path, *command: str, text: str | None = None) -> str:
    """What a tool says about the copy."""
    ran = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place / "src"), "COLUMNS": "200", "NO_COLOR": "1"},
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return ran.stdout + ran.stderr


def broken(place: Path) -> dict[str, str]:
    """The contracts that the copy breaks: their names, and what is said about each."""
    said = run(place, "lint-imports", "--no-logo", "--no-cache")
    assert "Contracts: " in said, said
    names = set(re.findall(r"^(.+) BROKEN", said, re.MULTILINE))
    _, _, details = said.partition("Broken contracts")
    return {found["name"]: found["text"] for found in SECTION.finditer(details) if found["name"] in names}


def linted(text: str) -> set[str]:
    """The rules of the linter that a module in spec/ breaks, by our own configuration."""
    where = ROOT / "src" / "sekisho" / "spec" / "planted.py"
    options = ["--no-cache", "--output-format=json", "--stdin-filename", str(where), "-"]
    return {found["code"] for found in json.loads(run(ROOT, "ruff", "check", *options, text=text))}
