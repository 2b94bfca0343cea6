"""The audit looked through: by an index where one knows, otherwise among so many at once."""

from dataclasses import replace

import pytest

from sekisho.model.step import Note
from sekisho.registry import logs
from sekisho.registry.logs import Found, Wanted
from sekisho.tenant import Tenant
from tests.tenants import NOW, demo_tenant


async def filled(many: int) -> Tenant:
    """A tenant with an event each second: every second one of a client, every third of a user."""
    tenant = await demo_tenant()
    for n in range(many):
        event = tenant.audit.event(
            tenant.id,
            "token_issued" if n % 4 else "client_auth_failed",
            client="c" if n % 2 == 0 else None,
            user="u" if n % 3 == 0 else None,
            correlation=f"r-{n // 2}",
            detail={"n": n},
        )
        assert await tenant.store.write(Note(event)) is None
        tenant.tools.clock.now += 1  # type: ignore[attr-defined]
    return tenant


def numbers(found: Found) -> list[object]:
    """Which events were found."""
    return [event.detail["n"] for event in found.events]


async def all_of(tenant: Tenant, wanted: Wanted, most: int) -> list[object]:
    """Every stretch, one after the other."""
    found, seen = await logs.sought(tenant, wanted, None, most), list[object]()
    for _ in range(200):
        seen += numbers(found)
        if not found.next:
            return seen
        found = await logs.sought(tenant, wanted, found.next, most)
    raise AssertionError("it never ends")


@pytest.mark.parametrize("most", [1, 3, 25])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), range(59, -1, -1)),
        (Wanted(slugs=("client_auth_failed",)), range(56, -1, -4)),
        (Wanted(slugs=("client_auth_failed", "token_issued", "none")), range(59, -1, -1)),
        (Wanted(slugs=("none",)), ()),
        (Wanted(client="c"), range(58, -1, -2)),
        (Wanted(user="u"), range(57, -1, -3)),
        (Wanted(client="c", user="u"), range(54, -1, -6)),
        (Wanted(client="c", slugs=("client_auth_failed",)), range(56, -1, -4)),
        (Wanted(user="u", slugs=("client_auth_failed",)), range(48, -1, -12)),
        (Wanted(correlation="r-7"), (15, 14)),
        (Wanted(correlation="r-7", client="c"), (14,)),
        (Wanted(correlation="r"), ()),
        (Wanted(since=NOW + 50), range(59, 49, -1)),
        (Wanted(since=NOW + 10, until=NOW + 20), range(19, 9, -1)),
        (Wanted(client="c", until=NOW + 5), (4, 2, 0)),
        (Wanted(client="c", user="u", since=NOW + 40), (54, 48, 42)),
        (Wanted(correlation="r-7", since=NOW + 15), (15,)),
        (Wanted(correlation="r-7", until=NOW + 15), (14,)),
        (Wanted(slugs=("client_auth_failed",), until=NOW - 1), ()),
    ],
)
async def test_finds_all_and_nothing_else(
    wanted: Wanted, expected: range, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stretch by stretch, newest first, nothing twice and nothing left out, however little is looked at."""
    monkeypatch.setattr(logs, "PIECE", 4)
    monkeypatch.setattr(logs, "MOST_PIECES", 2)
    monkeypatch.setattr(logs, "TRACED", 9)
    monkeypatch.setattr(logs, "TRACED_AT_ONCE", 3)
    tenant = await filled(60)
    assert await all_of(tenant, wanted, most) == list(expected)


async def test_says_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not looked at may hold more: whoever asks is told, and goes on from there."""
    monkeypatch.setattr(logs, "TRACED", 10)
    monkeypatch.setattr(logs, "TRACED_AT_ONCE", 5)
    tenant = await filled(30)
    found = await logs.sought(tenant, Wanted(correlation="r-1"), None, 25)
    assert (numbers(found), found.stopped) == ([], True)
    further = await logs.sought(tenant, Wanted(correlation="r-1"), found.next, 25)
    assert further.next < found.next
    recent = replace(Wanted(correlation="r-1"), since=NOW + 25)
    assert await logs.sought(tenant, recent, None, 25) == Found([])
    assert await logs.sought(tenant, Wanted(correlation="r-14"), None, 1) != Found([])


async def test_another_tenant_is_never_seen() -> None:
    """Whatever is looked for, it is looked for here."""
    tenant = await filled(4)
    far = tenant.audit.event("other", "token_issued", client="c", user="u", correlation="r-0")
    assert await tenant.store.write(Note(far)) is None
    for wanted in (Wanted(), Wanted(client="c", user="u"), Wanted(correlation="r-0"), Wanted(user="u")):
        found = await logs.sought(tenant, wanted, None, 25)
        assert all(event.tenant == tenant.id for event in found.events)
