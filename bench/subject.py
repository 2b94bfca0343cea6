"""What is measured: a running server and the requests it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.footprint import Memory
from bench.server import Running

SCOPE = "read:things"
KINDS = ("RS256", "ES256", "opaque")
JWKS = "jwks"
JWKS_PATH = "/.well-known/jwks.json"
TOKEN_PATH = "/oauth/token"
AUTHORIZE_PATH, USERINFO_PATH, LOGIN_PATH = "/authorize", "/userinfo", "/login"
REDIRECT_URI = "https://app.example/callback"
INTROSPECT_PATH = "/oauth/introspect"
DEVICE_TOKEN, DEVICE_TOKEN_PATH = "/o/client/token", "/o/client/token"
GATE, GATE_PATH = "gate", "/o/gate"
BEHALF, BEHALF_PATH = "on behalf of", "/bench/oauth2/v2.0/token"
SAML = "SAML answers"
BEHALF_KEYS_PATH = "/bench/discovery/v2.0/keys"
SIGN_IN = "sign-in"
INSTALLED_SCOPE = "api:client:v2"
LOOKS = {f"introspection, {kind}": kind for kind in ("RS256", "opaque")}
MARKS = {
    **dict.fromkeys(KINDS, b'"access_token"'),
    **dict.fromkeys(LOOKS, b'"active":true'),
    JWKS: b'"keys"',
    DEVICE_TOKEN: b'"access_token"',
    BEHALF: b'"access_token"',
    SAML: b'"access_token"',
    GATE: b"",
    SIGN_IN: b"",
}
# 200 where nothing else is said.
STATUSES = {DEVICE_TOKEN: 201, SIGN_IN: 303}


def audience(kind: str) -> str:
    return f"https://things.example/{kind.lower()}"


@dataclass(frozen=True)
class Subject:
    name: str
    version: str
    running: Running
    requests: Mapping[str, bytes]
    at_start: Memory
