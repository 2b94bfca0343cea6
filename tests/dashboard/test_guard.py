"""What stands before every page: who it is, a form of ours, the right, a recent sign-in."""

import re

import pytest

from sekisho.pages import ROUTES
from sekisho.pages.dashboard.administrator import RECENT
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.pages.dashboard.row import Row
from sekisho.people import powers
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.refusal import Refused
from tests.dashboard.desk import AtDesk, another, at_desk, shown
from tests.tenants import Clock
from tests.visitor import location

POSTS = [row for row in ROWS if row.method == "POST"]
RECENTS = [row for row in ROWS if row.recent]


def address(row: Row) -> str:
    """An address of this row, of something that need not be there."""
    return re.sub(r"{\w+}", "x", row.path)


def called(row: Row) -> str:
    """How a test of a row is called."""
    return f"{row.method} {row.path}"


@pytest.mark.parametrize("row", ROWS, ids=called)
def test_a_row_is_of_the_management_api(row: Row) -> None:
    """What a page needs is a scope that the API knows; what changes something is never a right to read."""
    assert row.needs in MANAGEMENT_SCOPES
    assert row.method == "GET" or not row.needs.startswith("read:")


@pytest.mark.parametrize("row", RECENTS, ids=called)
def test_what_needs_a_recent_sign_in_can_be_come_back_to(row: Row) -> None:
    """Whoever has to sign in again first lands at a page of the same address."""
    assert any(other.path == row.path and other.method == "GET" for other in ROWS)


def test_no_two_rows_are_the_same() -> None:
    """An address and a method have one page."""
    assert len({called(row) for row in ROWS}) == len(ROWS)


def test_every_address_below_the_dashboard_is_guarded() -> None:
    """There is no page of the dashboard beside its rows, but the end of the way in."""
    below = {(method, path) for method, path, _, _ in ROUTES if path.startswith("/dashboard")}
    assert below == {(row.method, f"/dashboard{row.path}") for row in ROWS} | {("GET", "/dashboard/callback")}


@pytest.mark.parametrize("row", POSTS, ids=called)
async def test_a_viewer_can_change_nothing(row: Row) -> None:
    """Whatever a viewer sends, with a token of their own form, is refused, and nothing happens. Class 66."""
    desk = await at_desk("Viewer")
    csrf = str(shown(await desk.get("/applications"))["csrf"])
    before = await told(desk)
    with pytest.raises(Refused) as refused:
        await desk.post(address(row), {"csrf": csrf})
    assert refused.value.reason.slug == "administration_denied"
    assert await told(desk) == before


@pytest.mark.parametrize("row", POSTS, ids=called)
@pytest.mark.parametrize("csrf", ["", "wrong", "of another"])
async def test_a_forged_form_does_nothing(row: Row, csrf: str) -> None:
    """A form without the token of this very browser is refused before anything is looked at. Class 29."""
    desk = await at_desk()
    other = await another(desk.tenant, "Editor")
    if csrf == "of another":
        csrf = str(shown(await other.get("/applications"))["csrf"])
    before = await told(desk)
    with pytest.raises(Refused) as refused:
        await desk.post(address(row), {"csrf": csrf} if csrf else {})
    assert refused.value.reason.slug == "form_forged"
    assert await told(desk) == before


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}])
async def test_a_form_of_another_site_does_nothing(headers: dict[str, str]) -> None:
    """The browser says where a form comes from, and it has to be from here. RFC 9700 section 4.7."""
    desk = await at_desk()
    csrf = str(shown(await desk.get("/settings/advanced"))["csrf"])
    with pytest.raises(Refused) as refused:
        await desk.post("/settings/advanced", {"csrf": csrf}, **headers)
    assert refused.value.reason.slug == "form_forged"


@pytest.mark.parametrize("row", ROWS, ids=called)
async def test_a_stranger_is_led_to_the_entrance(row: Row) -> None:
    """Without a console nothing is shown and nothing is done."""
    desk = await at_desk()
    desk.browser.cookies.clear()
    answer = await (desk.get(address(row)) if row.method == "GET" else desk.post(address(row), {}))
    assert "/authorize?" in location(answer)


@pytest.mark.parametrize("row", RECENTS, ids=called)
async def test_what_cannot_be_undone_needs_a_recent_sign_in(row: Row) -> None:
    """Ten minutes after the sign-in, somebody has to prove again who they are before a dangerous act."""
    clock = Clock()
    desk = await at_desk(clock=clock)
    csrf = str(shown(await desk.get("/applications"))["csrf"])
    clock.now += RECENT + 1
    answer = await (
        desk.get(address(row)) if row.method == "GET" else desk.post(address(row), {"csrf": csrf})
    )
    assert (answer.status, "/authorize?" in location(answer)) == (303, True)


async def test_pages_are_kept_nowhere() -> None:
    """What administrators see stays in no cache."""
    desk = await at_desk()
    assert ("cache-control", "no-store") in (await desk.get("/applications")).headers


def test_ranks_are_inside_each_other() -> None:
    """A viewer may only read, an editor more, an owner everything; nobody below makes owners."""
    of = {rank: {scope for scope in MANAGEMENT_SCOPES if powers.may(rank, scope)} for rank in powers.RANKS}
    assert of["Viewer"] < of["Editor"] < of["Owner"] == set(MANAGEMENT_SCOPES)
    assert all(scope.startswith("read:") for scope in of["Viewer"])
    makes = {
        "update:tenant_settings",
        "create:role_members",
        "update:roles",
        "create:roles",
        "update:signing_keys",
    }
    assert not of["Editor"] & makes
    assert [powers.rank_of(of[rank]) for rank in of] == list(of)
    assert powers.rank_of(()) == ""


async def told(desk: AtDesk) -> list[str]:
    """What the audit knows of changes."""
    return [event.slug for event in await desk.happened()]
