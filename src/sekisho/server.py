"""The composition root: the server that answers at the list of URLs."""

import gc
import os
from pathlib import Path

from sekisho import jobs
from sekisho.app import lost, urls
from sekisho.events import log
from sekisho.events.tally import Tally
from sekisho.events.traces import open_traces
from sekisho.house import open_house
from sekisho.settings import Settings, load
from sekisho.spec.http import Answer
from sekisho.web.door import Building, Door
from sekisho.web.life import Life, Opened

# Hardly anything here is garbage in a circle: looking for it every 700 objects costs 3 % of a request.
GARBAGE = 10_000


async def healthy() -> Answer:
    """Alive means: the loop turns."""
    return Answer(json={"status": "ok"})


def serving(settings: Settings, folder: Path | None = None) -> Life:
    """The ASGI application of these settings; metrics go into the folder, if there is one."""

    async def opening() -> Opened:
        gc.set_threshold(GARBAGE)
        tally = Tally() if folder else None
        traces = open_traces(settings.traces_endpoint, settings.traces_ratio)
        house = await open_house(settings, tally, traces)
        tools = house.tools
        machines = {"/healthz": healthy, "/readyz": house.ready}
        limits, most = tools.leased, settings.most_requests
        routes = urls(development=settings.development)
        door = Door(Building(house.directory, routes, machines, lost, tally, limits, most, traces))
        background = [tools.known.follow(), tools.audit.run(), tools.uses.run(), jobs.sweep(tools)]
        background.append(limits.run(tools.clock))
        if tally and folder:
            background.append(jobs.count(tally, house.directory, tools, folder))
        if kinds := jobs.kinds(tools):
            background.append(jobs.deliver(tools, kinds))
        return Opened(door, tuple(background), house.close)

    return Life(opening)


def from_environment(folder: Path | None = None) -> Life:
    """What each worker of `sekisho serve` makes."""
    settings = load(None, os.environ)
    log.configure(settings.log, settings.log_format)
    return serving(settings, folder)
