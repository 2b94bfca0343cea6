"""Another process on the same store: it reads a line, does it, and answers a line."""

import asyncio
import json
import os
import sys
from collections.abc import Callable

from sekisho.limits import Allowed, Bucket
from sekisho.model.step import Note, Put, PutOnce, Save, Step, Swap, Take
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


async def spend(url: str, key: str, racers: int, burst: int) -> int:
    """Spend from one bucket, many at once; how many were allowed."""
    limits = await open_limits(url)
    results = await asyncio.gather(*(limits.spend(key, Bucket(0, burst), NOW) for _ in range(racers)))
    await limits.close()
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


async def answers(engine: Engine, url: str) -> None:
    """One line in, one line out."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        what, *rest = json.loads(line)
        answer: object
        match what:
            case "race":
                answer = await race(engine, *rest)
            case "redeem":
                answer = await redeem(engine, *rest)
            case "storm":
                answer = await storm(engine, *rest)
            case "spend":
                answer = await spend(url, *rest)
            case "save":
                answer = await engine.write(Save(client(rest[0]))) is None
            case "put":
                answer = await engine.write(Put(code(rest[0]), rest[0])) is None
            case _:
                answer = await load(engine)
        os.write(1, json.dumps(answer).encode() + b"\n")


async def main(url: str) -> None:
    """Serve one store."""
    engine = await open_engine(url, PEPPER, Clock())
    os.write(1, b'"ready"\n')
    await answers(engine, url)
    await engine.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
