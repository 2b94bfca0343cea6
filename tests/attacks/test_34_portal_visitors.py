"""Class 34: somebody who may not sign in any more still gets a portal's tokens."""

import asyncio

import pytest

from sekisho.model.artifact import Session
from sekisho.model.step import Erase
from sekisho.model.user import User
from sekisho.people import sessions
from sekisho.tenant import Tenant
from tests.attacks.guest import SSO, Guest, token_of
from tests.attacks.household import AYA, Household
from tests.attacks.portal_target import Portal, asks, authorizes, opened
from tests.attacks.target import ORIGIN


def gets_nothing(guest: Guest) -> None:
    """The sign-in page comes first, at both endpoints, also for scripts."""
    for answer in (asks(guest), asks(guest, "GET"), authorizes(guest)):
        assert answer.status_code == 302
        assert answer.headers["location"].startswith(f"{ORIGIN}/SignIn?")
    scripted = Guest(guest.home, guest.host, dict(guest.cookies), {"x-requested-with": "XMLHttpRequest"})
    assert asks(scripted).content == b""


def visited(home: Household) -> tuple[Portal, Guest]:
    """The portal, and somebody who gets tokens there, and keeps a copy of the cookie."""
    portal = opened(home)
    guest = portal.visitor()
    assert asks(guest).status_code == 200
    return portal, Guest(home, headers={"cookie": f"{SSO}={guest.cookies[SSO]}"})


def test_who_is_blocked_gets_nothing(home: Household) -> None:
    """A block counts at once, and so does its end."""
    _, guest = visited(home)
    home.person(blocked=True)
    gets_nothing(guest)
    home.person(blocked=False)
    assert asks(guest).status_code == 200


def test_who_is_gone_gets_nothing(home: Household) -> None:
    """Nobody who was deleted is said to visit."""
    _, guest = visited(home)

    async def erased() -> None:
        user = await home.tenant.store.named(User, home.tenant.id, AYA)
        assert user
        assert await home.tenant.change(Erase(user)) is None

    asyncio.run(erased())
    gets_nothing(guest)


def test_a_session_that_is_over_gives_nothing(home: Household) -> None:
    """Signed out, signed in anew, or simply old: a copy of the cookie is good for nothing."""
    portal, guest = visited(home)
    browser = portal.visitor()
    copy = Guest(home, headers={"cookie": f"{SSO}={browser.cookies[SSO]}"})
    assert asks(copy).status_code == 200
    browser.signs_in()
    gets_nothing(copy)
    copy = Guest(home, headers={"cookie": f"{SSO}={browser.cookies[SSO]}"})
    form = {"csrf": token_of(browser.opens("/oidc/logout")), "decision": "confirm"}
    browser.send("POST", "/oidc/logout/confirm", data=form, headers={"origin": ORIGIN})
    gets_nothing(copy)
    assert asks(guest).status_code == 200
    home.clock.now += home.tenant.policy.session_lifetime + 1
    gets_nothing(guest)


def test_a_made_up_session_is_none(home: Household) -> None:
    """Nothing but a handle that we gave is one: no guess, no part, no other cookie of ours."""
    portal, guest = visited(home)
    true = guest.headers["cookie"].partition("=")[2]
    others = [value for name, value in portal.visitor().cookies.items() if name != SSO]
    for text in ("", "x", true[:-1], f"{true}x", true.swapcase(), f" {true}x", "null", AYA, *others):
        gets_nothing(Guest(home, headers={"cookie": f"{SSO}={text}"}))
    for name in ("sekisho-sso-demo", "__Secure-sekisho-sso-demo", SSO.upper(), ".AspNet.ApplicationCookie"):
        gets_nothing(Guest(home, headers={"cookie": f"{name}={true}"}))


def test_a_token_ends_in_time(home: Household) -> None:
    """No token outlives an hour, whoever asks for more: there is nothing else that ends one."""
    portal, guest = visited(home)
    for text in ("3600", "3601", "86400", "99999999999", "1e9", "\u0661" * 9, "9" * 40):
        portal.put("ImplicitGrantFlow/TokenExpirationTime", text)
        claims = portal.claims(asks(guest).text)
        assert 60 <= claims["exp"] - claims["nbf"] <= 3_600


def test_somebody_who_is_not_looked_at_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With people taken from their sessions alone, a block is nothing to the portal."""
    _, guest = visited(home)
    home.person(blocked=True)
    gets_nothing(guest)

    async def lenient(session: Session, tenant: Tenant) -> User | None:
        return await tenant.store.named(User, tenant.id, session.owner.user or "")

    monkeypatch.setattr(sessions, "person", lenient)
    assert asks(guest).status_code == 200
