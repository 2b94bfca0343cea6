"""Where page and server are of different sites, or the page is nobody's: what works, and what must not."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.clients.auth0_pages import Site, anywhere, pages, signs_in
from tests.clients.place import Machine

SILENT = "complaint(client.getTokenSilently({ cacheMode: 'off', timeoutInSeconds: 5 }))"


def enters(page: Page, site: Site, app: Machine, origin: str, **more: object) -> None:
    """There and back again, by auth0-spa-js at this origin."""
    params = {"redirect_uri": f"{origin}/spa"}
    told = {
        "domain": site.place.domain,
        "clientId": app.client_id,
        "authorizationParams": params,
        **more,
    }
    page.goto(f"{origin}/spa")
    page.evaluate("(told) => connect(told).loginWithRedirect()", told)
    signs_in(page)
    page.wait_for_url("**/spa?code=*")
    page.evaluate("(told) => connect(told).handleRedirectCallback()", told)


@pytest.fixture(scope="module")
def far(site: Site) -> Machine:
    """An application at the other name of this machine, which is another site to browsers."""
    return site.app("spa", callbacks=[f"{site.elsewhere}/spa"], web_origins=[site.elsewhere])


@pytest.fixture(scope="module")
def near(site: Site) -> Machine:
    """One beside the server."""
    return site.app("listens")


def asking(site: Site, app: Machine, **more: str) -> str:
    """The address of a silent request."""
    told = {
        "client_id": app.client_id,
        "response_type": "code",
        "response_mode": "web_message",
        "redirect_uri": f"{site.url}/listens",
        "scope": "openid",
        "state": "s-1",
        "prompt": "none",
        "code_challenge": "v" * 43,
        "code_challenge_method": "S256",
        **more,
    }
    return f"{site.place.url}/authorize?{urlencode(told)}"


def test_a_page_that_named_no_origin(page: Page, site: Site) -> None:
    """It may redeem its code: where people come back to is a page of the client. Contract section 0.1."""
    app = site.app("spa", web_origins=[])
    enters(page, site, app, site.url)
    assert page.evaluate("client.isAuthenticated()") is True


def test_another_site_hears_no_silence(page: Page, site: Site, far: Machine) -> None:
    """Browsers keep our cookie from frames of another site: login_required, while redirects work."""
    enters(page, site, far, site.elsewhere)
    assert page.evaluate(SILENT)["error"] == "login_required"


def test_another_site_refreshes(page: Page, site: Site, far: Machine) -> None:
    """Refresh tokens need no cookie: with them another site stays signed in."""
    enters(page, site, far, site.elsewhere, useRefreshTokens=True)
    first, second = (page.evaluate("client.getTokenSilently({ cacheMode: 'off' })") for _ in range(2))
    assert first != second


def test_another_site_where_the_browser_lets_it(
    browser: Browser, tmp_path: Path, site: Site, far: Machine
) -> None:
    """The cookie is of the kind that frames of other sites get, where the browser has no other opinion."""
    with anywhere(browser, tmp_path) as page:
        enters(page, site, far, site.elsewhere)
        assert page.evaluate(SILENT) is None
        (cookie,) = [each for each in page.context.cookies() if "-sso-" in each["name"]]
        assert (cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == ("None", True, True)


def hears(page: Page, origin: str, address: str, how: str) -> list[object]:
    """What a page of this origin is told after it has the address in a frame, or in a window."""
    page.goto(f"{origin}/listens")
    if how == "frame":
        page.evaluate("(address) => frames(address)", address)
    else:
        with page.expect_popup() as opened:
            page.evaluate("(address) => void window.open(address)", address)
        opened.value.wait_for_load_state()
        page.wait_for_timeout(300)
        opened.value.close()
    found: list[object] = page.evaluate("heard")
    return found


@pytest.mark.parametrize("how", ["frame", "window"])
def test_a_stranger_hears_nothing(page: Page, site: Site, near: Machine, how: str) -> None:
    """A message goes to the client's origin only: a page at another port hears none. Class 12."""
    # The stranger is of the same site, so the browser brings the session along: the hardest case.
    enters(page, site, site.app("spa"), site.url)
    for more in ({}, {"prompt": "none", "max_age": "0"}):
        address = asking(site, near, **more)
        (heard,) = hears(page, site.url, address, how)
        assert isinstance(heard, dict)
        assert heard["type"] == "authorization_response"
        assert heard["response"]["state"] == "s-1"
        with pages(site.place) as stranger:
            for origin in (stranger.url, stranger.elsewhere, site.elsewhere):
                assert hears(page, origin, address, how) == []


def test_no_message_for_an_address_of_somebody_else(page: Page, site: Site, near: Machine) -> None:
    """Neither an address nor an origin that the client did not name is told anything. Class 4."""
    enters(page, site, site.app("spa"), site.url)
    silent = site.app("listens", web_origins=[])
    with pages(site.place) as stranger:
        foreign = asking(site, near, redirect_uri=f"{stranger.url}/listens")
        for how in ("frame", "window"):
            assert hears(page, stranger.url, foreign, how) == []
            assert hears(page, site.url, asking(site, silent), how) == []


def test_nobody_frames_the_sign_in_page(page: Page, site: Site, near: Machine) -> None:
    """Not even the client itself: only the page of the answer may be in its frame. Class 69."""
    page.goto(f"{site.url}/listens")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    page.evaluate("(address) => frames(address)", asking(site, near, prompt="login"))
    assert any(re.search("frame-ancestors", text) for text in refused)
    with pytest.raises(Error, match="null"):
        page.evaluate("document.querySelector('iframe').contentDocument.body")
