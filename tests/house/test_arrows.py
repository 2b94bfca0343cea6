"""Arrows point down, neighbours are strangers, and the linter sees each arrow that does not."""

import ast
from pathlib import Path

import pytest

from tests.house.planting import broken, contracts, copied, plant
from tests.house.source import PACKAGE

# Folders of same-shaped files: whoever makes one of these makes its contract.
STRANGERS = {
    "oauth/grants": "grants",
    "oauth/client_auth": "client_auth",
    "oauth/response_modes": "response_modes",
    "oauth/response_types": "response_types",
    "oauth/wishes": "wishes",
    "oauth/qualified": "qualified",
    "tokens": "tokens",
    "faces": "faces",
    "people/factors": "factors",
    "spec/refusals": "refusals",
    "api/resources": "resources",
    "pages/dashboard/rooms": "rooms",
}
LAYERS = (
    "cli / server / app / jobs / house / web / pages | api | faces / oauth / "
    "people | tokens | registry / change / tenant / saml / store | keys | events | settings | fetch | mail / "
    "limits / model | protect / spec"
)
# (contract, module, what is written there, what has to be said about it)
PLANTED = [
    (
        "layers",
        "spec/planted_up.py",
        "import sekisho.oauth.planted_low",
        "sekisho.spec is not allowed to import",
    ),
    ("layers", "oauth/planted_low.py", "X = 1", "sekisho.spec is not allowed to import sekisho.oauth"),
    (
        "layers",
        "keys/planted_side.py",
        "import sekisho.events.planted_side",
        "sekisho.keys is not allowed to import",
    ),
    ("layers", "events/planted_side.py", "X = 1", "sekisho.keys is not allowed to import sekisho.events"),
    ("layers", "drawer.py", "X = 1", "sekisho.drawer"),
    (
        "server",
        "oauth/planted_server.py",
        "import starlette.requests",
        "sekisho.oauth.planted_server -> starlette",
    ),
    ("server", "registry/planted_server.py", "import uvicorn", "sekisho.registry.planted_server -> uvicorn"),
    ("server", "mail/planted_server.py", "import httptools", "sekisho.mail.planted_server -> httptools"),
    ("templates", "oauth/planted_page.py", "import jinja2", "sekisho.oauth.planted_page -> jinja2"),
    ("database", "store/planted_store.py", "import sqlite3", "sekisho.store.planted_store -> sqlite3"),
    ("database", "cli/planted_store.py", "import asyncpg", "sekisho.cli.planted_store -> asyncpg"),
    ("database", "keys/planted_store.py", "import sqlalchemy", "sekisho.keys.planted_store -> sqlalchemy"),
    (
        "database",
        "events/planted_store.py",
        "from alembic import op",
        "sekisho.events.planted_store -> alembic",
    ),
    ("metrics", "oauth/planted_count.py", "import prometheus_client", "sekisho.oauth.planted_count -> prom"),
    ("mail", "oauth/planted_post.py", "import aiosmtplib", "sekisho.oauth.planted_post -> aiosmtplib"),
    ("traces", "web/planted_span.py", "import opentelemetry.trace", "sekisho.web.planted_span -> opentel"),
    ("pure", "spec/planted_loop.py", "import asyncio", "sekisho.spec.planted_loop -> asyncio"),
    ("pure", "model/planted_loop.py", "from asyncio import Lock", "sekisho.model.planted_loop -> asyncio"),
    ("engines", "oauth/planted_engine.py", "import sekisho.store.sql", "sekisho.oauth.planted_engine"),
    (
        "engines",
        "people/planted_engine.py",
        "from sekisho.store.memory import X",
        "sekisho.people.planted_engine",
    ),
    ("acyclic", "spec/planted_a.py", "import sekisho.spec.planted_b", "sekisho.spec"),
    ("acyclic", "spec/planted_b.py", "import sekisho.spec.planted_a", "sekisho.spec"),
]
ENTITLED = [
    ("jobs.py", "import sekisho.store.sql.planted_engine"),
    ("cli/planted_engine.py", "import sekisho.store.sql"),
    ("cli/planted_server.py", "import uvicorn"),
    ("web/planted_server.py", "import httptools"),
    ("pages/planted_page.py", "import jinja2"),
    ("store/sql/planted_engine.py", "import asyncpg, sqlite3, sqlalchemy, alembic"),
    ("oauth/grants/planted.py", "import sekisho.tokens.planted"),
    ("tokens/planted.py", "import sekisho.spec.planted_low"),
    ("spec/planted_low.py", "X = 1"),
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says about a copy in which every contract is broken."""
    place: Path = tmp_path_factory.mktemp("planted")
    package = copied(place)
    for _, name, text, _ in PLANTED:
        plant(package, name, text)
    for folder in STRANGERS:
        dotted = folder.replace("/", ".")
        plant(package, f"{folder}/planted_one.py", f"import sekisho.{dotted}.planted_two")
        plant(package, f"{folder}/planted_two.py", "X = 1")
    said = broken(place)
    return {id_: said.get(contract["name"], "") for id_, contract in contracts().items()}


@pytest.mark.parametrize(("contract", "name", "text", "expected"), PLANTED, ids=lambda value: str(value)[:40])
def test_finds_an_arrow_that_points_up(
    planted: dict[str, str], contract: str, name: str, text: str, expected: str
):
    """An import against a contract breaks that contract, by name."""
    assert expected in planted[contract], f"{name}: {text}"


@pytest.mark.parametrize(("folder", "contract"), STRANGERS.items())
def test_finds_neighbours_that_know_each_other(planted: dict[str, str], folder: str, contract: str):
    """A file of a folder that imports its neighbour breaks the folder's contract."""
    dotted = "sekisho." + folder.replace("/", ".")
    assert f"{dotted}.planted_one is not allowed to import {dotted}.planted_two" in planted[contract]


def test_plants_against_every_contract():
    """There is no contract that was not seen broken."""
    assert {contract for contract, *_ in PLANTED} | set(STRANGERS.values()) == set(contracts())


def test_source_keeps_every_contract(tmp_path: Path):
    """The source breaks no contract, and neither do those that may know servers, templates and databases."""
    package = copied(tmp_path)
    for name, text in ENTITLED:
        if not (package / name).exists():
            plant(package, name, text)
    assert broken(tmp_path) == {}


@pytest.mark.parametrize(("folder", "contract"), STRANGERS.items())
def test_each_folder_of_strangers_has_its_contract(folder: str, contract: str):
    """A folder of same-shaped files has an independence contract of its own, without exceptions."""
    found = contracts()[contract]
    assert found["type"] == "independence"
    assert found["modules"] == [f"sekisho.{folder.replace('/', '.')}.*"]
    assert "ignore_imports" not in found


def tables(package: Path) -> set[str]:
    """The folders whose __init__ makes a table of its own files; not those inside one of the strangers."""
    found = set()
    for path in package.rglob("__init__.py"):
        folder, tree = path.parent.relative_to(package), ast.parse(path.read_text("utf-8"))
        own = {
            alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module == ".".join(["sekisho", *folder.parts])
            for alias in node.names
        }
        if any(folder.is_relative_to(strangers) and folder != Path(strangers) for strangers in STRANGERS):
            continue  # what is inside a stranger is its own affair
        rows = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
        if own & {name.id for row in rows for name in ast.walk(row) if isinstance(name, ast.Name)}:
            found.add(folder.as_posix())
    return found


def test_folders_with_a_table_of_neighbours_are_strangers():
    """A folder whose __init__ makes a table of its files has its contract: they are strangers."""
    assert tables(PACKAGE) <= set(STRANGERS), "name the folder in this file and in pyproject.toml"


def test_finds_a_folder_with_a_table_of_neighbours(tmp_path: Path):
    """A folder that makes a table of its files is found, one that only uses them passes."""
    plant(tmp_path, "drawers/left.py", "X = 1")
    plant(tmp_path, "keys/ring.py", "X = 1")
    (tmp_path / "keys" / "__init__.py").write_text("from sekisho.keys import ring\n\n\ndef f(): ring.f()\n")
    (tmp_path / "drawers" / "__init__.py").write_text(
        "from sekisho.drawers import left\n\nDRAWERS = (left.X,)\n"
    )
    assert tables(tmp_path) == {"drawers"}


def test_layers_are_those_of_the_house():
    """The layers contract is exhaustive and has the order of ARCHITECTURE.md."""
    layers = contracts()["layers"]
    assert layers["exhaustive"] is True
    assert layers["containers"] == ["sekisho"]
    assert " / ".join(layers["layers"]).replace("(", "").replace(")", "") == LAYERS
    assert "ignore_imports" not in layers
