"""A restore drill: what an installation handed out before a backup, and whether another one honours it."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx

from sekisho.house import open_house
from sekisho.model.artifact import AccessToken
from sekisho.settings import load
from tests.outside import free_port
from tests.servers import AUDIENCE, Installation, Server, a_machine, token_form

LEDGER = "https://ledger.example.com"


@dataclass(frozen=True, slots=True)
class Promises:
    """What was handed out: a client, a token of the management API, an opaque token."""

    form: dict[str, str]
    bearer: str
    opaque: str


def handed_out(server: Server) -> Promises:
    """A client that gets JWTs for one API and opaque tokens for another."""
    manage, web = server.manage(), server.web()
    form = token_form(a_machine(manage))
    opaque = token_form(a_machine(manage, identifier=LEDGER, token_dialect="opaque"), audience=LEDGER)
    token = web.post("/oauth/token", data=opaque).json()["access_token"]
    assert "." not in token
    return Promises(form, manage.headers["authorization"], token)


@contextmanager
def busy(server: Server, form: dict[str, str]) -> Iterator[list[int]]:
    """A server that creates clients and issues tokens all the while; the answers."""
    over, seen = Event(), list[int]()
    manage, web = server.manage(), server.web()

    def work() -> None:
        while not over.is_set():
            made = manage.post("/api/v2/clients", json={"name": "Load", "app_type": "non_interactive"})
            seen.extend((made.status_code, web.post("/oauth/token", data=form).status_code))

    worker = Thread(target=work)
    worker.start()
    try:
        yield seen
    finally:
        over.set()
        worker.join(30)


def elsewhere(made: Installation, folder: Path, database_url: str) -> Installation:
    """An installation with this database and a copy of the master key file, under the same name."""
    folder.mkdir(exist_ok=True)
    shutil.copy(made.folder / "master.key", folder)
    return Installation(folder, database_url, made.public_url)


def honours(restored: Installation, promises: Promises) -> None:
    """The client gets tokens, old tokens are good, and new things can be written."""
    with restored.serving(free_port()) as server:
        web = server.web()
        issued = web.post("/oauth/token", data=promises.form)
        assert issued.status_code == 200, issued.text
        with_old_token = {"authorization": promises.bearer}
        apis = web.get("/api/v2/resource-servers", headers=with_old_token)
        assert AUDIENCE in apis.text, apis.text
        made = web.post("/api/v2/clients", headers=with_old_token, json={"name": "Afterwards"})
        assert made.status_code == 201, made.text
    assert isinstance(asyncio.run(kept(restored, promises.opaque)), AccessToken)


async def kept(installation: Installation, opaque: str) -> Any:
    """What the store says of an opaque token."""
    house = await open_house(load(None, installation.environment()))
    try:
        return await house.tools.store.get(AccessToken, opaque)
    finally:
        await house.close()


def published(server: Server) -> set[str]:
    """The ids of the keys that a server publishes."""
    answer: httpx.Response = server.web().get("/.well-known/jwks.json")
    return {key["kid"] for key in answer.json()["keys"]}
