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
MARKS = {**dict.fromkeys(KINDS, b'"access_token"'), JWKS: b'"keys"'}


def audience(kind: str) -> str:
    return f"https://things.example/{kind.lower()}"


@dataclass(frozen=True)
class Subject:
    name: str
    version: str
    running: Running
    requests: Mapping[str, bytes]
    at_start: Memory
