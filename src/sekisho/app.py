"""The composition root: the one list of URLs, and the server that answers at them."""

import os
from pathlib import Path

from sekisho import api, jobs, pages
from sekisho.api.says import says as api_says
from sekisho.events import log
from sekisho.events.tally import Tally
from sekisho.events.traces import open_traces
from sekisho.faces import adobe_pass
from sekisho.house import open_house
from sekisho.oauth import discovery, introspect, revoke, token
from sekisho.oauth.says import says as oauth_says
from sekisho.pages.says import says as page_says
from sekisho.settings import Settings, load
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.web.door import Building, Door
from sekisho.web.life import Life, Opened
from sekisho.web.route import Route, Routes

# fmt: off
PROTOCOL = (
    Route(method="POST", path="/oauth/token", endpoint=token.token, says=oauth_says,
          names_itself="token_endpoint", cors="clients", reads="form", limit="token"),
    Route(method="POST", path="/oauth/introspect", endpoint=introspect.introspect, says=oauth_says,
          names_itself="introspection_endpoint", reads="form", limit="token"),
    Route(method="POST", path="/oauth/revoke", endpoint=revoke.revoke, says=oauth_says,
          names_itself="revocation_endpoint", cors="clients", reads="form", limit="token"),
    Route(method="GET", path="/.well-known/jwks.json", endpoint=discovery.key_set, says=oauth_says,
          names_itself="jwks_uri", cors="any"),
)
# fmt: on
API = "/api/v2"
# The gate of a face has other people's addresses below its own, so faces come first.
VOICES = (*adobe_pass.VOICES, (f"{API}/", api_says))
METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


def urls(*, development: bool = False) -> Routes:
    """The one list of URLs; the metadata advertises the protocol's rows that name themselves."""
    describe = discovery.describing({row.names_itself: row.path for row in PROTOCOL})
    metadata = (
        Route(method="GET", path=path, endpoint=describe, says=oauth_says, cors="any") for path in METADATA
    )
    management = (
        Route(method=method, path=API + path, endpoint=verb, says=api_says, cors="clients", reads="json")
        for method, path, verb in api.ROUTES
    )
    samples = adobe_pass.DEMO_ROUTES if development else ()
    devices = (
        Route(method=method, path=path, endpoint=verb, says=says, reads=reads, cors="devices", limit="device")
        for method, path, verb, says, reads in (*adobe_pass.ROUTES, *samples)
    )
    people = (Route(method="GET", path=path, endpoint=page, says=page_says) for path, page in pages.ROUTES)
    return Routes((*PROTOCOL, *metadata, *management, *devices, *people))


def lost(refused: Refused, ask: Ask) -> Answer:
    """Who finds nothing, or cannot be understood, is told so in the words of the place that was asked."""
    # The path may not have been taken apart yet: a tenant's own prefix may stand before it.
    return next((says for part, says in VOICES if part in ask.path), page_says)(refused, ask)


async def healthy() -> Answer:
    """Alive means: the loop turns."""
    return Answer(json={"status": "ok"})


def serving(settings: Settings, folder: Path | None = None) -> Life:
    """The ASGI application of these settings; metrics go into the folder, if there is one."""

    async def opening() -> Opened:
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
        if jobs.KINDS:
            background.append(jobs.deliver(tools, jobs.KINDS))
        return Opened(door, tuple(background), house.close)

    return Life(opening)


def from_environment(folder: Path | None = None) -> Life:
    """What each worker of `sekisho serve` makes."""
    settings = load(None, os.environ)
    log.configure(settings.log, settings.log_format)
    return serving(settings, folder)
