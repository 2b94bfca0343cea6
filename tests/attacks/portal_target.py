"""A portal with people in it, over HTTP: what attacks on its tokens start from."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from sekisho.change.actor import Actor
from sekisho.registry.portal import site_settings
from tests.attacks.guest import Guest
from tests.attacks.household import Household
from tests.attacks.target import HOST, ORIGIN

AUTHORIZE, TOKEN, KEY = (f"/_services/auth/{name}" for name in ("authorize", "token", "publickey"))
CLIENT, OTHER_CLIENT = "my-portal-client", "0d2f8c7a-11aa-4b3e-9a55-c2d1e0f4a6b8"
PAGE, QUERIED, OTHER_PAGE = f"{ORIGIN}/landing", f"{ORIGIN}/landing?x=1", f"{ORIGIN}/other"
GOOD = {"client_id": CLIENT, "redirect_uri": PAGE}
EVIL = "https://evil.example"


@dataclass(frozen=True)
class Portal:
    """A tenant that is a portal; its visitors have browsers."""

    home: Household

    def put(self, name: str, value: str, slug: str = "demo") -> None:
        """Somebody administers the portal."""
        tenant = self.home.directory.named(slug)
        assert tenant
        asyncio.run(site_settings.put(tenant, name, value, Actor(client="tests")))

    def stranger(self, **headers: str) -> Guest:
        """A browser that was never here."""
        return Guest(self.home, headers=headers)

    def visitor(self, **headers: str) -> Guest:
        """A browser in which Aya is signed in."""
        guest = self.stranger(**headers)
        guest.signs_in()
        return guest

    def claims(self, text: str, audience: str = CLIENT, issuer: str = HOST) -> dict[str, Any]:
        """What an API reads that has nothing but the portal's key; the clock of the house stands still."""
        with self.home.web(issuer) as web:
            key = web.get(KEY).text
        checks: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat"), False)
        checks["verify_aud"] = bool(audience)
        found: dict[str, Any] = jwt.decode(
            text, key, algorithms=["RS256"], audience=audience, issuer=issuer, options=checks
        )
        return found


def opened(home: Household) -> Portal:
    """The portal, with two clients and a page for each of them."""
    portal = Portal(home)
    portal.put("ImplicitGrantFlow/RegisteredClientId", f"{CLIENT};{OTHER_CLIENT}")
    portal.put(f"ImplicitGrantFlow/{CLIENT}/RedirectUri", f"{PAGE};{QUERIED}")
    portal.put(f"ImplicitGrantFlow/{OTHER_CLIENT}/RedirectUri", OTHER_PAGE)
    return portal


def authorizes(guest: Guest, **more: str) -> httpx.Response:
    """A page of the portal sends its visitor for a token."""
    return guest.send("GET", f"{AUTHORIZE}?{urlencode({**GOOD, **more})}")


def asks(guest: Guest, method: str = "POST", **more: str) -> httpx.Response:
    """A page of the portal asks for a token itself."""
    return guest.send(method, f"{TOKEN}?{urlencode(more or GOOD)}")


def is_told(answer: httpx.Response, code: str, status: int = 400) -> dict[str, str]:
    """The document, if it is this error: nobody is led anywhere, and there is no token in it."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not {"location", "refresh", "set-cookie", "state", "expires_in"} & set(answer.headers)
    body: dict[str, str] = answer.json()
    assert list(body) == ["ErrorId", "ErrorMessage", "Timestamp", "CorrelationId"]
    assert body["ErrorId"] == code
    return body


def token_at(answer: httpx.Response, place: str = PAGE) -> str:
    """The token in the fragment of an address."""
    where, _, fragment = str(answer.headers["location"]).partition("#")
    assert where == place
    told = dict(pair.split("=") for pair in fragment.split("&"))
    return told["token"]
