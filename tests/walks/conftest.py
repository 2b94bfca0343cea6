"""Installations on both engines."""

from pathlib import Path

import pytest

from tests.servers import Installation


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """A prepared installation, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/sekisho.db"
    else:
        url = request.getfixturevalue("postgres_database")
    made = Installation(tmp_path, url)
    made.prepare()
    return made
