"""MSAL.js as it comes, in a real browser: a page, the API behind it, and the APIs behind that one."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.clients.shop import Shop, opened, visiting
from tests.pages.chromium import chromium
from tests.servers import claims_of

# The client of the page, made a second time beside it: tokens are in the storage that both have.
CLIENT = """async (told) => {
  const client = new msal.PublicClientApplication(told.made);
  await client.initialize();
  client.setActiveAccount(client.getAllAccounts()[0]);
  try {
    const { accessToken, idToken, fromCache, scopes } = await client[told.does](told.asked);
    return { accessToken, idToken, fromCache, scopes };
  } catch (error) {
    const { name, errorCode, subError, errorNo } = error;
    return { name, errorCode, subError, errorNo };
  }
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everything that the README starts."""
    with opened(tmp_path_factory.mktemp("shop")) as found:
        yield found


@pytest.fixture(scope="module")
def browser(shop: Shop) -> Iterator[Browser]:
    """The browser, while they run."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    with visiting(browser) as found:
        yield found


def asked_for(page: Page, path: str) -> list[Request]:
    """The requests to an address, from now on."""
    found: list[Request] = []
    page.on("request", lambda request: found.append(request) if path in request.url else None)
    return found


def enters(page: Page, shop: Shop, email: str = "user@example.com") -> None:
    """From the page through sign-in; whoever is asked for the first time agrees."""
    page.goto(shop.page)
    page.click("#sign-in")
    shop.signs_in(page, email)
    page.wait_for_url(lambda url: "/consent" in url or url == shop.page)
    if "/consent" in page.url:
        page.click("#allow")
    expect(page.locator("#ask")).to_be_visible()


def overview(page: Page) -> dict[str, Any]:
    """What the API says, as the page shows it."""
    page.click("#ask")
    expect(page.locator("#said")).to_contain_text("{")
    found: dict[str, Any] = json.loads(page.locator("#said").inner_text())
    return found


def told(shop: Shop, verb: str, **asked: Any) -> dict[str, Any]:
    """How the client is made, what it does, and with what."""
    auth = {
        "clientId": shop.client_id("Shop"),
        "authority": f"{shop.url}/demo",
        "knownAuthorities": [urlsplit(shop.url).netloc],
        "redirectUri": f"{shop.page}redirect.html",
    }
    scopes = [f"api://{shop.client_id('Shop API')}/.default"]
    return {"made": {"auth": auth}, "does": verb, "asked": {"scopes": scopes, **asked}}


def does(page: Page, shop: Shop, verb: str, **asked: Any) -> dict[str, Any]:
    """What the library answers, or how it complains."""
    found: dict[str, Any] = page.evaluate(CLIENT, told(shop, verb, **asked))
    return found


def test_one_question_for_two_applications(page: Page, shop: Shop) -> None:
    """The consent page names both, and what each wants of whom; after it the whole chain works."""
    page.goto(shop.page)
    expect(page.locator("#who")).to_have_text("Nobody is signed in.")
    page.click("#sign-in")
    shop.signs_in(page)
    page.wait_for_url("**/consent**")
    question = page.locator("main")
    for text in ("Shop API", "Orders API", "Use the shop in your name", "See your orders", "See who you are"):
        expect(question).to_contain_text(text)
    page.click("#allow")
    expect(page.locator("#who")).to_have_text("Demo User")
    assert page.url == shop.page
    said = overview(page)
    assert said["person"]["displayName"] == "Demo User"
    assert said["person"]["mail"] == "user@example.com"
    assert said["orders"]["called_by"] == shop.client_id("Shop API")
    assert said["orders"]["person"] == said["person"]["id"]
    assert [each["what"] for each in said["orders"]["orders"]] == ["A lantern", "Seven candles"]


def test_a_no_is_heard(page: Page, shop: Shop) -> None:
    """Who does not agree comes back to the page, which nobody has signed in to."""
    page.goto(shop.page)
    page.click("#sign-in")
    shop.signs_in(page, "admin@example.com")
    page.wait_for_url("**/consent**")
    page.click("#deny")
    page.wait_for_url(shop.page)
    expect(page.locator("#said")).to_contain_text("access_denied")
    expect(page.locator("#ask")).to_be_hidden()


def test_tokens_out_of_the_cache(page: Page, shop: Shop) -> None:
    """`.default` is found in the cache: nothing is asked for, and the token is for the API alone."""
    enters(page, shop)
    requests = asked_for(page, "/oauth2/")
    given = does(page, shop, "acquireTokenSilent")
    assert given["fromCache"] is True
    assert requests == []
    claims = claims_of(given["accessToken"])
    assert (claims["aud"], claims["ver"]) == (shop.client_id("Shop API"), "2.0")
    assert (claims["azp"], claims["azpacr"]) == (shop.client_id("Shop"), "0")
    assert claims["scp"] == "access_as_user"
    assert claims["iss"] == f"{shop.url}/{claims['tid']}/v2.0"
    assert claims_of(given["idToken"])["aud"] == shop.client_id("Shop")


def test_tokens_by_refresh_token(page: Page, shop: Shop) -> None:
    """A page renews its tokens across origins without a frame; each answer is another token."""
    enters(page, shop)
    frames, requests = asked_for(page, "/authorize"), asked_for(page, "/oauth2/v2.0/token")
    first = does(page, shop, "acquireTokenSilent", forceRefresh=True)
    second = does(page, shop, "acquireTokenSilent", forceRefresh=True)
    assert (first["fromCache"], second["fromCache"]) == (False, False)
    assert first["accessToken"] != second["accessToken"]
    assert [parse_qs(each.post_data or "")["grant_type"] for each in requests] == [["refresh_token"]] * 2
    assert frames == []


def test_what_nobody_agreed_to(page: Page, shop: Shop) -> None:
    """An API that the page was not registered for takes a question, which silence does not ask."""
    enters(page, shop)
    said = does(page, shop, "acquireTokenSilent", scopes=["https://graph.microsoft.com/User.Read"])
    assert said["name"] == "InteractionRequiredAuthError"
    assert said["subError"] == "consent_required"


def test_silence_in_a_frame(page: Page, shop: Shop) -> None:
    """A second tab has no tokens: it gets some by a hidden frame, and shows no page for that."""
    enters(page, shop)
    other = page.context.new_page()
    requests = asked_for(other, "/oauth2/v2.0/authorize")
    other.goto(shop.page)
    expect(other.locator("#who")).to_have_text("Demo User")
    (asked,) = requests
    assert parse_qs(urlsplit(asked.url).query)["prompt"] == ["none"]
    assert asked.frame != other.main_frame
    assert overview(other)["person"]["displayName"] == "Demo User"


def test_nobody_is_there(page: Page, shop: Shop) -> None:
    """Silence without a session is the library's own error, at once and not after its patience."""
    page.goto(shop.page)
    expect(page.locator("#sign-in")).to_be_visible()
    said = does(page, shop, "ssoSilent")
    assert (said["name"], said["errorCode"]) == ("InteractionRequiredAuthError", "login_required")


def test_leaving(page: Page, shop: Shop) -> None:
    """By the server and back to the page; neither of them knows anybody any more."""
    enters(page, shop)
    page.click("#sign-out")
    page.wait_for_url(f"{shop.page}?state=*")
    expect(page.locator("#who")).to_have_text("Nobody is signed in.")
    assert does(page, shop, "ssoSilent")["errorCode"] == "login_required"


def test_the_page_asks_for_what_the_api_lacks(page: Page, shop: Shop) -> None:
    """Agreed to the page alone: the API gets no token, the page hears why and asks for the rest."""
    email, scope = "user@example.jp", f"api://{shop.client_id('Shop API')}/access_as_user"
    page.goto(shop.page)
    expect(page.locator("#sign-in")).to_be_visible()
    page.evaluate(f"(told) => void ({CLIENT})(told)", told(shop, "loginRedirect", scopes=[scope]))
    shop.signs_in(page, email)
    page.wait_for_url("**/consent**")
    expect(page.locator("main")).not_to_contain_text("Orders API")
    page.click("#allow")
    expect(page.locator("#ask")).to_be_visible()
    page.click("#ask")
    page.wait_for_url("**/consent**")
    expect(page.locator("main")).to_contain_text("Orders API")
    page.click("#allow")
    expect(page.locator("#ask")).to_be_visible()
    assert overview(page)["person"]["mail"] == email


def test_the_requests_of_the_document(page: Page, shop: Shop) -> None:
    """As they stand, by curl: the page's token is traded for one for Graph, which says who it is."""
    enters(page, shop)
    token = does(page, shop, "acquireTokenSilent")["accessToken"]
    answer, me = map(json.loads, shop.pastes("5.", TOKEN=token))
    assert answer["token_type"] == "Bearer"
    assert answer["scope"] == "https://graph.microsoft.com/user.read"
    assert set(answer) == {
        *("token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token")
    }
    claims = claims_of(answer["access_token"])
    assert (claims["ver"], claims["aud"]) == ("1.0", "https://graph.microsoft.com")
    assert (claims["appid"], claims["appidacr"]) == (shop.client_id("Shop API"), "1")
    assert claims["scp"] == "User.Read"
    assert (me["id"], me["userPrincipalName"]) == (claims["oid"], "user@example.com")


def test_an_api_lets_in_nobody_else(shop: Shop, page: Page) -> None:
    """A token of the page is for the API in the middle: the one behind it does not take it, nor none."""
    enters(page, shop)
    token = does(page, shop, "acquireTokenSilent")["accessToken"]
    for address, headers in (
        (f"{shop.orders}/orders", {"authorization": f"Bearer {token}"}),
        (f"{shop.orders}/orders", {}),
        (f"{shop.api}/api/overview", {}),
    ):
        answer = httpx.get(address, headers=headers, verify=False)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_token"})
