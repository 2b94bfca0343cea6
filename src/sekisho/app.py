"""The composition root: settings, tools, tenants, and the one list of URLs."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass

from sekisho import api, jobs, pages
from sekisho.api.says import says as api_says
from sekisho.events import log
from sekisho.events.audit import Audit
from sekisho.fetch.fetcher import Fetcher
from sekisho.keys.master import Master
from sekisho.keys.seal import Sealer
from sekisho.oauth import discovery, introspect, revoke, token
from sekisho.oauth.says import says as oauth_says
from sekisho.pages.says import says as page_says
from sekisho.settings import Settings, load
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.store.known import Known
from sekisho.store.sql import open_engine, open_limits
from sekisho.tenant import Directory, Tools
from sekisho.web.door import Building, Door
from sekisho.web.life import Life, Opened
from sekisho.web.route import Route, Routes

# fmt: off
PROTOCOL = (
    Route(method="POST", path="/oauth/token", endpoint=token.token, says=oauth_says,
          names_itself="token_endpoint", cors="clients", reads="form"),
    Route(method="POST", path="/oauth/introspect", endpoint=introspect.introspect, says=oauth_says,
          names_itself="introspection_endpoint", reads="form"),
    Route(method="POST", path="/oauth/revoke", endpoint=revoke.revoke, says=oauth_says,
          names_itself="revocation_endpoint", cors="clients", reads="form"),
    Route(method="GET", path="/.well-known/jwks.json", endpoint=discovery.key_set, says=oauth_says,
          names_itself="jwks_uri", cors="any"),
)
# fmt: on
API = "/api/v2"
METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


def urls() -> Routes:
    """The one list of URLs; the metadata advertises the protocol's rows that name themselves."""
    describe = discovery.describing({row.names_itself: row.path for row in PROTOCOL})
    metadata = (
        Route(method="GET", path=path, endpoint=describe, says=oauth_says, cors="any") for path in METADATA
    )
    management = (
        Route(method=method, path=API + path, endpoint=verb, says=api_says, cors="clients", reads="json")
        for method, path, verb in api.ROUTES
    )
    people = (Route(method="GET", path=path, endpoint=page, says=page_says) for path, page in pages.ROUTES)
    return Routes((*PROTOCOL, *metadata, *management, *people))


@dataclass(frozen=True, slots=True)
class House:
    """Everything a process needs: what the command line and the server share."""

    tools: Tools
    directory: Directory

    async def close(self) -> None:
        """Write what waits, then let go."""
        with suppress(Refused):
            await self.tools.audit.flush()
        await self.tools.fetch.close()
        await self.tools.store.close()
        await self.tools.limits.close()

    async def ready(self) -> Answer:
        """Ready means: the store answers now."""
        await self.tools.known.confirm()
        return Answer(json={"status": "ready"})


async def healthy() -> Answer:
    """Alive means: the loop turns."""
    return Answer(json={"status": "ok"})


async def open_house(settings: Settings) -> House:
    """Open the store, read the tenants."""
    master = Master.read(settings.master_key_file)
    store = await open_engine(settings.database_url, master.derive("pepper"))
    tools = Tools(
        store=store,
        known=Known(store),
        audit=Audit(store, time.time),
        limits=await open_limits(settings.database_url),
        sealer=Sealer.of(master),
        fetch=Fetcher(allow_private=settings.fetch_allow_private, ca_file=settings.fetch_ca_file),
        clock=time.time,
    )
    directory = Directory(tools, settings.public_url, development=settings.development)
    await tools.known.confirm()
    await directory.load()
    return House(tools, directory)


def serving(settings: Settings) -> Life:
    """The ASGI application of these settings."""

    async def opening() -> Opened:
        house = await open_house(settings)
        tools = house.tools
        machines = {"/healthz": healthy, "/readyz": house.ready}
        door = Door(Building(house.directory, urls(), machines, page_says))
        background = (tools.known.follow(), tools.audit.run(), jobs.sweep(tools))
        return Opened(door, background, house.close)

    return Life(opening)


def from_environment() -> Life:
    """What each worker of `sekisho serve` makes."""
    settings = load(None, os.environ)
    log.configure(settings.log, settings.log_format)
    return serving(settings)
