"""A portal with pages of its own, attacked over the wire: on a host that is its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from sekisho.spec.policy import Site
from sekisho.tenant import Tenant
from tests.attacks.household import Household
from tests.attacks.target import OTHER_HOST
from tests.attacks.wire import request, said
from tests.fetch.far import HOST, Answer, Far, World, far, fetching

UPSTREAM = f"https://{HOST}"
OURS = "__Host-sekisho-sso-acme"
SECRET = "Zq7-THE-SESSION"


def portal(home: Household) -> Tenant:
    """The tenant whose portal it is."""
    found = home.directory.named("acme")
    assert found
    return found


def shows(home: Household, **site: str) -> None:
    """Its owner says where the pages are."""
    record = portal(home).record
    home.change(replace(record, policy=replace(record.policy, site=Site(**site))))


def given(home: Household, tool: str, value: object) -> None:
    """The process has this tool from now on."""
    object.__setattr__(portal(home).tools, tool, value)


def in_folder(home: Household, folder: Path) -> None:
    """The pages are the files of a folder."""
    given(home, "sites", str(folder.parent))
    shows(home, folder=folder.name)


@asynccontextmanager
async def elsewhere(home: Household, answer: Answer, world: World | None = None) -> AsyncIterator[Far]:
    """The pages are at another server."""
    await asyncio.to_thread(shows, home, upstream=UPSTREAM)
    async with far(answer) as there:
        world = world or World()
        world.server = there
        async with fetching(world) as fetcher:
            given(home, "fetch", fetcher)
            yield there


async def heard(home: Household, line: str, *headers: str, body: bytes = b"") -> bytes:
    """What the wire says to a request, letter for letter."""
    raw = request(line, f"host: {OTHER_HOST}", *headers, body=body)
    return await asyncio.to_thread(said, home.port, raw, 2)


def head_of(answer: bytes) -> Mapping[str, Any]:
    """The headers of an answer; a repeated one has all its values."""
    found: dict[str, list[str]] = {}
    for line in answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        found.setdefault(name.lower(), []).append(value.strip())
    return found
