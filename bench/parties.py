"""Who signs in where: our server on SQLite and on PostgreSQL, and the peer, each with the same people."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from bench import crowd, peer, people, sekisho
from bench.rig import Rig
from bench.server import Running
from bench.subject import SCOPE, audience
from bench.talk import Talk, hold
from bench.visit import Station, Visit

POSTGRES = f"{sekisho.NAME}, PostgreSQL"
KIND = "RS256"
Begins = Callable[[Visit], Talk]


@dataclass(frozen=True)
class Party:
    """A browser for each connection of the load, all signed in, and one that proves."""

    label: str
    running: Running
    visits: Sequence[Visit]
    prover: Visit
    begin: Begins  # a family of refresh tokens

    def asking(self, label: str, station: Station) -> "Party":
        """The same people, whose client asks for something else."""
        visits = [replace(visit, at=station) for visit in self.visits]
        return replace(self, label=label, visits=visits, prover=replace(self.prover, at=station))


def gather(rig: Rig, stack: ExitStack) -> list[Party]:
    """All that there are here."""
    found = []
    if rig.measures_ours:
        found.append(_ours(rig, stack, sekisho.NAME, ""))
        url = stack.enter_context(crowd.database())
        if url:
            found.append(_ours(rig, stack, POSTGRES, url))
    if rig.peer:
        station = Station(rig.peer.running.port, peer.CLIENT)
        found.append(_party(peer.NAME, rig.peer.running, station, peer.sign_in, peer.sign_in))
    return found


def _ours(rig: Rig, stack: ExitStack, label: str, url: str) -> Party:
    site = sekisho.prepare(rig.folder / f"people-{'postgres' if url else 'sqlite'}", url)
    # Begun before the people are: they are known to it at once all the same.
    running = stack.enter_context(sekisho.started(site, rig.cores))
    bearer = sekisho.bearer(site)
    sekisho.create_api(site, bearer, KIND)
    client = people.furnish(site, bearer, audience(KIND))
    return _party(label, running, Station(site.port, client), people.sign_in, Visit.begin)


def _party(label: str, running: Running, station: Station, sign_in: Begins, begin: Begins) -> Party:
    *visits, prover = (Visit(station, name) for name in (*people.names(), people.names()[0]))
    for visit in (*visits, prover):
        hold(station.port, sign_in(visit))
    return Party(label, running, visits, prover, begin)


def with_api(party: Party) -> Party:
    """Access tokens for an API, signed, beside those that are only good for /userinfo."""
    here = party.prover.at
    station = Station(here.port, here.client, {"audience": audience(KIND)}, f"{here.scope} {SCOPE}")
    return party.asking(f"{party.label}, {KIND} access token", station)
