"""Time that passes for somebody who is signed in at a server that runs."""

import asyncio
from pathlib import Path

from msgspec.structs import replace

from sekisho.cli.folder import Folder
from sekisho.house import open_house
from sekisho.model.artifact import Owner, Session
from sekisho.model.step import Swap

HOUR = 3600


def an_hour_passes(folder: Path, url: str, user: str) -> None:
    """Whoever has this user id has been signed in for an hour longer, in the one browser that they have."""
    asyncio.run(_aged(folder, url, user))


async def _aged(folder: Path, url: str, user: str) -> None:
    house = await open_house(Folder(folder).settings(url))
    try:
        tenant = house.directory.named("demo")
        assert tenant
        (session,) = await tenant.store.find(Session, Owner(tenant=tenant.id, user=user), None, 2)
        older = replace(session, auth_time=session.auth_time - HOUR)
        assert await tenant.store.write(Swap(older)) is None
    finally:
        await house.close()
