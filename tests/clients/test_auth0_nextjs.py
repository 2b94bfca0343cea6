"""nextjs-auth0's client for servers, as it comes, in a few lines of route handler and a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request

from tests.clients.auth0_pages import signs_in
from tests.clients.auth0_servers import Application, address, registered, running
from tests.clients.person import ADDRESS
from tests.clients.place import Machine, Place
from tests.servers import claims_of

SCOPE = "openid profile email offline_access"


def options(place: Place, machine: Machine, **more: Any) -> dict[str, Any]:
    """What the SDK is told; without `allowInsecureRequests` it takes no name of this machine."""
    return {
        "domain": place.url,
        "allowInsecureRequests": True,
        "clientId": machine.client_id,
        "authorizationParameters": {"scope": SCOPE},
        **more,
    }


def proof(machine: Machine) -> dict[str, str]:
    """What it takes to be this client."""
    if machine.key:
        return {"clientAssertionSigningKey": machine.key, "clientAssertionSigningAlg": "RS256"}
    return {"clientSecret": machine.secret}


@pytest.fixture(
    params=[
        ("client_secret_post", False, "auto"),
        ("client_secret_post", True, "v2"),
        ("private_key_jwt", True, "oidc"),
    ],
    ids=["straight", "pushed", "signed-and-pushed"],
    scope="module",
)
def app(
    request: pytest.FixtureRequest,
    square: Place,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Application]:
    """The application: how it proves itself, whether it pushes, how people leave."""
    method, pushed, leaves = request.param
    machine = registered(square, url := address(), "/auth/callback", method)
    told = options(
        square, machine, pushedAuthorizationRequests=pushed, logoutStrategy=leaves, **proof(machine)
    )
    with running(tmp_path_factory.mktemp("next"), "next", square, machine, url, **told) as found:
        yield found


def enters(page: Page, app: Application) -> list[Request]:
    """The person signs in; the requests that they came with."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/authorize?" in request.url else None)
    page.goto(f"{app.url}/auth/login")
    signs_in(page)
    page.wait_for_url(f"{app.url}/")
    return asked


def test_a_person_signs_in(page: Page, app: Application) -> None:
    """Straight, or with a pushed request and nothing else in the address: what the SDK checks holds."""
    (asked,) = enters(page, app)
    session = app.shows(page)["session"]
    claims = claims_of(session["tokenSet"]["idToken"])
    assert (claims["iss"], claims["aud"]) == (app.place.issuer, app.machine.client_id)
    assert session["user"]["email"] == ADDRESS
    assert session["internal"]["sid"] == claims["sid"]
    assert ("request_uri=" in asked.url) is not ("code_challenge=" in asked.url)
    profile = app.shows(page, "/auth/profile")
    assert (profile["sub"], profile["email"]) == (claims["sub"], ADDRESS)


def test_tokens_are_fresh(page: Page, app: Application) -> None:
    """Each use of the refresh token gives another one, and the SDK keeps it."""
    enters(page, app)
    tokens = {app.shows(page, "/refresh")["token"] for _ in range(3)}
    assert len(tokens) == 3
    assert app.shows(page, "/auth/access-token")["token"] in tokens


def test_a_person_leaves(page: Page, app: Application) -> None:
    """By the metadata's address or by Auth0's: back without a question, and signed out at the server, too."""
    enters(page, app)
    page.goto(f"{app.url}/auth/logout")
    assert page.url.rstrip("/") == app.url
    assert app.shows(page)["session"] is None
    page.goto(f"{app.url}/auth/login")
    assert "/login" in page.url
    assert page.url.startswith(app.place.url)


def test_silence_without_a_session(page: Page, app: Application) -> None:
    """The SDK's own error, with our code."""
    said = app.shows(page, "/auth/login?prompt=none")["wrong"]
    assert (said["code"], said["error"]) == ("authorization_error", "login_required")
