"""An application that shows people's passwords, from the switches to the sign-out, on two real processes."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.outside import free_port
from tests.servers import Installation, Server, made

PAGE = "http://localhost:3000"
EMAIL, PASSWORD = "mia@example.com", "twelve yellow doors"
DIRECTORY = "Username-Password-Authentication"
REALM = "http://auth0.com/oauth/grant-type/password-realm"
BURST = 5
SETTINGS: dict[str, Any] = {
    "sign_up_allowed": True,
    "applications_may_take_passwords": True,
    "sign_in_account_burst": BURST,
    "flags": {"allow_legacy_ro_grant_types": True, "allow_legacy_tokeninfo_endpoint": True},
}


@dataclass(frozen=True)
class Place:
    """Two processes of one installation, and an application of each pipeline."""

    servers: tuple[Server, Server]
    today: str
    older: str

    def web(self, number: int = 0) -> httpx.Client:
        """A browser, or a program, at one of the processes."""
        return self.servers[number % 2].web()

    def shows(self, web: httpx.Client, text: str = PASSWORD) -> httpx.Response:
        """A page of the application sends a password."""
        told = {"client_id": self.today, "username": EMAIL, "password": text, "realm": DIRECTORY}
        return web.post("/co/authenticate", json={**told, "credential_type": REALM}, headers={"origin": PAGE})

    def enters(self, web: httpx.Client, ticket: str) -> dict[str, str]:
        """It sends the window to us with the ticket; what it is told."""
        query = {
            "client_id": self.today,
            "response_type": "token id_token",
            "redirect_uri": f"{PAGE}/cb",
            "scope": "openid email",
            "state": "s",
            "nonce": "n",
            "login_ticket": ticket,
            "realm": DIRECTORY,
        }
        answer = web.get("/authorize", params=query)
        return dict(parse_qsl(urlsplit(answer.headers["location"]).fragment))


@pytest.fixture
def place(installation: Installation) -> Iterator[Place]:
    """Everything is switched on by the management API, and Mia signs up at a page of the application."""
    grants = ["authorization_code", "refresh_token", "implicit", "password", REALM]
    told: dict[str, Any] = {
        "app_type": "spa",
        "token_endpoint_auth_method": "none",
        "callbacks": [f"{PAGE}/cb"],
        "web_origins": [PAGE],
        "allowed_logout_urls": [PAGE],
        "grant_types": grants,
    }
    with installation.serving(free_port()) as one, installation.serving(free_port()) as other:
        manage = one.manage()
        assert manage.patch("/api/v2/tenants/settings", json=SETTINGS).status_code == 200
        today = made(manage, "clients", name="Today", cross_origin_authentication=True, **told)
        older = made(manage, "clients", name="Older", oidc_conformant=False, **told)
        found = Place((one, other), today["client_id"], older["client_id"])
        new = {"client_id": found.today, "email": EMAIL, "password": PASSWORD, "connection": DIRECTORY}
        answer = one.web().post("/dbconnections/signup", json=new)
        assert (answer.status_code, answer.json()["email"]) == (200, EMAIL), answer.text
        time.sleep(1.0)  # the other process knows within a second what was decided at this one
        yield found


def test_the_whole_story(place: Place) -> None:
    """Tokens for a password, a sign-in by a ticket, an older client's profile, and the way out."""
    web, form = place.web(), {"username": EMAIL, "password": PASSWORD, "scope": "openid offline_access"}
    today = {**form, "client_id": place.today, "grant_type": REALM, "realm": DIRECTORY}
    given = web.post("/oauth/token", data=today)
    assert given.status_code == 200, given.text
    again = {"grant_type": "refresh_token", "client_id": place.today}
    again["refresh_token"] = given.json()["refresh_token"]
    assert place.web(1).post("/oauth/token", data=again).status_code == 200
    browser = place.web()
    shown = place.shows(browser)
    assert shown.headers["access-control-allow-origin"] == PAGE
    told = place.enters(browser, shown.json()["login_ticket"])
    assert {"access_token", "id_token"} <= told.keys()
    assert browser.get("/account").status_code == 200
    older = {**form, "client_id": place.older, "connection": DIRECTORY}
    token = web.post("/oauth/ro", json=older).json()["id_token"]
    assert web.post("/tokeninfo", json={"id_token": token}).json()["email"] == EMAIL
    left = browser.get("/v2/logout", params={"client_id": place.today, "returnTo": f"{PAGE}?bye"})
    assert (left.status_code, left.headers["location"]) == (302, f"{PAGE}?bye")
    assert browser.get("/account").status_code == 303


def test_a_ticket_is_used_once_over_processes(place: Place) -> None:
    """Shown to both processes at the same moment, it begins one session."""
    browser = place.web()
    ticket = place.shows(browser).json()["login_ticket"]
    webs = [place.web(number) for number in range(8)]
    for web in webs:
        web.cookies.update(browser.cookies)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda web: place.enters(web, ticket), webs))
    assert [("id_token" in each) for each in told].count(True) == 1
    assert {each["error_description"] for each in told if "error" in each} == {
        "Unknown or invalid login ticket."
    }


def test_guesses_are_counted_over_processes_and_doors(place: Place) -> None:
    """Sixteen at once at both processes and three doors: as many as the burst are looked at."""
    form = {"username": EMAIL, "password": "wrong words"}

    def act(number: int) -> int:
        web = place.web(number)
        match number % 3:
            case 0:
                told = {**form, "client_id": place.today, "grant_type": REALM, "realm": DIRECTORY}
                return web.post("/oauth/token", data=told).status_code
            case 1:
                told = {**form, "client_id": place.older, "connection": DIRECTORY}
                return web.post("/oauth/ro", json=told).status_code
            case _:
                return place.shows(web, "wrong words").status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(act, range(16)))
    assert answers.count(429) == 16 - BURST
    assert set(answers) <= {400, 403, 429}
    assert place.shows(place.web()).status_code == 429
