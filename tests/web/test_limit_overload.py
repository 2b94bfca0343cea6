"""Overload: how many requests are worked on at once, and what the others are told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from sekisho.keys.master import Master
from sekisho.oauth.says import says as oauth_says
from sekisho.pages.says import says as page_says
from sekisho.server import serving
from sekisho.settings import Settings
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import OVERLOADED
from sekisho.store.sql import migrate
from sekisho.tenant import Tenant
from sekisho.web.door import Building, Door
from sekisho.web.route import Route, Routes
from tests.tenants import ORIGIN, Clock, demo_directory

MOST = 3


@dataclass
class Site:
    """A door that works on three requests at once, with an endpoint that takes its time."""

    door: Door | None = None
    release: asyncio.Event = field(default_factory=asyncio.Event)
    began: int = 0

    def web(self) -> httpx.AsyncClient:
        assert self.door
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self.door), base_url=ORIGIN)

    async def slow(self, ask: Ask, tenant: Tenant) -> Answer:
        self.began += 1
        await self.release.wait()
        if ask.query:
            raise ZeroDivisionError
        return Answer(json={})

    async def until_full(self) -> None:
        for _ in range(1_000):
            if self.began == MOST:
                return
            await asyncio.sleep(0)
        raise AssertionError(self.began)


async def healthy() -> Answer:
    return Answer(json={"status": "ok"})


@pytest.fixture
async def site() -> Site:
    site = Site()
    routes = Routes(
        (
            Route(method="GET", path="/slow", endpoint=site.slow, says=oauth_says),
            Route(method="POST", path="/slow", endpoint=site.slow, says=oauth_says, reads="form"),
        )
    )
    directory = await demo_directory(Clock())
    site.door = Door(Building(directory, routes, {"/healthz": healthy}, page_says, most_requests=MOST))
    return site


async def test_too_many_at_once_are_told_so(site: Site) -> None:
    """Beyond its bound a process answers 503 at once and says when to come back. RFC 9110 section 15.6.4."""
    async with site.web() as web:
        crowd = [asyncio.create_task(web.get("/slow")) for _ in range(MOST)]
        await site.until_full()
        answer = await web.get("/slow")
        assert answer.status_code == OVERLOADED.status
        assert answer.json() == {"error": OVERLOADED.error, "error_description": OVERLOADED.text}
        assert int(answer.headers["retry-after"]) > 0
        page = await web.get("/slow", headers={"accept": "text/html"})
        assert page.status_code == 503
        assert 'id="error-code"' in page.text
        assert int(page.headers["retry-after"]) > 0
        assert (await web.get("/healthz")).json() == {"status": "ok"}
        site.release.set()
        assert [one.status_code for one in await asyncio.gather(*crowd)] == [200] * MOST
        assert (await web.get("/slow")).status_code == 200


async def test_whatever_ends_makes_room(site: Site) -> None:
    """A bug, a refusal and a client that leaves give their place back as an answer does."""
    async with site.web() as web:
        crowd = [asyncio.create_task(web.get("/slow?broken=1")) for _ in range(MOST - 1)]
        crowd.append(asyncio.create_task(web.get("/slow")))
        await site.until_full()
        crowd[-1].cancel()
        site.release.set()
        found = await asyncio.gather(*crowd, return_exceptions=True)
        assert [one.status_code for one in found if isinstance(one, httpx.Response)] == [500] * (MOST - 1)
        again = await asyncio.gather(*(web.get("/slow") for _ in range(MOST)))
        assert [one.status_code for one in again] == [200] * MOST


async def test_slow_bodies_take_no_room(site: Site) -> None:
    """Who sends slowly keeps nobody out; a body that arrives when all places are taken is refused."""
    arrives = asyncio.Event()

    async def drops() -> AsyncIterator[bytes]:
        yield b"a="
        await arrives.wait()
        yield b"1"

    kind = {"content-type": "application/x-www-form-urlencoded"}
    async with site.web() as web:
        sending = [asyncio.create_task(web.post("/slow", content=drops(), headers=kind)) for _ in range(10)]
        await asyncio.sleep(0)
        crowd = [asyncio.create_task(web.get("/slow")) for _ in range(MOST)]
        await site.until_full()
        arrives.set()
        assert {one.status_code for one in await asyncio.gather(*sending)} == {503}
        site.release.set()
        assert {one.status_code for one in await asyncio.gather(*crowd)} == {200}


async def test_the_bound_is_a_setting(tmp_path: Path) -> None:
    """How many requests a process works on at once is said in its settings."""
    Master.create(tmp_path / "master.key")
    migrate(f"sqlite:///{tmp_path}/a.db")
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/a.db",
        master_key_file=str(tmp_path / "master.key"),
        public_url=ORIGIN,
        most_requests=7,
    )
    opened = await serving(settings)._opening()
    for task in opened.background:
        task.close()
    await opened.close()
    assert opened.door._building.most_requests == 7
