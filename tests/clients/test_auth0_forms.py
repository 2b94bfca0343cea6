"""Answers that travel as a form to an application's server: the sample of hybrid with form_post, too."""

import secrets
from typing import Any
from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from playwright.sync_api import Page

from tests.clients.auth0_pages import Site, signs_in
from tests.clients.place import Machine
from tests.servers import claims_of

VERIFIER = "v" * 43
# What would end a value, a form or a page where somebody forgot to write it as a text.
HOSTILE = (
    """"><script>document.title='taken'</script>""",
    """' onfocus=document.title='taken' autofocus x='""",
    "</form><form action=https://127.0.0.1/taken>",
    "{{7*7}}<!-- &lt;&#x22; %22%3E\u2028",
)


@pytest.fixture(scope="module")
def app(site: Site) -> Machine:
    """An application with a server of its own, and a secret."""
    return site.place.app(
        "client_secret_post",
        is_first_party=True,
        callbacks=[f"{site.url}/receive", f"{site.url}/receive?a=1&b=%27%22"],
        grant_types=["authorization_code", "refresh_token", "implicit"],
    )


def asking(site: Site, app: Machine, **more: str) -> str:
    """The request of the application."""
    told = {
        "client_id": app.client_id,
        "response_type": "code id_token",
        "response_mode": "form_post",
        "redirect_uri": f"{site.url}/receive",
        "scope": "openid email",
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
        **more,
    }
    return f"{site.place.url}/authorize?{urlencode(told)}"


def received(page: Page, site: Site, address: str) -> dict[str, str]:
    """What the application's server was sent."""
    count = len(site.forms)
    page.goto(address)
    if "/login" in page.url:
        signs_in(page)
    page.wait_for_url("**/receive*")
    assert page.title() == "Received"
    (form,) = site.forms[count:]
    return form


def redeemed(site: Site, app: Machine, code: str) -> dict[str, Any]:
    """What the server gets for it."""
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.secret,
        "code": code,
        "redirect_uri": f"{site.url}/receive",
        "code_verifier": VERIFIER,
    }
    found: dict[str, Any] = site.place.web.post(
        "/oauth/token", data=form, headers={"authorization": ""}
    ).json()
    return found


def test_hybrid_by_a_form(page: Page, site: Site, app: Machine) -> None:
    """Code and ID token arrive at the server, which has its own tokens for the code. Seed 003."""
    form = received(page, site, asking(site, app))
    assert set(form) == {"code", "id_token", "state", "iss"}
    claims = claims_of(form["id_token"])
    assert (claims["nonce"], claims["aud"]) == ("n-1", app.client_id)
    given = redeemed(site, app, form["code"])
    second = claims_of(given["id_token"])
    assert (second["sub"], second["nonce"]) == (claims["sub"], "n-1")
    assert given["id_token"] != form["id_token"]


def test_an_id_token_alone_by_a_form(page: Page, site: Site, app: Machine) -> None:
    """Just what was asked for: enough for signing in, and no token that opens anything. Seed 003."""
    form = received(page, site, asking(site, app, response_type="id_token"))
    assert set(form) == {"id_token", "state", "iss"}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_is_injected(page: Page, site: Site, app: Machine, hostile: str) -> None:
    """State and address come out as they went in, and nothing of them runs or posts elsewhere. Class 6."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    form = received(page, site, asking(site, app, state=hostile))
    assert form["state"] == hostile
    address = f"{site.url}/receive?a=1&b=%27%22"
    assert received(page, site, asking(site, app, state=hostile, redirect_uri=address))["state"] == hostile
    assert page.url == address
    assert [line for line in said if "Content Security Policy" in line] == []


def test_an_error_by_a_form(page: Page, site: Site, app: Machine) -> None:
    """It travels in the same way, with the state."""
    form = received(page, site, asking(site, app, prompt="none", state=HOSTILE[0]))
    assert (form["error"], form["state"]) == ("login_required", HOSTILE[0])


def test_every_answer_says_its_own_nonce(page: Page, site: Site, app: Machine) -> None:
    """A nonce is said in the answer to its own request: an older answer is noticed by it. Seed 003."""
    nonces = [secrets.token_urlsafe(16) for _ in range(2)]
    tokens = [received(page, site, asking(site, app, nonce=nonce))["id_token"] for nonce in nonces]
    assert [claims_of(token)["nonce"] for token in tokens] == nonces
    page.context.clear_cookies()
    refused = received(page, site, asking(site, app, nonce="", response_type="id_token"))
    assert refused["error"] == "invalid_request"


def test_a_form_goes_to_the_client_only(page: Page, site: Site, app: Machine) -> None:
    """Another address, or one beside it, gets nothing. Classes 1 and 4."""
    for address in (f"{site.elsewhere}/receive", f"{site.url}/receive/x", f"{site.url}/receive?a=1"):
        count = len(site.forms)
        page.goto(asking(site, app, redirect_uri=address))
        page.wait_for_timeout(200)
        assert page.url.startswith(site.place.url)
        assert len(site.forms) == count
