"""The way into the dashboard: the server's own code flow, for whoever administers and nobody else."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Owner
from sekisho.model.client import DASHBOARD, Client
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.pages.dashboard.entrance import LIFETIME
from sekisho.people import assignments
from sekisho.registry import dashboard_client
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from tests.dashboard.desk import TABLE, AtDesk, at_desk, shown
from tests.tenants import Clock
from tests.visitor import Browser, location, person

ROOM = "/dashboard/applications"


async def opened(browser: Browser, address: str) -> Answer:
    """A page of the dashboard, in this browser."""
    split = urlsplit(address)
    ask = browser.ask(split.path, dict(parse_qsl(split.query)))
    return browser.keep(await TABLE.find("GET", split.path).route.endpoint(ask, browser.tenant))


async def knocks(browser: Browser, address: str = ROOM) -> Answer:
    """The authorization endpoint, as the dashboard sends somebody there."""
    leads = location(await opened(browser, address))
    assert leads.startswith(f"{browser.root}/authorize?")
    return await browser.opens(dict(parse_qsl(urlsplit(leads).query)))


async def enters(browser: Browser, user: User, address: str = ROOM) -> Answer:
    """Through the sign-in page and back: where the dashboard leads then."""
    return await opened(browser, location(await browser.signs_in(await knocks(browser, address), user)))


async def outside(policy: Policy | None = None) -> tuple[Browser, User]:
    """A browser that has nothing yet, and an owner."""
    desk = await at_desk(policy=policy)
    return Browser(desk.tenant), desk.user


async def test_an_owner_comes_in_by_the_code_flow() -> None:
    """Who is not signed in goes to the authorization endpoint, and comes back to the page asked for."""
    browser, owner = await outside()
    answer = await enters(browser, owner, f"{ROOM}?q=orders&done=saved")
    assert (answer.status, location(answer)) == (303, f"{browser.root}{ROOM}?q=orders")
    assert shown(await opened(browser, ROOM))["here"] == "/applications"


async def test_the_client_is_made_when_it_is_first_wanted() -> None:
    """It is public, has one address, and no second visit changes it; another address is added."""
    browser, owner = await outside()
    await knocks(browser)
    client = await browser.tenant.store.named(Client, browser.tenant.id, DASHBOARD)
    assert client
    assert client.is_public
    assert [reply.url for reply in client.reply_urls] == [f"{browser.root}/dashboard/callback"]
    await knocks(browser)
    again = await browser.tenant.store.named(Client, browser.tenant.id, DASHBOARD)
    assert again == client
    actor = AtDesk.actor_of(owner)
    for number in range(dashboard_client.MOST):
        client = await dashboard_client.wanted(browser.tenant, f"https://{number}.example.com/c", actor)
    assert len(client.reply_urls) == dashboard_client.MOST
    assert client.reply_urls[0].url == "https://0.example.com/c"


@pytest.mark.parametrize(
    "policy", [Policy(), Policy(pushing_allowed=False), Policy(pushing_required=True)], ids=repr
)
async def test_the_dashboard_keeps_to_what_the_tenant_wants(policy: Policy) -> None:
    """Requests are pushed where the tenant takes that, and plain where it does not. RFC 9126 section 4."""
    browser, owner = await outside(policy)
    leads = location(await opened(browser, ROOM))
    assert ("request_uri=" in leads) is policy.pushing_allowed
    assert location(await enters(browser, owner)) == browser.root + ROOM


async def test_another_browser_cannot_use_the_answer() -> None:
    """The state is bound to the browser that knocked: nobody is signed in as somebody else. Class 29."""
    browser, owner = await outside()
    back = location(await browser.signs_in(await knocks(browser), owner))
    for stranger in (Browser(browser.tenant), await _knocked(browser)):
        with pytest.raises(Refused) as refused:
            await opened(stranger, back)
        assert refused.value.reason.slug == "flow_lost"


async def _knocked(other: Browser) -> Browser:
    browser = Browser(other.tenant)
    await knocks(browser)
    return browser


async def test_a_changed_state_leads_nowhere() -> None:
    """The page to go to is part of what is proved: no other one can be put in its place. Class 10."""
    browser, owner = await outside()
    back = location(await browser.signs_in(await knocks(browser), owner))
    told = dict(parse_qsl(urlsplit(back).query))
    mac, _, _ = told["state"].partition(".")
    for state in ("", "x", f"{mac}.Ly9ldmlsLmV4YW1wbGU", f"{mac}.***", f".{told['state']}", "é.é"):
        ask = browser.ask("/dashboard/callback", {**told, "state": state})
        with pytest.raises(Refused) as refused:
            await TABLE.find("GET", "/dashboard/callback").route.endpoint(ask, browser.tenant)
        assert refused.value.reason.slug == "flow_lost"


async def test_who_does_not_want_to_sign_in_is_not_asked_again() -> None:
    """An error of the flow leads to the first page, not into a circle."""
    browser, _ = await outside()
    leads = location(await opened(browser, ROOM))
    answer = await browser.opens({**dict(parse_qsl(urlsplit(leads).query))})
    answer = await browser.declines(answer)
    assert location(await opened(browser, location(answer))) == f"{browser.root}/"


async def test_the_code_is_of_the_session_of_this_browser() -> None:
    """Who signed in anew in another window meanwhile gets no console of the session before."""
    browser, owner = await outside()
    back = location(await browser.signs_in(await knocks(browser), owner))
    other = Browser(browser.tenant)
    await other.signs_in(await knocks(other), person())
    mine = {name: value for name, value in browser.cookies.items() if "knock" in name}
    browser.cookies = {**other.cookies, **mine}
    with pytest.raises(Refused) as refused:
        await opened(browser, back)
    assert refused.value.reason.slug == "flow_lost"


async def test_the_console_ends_with_the_session() -> None:
    """Who is signed out has no dashboard any more, in whichever way that came about."""
    desk = await at_desk()
    session = desk.console.owner.session
    await desk.tenant.store.revoke(Owner(tenant=desk.tenant.id, session=session), desk.tenant.now() + 1)
    assert "/authorize?" in location(await desk.get("/applications"))


async def test_the_console_ends_after_a_working_day() -> None:
    """However much it is used, somebody has to come in again."""
    clock = Clock()
    browser, owner = (Browser((desk := await at_desk(clock=clock)).tenant), desk.user)
    await enters(browser, owner)
    clock.now += LIFETIME - 1
    assert (await opened(browser, ROOM)).page
    clock.now += 2
    assert "/authorize?" in location(await opened(browser, ROOM))


async def test_a_person_without_a_rank_sees_nothing() -> None:
    """Signing in is not enough: without a right of the management API no room opens."""
    browser, _ = await outside()
    assert location(await enters(browser, person())) == browser.root + ROOM
    with pytest.raises(Refused) as refused:
        await opened(browser, ROOM)
    assert refused.value.reason.slug == "administration_denied"


async def test_a_right_that_is_taken_away_is_gone_at_once() -> None:
    """What somebody may do is looked up at every request."""
    desk = await at_desk()
    assert (await desk.get("/applications")).page
    await assignments.unassign(desk.tenant, desk.user.id, desk.user.roles, AtDesk.actor_of(desk.user))
    with pytest.raises(Refused) as refused:
        await desk.get("/applications")
    assert refused.value.reason.slug == "administration_denied"


async def test_who_is_blocked_is_out_at_once() -> None:
    """The console of a blocked administrator opens nothing."""
    desk = await at_desk()
    found = await desk.tenant.store.record(User, desk.tenant.id, desk.user.id)
    assert found
    assert await desk.tenant.change(Save(replace(found, blocked=True))) is None
    assert "/authorize?" in location(await desk.get("/applications"))


async def test_the_dashboard_closes_with_the_session() -> None:
    """A tenant whose sessions are short has no administrators who stay in for longer."""
    clock = Clock()
    desk = await at_desk(clock=clock, policy=Policy(session_lifetime=900))
    browser = Browser(desk.tenant)
    await enters(browser, desk.user)
    clock.now += 899
    assert (await opened(browser, ROOM)).status == 200
    clock.now += 2
    assert (await opened(browser, ROOM)).status == 303
