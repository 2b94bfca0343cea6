"""A server over TLS with the APIs and clients that libraries are tried with."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cli.command import running

AUDIENCE = "https://things.example.com"
NOWHERE = "https://nowhere.example.com"
ALGS = ("RS256", "PS256", "ES256", "EdDSA")
SECRETS = ("client_secret_basic", "client_secret_post", "client_secret_jwt")
METHODS = (*SECRETS, "private_key_jwt")
KID = "machine-1"
CALLBACK = "https://app.example.com/callback"
GOODBYE = "https://app.example.com/goodbye"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A client, and what it proves itself with."""

    client_id: str
    method: str
    secret: str = ""
    key: str = field(default="", repr=False)

    def told(self) -> dict[str, str]:
        """The same for a script."""
        return {
            "client_id": self.client_id,
            "method": self.method,
            "secret": self.secret,
            "key": self.key,
            "kid": KID,
        }


@dataclass(frozen=True, slots=True)
class Trouble:
    """Somebody who asks for what it may not have, and the error code that it has to learn."""

    machine: Machine
    audience: str
    error: str


@dataclass(frozen=True, slots=True)
class Place:
    """The server: where it is, whom to trust, and a client of its management API."""

    url: str
    authority: Path
    web: httpx.Client

    @property
    def issuer(self) -> str:
        """Its issuer identifier, which ends with a slash."""
        return f"{self.url}/"

    @property
    def domain(self) -> str:
        """What Auth0's libraries ask for."""
        return self.url.removeprefix("https://")

    def at(self, name: str) -> str:
        """An address out of the metadata."""
        found: str = self.web.get("/.well-known/openid-configuration").json()[name]
        return found

    def made(self, path: str, **told: Any) -> dict[str, Any]:
        """Something new by the management API."""
        answer = self.web.post(f"/api/v2/{path}", json=told)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def changed(self, machine: Machine, **told: Any) -> Machine:
        """The client, after this was said about it."""
        answer = self.web.patch(f"/api/v2/clients/{machine.client_id}", json=told)
        assert answer.status_code == 200, answer.text
        return machine

    def machine(self, method: str, **told: Any) -> Machine:
        """A client that proves itself in this way and may ask for tokens for AUDIENCE."""
        asked = {"app_type": "non_interactive", "grant_types": ["client_credentials"]}
        machine = self._client(method, {**asked, **told})
        self.allow(machine, AUDIENCE)
        return machine

    def app(self, method: str, **told: Any) -> Machine:
        """Somebody else's application that people sign in to, which proves itself in this way."""
        asked = {
            "app_type": "native" if method == "none" else "regular_web",
            "is_first_party": False,
            "grant_types": ["authorization_code", "refresh_token"],
            "callbacks": [CALLBACK],
            "allowed_logout_urls": [GOODBYE],
        }
        return self._client(method, {**asked, **told})

    def _client(self, method: str, asked: Mapping[str, Any]) -> Machine:
        key = a_key() if method == "private_key_jwt" else None
        means = _credentials(key) if key else {"token_endpoint_auth_method": method}
        found = self.made("clients", name=method, **means, **asked)
        return Machine(
            client_id=found["client_id"],
            method=method,
            secret=found.get("client_secret", ""),
            key=pem(key) if key else "",
        )

    def allow(self, machine: Machine, audience: str) -> None:
        """The client may ask for tokens for this API."""
        self.made("client-grants", client_id=machine.client_id, audience=audience, scope=["read:things"])

    def api(self, identifier: str, **told: Any) -> None:
        """An API with one scope."""
        scopes = [{"value": "read:things"}]
        self.made("resource-servers", name="Things", identifier=identifier, scopes=scopes, **told)

    def token(self, machine: Machine, audience: str = AUDIENCE) -> str:
        """A token, asked for without any library."""
        form = {"grant_type": "client_credentials", "audience": audience}
        answer = self.web.post("/oauth/token", data=form, auth=(machine.client_id, machine.secret))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


@contextmanager
def serving(folder: Path) -> Iterator[Place]:
    """`sekisho dev --https`, and the APIs of this folder."""
    with running("dev", "--port", "{port}", "--https", cwd=folder) as server:
        card = server.card()
        trusting = ssl.create_default_context(cafile=card["ca_file"])
        with httpx.Client(base_url=card["base_url"], verify=trusting, timeout=10) as web:
            place = Place(card["base_url"], Path(card["ca_file"]), web)
            console = card["clients"][1]
            means = {"client_id": console["client_id"], "secret": console["client_secret"]}
            bearer = place.token(Machine(method="client_secret_post", **means), console["audience"])
            web.headers["authorization"] = f"Bearer {bearer}"
            place.api(AUDIENCE)
            yield place


def signed_by(alg: str) -> str:
    """The API whose tokens are signed with this algorithm, as RFC 9068 says."""
    return f"{AUDIENCE}/{alg}"


def a_key() -> rsa.RSAPrivateKey:
    """A new key."""
    return rsa.generate_private_key(65537, 2048)


def _credentials(key: rsa.RSAPrivateKey) -> Mapping[str, Any]:
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_key().public_bytes(*form).decode()
    credential = {"credential_type": "public_key", "pem": pem, "alg": "RS256", "kid": KID}
    return {"client_authentication_methods": {"private_key_jwt": {"credentials": [credential]}}}


def pem(key: rsa.RSAPrivateKey) -> str:
    """The key, as libraries read it."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()
