"""auth0.js in a real browser, as it comes, by clients of both pipelines."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.clients.auth0_pages import Site, signs_in
from tests.clients.person import ADDRESS, NAME, PASSWORD
from tests.clients.place import Machine, Place
from tests.servers import claims_of

API = "https://older.example.com"
PIPELINES = pytest.mark.parametrize("conformant", [True, False], ids=["conformant", "older"])
# What a call of the SDK comes to.
INFO = """(token) => new Promise((resolve) =>
  web.client.userInfo(token, (error, given) => resolve({ error, given })))"""


@pytest.fixture(scope="module", autouse=True)
def an_api(square: Place) -> None:
    """An API."""
    square.api(API)


def options(site: Site, app: Machine, **more: str) -> dict[str, str]:
    """What the SDK is told."""
    return {
        "domain": site.place.domain,
        "clientID": app.client_id,
        "redirectUri": f"{site.url}/auth0",
        "responseType": "token id_token",
        "scope": "openid profile email",
        **more,
    }


def enters(page: Page, told: dict[str, str], **more: str) -> None:
    """There and back again: the answer is in the fragment."""
    page.goto(told["redirectUri"])
    page.evaluate("([told, more]) => { connect(told); web.authorize(more) }", [told, more])
    signs_in(page)
    page.wait_for_url("**/auth0#*")
    page.evaluate("(told) => void connect(told)", told)


def given(page: Page, method: str, *told: Any) -> dict[str, Any]:
    """What a method gives; it has no complaint."""
    said = page.evaluate("([method, told]) => asked(method, ...told)", [method, list(told)])
    assert said["error"] is None, said["error"]
    found: dict[str, Any] = said["given"]
    return found


def complaint(page: Page, method: str, *told: Any) -> dict[str, Any]:
    """How it complains."""
    said = page.evaluate("([method, told]) => asked(method, ...told)", [method, list(told)])
    assert said["given"] is None
    found: dict[str, Any] = said["error"]
    return found


@PIPELINES
def test_there_and_back(page: Page, site: Site, conformant: bool) -> None:
    """With authorize and parseHash: the SDK verifies what came by our keys; the token is for /userinfo."""
    app = site.app("auth0", oidc_conformant=conformant)
    enters(page, options(site, app))
    told = given(page, "parseHash")
    claims = told["idTokenPayload"]
    assert (claims["iss"], claims["aud"]) == (site.place.issuer, app.client_id)
    assert (told["tokenType"], told["expiresIn"]) == ("Bearer", 86400)
    assert "." not in told["accessToken"]
    person = page.evaluate(INFO, told["accessToken"])["given"]
    assert (person["sub"], person["email"], person["name"]) == (claims["sub"], ADDRESS, NAME)
    # The profile of the older pipeline says more than OpenID Connect.
    assert ("identities" in person) is not conformant
    assert ("identities" in claims) is not conformant


@PIPELINES
@pytest.mark.parametrize("wanted", ["token", "id_token", "id_token token"])
def test_what_a_type_gives(page: Page, site: Site, conformant: bool, wanted: str) -> None:
    """What was asked for, and in the older pipeline an ID token beside each token, without a nonce."""
    app = site.app("auth0", oidc_conformant=conformant)
    told = options(site, app, responseType=wanted)
    enters(page, told)
    found = given(page, "parseHash")
    assert (found["accessToken"] is not None) is ("token" in wanted.split())
    assert (found["idToken"] is not None) is ("id_token" in wanted or not conformant)


def test_a_refresh_token_for_a_device(page: Page, site: Site) -> None:
    """The older pipeline's: with device and offline_access, and never in the conformant one."""
    for conformant in (False, True):
        app = site.app("auth0", oidc_conformant=conformant)
        told = options(site, app, scope="openid offline_access", responseType="token")
        page.context.clear_cookies()
        enters(page, told, device="a browser")
        assert (given(page, "parseHash")["refreshToken"] is not None) is not conformant


def test_an_audience_leaves_the_older_pipeline(page: Page, site: Site) -> None:
    """A request for an API is conformant, whatever the client is: a JWT for the API."""
    app = site.app("auth0", oidc_conformant=False)
    told = options(site, app, audience=API, scope="openid read:things")
    page.goto(told["redirectUri"])
    page.evaluate("(told) => connect(told).authorize()", told)
    signs_in(page)
    page.click("#allow")
    page.wait_for_url("**/auth0#*")
    page.evaluate("(told) => void connect(told)", told)
    found = given(page, "parseHash")
    assert claims_of(found["accessToken"])["aud"] == [API, f"{site.place.issuer}userinfo"]
    assert found["expiresIn"] == 7200
    assert "identities" not in found["idTokenPayload"]


@PIPELINES
def test_silence(page: Page, site: Site, conformant: bool) -> None:
    """By a message (checkSession), by a fragment in a frame (renewAuth): both find who is signed in."""
    app = site.app("auth0", oidc_conformant=conformant)
    told = options(site, app)
    page.goto(told["redirectUri"])
    page.evaluate("(told) => void connect(told)", told)
    quiet = {"redirectUri": f"{site.url}/silent", "usePostMessage": True, "timeout": 5000}
    for method, more in (("checkSession", {"timeout": 5000}), ("renewAuth", quiet)):
        assert complaint(page, method, more)["error"] == "login_required"
    enters(page, told)
    first = given(page, "parseHash")
    for method, more in (("checkSession", {"timeout": 5000}), ("renewAuth", quiet)):
        found = given(page, method, more)
        assert found["idTokenPayload"]["sub"] == first["idTokenPayload"]["sub"]
        assert found["accessToken"] != first["accessToken"]


