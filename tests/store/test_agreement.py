"""Databases agree with memory, whatever is done."""

import itertools
from dataclasses import replace as replaced

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.model.artifact import Owner
from sekisho.model.client import Client
from sekisho.model.step import Erase, Lost, Note, Put, PutOnce, Reseal, Save, Send, Settle, Step, Swap, Take
from sekisho.store import Engine, Window
from sekisho.store.memory import MemoryEngine
from tests.store.things import NOW, PEPPER, Clock, Code, client, event, sending

few = st.integers(0, 3)
times = st.integers(0, 4).map(lambda n: NOW + 10.0 * n)
maybe = st.sampled_from([None, "a", "b"])
owners = st.builds(Owner, tenant=st.just("t"), grant=maybe, session=maybe, user=maybe, client=maybe)
codes = st.builds(
    Code,
    id=few.map(str),
    owner=owners,
    born=times,
    expires_at=times,
    version=st.integers(0, 2),
    note=st.sampled_from(["", "\0", "'"]),
)
records = st.builds(
    lambda id, name, version, origin: client(id, client_id=name, version=version, web_origins=(origin,)),
    *(few.map(str), few.map("name-{}".format), st.integers(0, 2), maybe.map(str)),
)
deliveries = st.builds(
    lambda id, at, done_at, attempts: sending(id, next_at=at, done_at=done_at, attempts=attempts),
    *(few.map(str), times, st.one_of(st.none(), times), st.integers(0, 1)),
)
steps = st.one_of(
    st.builds(Put, codes, few.map(str)),
    st.builds(PutOnce, few.map(str), times),
    st.builds(Take, st.just(Code), few.map(str)),
    st.builds(Swap, codes),
    st.builds(Save, records),
    st.builds(Erase, records),
    st.builds(Note, few.map(lambda n: event(f"{n}"))),
    st.builds(Send, deliveries),
    st.builds(Settle, deliveries),
)
acts = st.one_of(
    st.lists(steps, min_size=1, max_size=4),
    st.tuples(owners, times),
    times,
)
numbers = itertools.count()


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=st.lists(acts, min_size=1, max_size=14))
async def test_agrees_with_memory(opened: Engine, clock: Clock, story):
    """Any sequence of units, revocations and moments leaves what it leaves in memory, and says the same."""
    clock.now = NOW
    memory, prefix = MemoryEngine(PEPPER, clock), f"{next(numbers)}"
    for act in story:
        match act:
            case float():
                clock.now = act
            case (Owner() as whose, float() as at):
                whose = msgspec.structs.replace(whose, tenant=prefix)
                assert await opened.revoke(whose, at) == await memory.revoke(whose, at)
            case _:
                unit = [moved(step, prefix) for step in act]
                assert told(await opened.write(*unit), unit) == told(await memory.write(*unit), unit)
    assert await everything(opened, prefix) == await everything(memory, prefix)


def moved(step: Step, prefix: str) -> Step:  # noqa: PLR0911  # one for each kind of step
    """The step in a place of its own, so that one database serves all stories."""
    replace = msgspec.structs.replace
    match step:
        case Put(thing, handle):
            return Put(replace(thing, owner=replace(thing.owner, tenant=prefix)), f"{prefix} {handle}")
        case PutOnce(key, expires_at):
            return PutOnce(f"{prefix} {key}", expires_at)
        case Take(kind, handle):
            return Take(kind, f"{prefix} {handle}")
        case Swap(thing):
            return Swap(replace(thing, owner=replace(thing.owner, tenant=prefix)))
        case Save(record) | Erase(record):
            return type(step)(replace(record, tenant=prefix))
        case Note(line):
            return Note(replace(line, tenant=prefix))
        case Send(sent) | Settle(sent) | Reseal(sent):
            return replaced(step, delivery=replace(sent, tenant=prefix, id=f"{prefix} {sent.id}"))


def told(lost: Lost | None, unit: list[Step]) -> object:
    return lost and (unit.index(lost.step), lost.why, lost.spent)


async def everything(engine: Engine, prefix: str) -> list[object]:
    """All that can be seen of a story."""
    whole = Window(limit=100)
    seen: list[object] = [await engine.get(Code, f"{prefix} {n}") for n in range(4)]
    for fields in (
        {},
        {"grant": "a"},
        {"session": "a"},
        {"user": "a"},
        {"client": "a"},
        {"user": "a", "client": "b"},
    ):
        seen.append(await engine.find(Code, Owner(tenant=prefix, **fields), None, 100))
        seen.append(await engine.revoked(Owner(tenant=prefix, **fields), NOW + 10))
    seen.append(await engine.records(Client, prefix, {}, whole))
    seen += [await engine.named(Client, prefix, f"name-{n}") for n in range(4)]
    seen += [await engine.count(Client, prefix, {"tag": tag}) for tag in ("a", "b", "None")]
    seen.append(await engine.events(prefix, {}, whole))
    seen.append([one for one in await engine.claim(["test"], 1, 1_000) if one.tenant == prefix])
    return seen
