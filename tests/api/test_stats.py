"""/api/v2/stats."""

import pytest

from sekisho.model.event import Event
from sekisho.model.step import Note
from sekisho.store import Window
from tests.tenants import NOW

DAY = 86_400
TODAY = "2027-01-15"


async def happened(desk, slug: str, days: float, user: str = "auth0|1") -> None:
    """Something happened so many days ago."""
    at = NOW - days * DAY
    count = await desk.tenant.store.events(desk.tenant.id, {}, Window(limit=1000))
    event = Event(
        id=f"{int(at * 1000):012x}abcdef01{len(count):08x}",
        at=at,
        tenant=desk.tenant.id,
        slug=slug,
        user=user,
    )
    assert await desk.tenant.store.write(Note(event)) is None


async def test_active_users_are_counted_once(desk):
    """The answer is a bare number: the different people who signed in within thirty days."""
    assert (await desk.ask("GET /stats/active-users")).json == 0
    for days, user in ((0, "a"), (1, "a"), (2, "b"), (29.9, "c"), (30.1, "d")):
        await happened(desk, "user_signed_in", days, user)
    await happened(desk, "token_issued", 1, "machine")
    assert (await desk.ask("GET /stats/active-users")).json == 3


async def test_more_than_a_few_are_counted(desk):
    """However many signed in, each of them counts once, and each of their days."""
    for n in range(60):
        await happened(desk, "user_signed_in", n % 20 + 0.01, f"u{n % 25}")
    assert (await desk.ask("GET /stats/active-users")).json == 25
    assert sum(row["logins"] for row in (await desk.ask("GET /stats/daily")).json) == 60


async def test_each_day_has_a_row(desk):
    """Thirty days unless asked otherwise, each with what happened on it."""
    for days in (0, 0.1, 1, 40):
        await happened(desk, "user_signed_in", days)
    await happened(desk, "user_signed_up", 1)
    rows = (await desk.ask("GET /stats/daily")).json
    assert len(rows) == 30
    assert rows[-1] == {
        "date": f"{TODAY}T00:00:00.000Z",
        "logins": 2,
        "signups": 0,
        "leaked_passwords": 0,
        "created_at": f"{TODAY}T00:00:00.000Z",
        "updated_at": f"{TODAY}T08:00:00.000Z",
    }
    assert (rows[-2]["logins"], rows[-2]["signups"]) == (1, 1)
    assert rows[-2]["updated_at"] == f"{TODAY}T00:00:00.000Z"
    assert sum(row["logins"] for row in rows) == 3


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("from=20270101&to=20270103", "2027-01-01", 3),
        ("from=20270115", "2027-01-15", 1),
        ("to=20261231", "2026-12-02", 30),
        ("from=20270110&to=20270131", "2027-01-10", 6),
        ("from=20261001&to=20261231", "2026-10-01", 92),
    ],
)
async def test_the_days_are_chosen(desk, query, first, count):
    """Both ends belong to the range; the future has no rows."""
    rows = (await desk.ask(f"GET /stats/daily?{query}")).json
    assert (rows[0]["date"][:10], len(rows)) == (first, count)


async def test_a_future_range_is_empty(desk):
    """Nothing happened yet in the future."""
    assert (await desk.ask("GET /stats/daily?from=20280101&to=20280102")).json == []


@pytest.mark.parametrize(
    "query",
    [
        "from=2027-01-01",
        "from=20271301",
        "from=20270230",
        "from=0",
        "from=00010101&to=00010102",
        "to=00010101",
        "from=20270103&to=20270101",
        "from=20260101&to=20260601",
        "from=99991231",
        "x=1",
    ],
)
async def test_refuses_days_that_are_none(desk, query):
    """Days are dates in their order, a quarter of a year at most."""
    answer = await desk.ask(f"GET /stats/daily?{query}")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")
