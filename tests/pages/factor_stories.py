"""How somebody comes to the pages of a second factor: a new person each time, whose app is this file."""

import secrets
import time
from collections.abc import Callable, Mapping

import pyotp
from playwright.sync_api import Page

from tests.pages.site import PASSWORD, asking

PERIOD = 30


def shown_by_app(secret: str, steps: int = 0) -> str:
    """The code of this moment, or of one some steps away."""
    return pyotp.TOTP(secret.replace(" ", "")).at(time.time() + steps * PERIOD)


def newcomer(page: Page, origin: str) -> str:
    """Somebody who has just made an account, and looks at it."""
    address = f"{secrets.token_hex(4)}@example.org"
    page.goto(f"{origin}/signup")
    page.fill("#email", address)
    page.fill("#password", PASSWORD)
    page.click("#sign-up")
    page.wait_for_url("**/account**")
    return address


def setup(page: Page, origin: str) -> None:
    """The picture for the app."""
    newcomer(page, origin)
    page.click("#second-factor")
    page.wait_for_url("**/mfa/setup**")
    page.evaluate("document.querySelector('details').open = true")


def secret_of(page: Page) -> str:
    """The key that the page shows as text."""
    return page.text_content("#secret") or ""


def linked(page: Page) -> str:
    """The app shows its first code; the recovery codes are on the page."""
    secret = secret_of(page)
    page.fill("#code", shown_by_app(secret))
    page.click("#verify")
    page.wait_for_selector("#codes")
    return secret


def setup_refused(page: Page, origin: str) -> None:
    """The first code was another one."""
    setup(page, origin)
    page.fill("#code", "000000")
    page.click("#verify")
    page.wait_for_selector("#problem")


def codes(page: Page, origin: str) -> None:
    """The recovery codes, this once."""
    setup(page, origin)
    linked(page)


def account(page: Page, origin: str) -> None:
    """The account of somebody who has an app."""
    codes(page, origin)
    page.click("#saved")
    page.wait_for_url("**/account**")


def manage(page: Page, origin: str) -> None:
    """What can be done with it."""
    account(page, origin)
    page.click("#second-factor")
    page.wait_for_url("**/account/second-factor**")


def manage_refused(page: Page, origin: str) -> None:
    """A code that is none."""
    manage(page, origin)
    page.fill("#code", "AAAA-AAAA-AAAA-AAAA")
    page.click("#remove")
    page.wait_for_selector("#problem")


def again(page: Page, origin: str, address: str = "") -> str:
    """Somebody with an app signs in again, in a flow or without one, up to the code."""
    name = newcomer(page, origin)
    page.goto(f"{origin}/mfa/setup")
    secret = linked(page)
    page.context.clear_cookies()
    page.goto(address or f"{origin}/login")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("#sign-in")
    page.wait_for_url("**/mfa?**")
    return secret


def code(page: Page, origin: str) -> None:
    """The code, in a flow."""
    again(page, origin, asking(origin, prompt="consent"))


def code_refused(page: Page, origin: str) -> None:
    """It was another one."""
    again(page, origin)
    page.fill("#code", "000000")
    page.click("#verify")
    page.wait_for_selector("#problem")


def recovery(page: Page, origin: str) -> None:
    """No app at hand."""
    again(page, origin)
    page.click("#other")
    page.wait_for_url("**way=recovery**")


FACTOR_STORIES: Mapping[str, Callable[[Page, str], None]] = {
    "mfa": code,
    "mfa-refused": code_refused,
    "mfa-recovery": recovery,
    "mfa-setup": setup,
    "mfa-setup-refused": setup_refused,
    "mfa-codes": codes,
    "account-second-factor": account,
    "second-factor": manage,
    "second-factor-refused": manage_refused,
}
