"""A browser and the client that sends it to a server: codes, tokens, userinfo, refresh."""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec

from bench import wire
from bench.failure import BenchError
from bench.seed import Credentials
from bench.subject import AUTHORIZE_PATH, REDIRECT_URI, TOKEN_PATH, USERINFO_PATH
from bench.talk import Heard, Talk

STAY = "offline_access"
_CODE = re.compile(r"[?&]code=([^&]+)")


@dataclass(frozen=True)
class Station:
    """A server that people sign in at, and a client of it; `more` is said beside each request."""

    port: int
    client: Credentials
    more: Mapping[str, str] = field(default_factory=dict)
    scope: str = "openid profile email"


@dataclass
class Visit:
    """One browser of one person; `answer` is what the client was given last, for `nonce`."""

    at: Station
    who: str
    cookies: dict[str, str] = field(default_factory=dict)
    nonce: str = ""
    code: str = ""
    verifier: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    attempt: bytes = b""  # the form that signed the person in, as it was sent

    def round(self) -> Talk:
        """Authorize with the session that there is, redeem the code, ask who it is."""
        self.took_code((yield self.authorize()))
        self.took_tokens((yield self.redeem()))
        self.took_person((yield self.userinfo()))

    def begin(self) -> Talk:
        """A code and what it gives, a family of refresh tokens among it."""
        self.took_code((yield self.authorize({"scope": f"{self.at.scope} {STAY}"})))
        self.took_tokens((yield self.redeem()))

    def refresh(self) -> Talk:
        """The next token of the family."""
        before = self.answer.get("refresh_token", "")
        self.took_tokens((yield self.turn(before)))
        if self.answer.get("refresh_token") in (None, before):
            raise BenchError("the refresh token stayed the same, or is missing")

    def authorize(self, more: Mapping[str, str] | None = None) -> bytes:
        self.verifier, self.nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        fields = {
            "client_id": self.at.client.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": self.at.scope,
            "state": self.nonce,
            "nonce": self.nonce,
            "code_challenge": _challenge(self.verifier),
            "code_challenge_method": "S256",
            **self.at.more,
            **(more or {}),
        }
        return self.get(f"{AUTHORIZE_PATH}?{urlencode(fields)}")

    def redeem(self) -> bytes:
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": self.code,
                "redirect_uri": REDIRECT_URI,
                "code_verifier": self.verifier,
            }
        )

    def turn(self, refresh_token: str) -> bytes:
        return self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def userinfo(self) -> bytes:
        bearer = {"Authorization": f"Bearer {self.answer['access_token']}"}
        return wire.request(self.at.port, "GET", USERINFO_PATH, bearer)

    def get(self, path: str) -> bytes:
        return wire.request(self.at.port, "GET", path, self.sent())

    def sent(self) -> dict[str, str]:
        """The cookies, as they are sent."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def keep(self, heard: Heard) -> Heard:
        """The answer; its cookies are kept, whatever their paths: none of them is asked for elsewhere."""
        for line in heard.fields(b"set-cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return heard

    def took_code(self, heard: Heard) -> None:
        location = (heard.fields(b"location") or [""])[0]
        code = _CODE.search(location)
        if code is None or not location.startswith(REDIRECT_URI) or f"state={self.nonce}" not in location:
            raise BenchError(f"no code: {(heard.head + heard.body)[:1000]!r}")
        self.code = code[1]

    def took_tokens(self, heard: Heard) -> None:
        self.answer = msgspec.json.decode(heard.expect(200).body)
        if "access_token" not in self.answer or "id_token" not in self.answer:
            raise BenchError(f"a token is missing: {heard.body[:1000]!r}")

    def took_person(self, heard: Heard) -> None:
        self.person = msgspec.json.decode(heard.expect(200).body)
        if self.person.get("email") != self.who:
            raise BenchError(f"somebody else: {heard.body[:1000]!r}")

    def _token(self, fields: Mapping[str, str]) -> bytes:
        who = {"client_id": self.at.client.client_id, "client_secret": self.at.client.client_secret}
        return wire.post_form(self.at.port, TOKEN_PATH, {**fields, **who})


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
