"""Scripts as the vendor of Power Pages describes them, with jQuery, on one origin; the API on another."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, Page

from tests.clients.portal import CLIENT, Portal, portal
from tests.clients.script import installed
from tests.pages.chromium import chromium, person
from tests.servers import claims_of

SITE = Path(__file__).with_name("vendor_site")
PAGE = "/vendor.html"
ASKS = "new Promise((resolve) => auth.getAuthenticationToken((data, error) => resolve([data, error])))"
CALLS = """([token, api]) =>
  $.ajax({ url: api + "/api/external/whoami", headers: { Authorization: "Bearer " + token } })"""


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal with such pages, which are registered."""
    jquery = installed() / "node_modules" / "jquery" / "dist" / "jquery.js"
    with portal(tmp_path_factory.mktemp("vendor")) as found:
        shutil.copytree(SITE, found.site, dirs_exist_ok=True)
        shutil.copy(jquery, found.site)
        name = f"ImplicitGrantFlow/{CLIENT}/RedirectUri"
        found.paste(f"sekisho site-setting set {name} {found.url}{PAGE}")
        yield found


@pytest.fixture(scope="module")
def browser(vendors: Portal) -> Iterator[Browser]:
    """The browser, while it runs."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    with person(browser) as context:
        yield context.new_page()


def visits(page: Page, vendors: Portal, email: str = "user@example.com") -> None:
    """Signed in, at the page with the scripts."""
    page.goto(f"{vendors.url}/SignIn?returnUrl={PAGE}")
    vendors.signs_in(page, email)
    page.wait_for_url(vendors.url + PAGE)


def good(token: str, vendors: Portal, audience: str = CLIENT) -> dict[str, Any]:
    """What the API of the example finds in it, too."""
    claims = claims_of(token)
    assert (claims["iss"], claims["aud"], claims["appid"]) == (vendors.host, audience, audience)
    return claims


def test_the_authorize_endpoint(page: Page, vendors: Portal) -> None:
    """Anonymous, then signed in: the fragment has the state as it was, and the API takes the token."""
    for is_first in (True, False):
        page.goto(vendors.url + PAGE)
        page.evaluate("portal.go()")
        if is_first:
            vendors.signs_in(page)
        page.wait_for_url(re.compile("/vendor.html#token="))
        told = page.evaluate("portal.landed()")
        assert told["state"].startswith("my@pp$tate")
        claims = good(told["token"], vendors)
        assert told["expires_in"] == str(claims["exp"] - claims["nbf"])
        assert page.evaluate(CALLS, [told["token"], vendors.api])["email"] == "user@example.com"


def test_the_token_endpoint(page: Page, vendors: Portal) -> None:
    """Anonymous it leads to sign in and back; then the callback is given a text, and the API takes it."""
    page.goto(vendors.url + PAGE)
    page.evaluate("auth.getAuthenticationToken(() => {})")
    vendors.signs_in(page, "user@example.jp")
    page.wait_for_url(vendors.url + PAGE)
    token, error = page.evaluate(ASKS)
    assert error is None
    good(token, vendors)
    assert page.evaluate(CALLS, [token, vendors.api])["email"] == "user@example.jp"


def test_a_callback_learns_that_nobody_is_signed_in(page: Page, vendors: Portal) -> None:
    """Where the script does not lead to sign in, it is given what the header says."""
    page.goto(vendors.url + PAGE)
    page.evaluate("auth.leadsToSignIn = false")
    told, error = page.evaluate(ASKS)
    assert error is None
    assert told["status"] == 401
    assert told["headers"]["location"].startswith(f"{vendors.url}/SignIn?ReturnUrl=")


def test_a_callback_learns_what_is_wrong(page: Page, vendors: Portal) -> None:
    """Code and message of the portal's document, which jQuery read as JSON."""
    visits(page, vendors)
    page.evaluate("auth.clientId = 'nobody'")
    token, error = page.evaluate(ASKS)
    assert token is None
    assert error.startswith("PortalSTS0001 ")


@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_line_of_jquery(page: Page, vendors: Portal, verb: str) -> None:
    """Without a client the token is for nobody in particular, and the API of the example refuses it."""
    visits(page, vendors)
    token = page.evaluate(f"$.{verb}('/_services/auth/token')")
    good(token, vendors, "")
    refused = "(told) => (" + CALLS + ")(told).then(() => 200, (answer) => answer.status)"
    assert page.evaluate(refused, [token, vendors.api]) == 401


@pytest.mark.parametrize(
    "options",
    [
        """["/_services/auth/token?client_id=example-portal",
            { method: "POST", credentials: "same-origin", headers: { accept: "text/plain" } }]""",
        """["/_services/Auth/Token", { method: "POST", body: new URLSearchParams({
            client_id: "example-portal", response_type: "token", nonce: "12345678901234567890", state: "s",
            __RequestVerificationToken: "x" }) }]""",
        """["/_services/auth/token?client_id=example-portal", {}]""",
    ],
    ids=["plain", "form", "get"],
)
def test_fetch(page: Page, vendors: Portal, options: str) -> None:
    """As single-page applications ask: with a query, with a form, with GET; the lifetime is in a header."""
    visits(page, vendors)
    token, lifetime, state = page.evaluate(
        f"""(async () => {{
          const answer = await fetch(...{options});
          return [await answer.text(), answer.headers.get("expires_in"), answer.headers.get("state")];
        }})()"""
    )
    claims = good(token, vendors)
    assert int(lifetime) == claims["exp"] - claims["nbf"]
    assert (state, claims.get("nonce")) in ((None, None), ("s", "12345678901234567890"))


def test_fetch_of_somebody_anonymous_gets_a_page(page: Page, vendors: Portal) -> None:
    """A plain fetch follows to the sign-in page: what comes has not the three parts that clients look for."""
    page.goto(vendors.url + PAGE)
    text = page.evaluate("fetch('/_services/auth/token', { method: 'POST' }).then((answer) => answer.text())")
    assert text.lstrip().lower().startswith("<!doctype html>")
    with pytest.raises(jwt.DecodeError):
        jwt.get_unverified_header(text)
