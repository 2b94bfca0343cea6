"""auth0-spa-js signs people in, as it comes, in a real browser: page and server are ports of one site."""

from typing import Any

import pytest
from playwright.sync_api import Page, Request

from tests.clients.auth0_pages import Site, signs_in
from tests.clients.person import ADDRESS, NAME
from tests.clients.place import Machine, Place
from tests.servers import claims_of

API = "https://spa.example.com"
FRESH = "client.getTokenSilently({ cacheMode: 'off', detailedResponse: true })"


@pytest.fixture(scope="module", autouse=True)
def an_api(square: Place) -> None:
    """An API that lets people stay."""
    square.api(API, allow_offline_access=True)


@pytest.fixture(scope="module")
def app(site: Site) -> Machine:
    """The application."""
    return site.app("spa")


def options(site: Site, app: Machine, *, origin: str = "", asked: dict[str, str] | None = None, **more: Any):
    """What the SDK is told: as a README says, and what a test adds."""
    params = {"redirect_uri": f"{origin or site.url}/spa", **(asked or {})}
    return {"domain": site.place.domain, "clientId": app.client_id, "authorizationParams": params, **more}


def opens(page: Page, told: dict[str, Any]) -> None:
    """The page of the application, with its client."""
    page.goto(told["authorizationParams"]["redirect_uri"])
    page.evaluate("(told) => void connect(told)", told)


def enters(page: Page, told: dict[str, Any], *, agrees: bool = False) -> dict[str, Any]:
    """There and back again; what the SDK knows of the person."""
    opens(page, told)
    page.evaluate("client.loginWithRedirect({ appState: { target: '/basket' } })")
    signs_in(page)
    if agrees:
        page.click("#allow")
    page.wait_for_url("**/spa?code=*")
    kept = page.evaluate("(told) => connect(told).handleRedirectCallback()", told)
    assert kept["appState"] == {"target": "/basket"}
    found: dict[str, Any] = page.evaluate("client.getIdTokenClaims()")
    return found


def asked_for(page: Page, path: str) -> list[Request]:
    """The requests to an address, from now on."""
    found: list[Request] = []
    page.on("request", lambda request: found.append(request) if path in request.url else None)
    return found


def test_there_and_back(page: Page, site: Site, app: Machine) -> None:
    """By loginWithRedirect: the SDK takes code and ID token, with the issuer that has port and slash."""
    claims = enters(page, options(site, app))
    assert (claims["iss"], claims["aud"]) == (site.place.issuer, app.client_id)
    assert (claims["email"], claims["name"]) == (ADDRESS, NAME)
    assert page.evaluate("client.isAuthenticated()") is True
    assert page.evaluate("client.getUser()")["sub"] == claims["sub"]


def test_in_a_window_of_its_own(page: Page, site: Site, app: Machine) -> None:
    """By loginWithPopup: the window keeps who opened it, through a wrong password, too, and is closed."""
    opens(page, options(site, app))
    with page.expect_popup() as opened:
        page.evaluate("void (window.done = client.loginWithPopup())")
    window = opened.value
    window.wait_for_url("**/login**")
    window.fill("#username", ADDRESS)
    window.fill("#password", "not the password")
    window.click("#sign-in")
    window.wait_for_selector("[role=alert]")
    signs_in(window)
    page.evaluate("done")
    assert page.evaluate("client.getUser()")["email"] == ADDRESS
    assert window.is_closed()


def test_silence_in_a_frame(page: Page, site: Site, app: Machine) -> None:
    """By getTokenSilently: prompt=none in a frame, answered as a message, gives other tokens each time."""
    enters(page, options(site, app))
    requests = asked_for(page, "/authorize?")
    first, second = page.evaluate(FRESH), page.evaluate(FRESH)
    assert len(requests) == 2
    assert all("response_mode=web_message" in each.url for each in requests)
    assert first["access_token"] != second["access_token"]
    for given in (first, second):
        assert isinstance(given["expires_in"], int)
        assert claims_of(given["id_token"])["email"] == ADDRESS


def test_nobody_is_there(page: Page, site: Site, app: Machine) -> None:
    """Silence without a session is the SDK's own login_required, at once."""
    opens(page, options(site, app))
    said = page.evaluate("complaint(client.getTokenSilently({ timeoutInSeconds: 5 }))")
    assert said["error"] == "login_required"


