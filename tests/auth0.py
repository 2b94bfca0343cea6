"""Auth0's own endpoints over HTTP: a house with applications that people show their passwords to."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from sekisho.spec.policy import PASSWORD_GRANTS, PASSWORD_REALM
from tests.attacks.guest import EVERYTHING, Guest, proof, request
from tests.attacks.household import API, PASSWORD, POLICY, Household
from tests.attacks.target import HOST

APP = "https://app.example.com"
BYE = f"{APP}/bye"
DIRECTORY = "Username-Password-Authentication"
GRANTS = ("authorization_code", "refresh_token", "implicit", *PASSWORD_GRANTS)
NEW = "new@example.com"


def furnished(home: Household) -> Household:
    """Two applications of the tenant, one of them of the older pipeline, and everything switched on."""
    home.client(
        "web",
        grant_types=GRANTS,
        web_origins=(APP,),
        cross_origin_authentication=True,
        allowed_logout_urls=(BYE, "https://app.example.com/other?from=us"),
    )
    home.client("second", grant_types=GRANTS, web_origins=(APP,), cross_origin_authentication=True)
    home.client("native", grant_types=GRANTS, oidc_conformant=False)
    home.decide(
        grant_types=(*POLICY.grant_types, *PASSWORD_GRANTS),
        legacy_ro=True,
        legacy_tokeninfo=True,
        sign_up_allowed=True,
    )
    return home


def shown(guest: Guest, text: str = PASSWORD, origin: str = APP, **more: Any) -> httpx.Response:
    """A page of an application sends a password; None leaves a member or the origin out."""
    told = {
        "client_id": "web",
        "username": "aya@example.com",
        "password": text,
        "realm": DIRECTORY,
        "credential_type": PASSWORD_REALM,
        **more,
    }
    body = {name: value for name, value in told.items() if value is not None}
    headers = {"origin": origin} if origin else {}
    return guest.send("POST", "/co/authenticate", json=body, headers=headers)


def ticket(guest: Guest, **more: Any) -> str:
    """What the page is told that signs in."""
    answer = shown(guest, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["login_ticket"])


def enters(guest: Guest, text: str, client: str = "web", **more: str | None) -> httpx.Response:
    """The page sends the whole window to us with a ticket."""
    told = {"login_ticket": text, "realm": DIRECTORY, "audience": None, "scope": "openid email", **more}
    return guest.send("GET", f"/authorize?{urlencode(request(client, **told))}")


def said(answer: httpx.Response) -> dict[str, str]:
    """What the application is told, where an answer leads."""
    parts = urlsplit(answer.headers["location"])
    return dict(parse_qsl(parts.query or parts.fragment))


def asked(home: Household, text: str = PASSWORD, client: str = "web", **more: str | None) -> httpx.Response:
    """An application shows a password at the token endpoint; None leaves a parameter out."""
    told: dict[str, str | None] = {
        "grant_type": PASSWORD_REALM,
        "username": "aya@example.com",
        "password": text,
        "realm": DIRECTORY,
        "audience": API,
        "scope": EVERYTHING,
        **proof(client),
        **more,
    }
    form = {name: value for name, value in told.items() if value is not None}
    with home.web(HOST) as web:
        return web.post("/oauth/token", data=form)


def older(home: Household, text: str = PASSWORD, client: str = "native", **more: Any) -> httpx.Response:
    """An application of the older pipeline shows a password."""
    told = {
        "username": "aya@example.com",
        "password": text,
        "connection": DIRECTORY,
        "grant_type": "password",
        "scope": "openid email",
        **proof(client),
        **more,
    }
    with home.web(HOST) as web:
        return web.post("/oauth/ro", json={name: value for name, value in told.items() if value is not None})


def tokeninfo(home: Household, token: str) -> httpx.Response:
    """An application of the older pipeline asks about an ID token."""
    with home.web(HOST) as web:
        return web.post("/tokeninfo", json={"id_token": token})


def signs_up(
    home: Household, email: str = NEW, text: str = "twelve yellow doors", **more: Any
) -> httpx.Response:
    """A page of an application makes an account; None leaves a member out."""
    told = {"client_id": "web", "email": email, "password": text, "connection": DIRECTORY, **more}
    body = json.dumps({name: value for name, value in told.items() if value is not None})
    with home.web(HOST) as web:
        headers = {"content-type": "application/json", "origin": APP}
        return web.post("/dbconnections/signup", content=body, headers=headers)


def signed_in(guest: Guest) -> bool:
    """Somebody is signed in in this browser."""
    return guest.send("GET", "/account").status_code == 200
