"""A development server that the tests of this folder share, and a production one of their own."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Server, done, running


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A development server that runs."""
    with running("dev", "--port", "{port}", cwd=tmp_path_factory.mktemp("dev")) as server:
        yield server


def furnish(folder: Path) -> None:
    """A settings file for SQLite and a strong master key, without a schema yet."""
    master = folder / "master.key"
    master.touch(mode=0o600)
    master.write_text(secrets.token_urlsafe(32) + "\n")
    (folder / "sekisho.toml").write_text(
        'database_url = "sqlite:///production.db"\n'
        'master_key_file = "master.key"\n'
        'public_url = "https://id.example.com"\n'
        'log = "warning"\n'
    )


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """The settings file of an installation that is yet to be made."""
    furnish(tmp_path)
    return tmp_path / "sekisho.toml"


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a schema and a tenant, to be copied: its keys take long to make."""
    folder = tmp_path_factory.mktemp("model")
    furnish(folder)
    done("migrate", cwd=folder)
    done("tenant", "create", "acme", "--default", cwd=folder)
    return folder


@pytest.fixture
def installation(tmp_path: Path, model: Path) -> Path:
    """The folder of an installation of one's own."""
    shutil.copytree(model, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """The master key file of the installation."""
    return tmp_path / "master.key"