def test_silence_needs_a_scope_of_its_own(page: Page, site: Site) -> None:
    """The SDK sends none by itself: without one in the options an ID token is refused."""
    told = options(site, site.app("auth0"))
    del told["scope"]
    enters(page, told)
    assert complaint(page, "checkSession", {})["error"] == "invalid_scope"
    assert given(page, "checkSession", {"scope": "openid"})["idTokenPayload"]["aud"] == told["clientID"]


def test_in_a_window_of_its_own(page: Page, site: Site) -> None:
    """With popup.authorize: the page that people come back to says the fragment to whoever opened it."""
    told = options(site, site.app("auth0", callbacks=[f"{site.url}/auth0", f"{site.url}/popup"]))
    page.goto(told["redirectUri"])
    page.evaluate("(told) => void connect(told)", told)
    asks = """(address) => void (window.done = new Promise((resolve) => web.popup.authorize(
      { redirectUri: address }, (error, given) => resolve({ error, given }))))"""
    with page.expect_popup() as opened:
        page.evaluate(asks, f"{site.url}/popup")
    signs_in(opened.value)
    said = page.evaluate("done")
    assert said["error"] is None
    assert said["given"]["idTokenPayload"]["email"] == ADDRESS


def test_an_answer_is_good_once(page: Page, site: Site) -> None:
    """Replayed or brought to another request, the SDK refuses it by state and nonce. Seed 003; class 29."""
    told = options(site, site.app("auth0"))
    enters(page, told)
    fragment = page.evaluate("location.hash")
    given(page, "parseHash")
    assert complaint(page, "parseHash", {"hash": fragment})["error"] == "invalid_token"
    again = complaint(page, "parseHash", {"hash": fragment, "state": state(fragment), "nonce": "another"})
    assert "nonce" in again["errorDescription"].lower()


def test_the_error_of_a_request(page: Page, site: Site) -> None:
    """What we refuse is the SDK's own error, with our code and text."""
    told = options(site, site.app("auth0"), responseType="id_token", scope="email")
    page.goto(told["redirectUri"])
    page.evaluate("(told) => connect(told).authorize()", told)
    page.wait_for_url("**/auth0#*")
    page.evaluate("(told) => void connect(told)", told)
    said = complaint(page, "parseHash")
    assert said["error"] == "invalid_scope"
    assert said["errorDescription"]
    assert said["state"]


def state(fragment: str) -> str:
    """What the answer was recognised by."""
    return fragment.partition("state=")[2].partition("&")[0]


@PIPELINES
def test_leaving(page: Page, site: Site, conformant: bool) -> None:
    """By /v2/logout and back; then silence finds nobody."""
    told = options(site, site.app("auth0", oidc_conformant=conformant))
    enters(page, told)
    page.evaluate("(back) => web.logout({ returnTo: back })", told["redirectUri"])
    page.wait_for_url(told["redirectUri"])
    page.evaluate("(told) => void connect(told)", told)
    assert complaint(page, "checkSession", {"timeout": 5000})["error"] == "login_required"


def shows(page: Page, told: dict[str, str], password: str = PASSWORD) -> None:
    """A page of the application with a form of its own sends what was typed."""
    page.goto(told["redirectUri"])
    typed = {"realm": "Username-Password-Authentication", "username": ADDRESS, "password": password}
    page.evaluate(
        """([told, typed]) => {
          connect(told)
          window.done = new Promise((resolve) => web.login(typed, (error) => resolve(error)))
        }""",
        [told, typed],
    )


@PIPELINES
def test_a_form_of_the_application(page: Page, site: Site, conformant: bool) -> None:
    """With login: /co/authenticate with cookies across origins, then /authorize with the ticket, no page."""
    app = site.app("auth0", cross_origin_authentication=True, oidc_conformant=conformant)
    told = options(site, app)
    shows(page, told)
    page.wait_for_url("**/auth0#*")
    page.evaluate("(told) => void connect(told)", told)
    assert given(page, "parseHash")["idTokenPayload"]["email"] == ADDRESS
    # The session is there for what comes after it.
    assert given(page, "checkSession", {"timeout": 5000})["accessToken"]


def test_a_form_with_a_wrong_password(page: Page, site: Site) -> None:
    """The SDK's own error, at the page."""
    told = options(site, site.app("auth0", cross_origin_authentication=True))
    shows(page, told, "not the password")
    said = page.evaluate("done")
    assert said["code"] == "access_denied"
    assert said["description"]


def test_a_form_that_may_not_ask(page: Page, site: Site) -> None:
    """Neither a client that was not told so, nor a page that the client did not name, may take passwords."""
    for app in (
        site.app("auth0"),
        site.app("auth0", cross_origin_authentication=True, web_origins=[]),
    ):
        shows(page, options(site, app))
        assert page.evaluate("done")["code"]
        assert "#" not in page.url
