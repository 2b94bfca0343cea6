"""Clients that sign what they say of themselves, and what they have said."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from sekisho.spec.assertion import TYPE
from tests.attacks.target import MACHINE, ORIGIN, RS, Target
from tests.oauth.test_client_assertion import jwk, signed
from tests.servers import made

ISSUER = f"{ORIGIN}/"
TOKEN = "/oauth/token"
PLACES = (TOKEN, "/oauth/introspect", "/oauth/revoke")


@dataclass(frozen=True)
class Signing:
    """A client with a key of its own."""

    client_id: str
    key: str
    clock: Callable[[], float]

    def claims(self, *without: str, **members: object) -> dict[str, Any]:
        """What a careful client says of itself, with some of it left out or said otherwise."""
        now = int(self.clock())
        said = {"iss": self.client_id, "sub": self.client_id, "aud": ISSUER, "iat": now, "exp": now + 60}
        said |= {"jti": uuid4().hex, **members}
        return {name: value for name, value in said.items() if name not in without}

    def assertion(self, *without: str, **members: object) -> str:
        """The same, signed."""
        header = {"alg": "ES256", "typ": "JWT", "kid": self.key}
        return signed(header, self.claims(*without, **members), self.key)

    def form(self, text: str, **more: str) -> dict[str, str]:
        """A request with this assertion, for whichever endpoint."""
        return {
            "grant_type": "client_credentials",
            "audience": RS,
            "token": "x",
            "client_assertion_type": TYPE,
            "client_assertion": text,
            **more,
        }

    def ask(self, web: httpx.Client, text: str, place: str = TOKEN) -> httpx.Response:
        """What the server says to this assertion."""
        return web.post(place, data=self.form(text))


def signing(
    target: Target, key: str = "p256", clock: Callable[[], float] = time.time, **fields: Any
) -> Signing:
    """A new client that proves itself by a key: the one in `jwks` unless the fields say where it is."""
    keys = {} if "jwks_uri" in fields else {"jwks": {"keys": [jwk(key)]}}
    with target.manage() as manage:
        client = made(
            manage,
            "clients",
            name="Signing",
            token_endpoint_auth_method="private_key_jwt",
            **{**MACHINE, **keys, **fields},
        )
        client_id = str(client["client_id"])
        made(manage, "client-grants", client_id=client_id, audience=RS, scope=["read:things"])
    return Signing(client_id, key, clock)


def is_refused(answer: httpx.Response) -> httpx.Response:
    """The refusal of whoever did not prove itself: RFC 6749 section 5.2, and no token."""
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_client", answer.text
    assert "access_token" not in answer.text
    return answer
