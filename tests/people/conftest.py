"""Tenants on real databases, each with limits of its own."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from sekisho.events.audit import Audit
from sekisho.model.connection import Connection
from sekisho.model.step import Save
from sekisho.store.known import Known
from sekisho.store.sql import migrate, open_engine, open_limits
from sekisho.tenant import Tenant
from tests.people.folk import town
from tests.tenants import MASTER, TENANT, Clock, api


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sekisho.db'}"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def pair(url: str) -> AsyncIterator[tuple[Tenant, Tenant]]:
    """The same tenant twice, as two processes have it: engines and limits of their own, one database."""
    await asyncio.to_thread(migrate, url)
    async with AsyncExitStack() as stack:
        clock, found = Clock(), []
        for _ in range(2):
            engine = await open_engine(url, MASTER.derive("pepper"), clock)
            stack.push_async_callback(engine.close)
            limits = await open_limits(url)
            stack.push_async_callback(limits.close)
            there = await town(clock, sign_in_address_burst=1_000)
            tools = dataclasses.replace(
                there.tools, store=engine, known=Known(engine), audit=Audit(engine, clock), limits=limits
            )
            found.append(dataclasses.replace(there, tools=tools))
        assert await found[0].change(Save(Connection(tenant=TENANT, id="con_1")), Save(api())) is None
        yield found[0], found[1]
