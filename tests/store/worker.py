"""Another process on the same store: it reads a line, does it, and answers a line."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace

from sekisho.limits import Allowed, Bucket
from sekisho.limits.leased import Leased
from sekisho.model.event import Use
from sekisho.model.step import Note, Put, PutOnce, Save, Settle, Step, Swap, Take
from sekisho.store import Engine
from sekisho.store.sql import open_engine, open_limits
from tests.store.things import NOW, PEPPER, Clock, Code, client, code, event, owner


async def race(engine: Engine, what: str, handle: str, racers: int) -> list[str]:
    """Many at once; why each of them lost, or that it won."""
    thing = code(handle)  # as it was put: who reads it late must not see what the winner made of it
    steps: dict[str, Callable[[], tuple[Step, ...]]] = {
        "take": lambda: (Take(Code, handle),),
        "swap": lambda: (Swap(thing),),
        "once": lambda: (PutOnce(handle, NOW + 100),),
        "mixed": lambda: (Swap(thing), PutOnce(handle, NOW + 100), Note(event(os.urandom(8).hex()))),
    }
    lost = await asyncio.gather(*(engine.write(*steps[what]()) for _ in range(racers)))
    return [each.why if each else "won" for each in lost]


async def redeem(engine: Engine, codes: list[str], fields: dict[str, str]) -> list[str]:
    """Take each code and put what it gives, as a token endpoint does; which ones landed."""
    whose = owner(**fields)

    async def one(handle: str) -> str | None:
        put = Put(code(f"token-{handle}", whose), f"token-{handle}")
        return None if await engine.write(Take(Code, handle), put) else handle

    landed: list[str | None] = []
    for n in range(0, len(codes), 4):
        landed += await asyncio.gather(*map(one, codes[n : n + 4]))
        await asyncio.sleep(0.005)
    return [handle for handle in landed if handle]


async def storm(engine: Engine, handles: list[str], rounds: int) -> int:
    """Units of many rows, in the order given: artifacts, keys and records; how many landed."""

    async def one(number: int) -> bool:
        things = [await engine.get(Code, handle) for handle in handles]
        steps: list[Step] = [Swap(thing) for thing in things if isinstance(thing, Code)]
        if number % 2:
            keys = [PutOnce(f"{handle}-{number}", NOW + 100) for handle in handles]
            records = [await engine.record(type(client()), "t", handle) for handle in handles]
            steps = [*steps, *keys, *(Save(record) for record in records if record)]
        return await engine.write(*steps) is None

    landed = 0
    for start in range(0, rounds, 4):
        landed += sum(await asyncio.gather(*(one(start + n) for n in range(4))))
    return landed


async def spend(url: str, key: str, racers: int, burst: int, cost: float = 1) -> int:
    """Spend from one bucket, many at once; how many were allowed."""
    limits = await open_limits(url)
    results = await asyncio.gather(*(limits.spend(key, Bucket(0, burst), NOW, cost) for _ in range(racers)))
    await limits.close()
    return sum(isinstance(result, Allowed) for result in results)


async def give(url: str, key: str, rounds: int, burst: int, cost: float) -> int:
    """Spend and give back, many at once; how many were allowed."""
    limits = await open_limits(url)

    async def one() -> bool:
        found = await limits.spend(key, Bucket(0, burst), NOW, cost)
        if isinstance(found, Allowed):
            await limits.refund(key, Bucket(0, burst), NOW, cost)
        return isinstance(found, Allowed)

    results = await asyncio.gather(*(one() for _ in range(rounds)))
    await limits.close()
    return sum(results)


async def lease(url: str, key: str, racers: int, burst: int) -> int:
    """Spend by lease, many at once, keep what is in hand; how many were allowed."""
    leased = Leased(await open_limits(url))
    results = await asyncio.gather(*(leased.spend(key, Bucket(0, burst), NOW) for _ in range(racers)))
    await leased.close()
    return sum(isinstance(result, Allowed) for result in results)


async def load(engine: Engine) -> int:
    """Write until killed, and say each handle when it is acknowledged."""

    async def one(writer: int) -> None:
        for n in range(1_000_000):
            handle = f"{writer}-{n}"
            steps: list[Step] = [Put(code(handle), handle), Note(event(handle)), PutOnce(handle, NOW + 100)]
            if n % 8 == 0:
                steps.append(Save(client(handle)))
            if await engine.write(*steps) is None:
                os.write(1, f"{handle}\n".encode())

    return len(await asyncio.gather(*map(one, range(32))))


LIMITS: Mapping[str, Callable[..., Awaitable[int]]] = {"spend": spend, "give": give, "lease": lease}


async def deliver(engine: Engine, pause: float) -> list[str]:
    """Make deliveries until there are no more; which ones were made here."""
    made: list[str] = []
    while claimed := await engine.claim(["test"], 1_000, 3):
        await asyncio.sleep(pause)
        for one in claimed:
            assert await engine.write(Settle(replace(one, done_at=NOW))) is None
        made += [one.id for one in claimed]
    return made


async def use(engine: Engine, names: list[str], rounds: int) -> int:
    """Say again and again that clients were used, a little later each time."""
    for n in range(rounds):
        await engine.used([Use("t", name, NOW + n) for name in names])
    return rounds


async def save(engine: Engine, id: str) -> bool:
    return await engine.write(Save(client(id))) is None


async def put(engine: Engine, handle: str) -> bool:
    return await engine.write(Put(code(handle), handle)) is None


async def claim(engine: Engine, lease: float, limit: int) -> list[str]:
    return [one.id for one in await engine.claim(["test"], lease, limit)]


ANSWERS: Mapping[str, Callable[..., Awaitable[object]]] = {
    "race": race,
    "redeem": redeem,
    "storm": storm,
    "deliver": deliver,
    "claim": claim,
    "use": use,
    "save": save,
    "put": put,
    "load": load,
}


async def answers(engine: Engine, url: str) -> None:
    """One line in, one line out."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        what, *rest = json.loads(line)
        answer = await (LIMITS[what](url, *rest) if what in LIMITS else ANSWERS[what](engine, *rest))
        os.write(1, json.dumps(answer).encode() + b"\n")


async def main(url: str) -> None:
    """Serve one store."""
    engine = await open_engine(url, PEPPER, Clock())
    os.write(1, b'"ready"\n')
    await answers(engine, url)
    await engine.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
