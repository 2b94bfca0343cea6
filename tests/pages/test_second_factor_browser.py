"""The second factor in Chromium: linked, shown, lost and found, with and without script."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from sekisho.spec.conditional.facts import MFA_ACR
from tests.pages.chromium import person
from tests.pages.factor_stories import again, linked, newcomer, shown_by_app
from tests.pages.site import PASSWORD, asking


def signs_in(page: Page, name: str) -> None:
    """The sign-in form."""
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("#sign-in")


@pytest.mark.parametrize("script", [True, False])
def test_an_app_is_linked_and_shown(browser: Browser, origin: str, script: bool) -> None:
    """From the account: picture, code, recovery codes, on; and at the next sign-in the code of the app."""
    with person(browser, 390, script=script) as context:
        page = context.new_page()
        name = newcomer(page, origin)
        page.click("#second-factor")
        page.wait_for_url("**/mfa/setup**")
        box = page.locator("#qr").bounding_box()
        assert box
        assert box["width"] == box["height"] == 200
        secret = linked(page)
        written = (page.text_content("#codes") or "").split()
        assert len(written) == 10
        page.click("#saved")
        page.wait_for_url("**/account**")
        assert page.is_visible("#done")
        page.click("#sign-out")
        page.goto(f"{origin}/login")
        signs_in(page, name)
        page.wait_for_url("**/mfa?**")
        page.fill("#code", shown_by_app(secret, 1))
        page.click("#verify")
        page.wait_for_url("**/account")
        assert "10 of 10 left" in (page.text_content("#security") or "")


def test_a_recovery_code_lets_in_who_lost_the_phone(browser: Browser, origin: str) -> None:
    """A written code, in small letters; then the second factor is turned off with another one."""
    with person(browser) as context:
        page = context.new_page()
        again(page, origin)
        page.click("#other")
        page.wait_for_url("**way=recovery**")
        page.fill("#code", "AAAA-AAAA-AAAA-AAAA")
        page.click("#verify")
        assert page.is_visible("#problem")
        name = newcomer_with_codes(page, origin)
        page.goto(f"{origin}/login")
        signs_in(page, name[0])
        page.click("#other")
        page.fill("#code", name[1][0].lower())
        page.click("#verify")
        page.wait_for_url("**/account")
        page.click("#second-factor")
        page.fill("#code", name[1][1])
        page.click("#remove")
        page.wait_for_url("**/account?done=second_factor_removed**")
        assert page.text_content("#second-factor") == "Set up"


def newcomer_with_codes(page: Page, origin: str) -> tuple[str, list[str]]:
    """Somebody else, who has an app, is signed out again, and kept the codes."""
    page.context.clear_cookies()
    name = newcomer(page, origin)
    page.goto(f"{origin}/mfa/setup")
    linked(page)
    written = (page.text_content("#codes") or "").split()
    page.context.clear_cookies()
    return name, written


def test_an_application_that_asks_for_it_gets_it(browser: Browser, origin: str) -> None:
    """Asked for by acr_values: set up on the way, then the consent, then the answer, in one go."""
    with person(browser) as context:
        page = context.new_page()
        name = newcomer(page, origin)
        page.context.clear_cookies()
        page.goto(asking(origin, acr_values=MFA_ACR))
        signs_in(page, name)
        page.wait_for_url("**/mfa/setup**")
        linked(page)
        page.click("#saved")
        page.wait_for_url("**/consent**")
        page.click("#allow")
        page.wait_for_url("**/demo/callback**")
        assert parse_qs(urlsplit(page.url).query)["code"]


def test_not_you_leads_to_the_sign_in(browser: Browser, origin: str) -> None:
    """Who is somebody else signs in as that, in the same flow, and is not asked for a code."""
    with person(browser) as context:
        page = context.new_page()
        again(page, origin, asking(origin))
        page.click("#switch")
        page.wait_for_url("**/login**")
        signs_in(page, "user@example.com")
        page.wait_for_url("**/consent**")
