"""Classes 41 and 45: strangers with a software statement, which everybody can read out of the app."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest

from tests.cli.command import Server, done, running

LOOK_ALIKES = (
    "https://evil-example.com/cb", "https://example.com.evil.net/cb", "https://examplexcom/cb",
    "https://example.com@evil.net/cb", "https://evil.net\\@example.com/cb", "https://evil.net/example.com",
    "https://evil.net#.example.com", "https://evil.net?.example.com", "https://example.com%2eevil.net/",
    "https://ex\u0430mple.com/cb", "https://xn--exmple-4nf.com/cb", "https://example.com./cb",
    "//example.com/cb",
    "javascript://example.com/%0aalert(1)", "data:text/html,example.com", "http://[::1]/cb",
    "com.example.evil://cb",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shop:
    """A development server whose throttle is off, and a stranger in front of it."""

    server: Server
    web: httpx.Client
    statement: str
    application: str

    def register(self, **members: Any) -> httpx.Response:
        """What a stranger sends."""
        return self.web.post("/o/client/register", json={"software_statement": self.statement} | members)

    def token(self, made: dict[str, Any]) -> httpx.Response:
        """A token for these credentials."""
        proof = {name: made[name] for name in ("client_id", "client_secret")}
        return self.web.post("/o/client/token", data={"grant_type": "client_credentials", **proof})

    def call(self, token: str) -> httpx.Response:
        """The protected API."""
        path = "/demo/adobe-pass/api/v2/demo/configuration"
        return self.web.get(path, headers={"authorization": f"Bearer {token}"})

    def tell(self, *words: str) -> str:
        """What an administrator does."""
        return done("software-statement", *words, "--data", ".sekisho", cwd=self.server.folder.parent)


def pace(server: Server, **settings: object) -> None:
    """How fast devices may ask."""
    bearer = done("token", "--data", ".sekisho", cwd=server.folder.parent).strip()
    told = {"authorization": f"Bearer {bearer}"}
    answer = httpx.patch(f"{server.url}/api/v2/tenants/settings", json={"adobe_pass": settings}, headers=told)
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The demo application's statement, in a stranger's hands."""
    with running("dev", "--port", "{port}", cwd=tmp_path_factory.mktemp("shop")) as server:
        pace(server, rate=0)
        made = server.card()["registered_application"]
        with httpx.Client(base_url=server.url) as web:
            yield Shop(server, web, made["software_statement"], made["id"])


@pytest.mark.parametrize("uri", LOOK_ALIKES)
def test_a_domain_that_looks_like_another(shop: Shop, uri: str) -> None:
    """Only the listed domains, label by label, get answers; nothing is registered for another one."""
    answer = shop.register(redirect_uri=uri)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_redirect_uri"})


def test_the_listed_domain_is_covered(shop: Shop) -> None:
    """What the look-alikes look like is let through, so that their refusal says something."""
    assert shop.register(redirect_uri="https://www.example.com/cb").status_code == 201


def test_a_stranger_decides_nothing(shop: Shop) -> None:
    """Members that would be metadata elsewhere change nothing of the client (mass assignment)."""
    wish = {
        "client_id": "sekisho-cli", "client_secret": "x" * 40, "scope": "read:clients",
        "scopes": ["read:clients"],
        "grant_types": ["password"], "token_endpoint_auth_method": "none", "registration": {"generation": 9},
        "application": "x", "is_first_party": True, "resource_server_identifier": "*",
    }  # fmt: skip
    made = shop.register(**wish)
    assert made.status_code == 201
    said = made.json()
    assert said["client_id"] != "sekisho-cli"
    assert said["client_secret"] != "x" * 40
    assert (said["grant_types"], said["scopes"]) == (["client_credentials"], ["api:client:v2"])
    for audience in (f"{shop.server.url}/api/v2/", "https://api.example.com"):
        proof = {"client_id": said["client_id"], "client_secret": said["client_secret"]}
        asked = {"grant_type": "client_credentials", "audience": audience, **proof}
        token = shop.web.post("/oauth/token", data=asked).json().get("access_token")
        # Whatever is asked for, it is for the one API that installations call.
        claims = jwt.decode(token, options={"verify_signature": False}) if token else {}
        assert claims.get("aud") in (None, "urn:sekisho:adobe-pass")


def test_forged_statements(shop: Shop) -> None:
    """Unsigned, signed by another key or by the public one as a secret: none of them is a statement."""
    told = jwt.decode(shop.statement, options={"verify_signature": False})
    head = jwt.get_unverified_header(shop.statement)
    token = shop.token(shop.register().json()).json()["access_token"]
    forgeries = [
        jwt.encode(told, "", algorithm="none", headers={"kid": head["kid"]}),
        jwt.encode(told, "secret" * 8, algorithm="HS256", headers={"kid": head["kid"]}),
        shop.statement[:-6] + "AAAAAA",
        shop.statement.rpartition(".")[0] + ".",
        token,
    ]
    for forgery in forgeries:
        answer = shop.register(software_statement=forgery)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_software_statement"})
    assert shop.call(shop.statement).status_code == 401


def test_a_deleted_installation_is_out(shop: Shop) -> None:
    """Its token, which has a day to live, is refused at once, and so are its credentials."""
    made = shop.register().json()
    token = shop.token(made).json()["access_token"]
    assert shop.call(token).status_code == 200
    shop.tell("delete-client", shop.application, made["client_id"])
    time.sleep(1)  # another process told the database; this one follows within a second
    refused = shop.call(token)
    assert (refused.status_code, refused.json()["action"]) == (401, "application-registration")
    assert shop.token(made).json() == {"error": "invalid_client"}


def test_headers_buy_no_second_burst(shop: Shop) -> None:
    """A device is whoever holds the connection: no header of its own makes it another one."""
    pace(shop.server, rate=1, burst=10)
    try:
        names = ("x-forwarded-for", "forwarded", "x-real-ip", "client-ip", "true-client-ip", "x-device-info")
        seen = [
            shop.web.post(
                "/o/client/token", headers={names[n % len(names)]: f"for=203.0.113.{n}"}
            ).status_code
            for n in range(24)
        ]
    finally:
        pace(shop.server, rate=0)
    assert seen.count(429) >= 8
    assert set(seen) == {400, 429}