def test_a_token_for_an_api(page: Page, site: Site, app: Machine) -> None:
    """With an audience the token is a JWT for the API and for /userinfo; who agreed is not asked again."""
    asked = {"audience": API, "scope": "openid email read:things"}
    enters(page, options(site, app, asked=asked), agrees=True)
    claims = claims_of(page.evaluate(FRESH)["access_token"])
    assert claims["aud"] == [API, f"{site.place.issuer}userinfo"]
    assert (claims["azp"], claims["scope"]) == (app.client_id, asked["scope"])


def test_silence_asks_for_no_consent(page: Page, site: Site) -> None:
    """What nobody agreed to is consent_required in silence, and can be had by getTokenWithPopup."""
    enters(page, options(site, site.app("spa")))
    wish = {"authorizationParams": {"audience": API, "scope": "openid read:things"}}
    said = page.evaluate("(wish) => complaint(client.getTokenSilently(wish))", wish)
    assert said["error"] == "consent_required"
    with page.expect_popup() as opened:
        page.evaluate("(wish) => void (window.done = client.getTokenWithPopup(wish))", wish)
    opened.value.click("#allow")
    assert API in claims_of(page.evaluate("done"))["aud"]


def test_refresh_tokens_in_a_worker(page: Page, site: Site, app: Machine) -> None:
    """The worker keeps them: each use gives the next one, across origins, and no page is asked."""
    enters(page, options(site, app, useRefreshTokens=True))
    requests = asked_for(page, "/authorize?")
    tokens = {page.evaluate(FRESH)["access_token"] for _ in range(3)}
    assert len(tokens) == 3
    assert requests == []


def test_refresh_tokens_that_stay(page: Page, site: Site, app: Machine) -> None:
    """In localStorage they outlive the page; each answer has an ID token, seconds and the next one."""
    told = options(site, app, useRefreshTokens=True, cacheLocation="localstorage")
    enters(page, told)
    opens(page, told)
    requests = asked_for(page, "/authorize?")
    kept = "Object.values(localStorage).map((each) => JSON.parse(each).body?.refresh_token).find(Boolean)"
    before = page.evaluate(kept)
    given = page.evaluate(FRESH)
    assert isinstance(given["expires_in"], int)
    assert claims_of(given["id_token"])["email"] == ADDRESS
    assert page.evaluate(kept) not in (before, None)
    assert requests == []


def test_a_refresh_token_that_is_good_no_more(page: Page, site: Site, app: Machine) -> None:
    """The SDK knows our text for it: it goes on with a frame where it was told so, otherwise it says so."""
    told = options(site, app, useRefreshTokens=True, cacheLocation="localstorage")
    enters(page, told)
    page.evaluate("client.revokeRefreshToken()")
    said = page.evaluate("complaint(client.getTokenSilently({ cacheMode: 'off' }))")
    assert said is not None
    opens(page, {**told, "useRefreshTokensFallback": True})
    requests = asked_for(page, "/authorize?")
    assert page.evaluate(FRESH)["access_token"]
    assert len(requests) == 1


def test_leaving(page: Page, site: Site, app: Machine) -> None:
    """By /v2/logout, without a question, back to the page; the server knows nobody any more either."""
    told = options(site, app)
    enters(page, told)
    back = {"logoutParams": {"returnTo": f"{site.url}/spa"}}
    page.evaluate("(back) => client.logout(back)", back)
    page.wait_for_url(f"{site.url}/spa")
    page.evaluate("(told) => void connect(told)", told)
    assert page.evaluate("client.isAuthenticated()") is False
    assert page.evaluate("complaint(client.getTokenSilently())")["error"] == "login_required"


def test_leaving_to_nowhere(page: Page, site: Site, app: Machine) -> None:
    """An address that the client did not name is no place to go: the person stays at our page. Class 9."""
    enters(page, options(site, app))
    away = {"logoutParams": {"returnTo": f"{site.elsewhere}/spa", "federated": True}}
    page.evaluate("(away) => client.logout(away)", away)
    page.wait_for_url("**/v2/logout?*")
    assert page.url.startswith(site.place.url)
    assert page.locator("h1").is_visible()
