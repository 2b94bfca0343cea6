"""Aya, who has an app: what attacks on second factors begin with."""

import asyncio
from dataclasses import dataclass

import httpx

from sekisho.model.user import User
from sekisho.people.second_factor import held
from tests import second_factors
from tests.attacks.guest import Guest
from tests.attacks.household import AYA, Household
from tests.tenants import TENANT

OTP = "http://auth0.com/oauth/grant-type/mfa-otp"


@dataclass(frozen=True)
class App:
    """Her app, and the codes that she wrote down."""

    home: Household
    secret: str
    written: tuple[str, ...]

    def code(self, steps: int = 0) -> str:
        """What it shows, or showed, or will show."""
        return second_factors.code(self.secret, self.home.tenant, steps)

    def wrong(self) -> str:
        """What it does not show."""
        return second_factors.wrong(self.secret, self.home.tenant)


def aya(home: Household) -> User:
    """She, as she is kept."""
    found = asyncio.run(home.tenant.store.named(User, TENANT, AYA))
    assert found is not None
    return found


def linked(home: Household) -> App:
    """She links an app."""
    secret, found = asyncio.run(second_factors.enrolled(home.tenant, aya(home)))
    return App(home, secret, found.codes)


def factors(home: Household) -> set[str]:
    """Which kinds she has."""
    return set(asyncio.run(held.of_user(home.tenant, aya(home))))


def half_way(home: Household, client: str | None = "web", **more: str | None) -> tuple[Guest, httpx.Response]:
    """Somebody who knows the password, at the page of the code."""
    guest = Guest(home)
    page = guest.authorizes(client, **more) if client else guest.opens("/login")
    page = guest.signs_in(page)
    assert page.request.url.path == "/mfa", page.text[:500]
    return guest, page


def is_in(guest: Guest) -> bool:
    """The account is open in this browser."""
    return guest.send("GET", "/account").status_code == 200
