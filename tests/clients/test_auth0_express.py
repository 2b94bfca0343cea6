"""express-openid-connect, as it comes, in a real browser."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, Request

from tests.clients.auth0_pages import signs_in
from tests.clients.auth0_servers import Application, address, registered, running
from tests.clients.person import ADDRESS, NAME
from tests.clients.place import Place

SCOPE = "openid profile email offline_access"
# How it asks, and how people leave: by the metadata's address, or by Auth0's.
WAYS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "id_token": ("id_token", {"idpLogout": True}),
    "code": ("code", {"idpLogout": True}),
    "hybrid": ("code id_token", {"auth0Logout": True}),
    "pushed": ("code", {"auth0Logout": True, "pushedAuthorizationRequests": True}),
}


@pytest.fixture(params=WAYS, scope="module")
def app(
    request: pytest.FixtureRequest,
    square: Place,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Application]:
    """The application; one that wants an ID token only has no use for a secret."""
    kind, more = WAYS[request.param]
    machine = registered(square, url := address(), "/callback")
    secret = {} if kind == "id_token" else {"clientSecret": machine.secret}
    params = {"response_type": kind, "scope": SCOPE if secret else "openid profile email"}
    told = {
        "issuerBaseURL": square.url,
        "clientID": machine.client_id,
        "authorizationParams": params,
        **secret,
        **more,
    }
    with running(tmp_path_factory.mktemp("express"), "express", square, machine, url, **told) as found:
        yield found


def enters(page: Page, app: Application) -> dict[str, Any]:
    """The person signs in; what the application knows of them."""
    page.goto(f"{app.url}/login")
    signs_in(page)
    page.wait_for_url(f"{app.url}/")
    return app.shows(page)


def test_a_person_signs_in(page: Page, app: Application) -> None:
    """The answer comes as a form or in the address; the SDK verifies it, nonce and c_hash included."""
    found = enters(page, app)
    assert found["in"] is True
    claims = found["claims"]
    assert (claims["iss"], claims["aud"]) == (app.place.issuer, app.machine.client_id)
    assert (claims["email"], claims["name"]) == (ADDRESS, NAME)
    # Who asked for an ID token alone has no token besides.
    assert ("accessToken" in found) is ("refreshToken" in found) is ("at_hash" in claims)


def test_tokens_are_fresh(page: Page, app: Application) -> None:
    """/userinfo says who it is; each use of the refresh token gives another access token."""
    found = enters(page, app)
    if "refreshToken" not in found:
        return
    assert app.shows(page, "/person")["sub"] == found["claims"]["sub"]
    tokens = {app.shows(page, "/refresh")["access_token"] for _ in range(3)}
    assert len(tokens) == 3
    assert app.shows(page)["refreshToken"] != found["refreshToken"]


def test_a_person_leaves(page: Page, app: Application) -> None:
    """Back without a question, and signed out at the server, too."""
    enters(page, app)
    page.goto(f"{app.url}/logout")
    assert page.url.rstrip("/") == app.url
    assert app.shows(page) == {"in": False}
    page.goto(f"{app.url}/login")
    assert page.url.startswith(app.place.url)
    assert "/login" in page.url


def test_an_answer_that_comes_twice(page: Page, app: Application) -> None:
    """The same answer brought again is refused by the SDK: its state was used. Class 29."""
    brought: list[tuple[str, str | None]] = []

    def sees(request: Request) -> None:
        if "/callback" in request.url:
            brought.append((request.url, request.post_data))

    page.on("request", sees)
    enters(page, app)
    page.context.clear_cookies(name="appSession")
    (callback, form), kind = brought[0], {"content-type": "application/x-www-form-urlencoded"}
    posted = page.request.post(callback, headers=kind, data=form) if form else None
    again = posted or page.request.get(callback)
    assert again.status == 400
    assert again.json()["wrong"]["message"]
