"""Each way to agree that an API goes on in a person's name, in a real browser: 65001 before, a token then."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from sekisho.cli.folder import Folder
from tests.clients.entra import ACCESS, READ, App, Firm, firm_at, needs
from tests.clients.place import serving
from tests.clients.shop import visiting
from tests.pages.chromium import chromium

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PERSON, ADMIN = "user@example.com", "admin@example.com"
PERMISSION = "Orders.Read"


@dataclass(frozen=True, slots=True)
class Chain:
    """A site, the API that it calls, and the API behind that; with a browser at the server."""

    firm: Firm
    site: App
    shop: App
    orders: App
    page: Page
    passwords: dict[str, str]

    @property
    def back(self) -> str:
        """Where applications are answered: an address that is there, or the browser would complain."""
        return f"{self.firm.place.url}/healthz"

    def opens(self, path: str, email: str = PERSON, **asked: str) -> httpx.URL:
        """An address of the tenant, as far as a question or an answer to an application."""
        self.page.goto(str(httpx.URL(f"{self.firm.authority}/{path}", params=asked)))
        if "/login" in self.page.url:
            self.page.fill("#username", email)
            self.page.fill("#password", self.passwords[email])
            self.page.click("#sign-in")
        self.page.wait_for_url(lambda url: "/consent?" in url or url.startswith(self.back))
        return httpx.URL(self.page.url)

    def asks(self, who: App, scope: str, **more: str) -> httpx.URL:
        """An application sends the person to sign in."""
        told = {"client_id": who.client_id, "response_type": "code", "redirect_uri": self.back}
        return self.opens("oauth2/v2.0/authorize", **told, scope=scope, **more)

    def agrees(self) -> httpx.URL:
        """The question is answered with yes."""
        self.page.click("#allow")
        self.page.wait_for_url(f"{self.back}?*")
        return httpx.URL(self.page.url)

    def brings(self, at: httpx.URL, who: App, scope: str) -> str:
        """What the application is given for the code that the browser brought."""
        form = {"grant_type": "authorization_code", "code": at.params["code"], "redirect_uri": self.back}
        return str(self.posts(who, **form, scope=scope)["access_token"])

    def posts(self, who: App, **form: str) -> dict[str, Any]:
        """The token endpoint, as one of the applications."""
        proof = {"client_id": who.client_id, "client_secret": who.secret}
        address = f"{self.firm.authority}/oauth2/v2.0/token"
        found: dict[str, Any] = self.firm.place.web.post(address, data={**form, **proof}).json()
        return found

    def passes_on(self, token: str, by: App | None = None) -> dict[str, Any]:
        """The API asks for a token for the next one, on behalf of whoever called it."""
        told = {"grant_type": JWT_BEARER, "requested_token_use": "on_behalf_of", "assertion": token}
        return self.posts(by or self.shop, **told, scope=f"{self.orders.uri}/.default")

    def called_with(self) -> str:
        """The token that the shop is called with, once the person agreed to that and to nothing more."""
        scope = f"openid {self.shop.scope('access_as_user')}"
        at = self.asks(self.site, scope)
        if "/consent" in at.path:
            assert "Orders" not in self.page.inner_text("main")
            at = self.agrees()
        return self.brings(at, self.site, scope)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A server of its own, with its sample people."""
    folder = tmp_path_factory.mktemp("forms")
    with serving(folder) as place:
        yield firm_at(place, folder)


@pytest.fixture(scope="module")
def browser(firm: Firm) -> Iterator[Browser]:
    """The browser, while it runs."""
    with chromium() as found:
        yield found


@pytest.fixture
def chain(firm: Firm, browser: Browser) -> Iterator[Chain]:
    """New applications, to which nobody agreed yet, and somebody who has not signed in."""
    back: dict[str, Any] = {"web": {"redirectUris": [f"{firm.place.url}/healthz"]}}
    scope = {"id": READ, "value": PERMISSION, "type": "User", "isEnabled": True}
    names = {"adminConsentDisplayName": "Orders of people", "userConsentDisplayName": "Your orders"}
    api = {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [{**scope, **names}]}
    orders = firm.app("Orders", api=api)
    shop = firm.middle("Shop", **back, **needs(orders, READ))
    site = firm.app("Site", **back, **needs(shop, ACCESS))
    card = Folder(firm.folder / ".sekisho").card()
    assert card
    passwords = {each.email: each.password for each in card.accounts}
    with visiting(browser) as page:
        yield Chain(firm, site, shop, orders, page, passwords)


def combined(chain: Chain) -> str:
    """The API knows the site: one question for both applications, with all that they need."""
    chain.firm.change(chain.shop.id, api={"knownClientApplications": [chain.site.client_id]})
    scope = f"openid {chain.shop.uri}/.default"
    chain.asks(chain.site, scope, prompt="consent")
    text = chain.page.inner_text("main")
    assert "Your orders" in text
    assert "Shop" in text
    return chain.brings(chain.agrees(), chain.site, scope)


def pre_authorized(chain: Chain) -> str:
    """The next API says that this one always has the permission: nobody is asked."""
    always = {"appId": chain.shop.client_id, "delegatedPermissionIds": [READ]}
    chain.firm.change(chain.orders.id, api={"preAuthorizedApplications": [always]})
    return chain.called_with()


def by_an_administrator(chain: Chain) -> str:
    """An administrator agrees for everybody, at the address for that."""
    with visiting(chain.page.context.browser) as page:  # type: ignore[arg-type]
        office = Chain(chain.firm, chain.site, chain.shop, chain.orders, page, chain.passwords)
        asked = {"client_id": chain.shop.client_id, "redirect_uri": chain.back, "state": "s"}
        office.opens("adminconsent", ADMIN, **asked)
        assert office.agrees().params["admin_consent"] == "True"
    return chain.called_with()


def step_by_step(chain: Chain) -> str:
    """The API asks the person itself, when it needs the next one."""
    chain.asks(chain.shop, f"openid {chain.orders.scope(PERMISSION)}")
    assert "Your orders" in chain.page.inner_text("main")
    chain.agrees()
    return chain.called_with()


@pytest.mark.parametrize("form", [combined, pre_authorized, by_an_administrator, step_by_step])
def test_a_form_of_consent(chain: Chain, form: Callable[[Chain], str]) -> None:
    """Without it the exchange is refused with 65001 and says why; with it the API gets its token."""
    refused = chain.passes_on(chain.called_with())
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [65001])
    assert refused["suberror"] == "consent_required"
    answer = chain.passes_on(form(chain))
    assert chain.orders.scope(PERMISSION) in answer["scope"].split()


def test_who_is_no_administrator(chain: Chain) -> None:
    """The address for administrators gives nobody else the button."""
    chain.opens("adminconsent", client_id=chain.shop.client_id, redirect_uri=chain.back)
    assert chain.page.locator("#allow").count() == 0
    assert chain.page.locator("#deny").count() == 1


def test_a_single_application(chain: Chain) -> None:
    """Site and API are one registration: its token for itself is passed on, once the person agreed."""
    own = f"openid {chain.shop.scope('access_as_user')}"
    chain.asks(chain.shop, own)
    token = chain.brings(chain.agrees(), chain.shop, own)
    assert chain.passes_on(token)["error_codes"] == [65001]
    more = f"openid {chain.orders.scope(PERMISSION)}"
    chain.asks(chain.shop, more)
    chain.agrees()
    assert chain.orders.scope(PERMISSION) in chain.passes_on(token)["scope"].split()
