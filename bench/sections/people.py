"""People: rounds of single sign-on, refresh tokens, and passwords, each beside what there is to compare."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from bench import evidence, parties, peer, people, raw, sekisho, table
from bench.bounds import Verdict, judge
from bench.leg import Leg, Window
from bench.parties import Party
from bench.rig import Rig
from bench.series import Series, alternate, ratio
from bench.subject import LOGIN_PATH, SIGN_IN
from bench.table import Table
from bench.talk import hold

PAIRS, FEW = 5, 3
LONGEST = Window(warm_up=0.3, seconds=1.5)
NOTE = "PostgreSQL's own processes are not counted: they run beside the load"


def measure(rig: Rig) -> list[Table]:
    rig = replace(rig, window=min(rig.window, LONGEST, key=lambda window: window.seconds))
    with ExitStack() as stack:
        rig.say("people sign in")
        there = parties.gather(rig, stack)
        return [_rounds(rig, there), _refresh(rig, there), *_sign_ins(rig, there)] if there else []


def _rounds(rig: Rig, there: list[Party]) -> Table:
    rig.say("authorize, code, tokens, userinfo")
    everyone = [*there, *(parties.with_api(party) for party in there if party.label == sekisho.NAME)]
    series = alternate({one.label: _round(rig, one) for one in everyone}, min(rig.pairs, PAIRS))
    title = "Rounds: authorize with a session, redeem the code, ask userinfo"
    verdicts = _beside_peer("rounds", series)
    return table.of_rates(title, series.values(), verdicts, _notes(series), counted="rounds")


def _round(rig: Rig, party: Party) -> Callable[[], Leg]:
    evidence.rounds(party.prover)

    def leg() -> Leg:
        taken = rig.talks(party.running, [visit.round for visit in party.visits])
        evidence.is_right(party.visits[0])
        return taken

    leg()
    return leg


def _refresh(rig: Rig, there: list[Party]) -> Table:
    rig.say("refresh tokens")
    series = alternate({one.label: _turns(rig, one) for one in there}, min(rig.pairs, FEW))
    title = "Refresh tokens that rotate, a family for each connection"
    verdicts = _beside_peer("refresh", series)
    return table.of_rates(title, series.values(), verdicts, _notes(series), counted="turns")


def _turns(rig: Rig, party: Party) -> Callable[[], Leg]:
    hold(party.prover.at.port, party.begin(party.prover))
    evidence.families(party.prover)

    def leg() -> Leg:
        """With families of its own: what grows with their age is the same for all."""
        for visit in party.visits:
            hold(visit.at.port, party.begin(visit))
        return rig.talks(party.running, [visit.refresh for visit in party.visits])

    leg()
    return leg


def _sign_ins(rig: Rig, there: list[Party]) -> list[Table]:
    ours = next((party for party in there if party.label == sekisho.NAME), None)
    if ours is None:
        return []
    rig.say("passwords")
    hold(ours.prover.at.port, people.sign_in(ours.prover))
    evidence.sign_ins(ours.prover, people.sign_in(ours.prover, "seven red lanterns"))
    attempts = [visit.attempt for visit in ours.visits]
    legs: dict[str, Callable[[], Leg]] = {
        raw.ARGON2ID: partial(raw.leg, raw.ARGON2ID, rig.window.seconds, rig.cores.server),
        sekisho.NAME: lambda: rig.leg(ours.running.port, ours.running.pid, SIGN_IN, attempts),
    }
    series = alternate(legs, min(rig.pairs, FEW))
    bare, served = series[raw.ARGON2ID], series[sekisho.NAME]
    share, by_cpu = ratio(served, bare, lambda leg: leg.rate), bare.cpu_per_1000 / served.cpu_per_1000
    verdict = judge(f"sign-ins / {raw.ARGON2ID}", share.median, f"{share}, by CPU {by_cpu:.2f}")
    title = f"POST {LOGIN_PATH} with the right password, beside its hash alone"
    return [table.of_rates(title, series.values(), [verdict], counted="sign-ins")]


def _beside_peer(what: str, series: Mapping[str, Series]) -> list[Verdict]:
    """Per CPU second: what the peer needs for a thousand, to what we need."""
    if peer.NAME not in series:
        return []
    found = []
    for label, one in series.items():
        if label != peer.NAME:
            over = ratio(series[peer.NAME], one, lambda leg: leg.cpu_per_1000)
            name = what if label == sekisho.NAME else f"{what}, {label.removeprefix(f'{sekisho.NAME}, ')}"
            found.append(judge(f"{name} / {peer.NAME}", over.median, f"{over}, by CPU"))
    return found


def _notes(series: Mapping[str, Series]) -> list[str]:
    return [NOTE] if parties.POSTGRES in series else []
