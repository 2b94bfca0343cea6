"""The page of an invitation: a first password by a link that works once and that nobody else sees."""

import asyncio

import pytest

from sekisho.change.actor import Actor
from sekisho.pages.render import render
from sekisho.people import invitations, sessions
from sekisho.people.factors.password import verify
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED, PERSON_BLOCKED
from sekisho.spec.refusals.people import INVITATION_INVALID, INVITATION_SPENT
from sekisho.store import Window
from tests.pages.visits import Running, Visitor, csrf, shown, visited
from tests.tenants import ORIGIN, TENANT
from tests.visitor import Browser, location, person, person_changed

OTHER = "nine brown otters"
COOKIE = "__Host-sekisho-invitation-demo"


async def invited(visitor: Visitor) -> str:
    """The ticket of a link for Aya."""
    return await invitations.invite(visitor.browser.tenant, person().id, Actor())


async def opened() -> tuple[Visitor, str]:
    """Somebody who followed the link, and its ticket."""
    visitor = await visited(Running())
    ticket = await invited(visitor)
    await visitor.get(f"/invitation?ticket={ticket}&ui_locales=ja")
    return visitor, ticket


async def accepts(visitor: Visitor, password: str = OTHER) -> str:
    """The form, filled in; where it leads."""
    return location(await visitor.fills("/invitation", **{"new-password": password}))


async def test_the_ticket_leaves_the_address_at_once() -> None:
    """The link leads to an address without it; the browser keeps it where no script sees it."""
    visitor = await visited()
    ticket = await invited(visitor)
    answer = await visitor.get(f"/invitation?ticket={ticket}&ui_locales=ja")
    assert (answer.status, location(answer)) == (303, f"{ORIGIN}/invitation?ui_locales=ja")
    headers = dict(answer.headers)
    assert headers["cache-control"] == "no-store"
    assert "Path=/; HttpOnly; Max-Age=3600; Secure; SameSite=Lax" in headers["set-cookie"]
    page = render(
        await visitor.get("/invitation"),
        Ask(method="GET", path="/invitation", root=ORIGIN),
        visitor.browser.tenant,
    )
    assert ticket not in page.body.decode()
    assert "form-action 'self';" in dict(page.headers)["content-security-policy"]


async def test_the_link_sets_a_password_and_signs_in() -> None:
    """The password is Aya's from now on, and she comes to her account, in a session that lives."""
    visitor, _ = await opened()
    answer = await visitor.fills("/invitation?ui_locales=ja", **{"new-password": OTHER})
    assert location(answer) == f"{ORIGIN}/account?done=invitation&ui_locales=ja"
    assert COOKIE not in visitor.browser.cookies
    assert shown(await visitor.get("/account?done=invitation"))["done"] == "invitation"
    assert (await verify(visitor.browser.tenant, "aya@example.com", OTHER, "")).id == person().id


async def test_nothing_secret_is_in_the_audit() -> None:
    """The events name the person and the invitation, and neither ticket nor password."""
    visitor, ticket = await opened()
    await accepts(visitor)
    events = await visitor.browser.tenant.store.events(TENANT, {}, Window())
    assert [event.slug for event in events] == ["user_signed_in", "invitation_accepted", "user_invited"]
    assert all(secret not in str(events) for secret in (ticket, OTHER))


async def test_whoever_was_signed_in_before_is_not_any_more() -> None:
    """The password was Aya's before, and known to whoever is signed in with it: those sessions end."""
    visitor, _ = await opened()
    other = Visitor(Browser(visitor.browser.tenant))
    await other.signs_in()
    await accepts(visitor)
    assert await sessions.current(other.browser.ask("/", {}), other.browser.tenant) is None
    assert await sessions.current(visitor.browser.ask("/", {}), visitor.browser.tenant)


async def test_looking_does_not_use_it_up() -> None:
    """Programs that follow links in mails take nothing from the person."""
    visitor, ticket = await opened()
    for _ in range(3):
        await visitor.get(f"/invitation?ticket={ticket}")
        await visitor.get("/invitation")
    assert (await accepts(visitor)).startswith(f"{ORIGIN}/account")


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("short", "password_short"),
        ("", "password_short"),
        ("password1", "password_guessable"),
        ("aya@example.com", "password_personal"),
        ("x" * 257, "password_malformed"),
    ],
)
async def test_a_poor_password_comes_back(password: str, expected: str) -> None:
    """The page says which rule is broken, and the link is as good as before."""
    visitor, _ = await opened()
    answer = await visitor.fills("/invitation", **{"new-password": password})
    assert (answer.status, shown(answer)["problem"]) == (400, expected)
    assert (await accepts(visitor)).startswith(f"{ORIGIN}/account")


async def test_a_link_has_one_winner() -> None:
    """Of two browsers at once, one sets its password; the other is told that the link is over."""
    visitor, ticket = await opened()
    other = Visitor(Browser(visitor.browser.tenant))
    await other.get(f"/invitation?ticket={ticket}")
    done = await asyncio.gather(accepts(visitor), accepts(other, "seven grey herons"), return_exceptions=True)
    lost = [each.reason for each in done if isinstance(each, Refused)]
    assert len(lost) == 1
    assert lost[0] in (INVITATION_SPENT, INVITATION_INVALID)


async def test_a_link_that_was_used_is_refused() -> None:
    """Neither the link nor the page opens again, in whatever browser."""
    visitor, ticket = await opened()
    other = Visitor(Browser(visitor.browser.tenant))
    await other.get(f"/invitation?ticket={ticket}")
    await accepts(visitor)
    for address in (f"/invitation?ticket={ticket}", "/invitation"):
        with pytest.raises(Refused, match=INVITATION_SPENT.slug) as caught:
            await other.get(address)
        assert ticket not in str(caught.value.debug)


@pytest.mark.parametrize(
    "address", ["/invitation", "/invitation?ticket=x", "/invitation?ticket=" + "x" * 999]
)
async def test_without_a_link_there_is_no_page(address: str) -> None:
    """What was never given opens nothing and leaves no cookie."""
    visitor = await visited()
    with pytest.raises(Refused, match=INVITATION_INVALID.slug):
        await visitor.get(address)
    with pytest.raises(Refused, match=INVITATION_INVALID.slug):
        await visitor.post("/invitation", {"new-password": OTHER})
    assert COOKIE not in visitor.browser.cookies


async def test_who_is_blocked_gets_in_by_no_link() -> None:
    """A link that was given to somebody who is blocked sets no password."""
    visitor, _ = await opened()
    token = csrf(await visitor.get("/invitation"))
    await person_changed(visitor.browser.tenant, blocked=True)
    with pytest.raises(Refused, match=PERSON_BLOCKED.slug):
        await visitor.get("/invitation")
    with pytest.raises(Refused, match=PERSON_BLOCKED.slug):
        await visitor.post("/invitation", {"csrf": token, "new-password": OTHER})


async def test_a_forged_form_sets_nothing() -> None:
    """Without the token, with that of another link, from another site: refused, and the link is good."""
    visitor, _ = await opened()
    token = csrf(await visitor.get("/invitation"))
    other = Visitor(Browser(visitor.browser.tenant))
    await other.get(f"/invitation?ticket={await invited(visitor)}")
    for form, headers in (
        ({}, {}),
        ({"csrf": csrf(await other.get("/invitation"))}, {}),
        ({"csrf": token}, {"origin": "https://evil.example"}),
    ):
        with pytest.raises(Refused, match=FORM_FORGED.slug):
            await visitor.post("/invitation", {**form, "new-password": OTHER}, **headers)
    assert (await accepts(visitor)).startswith(f"{ORIGIN}/account")
