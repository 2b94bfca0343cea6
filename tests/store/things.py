"""Small things to keep: artifacts, records and events of a test, and a clock that it sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sekisho.model.artifact import AccessToken, Artifact, Owner
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.delivery import Delivery
from sekisho.model.event import Event
from sekisho.store import Engine

PEPPER = b"a pepper of thirty-two characters"
NOW = 1_000_000.0


class Code(Artifact, frozen=True, kw_only=True):
    """A one-time artifact of another kind than a token."""

    note: str = ""


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


def owner(tenant="t", **fields) -> Owner:
    return Owner(tenant=tenant, **fields)


def code(id="a", whose=None, **fields) -> Code:
    fields = {"born": NOW, "expires_at": NOW + 100} | fields
    return Code(id=id, owner=whose or owner(), **fields)


def token(id="a", whose=None, **fields) -> AccessToken:
    fields = {"born": NOW, "expires_at": NOW + 100} | fields
    return AccessToken(
        id=id,
        owner=whose or owner(),
        issuer="https://issuer.test/",
        subject="sub",
        client_id="c",
        issued_at=NOW,
        audience=("api",),
        scopes=("read", "write"),
        **fields,
    )


def client(id="1", **fields) -> Client:
    return Client(**({"tenant": "t", "id": id, "client_id": f"client-{id}", "name": "A client"} | fields))


def grant(id="1", **fields) -> ClientGrant:
    told = {"tenant": "t", "id": id, "client_id": "client-1", "audience": f"api-{id}"}
    return ClientGrant(**(told | fields))


def event(id="1", **fields) -> Event:
    return Event(**({"id": id, "at": NOW, "tenant": "t", "slug": "tokens_issued"} | fields))


def sending(id="1", **fields) -> Delivery:
    told = {"tenant": "t", "kind": "test", "target": "https://there.test/", "body": b"body", "next_at": NOW}
    return Delivery(**({"id": id} | told | fields))


def inside(engine: object) -> Any:
    """An engine whose parts a test may look at."""
    return engine


@asynccontextmanager
async def closing(engine: Engine) -> AsyncIterator[Engine]:
    """An engine that is closed in any case."""
    try:
        yield engine
    finally:
        await engine.close()
