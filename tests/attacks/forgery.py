"""Tokens as an attacker makes them: taken apart, changed, signed with whatever is at hand."""

import base64
import json
from typing import Any

import httpx

from tests.attacks.target import MANAGEMENT, Target

INTRUDER = "Intruder"
ALL = "read:clients create:clients update:clients delete:clients"


def text_of(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def segment(value: object) -> str:
    """JSON, or bytes that are to pass for it, as a segment."""
    return text_of(value if isinstance(value, bytes) else json.dumps(value).encode())


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Header, claims and signature of an honest token."""
    head, body, tail = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(head), json.loads(body), tail


def forged(header: object, claims: object, signature: bytes = b"") -> str:
    """A token out of these parts."""
    return f"{segment(header)}.{segment(claims)}.{text_of(signature)}"


def wished(target: Target, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of an honest reader's token, with every right that the attacker wants."""
    header, claims, _ = opened(target.token("reader", MANAGEMENT))
    return header, claims | {"scope": ALL} | more


def keys_of(web: httpx.Client) -> list[dict[str, Any]]:
    """What anybody may know of the server's keys."""
    found: list[dict[str, Any]] = web.get("/.well-known/jwks.json").json()["keys"]
    return found


def intrude(web: httpx.Client, token: str) -> httpx.Response:
    """The exploit of every token: make a client of one's own."""
    named = {"name": INTRUDER, "app_type": "non_interactive"}
    return web.post("/api/v2/clients", json=named, headers={"authorization": f"Bearer {token}"})


def is_refused(answer: httpx.Response) -> None:
    """The refusal that every token gets which is none, and nothing else."""
    assert answer.status_code == 401, answer.text
    assert answer.json() == {"statusCode": 401, "error": "Unauthorized", "message": "Invalid token"}
    assert answer.headers["www-authenticate"].endswith('error="invalid_token"')


def nobody_came_in(target: Target) -> None:
    """The tenant has no client that an intruder made."""
    with target.manage() as manage:
        found = manage.get("/api/v2/clients", params={"per_page": 100, "include_totals": "true"}).json()
    assert found["total"] <= 100
    assert INTRUDER not in [client["name"] for client in found["clients"]]


def expel(target: Target) -> None:
    """Remove the clients that an intruder made where an attack was let succeed."""
    with target.manage() as manage:
        for client in manage.get("/api/v2/clients", params={"per_page": 100}).json():
            if client["name"] == INTRUDER:
                assert manage.delete(f"/api/v2/clients/{client['client_id']}").status_code == 204
