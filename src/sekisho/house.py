"""The house: settings, tools, tenants; what the server and the command line share."""

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sekisho.events.audit import Audit
from sekisho.events.tally import Tally
from sekisho.events.traces import Traces
from sekisho.events.uses import UseBook
from sekisho.fetch.exchange import trust
from sekisho.fetch.fetcher import Fetch, Fetcher
from sekisho.fetch.order import Order
from sekisho.keys.master import Master
from sekisho.keys.seal import Sealer
from sekisho.limits.leased import Leased
from sekisho.mail.post import Post, Tray
from sekisho.settings import Settings
from sekisho.spec.http import Answer
from sekisho.spec.mail.server import server_of
from sekisho.spec.refusal import Refused
from sekisho.store.known import Known
from sekisho.store.sql import open_engine, open_limits
from sekisho.tenant import Directory, Tools

NOBODY = "no-reply@sekisho.example"  # whom mails of a development server are from


@dataclass(frozen=True, slots=True)
class House:
    """Everything a process needs: what the command line and the server share."""

    tools: Tools
    directory: Directory
    traces: Traces | None = None

    async def close(self) -> None:
        """Write what waits, then let go."""
        with suppress(Refused):
            await self.tools.audit.flush()
            await self.tools.uses.flush()
        self.tools.passwords.close()
        await self.tools.fetch.close()
        await self.tools.store.close()
        await self.tools.limits.close()
        if self.traces:
            await self.traces.close()

    async def ready(self) -> Answer:
        """Ready means: the store answers now."""
        await self.tools.known.confirm()
        return Answer(json={"status": "ready"})


async def open_house(settings: Settings, tally: Tally | None = None, traces: Traces | None = None) -> House:
    """Open the store, read the tenants."""
    master = Master.read(settings.master_key_file)
    watch = tally.wrote if tally else None
    store = await open_engine(settings.database_url, master.derive("pepper"), time.time, watch)
    if traces:  # what is awaited in a request shows as a part of it
        store.write = traces.around("store.write", store.write)  # type: ignore[method-assign]
    limits = await open_limits(settings.database_url)
    tools = Tools(
        store=store,
        known=Known(store),
        audit=Audit(store, time.time, tally),
        limits=limits,
        sealer=Sealer.of(master),
        fetch=Fetcher(
            allow_private=settings.fetch_allow_private,
            ca_file=settings.fetch_ca_file,
            around=partial(_seen, traces) if traces else None,
        ),
        clock=time.time,
        uses=UseBook(store),
        leased=Leased(limits),
        sites=settings.sites_folder,
        post=_post(settings),
    )
    directory = Directory(tools, settings.public_url, development=settings.development)
    await tools.known.confirm()
    await directory.load()
    return House(tools, directory, traces)


def _post(settings: Settings) -> Post:
    """Mail by the server that the settings name; a development server without one keeps it to itself."""
    server = server_of(settings.smtp_url)
    if server:
        ca_file = settings.fetch_ca_file
        return Post(server, settings.mail_from, trust(Path(ca_file).read_text("utf-8") if ca_file else ""))
    return Post(sender=NOBODY, tray=Tray()) if settings.development else Post()


def _seen(traces: Traces, fetch: Fetch) -> Fetch:
    return traces.around("fetch", fetch, _tells_where)


def _tells_where(order: Order, _tag: str) -> dict[str, str]:
    """Whose server is asked, not for what: the rest of an address may hold anything."""
    return {"http.request.method": "GET", "server.address": order.host}
