"""How many fetches there are at once."""

import asyncio
import socket
import threading
from dataclasses import replace

import pytest

from sekisho.fetch import names
from sekisho.fetch.names import Names
from sekisho.fetch.order import Caps
from sekisho.spec.refusal import OVERLOADED, Refused
from tests.fetch.far import CAPS, HOST, URL, Answer, World, far, fetching, response, says

MANY = 12
HOSTS = ("a.example", "b.example", "c.example", "d.example")


def slowly(seconds: float, *, cache: str = "") -> Answer:
    """A document that takes its time."""

    async def answer(_head: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(response(cache_control=cache))
        await writer.drain()

    return answer


async def test_many_callers_share_one_fetch():
    """Concurrent requests for one URL are one request to its server."""
    async with far(slowly(0.1)) as there, fetching(World(there)) as fetcher:
        found = await asyncio.gather(*(fetcher.get(URL, fresh=True) for _ in range(50)))
    assert len(set(map(id, found))) == 1
    assert there.connections == 1


async def test_who_leaves_does_not_end_it_for_others():
    """A caller that is cancelled takes nothing away from who waits for the same document."""
    async with far(slowly(0.2)) as there, fetching(World(there)) as fetcher:
        first, second = (asyncio.create_task(fetcher.get(URL)) for _ in range(2))
        await asyncio.sleep(0.05)
        first.cancel()
        assert (await second).body == b"{}"
        assert first.cancelled()
    assert there.connections == 1


async def test_each_caller_gets_a_refusal_of_its_own():
    """A shared failure is not a shared exception."""
    async with far(says(response(status="500 Oops"))) as there, fetching(World(there)) as fetcher:
        one, two = await asyncio.gather(fetcher.get(URL), fetcher.get(URL), return_exceptions=True)
    assert isinstance(one, Refused)
    assert isinstance(two, Refused)
    assert one is not two
    assert there.connections == 1


async def test_a_fresh_copy_does_not_wait_for_a_forced_fetch():
    """Who is content with the copy gets it at once, while somebody else has it fetched anew."""
    async with far(slowly(0.2)) as there, fetching(World(there)) as fetcher:
        await fetcher.get(URL)
        forced = asyncio.create_task(fetcher.get(URL, fresh=True))
        await asyncio.sleep(0.05)
        await fetcher.get(URL)
        assert not forced.done()
        await forced


async def test_few_fetches_at_once_from_one_host():
    """One host is asked by few at once; the others wait their turn."""
    async with (
        far(slowly(0.05)) as there,
        fetching(World(there), replace(CAPS, at_work_per_host=2)) as fetcher,
    ):
        await asyncio.gather(*(fetcher.get(f"{URL}/{n}") for n in range(MANY)))
    assert (there.most_at_work, there.connections) == (2, MANY)


async def test_few_fetches_at_once_altogether():
    """All hosts together are asked by so many at once."""
    async with (
        far(slowly(0.05), *HOSTS) as there,
        fetching(World(there), replace(CAPS, at_work=3)) as fetcher,
    ):
        await asyncio.gather(*(fetcher.get(f"https://{host}/{n}") for host in HOSTS for n in range(3)))
    assert (there.most_at_work, there.connections) == (3, MANY)


async def test_a_slow_host_leaves_places_to_others():
    """Whoever waits for a slow host holds no place that another host could use."""
    async with far(slowly(1), "slow.example") as slow, far(says(response()), "b.example") as quick:
        world = World(slow)
        async with fetching(world, replace(CAPS, at_work=2, at_work_per_host=1)) as fetcher:
            waiting = [asyncio.create_task(fetcher.get(f"https://slow.example/{n}")) for n in range(5)]
            await slow.busy.wait()
            world.server = quick
            await asyncio.wait_for(fetcher.get("https://b.example/"), 0.9)
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()


@pytest.mark.parametrize("caps", [replace(CAPS, in_line_per_host=3), replace(CAPS, in_line=3)])
async def test_a_full_line_is_refused_at_once(caps: Caps):
    """Whoever finds the line full is told so, and not made to wait."""
    async with far(slowly(0.1)) as there, fetching(World(there), caps) as fetcher:
        tasks = [fetcher.get(f"{URL}/{n}") for n in range(5)]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [each for each in found if isinstance(each, Refused)]
        assert [each.reason for each in refused] == [OVERLOADED] * 2
        assert refused[0].debug == f"{HOST}: too many fetches are waiting"
        await fetcher.get(f"{URL}/5")


async def test_a_full_line_serves_what_it_has():
    """Where the line is full, a copy that is a little old is better than nothing."""
    async with far(slowly(0.1, cache="max-age=10")) as there:
        world = World(there)
        async with fetching(world, replace(CAPS, in_line=1)) as fetcher:
            old = await fetcher.get(URL)
            world.clock.now += 11
            other = asyncio.create_task(fetcher.get(f"{URL}/other"))
            await asyncio.sleep(0.02)
            assert await fetcher.get(URL) == old
            await other


async def test_waiting_counts_as_time():
    """The time limit of a fetch includes its waiting."""
    async with far(slowly(0.4)) as there, fetching(World(there), replace(CAPS, at_work=1, seconds=0.6)) as it:
        found = await asyncio.gather(*(it.get(f"{URL}/{n}") for n in range(3)), return_exceptions=True)
    assert [isinstance(each, Refused) for each in found] == [False, True, True]


async def test_closing_ends_what_is_under_way():
    """A fetcher that is closed waits for nobody."""
    async with far(slowly(1)) as there, fetching(World(there)) as fetcher:
        waiting = asyncio.create_task(fetcher.get(URL))
        await there.busy.wait()
        await fetcher.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_name_that_takes_too_long_is_given_up():
    """A name server that does not answer costs the time of a look-up."""

    class Silent(World):
        async def resolve(self, name: str) -> tuple[str, ...]:
            await asyncio.sleep(60)
            return ()

    async with fetching(Silent(), replace(CAPS, lookup_seconds=0.05)) as fetcher:
        with pytest.raises(Refused) as refused:
            await fetcher.get(URL)
    assert refused.value.debug == f"{HOST}: its name could not be looked up in time"


async def test_looks_up_names():
    """The system's resolver knows loopback, and does not know what may not exist (RFC 6761)."""
    look_up = Names(absolute=False)
    assert set(await look_up("localhost")) <= {"127.0.0.1", "::1"}
    assert await look_up("127.0.0.1") == ("127.0.0.1",)
    assert await look_up("nobody.invalid") == ()


async def test_a_look_up_counts_until_it_truly_ends(monkeypatch: pytest.MonkeyPatch):
    """Names that never resolve cannot take more than a few threads, and each name takes one."""
    release, asked = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def stuck(name: bytes, *_args: object, **_more: object) -> list[object]:
        asked.append(name)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    monkeypatch.setattr(names, "MOST_LOOKUPS", 2)
    look_up = Names(absolute=True)
    for name in ("a.example", "a.example", "b.example"):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(look_up(name), 0.05)
    assert await look_up("c.example") == ()
    assert asked == [b"a.example.", b"b.example."]
    release.set()
    assert not any(await asyncio.gather(look_up("a.example"), look_up("b.example")))
    await look_up("c.example")
    assert asked[2:] == [b"c.example."]


def test_a_look_up_outlives_its_loop(monkeypatch: pytest.MonkeyPatch):
    """A look-up that ends after the loop did tells nobody and breaks nothing."""
    go, gone = threading.Event(), threading.Event()

    def late(*_args: object, **_more: object) -> list[object]:
        go.wait(5)
        gone.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", late)

    async def given_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Names(absolute=True)("a.example"), 0.05)

    asyncio.run(given_up())
    go.set()
    assert gone.wait(5)
