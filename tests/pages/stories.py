"""Pages that are reached by doing something: who signs in where, up to the page that is looked at."""

import re
from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from tests.pages.factor_stories import FACTOR_STORIES
from tests.pages.offices import ENDLESS, of_administrators, qualified
from tests.pages.site import LONG_ADDRESS, MAILED, PASSWORD, SLUG, asking

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


def agreeing(page: Page, origin: str, address: str, account: str = "user") -> None:
    """The consent page that an address of the tenant leads to, for the one who reads the language."""
    page.goto(f"{origin}/{SLUG}/{address}")
    fill(page, reader(page).replace("user", account))
    page.wait_for_url("**/consent**")


def consent_combined(page: Page, origin: str) -> None:
    """One answer for an application and the API that it works through."""
    agreeing(page, origin, qualified(origin, "openid profile offline_access api://orders/.default"))


def consent_for_everybody(page: Page, origin: str) -> None:
    """The same, for an administrator, who may answer for everybody."""
    scope = "openid api://documents/Files.Read api://documents/Audit.Read"
    agreeing(page, origin, qualified(origin, scope), "owner")


def consent_beyond(page: Page, origin: str) -> None:
    """Only an administrator can agree to some of it."""
    agreeing(page, origin, qualified(origin, "openid api://documents/Files.Read api://documents/Audit.Read"))


def consent_of_administrators(page: Page, origin: str) -> None:
    """Admin consent, with what an application is to have itself."""
    agreeing(page, origin, of_administrators(origin), "owner")


def consent_of_administrators_long(page: Page, origin: str) -> None:
    """The same of two applications with names that never end."""
    agreeing(page, origin, of_administrators(origin, client_id=ENDLESS), "owner")


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


def account_profile(page: Page, origin: str) -> None:
    """The profile was saved."""
    page.goto(f"{origin}/login")
    fill(page, reader(page))
    page.wait_for_url("**/account")
    page.click("#save-profile")
    page.wait_for_url("**/account?done=profile**")


def account_profile_refused(page: Page, origin: str) -> None:
    """A name that is none."""
    page.goto(f"{origin}/login")
    fill(page, reader(page))
    page.wait_for_url("**/account")
    page.evaluate("document.getElementById('name').removeAttribute('maxlength')")
    page.fill("#name", "x" * 301)
    page.click("#save-profile")
    page.wait_for_url("**/account/profile**")


def account_long(page: Page, origin: str) -> None:
    """The account of somebody whose name and address never end."""
    page.goto(f"{origin}/login")
    fill(page, LONG_ADDRESS)
    page.wait_for_url("**/account")


def sign_up(page: Page, origin: str) -> None:
    """The sign-up page of a flow."""
    page.goto(asking(origin, screen_hint="signup"))
    page.wait_for_url("**/signup**")


def sign_up_refused(page: Page, origin: str) -> None:
    """A password that is among the first that are guessed."""
    sign_up(page, origin)
    page.fill("#email", "somebody@example.org")
    page.fill("#password", "password1")
    page.click("#sign-up")


def sign_up_taken(page: Page, origin: str) -> None:
    """An address that is somebody else's."""
    sign_up(page, origin)
    page.fill("#email", "user@example.com")
    page.fill("#password", "nine brown otters")
    page.click("#sign-up")
    page.wait_for_selector("#problem")


def invitation(page: Page, origin: str) -> None:
    """The link was opened."""
    page.goto(f"{origin}/invites/auth0%7C3")
    page.wait_for_url("**/invitation")


def invitation_long(page: Page, origin: str) -> None:
    """The link of somebody whose name and address never end; a password that is too long."""
    page.goto(f"{origin}/invites/auth0%7C4")
    page.fill("#new-password", "a" * 300)
    page.click("#accept")
    page.wait_for_selector("#new-err")


def sign_out(page: Page, origin: str) -> None:
    """The question whether to leave."""
    page.goto(f"{origin}/login")
    fill(page, reader(page))
    page.wait_for_url("**/account")
    page.goto(f"{origin}/oidc/logout?client_id=orders")


def demo(page: Page, origin: str) -> None:
    """The demo application, with all that it does."""
    page.goto(f"{origin}/demo/app")
    page.click("#begin")
    page.wait_for_url("**/login**")
    fill(page)
    page.wait_for_url(re.compile("/consent|/demo/app"))
    if page.locator("#allow").count():
        page.click("#allow")
    page.locator("#sign-out").wait_for()
    for name in ("call", "ask", "refresh", "exceed"):
        page.click(f"#{name}")
        page.locator(f"[data-step={name}] [data-badge]").wait_for()
    page.evaluate("scrollTo(0, 0)")


