"""What tests need from outside: what is there is used, what is not is said."""

import asyncpg
import pytest

from tests.outside import LEFT_OUT, leave_out, reasons


async def test_gives_each_test_an_empty_database(postgres_database: str):
    """A test that asks for a database gets one of its own, without tables."""
    database = await asyncpg.connect(postgres_database)
    tables = await database.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await database.close()
    assert tables == 0


def test_leaves_a_test_out_when_a_service_is_missing(monkeypatch: pytest.MonkeyPatch):
    """A missing service leaves a test out, with its reason."""
    monkeypatch.delenv("SEKISHO_TEST_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match=LEFT_OUT + "no such thing"):
        leave_out("no such thing")


def test_fails_when_a_service_is_required(monkeypatch: pytest.MonkeyPatch):
    """Where everything is required, a missing service is a failure."""
    monkeypatch.setenv("SEKISHO_TEST_REQUIRE", "all")
    with pytest.raises(pytest.fail.Exception, match="no such thing"):
        leave_out("no such thing")


def test_lists_what_was_left_out_by_reason():
    """The summary gathers the tests that were left out under their reason."""
    text = ("tests/outside.py", 1, f"Skipped: {LEFT_OUT}no such thing")
    reports = [
        pytest.TestReport(nodeid, ("", 1, ""), {}, "skipped", text, "setup")
        for nodeid in ("a.py::b", "a.py::c")
    ]
    assert reasons(reports) == {"no such thing": ["a.py::b", "a.py::c"]}
