"""Pages that are reached by doing something: who signs in where, up to the page that is looked at."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from tests.pages.site import PASSWORD, asking

Story = Callable[[Page, str], None]


def fill(page: Page, username: str = "", password: str = PASSWORD) -> None:
    """The sign-in form, filled in and sent; the name that stands there stays if none is told."""
    if username:
        page.fill("#username", username)
    page.fill("#password", password)
    page.click("#sign-in")


def reader(page: Page) -> str:
    """The person who reads the language of the page."""
    return "user@example.jp" if page.evaluate("document.documentElement.lang") == "ja" else "user@example.com"


def sign_in(page: Page, origin: str) -> None:
    """The sign-in page of a flow."""
    page.goto(asking(origin, prompt="consent"))


def wrong(page: Page, origin: str) -> None:
    """The password was another one."""
    sign_in(page, origin)
    fill(page, reader(page), "five green lanterns")


def locked(page: Page, origin: str) -> None:
    """Too many passwords were wrong."""
    sign_in(page, origin)
    for _ in range(11):
        fill(page, "nobody@example.org", "x")


def consent(page: Page, origin: str) -> None:
    """The question, with everything that can be asked for."""
    sign_in(page, origin)
    fill(page, reader(page))
    page.wait_for_url("**/consent**")


def consent_long(page: Page, origin: str) -> None:
    """The same of a client with a name that never ends."""
    page.goto(asking(origin, client_id="long", prompt="consent"))
    fill(page, reader(page))
    page.wait_for_url("**/consent**")


def account(page: Page, origin: str) -> None:
    """The account of somebody who has let an application in, and is signed in elsewhere, too."""
    browser = page.context.browser
    assert browser
    consent(page, origin)
    page.click("#allow")
    page.wait_for_url("**/demo/callback**")
    page.goto(f"{origin}/account")
    if page.locator("#end-others").count():
        page.click("#end-others")
    for agent in (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Safari/604",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/150.0",
    ):
        other = browser.new_context(user_agent=agent, locale=page.evaluate("navigator.language"))
        there = other.new_page()
        there.goto(f"{origin}/login")
        fill(there, reader(there))
        there.wait_for_url("**/account")
        other.close()
    page.goto(f"{origin}/account")


def account_refused(page: Page, origin: str) -> None:
    """A new password that is among the first that are guessed."""
    page.goto(f"{origin}/login")
    fill(page, reader(page))
    page.fill("#current-password", PASSWORD)
    page.fill("#new-password", "password1")
    page.click("#change-password")


def account_bare(page: Page, origin: str) -> None:
    """The account of somebody about whom little is known."""
    page.goto(f"{origin}/login")
    fill(page, "nobody@example.com")
    page.wait_for_url("**/account")


def sign_out(page: Page, origin: str) -> None:
    """The question whether to leave."""
    page.goto(f"{origin}/login")
    fill(page, reader(page))
    page.wait_for_url("**/account")
    page.goto(f"{origin}/oidc/logout?client_id=orders")


STORIES: Mapping[str, Story] = {
    "sign-in": sign_in,
    "sign-in-wrong": wrong,
    "sign-in-locked": locked,
    "consent": consent,
    "consent-long": consent_long,
    "account": account,
    "account-refused": account_refused,
    "account-bare": account_bare,
    "sign-out": sign_out,
}