def demo_denied(page: Page, origin: str) -> None:
    """The demo application, to which somebody said no."""
    page.goto(f"{origin}/demo/app")
    page.click("#begin")
    page.wait_for_url("**/login**")
    fill(page, "nobody@example.com")
    page.wait_for_url("**/consent**")
    page.click("#deny")
    page.locator("#problem").wait_for()
    page.evaluate("scrollTo(0, 0)")


def demo_left(page: Page, origin: str) -> None:
    """The demo application, after signing out."""
    demo(page, origin)
    page.click("#sign-out")
    page.locator("#signed-out").wait_for()
    page.evaluate("scrollTo(0, 0)")


def portal(page: Page, origin: str) -> None:
    """A page of a portal, with all that it does; the profile of its visitor decides on the language."""
    page.goto(f"{origin}/portal/")
    who = reader(page)
    page.click("#sign-in")
    page.wait_for_url("**/login**")
    fill(page, who)
    page.wait_for_url("**/portal/")
    page.click("#go")
    page.locator("[data-step=check] [data-badge]").wait_for()
    for name in ("get", "fail", "call"):
        page.click(f"#{name}")
        page.locator(f"[data-step={name}] [data-badge]").wait_for()
    page.evaluate("scrollTo(0, 0)")


def portal_gone(page: Page, origin: str) -> None:
    """The page of a portal, whose visitor was signed out elsewhere meanwhile."""
    page.goto(f"{origin}/login?return_to=/portal/")
    fill(page, reader(page))
    page.wait_for_url("**/portal/")
    page.context.clear_cookies()
    page.click("#get")
    page.locator("#problem").wait_for()
    page.evaluate("scrollTo(0, 0)")


def forgot_sent(page: Page, origin: str) -> None:
    """A link was asked for."""
    page.goto(f"{origin}/forgot?done=sent")


def reset_done(page: Page, origin: str) -> None:
    """Another password was set."""
    page.goto(f"{origin}/login?done=reset")


def tray(page: Page, origin: str) -> None:
    """The tray of a development server, with a mail in it that somebody asked for."""
    page.goto(f"{origin}/forgot")
    page.fill("#username", reader(page))
    page.click("#send")
    page.locator("#sent").wait_for()
    page.goto(f"{origin}{MAILED}")


def letter(page: Page, origin: str) -> None:
    """The mail, as the tray shows it."""
    tray(page, origin)
    page.click("td a")
    page.locator("#text").wait_for()


def letter_html(page: Page, origin: str) -> None:
    """The mail, as a mail program shows it."""
    letter(page, origin)
    page.click("#html")


def reset(page: Page, origin: str) -> None:
    """The page that its link leads to."""
    letter(page, origin)
    page.click("#open")
    page.locator("#accept").wait_for()


def reset_refused(page: Page, origin: str) -> None:
    """The same, after a poor password."""
    reset(page, origin)
    page.fill("#new-password", "password1234")
    page.click("#accept")


STORIES: Mapping[str, Story] = {
    "sign-in": sign_in,
    "sign-in-wrong": wrong,
    "sign-in-locked": locked,
    "consent": consent,
    "consent-long": consent_long,
    "consent-combined": consent_combined,
    "consent-for-everybody": consent_for_everybody,
    "consent-beyond": consent_beyond,
    "consent-of-administrators": consent_of_administrators,
    "consent-of-administrators-long": consent_of_administrators_long,
    "account": account,
    "account-refused": account_refused,
    "account-bare": account_bare,
    "account-profile": account_profile,
    "account-profile-refused": account_profile_refused,
    "account-long": account_long,
    "sign-up": sign_up,
    "sign-up-refused": sign_up_refused,
    "sign-up-taken": sign_up_taken,
    "invitation": invitation,
    "invitation-long": invitation_long,
    "forgot-sent": forgot_sent,
    "reset-done": reset_done,
    "tray": tray,
    "letter": letter,
    "reset": reset,
    "reset-refused": reset_refused,
    "sign-out": sign_out,
    "demo-done": demo,
    "demo-denied": demo_denied,
    "demo-left": demo_left,
    "portal-done": portal,
    "portal-gone": portal_gone,
    **FACTOR_STORIES,
}
