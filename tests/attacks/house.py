"""The target as a real server process on SQLite."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.house import open_house
from sekisho.keys.master import Master
from sekisho.model.step import Save
from sekisho.registry import tenants
from sekisho.registry.tenants import NewTenant
from sekisho.settings import load
from sekisho.store.sql import migrate
from tests.attacks.people_target import residents
from tests.attacks.target import CROWDED, ORIGIN, OTHER_HOST, Target, furnished
from tests.outside import free_port
from tests.servers import Installation, Server


@dataclass(frozen=True)
class Attacked:
    """The target and the process that it is."""

    target: Target
    server: Server
    database: Path
    metrics: str

    def resident(self) -> int:
        """Bytes of memory that the process holds."""
        pages = Path(f"/proc/{self.server.process.pid}/statm").read_text().split()[1]
        return int(pages) * 4096

    def is_well(self) -> bool:
        """The process lives and does its work."""
        with self.target.web() as web:
            answer = web.post("/oauth/token", data=self.target.form("machine"))
        return self.server.process.poll() is None and answer.status_code == 200


async def settle(installation: Installation) -> None:
    """Two tenants, one of them under a host of its own too."""
    house = await open_house(load(None, installation.environment()))
    await tenants.create(house.tools, NewTenant(slug="demo", default=True), Actor())
    await tenants.create(house.tools, NewTenant(slug="acme", domains=(OTHER_HOST,)), Actor())
    for slug in ("demo", "acme"):
        tenant = house.directory.named(slug)
        assert tenant
        assert await tenant.change(Save(replace(tenant.record, policy=CROWDED))) is None
        decided = house.directory.named(slug)
        assert decided
        assert await decided.change(*await residents(decided)) is None
    await house.close()


@contextmanager
def attacked(folder: Path) -> Iterator[Attacked]:
    """A server that was set up and runs."""
    database = folder / "sekisho.db"
    metrics = f"127.0.0.1:{free_port()}"
    listens = {"SEKISHO_METRICS_LISTEN": metrics}
    installation = Installation(folder, f"sqlite:///{database}", ORIGIN, listens)
    Master.create(folder / "master.key")
    migrate(installation.database_url)
    asyncio.run(settle(installation))
    with installation.serving(free_port()) as server:
        admin = installation.run("token").strip()
        other = installation.run("token", "--tenant", "acme").strip()
        yield Attacked(furnished(server.port, admin, other), server, database, f"http://{metrics}")
