"""An administrator of our server at work, and the people that are administered."""

import asyncio
import secrets
import uuid
from collections.abc import Iterator

from bench.failure import BenchError
from bench.sekisho import TENANT, Site
from sekisho.change.actor import Actor
from sekisho.house import open_house
from sekisho.model.artifact import Console, Owner
from sekisho.model.connection import DATABASE
from sekisho.model.step import Put, Save
from sekisho.model.user import User
from sekisho.people import administrators
from sekisho.settings import load
from sekisho.tenant import Tenant

OWNER = "owner@people.example"
BATCH, AT_ONCE = 100, 4


def furnish(site: Site, people: int) -> str:
    """So many people, and an owner; the cookie of the owner's browser."""
    return asyncio.run(_furnish(site, people))


async def _furnish(site: Site, people: int) -> str:
    house = await open_house(load(None, site.env))
    try:
        tenant = house.directory.named(TENANT)
        if tenant is None:
            raise BenchError("there is no tenant")
        rows = list(_people(tenant, people))
        stretches = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        for start in range(0, len(stretches), AT_ONCE):
            some = stretches[start : start + AT_ONCE]
            await asyncio.gather(*(tenant.store.write(*map(Save, each)) for each in some))
        return await _at_work(tenant)
    finally:
        await house.close()


def _people(tenant: Tenant, people: int) -> Iterator[User]:
    for number in range(people):
        id, address = str(uuid.uuid4()), f"person{number}@people.example"
        yield User(
            tenant=tenant.id,
            id=id,
            user_id=f"auth0|{id.replace('-', '')[:24]}",
            connection=DATABASE,
            logins=(address,),
            claims={"email": address, "name": f"Person {number}"},
            created_at=tenant.now(),
            updated_at=tenant.now(),
        )


async def _at_work(tenant: Tenant) -> str:
    user = await administrators.appoint(tenant, OWNER, Actor())
    handle, now = secrets.token_urlsafe(32), tenant.now()
    console = Console(
        id=str(uuid.uuid4()),
        owner=Owner(tenant=tenant.id, session=str(uuid.uuid4()), user=user.user_id),
        born=now,
        expires_at=now + 86_400,
        auth_time=now,
    )
    if await tenant.store.write(Put(console, handle)):
        raise BenchError("the console was not written")
    # Over plain http the name has no prefix.
    return f"sekisho-dashboard-{tenant.record.slug}={handle}"
