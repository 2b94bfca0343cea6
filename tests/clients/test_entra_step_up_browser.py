"""MSAL.js and a claims challenge: an API far behind the page wants more, and the person gives it there."""

import json
import ssl
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cli.command import done
from tests.clients.hours import an_hour_passes
from tests.clients.shop import Shop, opened, visiting
from tests.clients.test_entra_msal_browser import asked_for, enters, overview
from tests.pages.chromium import chromium
from tests.pages.factor_stories import linked

BLOCK = {"grantControls": {"operator": "OR", "builtInControls": ["block"]}}
OFTEN = {"signInFrequency": {"value": 1, "type": "hours", "isEnabled": True}}
HOURLY = {"grantControls": None, "sessionControls": OFTEN}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everything that the README starts."""
    with opened(tmp_path_factory.mktemp("step_up")) as found:
        yield found


@pytest.fixture(scope="module")
def office(shop: Shop) -> Iterator[httpx.Client]:
    """The management API, as an administrator has it."""
    token = done("token", cwd=shop.server.folder.parent).strip()
    trusting = ssl.create_default_context(cafile=shop.server.card()["ca_file"])
    bearer = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{shop.url}/api/v2/", headers=bearer, verify=trusting) as found:
        yield found


@pytest.fixture(scope="module")
def browser(shop: Shop, office: httpx.Client) -> Iterator[Browser]:
    """The browser, while they run."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    with visiting(browser) as found:
        yield found


@contextmanager
def policy(shop: Shop, office: httpx.Client, **otherwise: Any) -> Iterator[str]:
    """What the command of the README makes, for so long; or another demand."""
    (made,) = map(json.loads, shop.pastes("6."))
    address = f"conditional-access-policies/{made['id']}"
    try:
        answer = office.patch(address, json={"state": "enabled", **otherwise})
        assert answer.status_code == 200, answer.text
        yield made["id"]
    finally:
        office.delete(address)


def asks(page: Page) -> dict[str, Any]:
    """How the API answers when somebody asks for their orders."""
    with page.expect_response("**/api/overview") as answer:
        page.click("#ask")
    found: dict[str, Any] = {"status": answer.value.status, **answer.value.json()}
    return found


def shown(page: Page) -> dict[str, Any]:
    """What the page shows without being asked again."""
    expect(page.locator("#said")).to_contain_text("Seven candles")
    found: dict[str, Any] = json.loads(page.locator("#said").inner_text())
    return found


def test_a_second_factor(page: Page, shop: Shop, office: httpx.Client) -> None:
    """Refused, sent to set up an app, back: the same call succeeds by itself, and the next one unasked."""
    enters(page, shop)
    assert "orders" in overview(page)
    with policy(shop, office) as id:
        sent = asked_for(page, "/oauth2/v2.0/authorize")
        with page.expect_response("**/api/overview") as answer:
            page.click("#ask")
        page.wait_for_url("**/mfa/setup**")
        assert answer.value.status == 401
        header = answer.value.headers["www-authenticate"]
        start, _, rest = header.partition('claims="')
        assert start == 'Bearer error="insufficient_claims", '
        claims = {"access_token": {"polids": {"essential": True, "values": [id]}}}
        assert json.loads(b64decode(rest.removesuffix('"'))) == claims
        (asked,) = sent
        query = parse_qs(urlsplit(asked.url).query)
        assert json.loads(query["claims"][0])["access_token"]["polids"] == claims["access_token"]["polids"]
        linked(page)
        page.click("#saved")
        page.wait_for_url(shop.page)
        assert shown(page)["orders"]["called_by"] == shop.client_id("Shop API")
        assert asks(page)["status"] == 200
        assert len(sent) == 1


def test_a_sign_in_that_is_too_old(page: Page, shop: Shop, office: httpx.Client) -> None:
    """Somebody who signed in an hour ago signs in again, and is not asked for more."""
    email = "user@example.jp"
    enters(page, shop, email)
    (user,) = office.get("users-by-email", params={"email": email}).json()
    # The browser has the loop of this thread.
    with ThreadPoolExecutor() as elsewhere:
        elsewhere.submit(an_hour_passes, shop.server.folder, shop.url, user["user_id"]).result()
    renewed(page, shop)
    with policy(shop, office, **HOURLY):
        page.click("#ask")
        shop.signs_in(page, email)
        page.wait_for_url(shop.page)
        assert shown(page)["person"]["mail"] == email
        assert asks(page)["status"] == 200


def renewed(page: Page, shop: Shop) -> None:
    """The page forgets its tokens and is given others for the session as it is."""
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.goto(shop.page)
    expect(page.locator("#ask")).to_be_visible()


def test_a_block(page: Page, shop: Shop, office: httpx.Client) -> None:
    """There is nothing that the person could be asked for: the page says so, and stays."""
    enters(page, shop, "admin@example.com")
    with policy(shop, office, **BLOCK):
        said = asks(page)
        assert (said["status"], said["error"]) == (403, "message_only")
        expect(page.locator("#said")).to_contain_text("AADSTS53003")
        assert page.url == shop.page
