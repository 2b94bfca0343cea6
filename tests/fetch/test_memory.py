"""What the fetcher remembers: copies, revalidation, forced fetches, failures."""

import pytest

from sekisho.fetch import copies
from sekisho.fetch.copies import Copies, Copy
from sekisho.fetch.fetcher import Fetcher
from sekisho.fetch.freshness import Freshness, freshness
from sekisho.fetch.order import Fetched, Order
from sekisho.spec.reach import destination
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import FETCH_FAILED
from tests.fetch.far import HOST, URL, World, far, fetching, response, says
from tests.tenants import NOW

MINUTE = 60.0
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"  # NOW
OOPS = response(b"", "500 Oops")


@pytest.mark.parametrize(
    ("headers", "seconds", "stale"),
    [
        ({}, 300, 3600),
        ({"cache-control": "public"}, 300, 3600),
        ({"cache-control": "max-age=120"}, 120, 3600),
        ({"cache-control": 'Public, MAX-AGE="120" , x=y'}, 120, 3600),
        ({"cache-control": "max-age=120, must-revalidate"}, 120, 0),
        ({"cache-control": "max-age=120, max-age=60"}, 60, 3600),
        ({"cache-control": "s-maxage=500, max-age=120"}, 120, 3600),
        ({"cache-control": "max-age=120", "age": "100"}, 20, 3600),
        ({"cache-control": "max-age=120", "age": "1000"}, 10, 3600),
        ({"cache-control": "max-age=120", "age": "old"}, 120, 3600),
        ({"cache-control": "max-age=0"}, 10, 3600),
        ({"cache-control": "max-age=-5"}, 300, 3600),
        ({"cache-control": "max-age=soon"}, 300, 3600),
        ({"cache-control": "max-age=86400"}, 3600, 3600),
        ({"cache-control": "max-age=" + "9" * 5000}, 3600, 3600),
        ({"cache-control": "no-store"}, 10, 0),
        ({"cache-control": "max-age=120, no-store"}, 10, 0),
        ({"cache-control": "no-cache"}, 10, 0),
        ({"cache-control": 'no-cache="set-cookie", max-age=120'}, 10, 0),
        ({"expires": "Fri, 15 Jan 2027 08:02:00 GMT"}, 120, 3600),
        ({"expires": "Fri, 15 Jan 2027 08:02:00 GMT", "date": "Fri, 15 Jan 2027 08:01:00 GMT"}, 60, 3600),
        ({"expires": "Fri, 15 Jan 2027 08:02:00 GMT", "date": "today"}, 120, 3600),
        ({"expires": DATE}, 10, 3600),
        ({"expires": "0"}, 10, 3600),
        ({"expires": "Fri, 15 Jan 9999999 08:02:00 GMT"}, 10, 3600),
        ({"expires": "Sat, 15 Jan 2028 08:02:00 GMT"}, 3600, 3600),
        ({"expires": DATE, "cache-control": "max-age=120"}, 120, 3600),
    ],
)
def test_believes_headers_within_bounds(headers: dict[str, str], seconds: float, stale: float):
    """A copy lasts as its headers say, ten seconds at least and an hour at most. RFC 9111 section 4.2."""
    assert freshness(headers, NOW) == Freshness(seconds, stale)


async def test_serves_a_copy_while_it_is_fresh():
    """A document is asked for again when its time is over, and not before."""
    async with far(says(response(b"1", cache_control="max-age=60"), response(b"2"))) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            first = await fetcher.get(URL)
            world.clock.now += 59
            assert await fetcher.get(URL) == first
            assert there.connections == 1
            world.clock.now += 1
            assert await fetcher.get(URL) == Fetched(b"2", "application/json", NOW + 60)


async def test_a_clock_that_was_set_back_makes_nothing_fresh():
    """A copy from the future is asked for again."""
    async with far(says(response(b"1"), response(b"2"))) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await fetcher.get(URL)
            world.clock.now -= 1
            assert (await fetcher.get(URL)).body == b"2"


async def test_asks_whether_a_copy_is_still_good():
    """A tag is sent back, and a 304 renews the copy for as long as before. RFC 9111 section 4.3."""
    first = response(b"1", etag='"a"', cache_control="max-age=20")
    async with far(says(first, response(b"", "304 Not Modified", etag='"b"'))) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await fetcher.get(URL)
            for _ in range(2):
                world.clock.now += 20
                assert await fetcher.get(URL) == Fetched(b"1", "application/json", world.clock.now)
    assert ["if-none-match" in head for head in there.heads] == [False, True, True]
    assert 'if-none-match: "a"\r\n' in there.heads[2]


async def test_a_confirmation_may_change_how_long_a_copy_lasts():
    """A 304 with headers of its own counts anew."""
    confirmed = response(b"", "304 Not Modified", cache_control="max-age=100")
    async with far(says(response(etag='"a"', cache_control="max-age=20"), confirmed)) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            for seconds in (0, 20, 99):
                world.clock.now += seconds
                await fetcher.get(URL)
            assert there.connections == 2


@pytest.mark.parametrize("tag", ['"' + "a" * 300 + '"', '"\xff"'])
async def test_forgets_an_unreasonable_tag(tag: str):
    """A tag that is long or not ASCII is not sent back."""
    odd = response(b"1", cache_control="max-age=10").replace(b"\r\n", f"\r\netag: {tag}\r\n".encode(), 1)
    async with far(says(odd)) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await fetcher.get(URL)
            world.clock.now += 10
            await fetcher.get(URL)
    assert "if-none-match" not in there.heads[1]


async def test_a_forced_fetch_asks_at_once_and_then_not_for_ten_seconds():
    """An unknown key id fetches anew, and a thousand of them fetch once in ten seconds."""
    async with far(says(*(response(bytes([48 + n])) for n in range(4)))) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            assert (await fetcher.get(URL)).body == b"0"
            assert (await fetcher.get(URL, fresh=True)).body == b"1"
            for _ in range(1000):
                assert (await fetcher.get(URL, fresh=True)).body == b"1"
            world.clock.now += 9.9
            assert (await fetcher.get(URL, fresh=True)).body == b"1"
            world.clock.now += 0.1
            assert (await fetcher.get(URL, fresh=True)).body == b"2"
            assert (await fetcher.get(URL)).body == b"2"
    assert there.connections == 3


async def test_a_first_fetch_does_not_count_as_forced():
    """What would have been fetched anyway leaves the forced fetch unspent."""
    async with far(says(response(b"1"), response(b"2"))) as there, fetching(World(there)) as fetcher:
        assert (await fetcher.get(URL, fresh=True)).body == b"1"
        assert (await fetcher.get(URL, fresh=True)).body == b"2"
        assert (await fetcher.get(URL, fresh=True)).body == b"2"


async def attempts(fetcher: Fetcher, world: World, seconds: int) -> None:
    """Somebody asks every second."""
    for _ in range(seconds):
        with pytest.raises(Refused) as refused:
            await fetcher.get(URL, fresh=True)
        assert refused.value.reason is FETCH_FAILED
        assert refused.value.debug == f"{HOST}: it answers with the status 500"
        world.clock.now += 1


async def test_leaves_a_failing_server_alone():
    """A failure is remembered, twice as long each time and a minute at most, however often somebody asks."""
    async with far(says(OOPS)) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await attempts(fetcher, world, 62)
            assert there.connections == len((0, 2, 6, 14, 30))
            await attempts(fetcher, world, 600)
    assert there.connections == 5 + len(range(62, 662, 60))


async def test_recovers_after_a_failure():
    """A server that is back is believed, and its next failure counts as the first."""
    async with far(says(OOPS, OOPS, response(b"1"), OOPS, response(b"2"))) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await attempts(fetcher, world, 6)
            assert (await fetcher.get(URL)).body == b"1"
            world.clock.now += 300
            assert (await fetcher.get(URL)).body == b"1"
            world.clock.now += 2
            assert (await fetcher.get(URL)).body == b"2"


async def test_serves_a_stale_copy_for_an_hour():
    """While a server fails, its last document is served for an hour after its time, and then no more."""
    async with far(says(response(b"1", cache_control="max-age=60"), OOPS)) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await fetcher.get(URL)
            world.clock.now += 3659
            assert (await fetcher.get(URL)).fetched_at == NOW
            world.clock.now += 1
            with pytest.raises(Refused):
                await fetcher.get(URL)


async def test_a_failed_forced_fetch_leaves_the_copy_in_use():
    """A server that fails when it is asked out of turn takes nothing away."""
    async with far(says(response(b"1"), OOPS)) as there, fetching(World(there)) as fetcher:
        await fetcher.get(URL)
        assert (await fetcher.get(URL, fresh=True)).body == b"1"
        assert there.connections == 2


@pytest.mark.parametrize("directive", ["no-store", "no-cache", "max-age=60, must-revalidate"])
async def test_serves_no_stale_copy_where_that_is_forbidden(directive: str):
    """A server that forbids stale copies is obeyed. RFC 9111 section 4.2.4."""
    async with far(says(response(b"1", cache_control=directive), OOPS)) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await fetcher.get(URL)
            world.clock.now += 60
            with pytest.raises(Refused):
                await fetcher.get(URL)


async def test_a_limit_holds_for_copies_too():
    """What was fetched under a higher limit is not served under a lower one."""
    async with far(says(response(b"a" * 100))) as there, fetching(World(there)) as fetcher:
        await fetcher.get(URL, limit=100)
        with pytest.raises(Refused):
            await fetcher.get(URL, limit=99)


def order(number: int) -> Order:
    """One of many orders."""
    return Order(destination(f"https://{HOST}/{number}"), 1000, "*/*")


def test_keeps_few_copies(monkeypatch: pytest.MonkeyPatch):
    """There are at most so many copies; what was not used for longest goes first."""
    monkeypatch.setattr(copies, "MOST_COPIES", 3)
    kept = Copies()
    for number in range(3):
        kept.keep(order(number), Copy(problem=str(number)))
    assert kept.find(order(0)).problem == "0"
    kept.keep(order(3), Copy(problem="3"))
    assert [kept.find(order(number)).problem for number in range(4)] == ["0", "", "2", "3"]


def test_keeps_few_bytes(monkeypatch: pytest.MonkeyPatch):
    """Copies have at most so many bytes together, and a newer one replaces its elder."""
    monkeypatch.setattr(copies, "MOST_BYTES", 100)
    kept = Copies()
    for number in (0, 1, 1, 1):
        kept.keep(order(number), Copy(Fetched(b"a" * 50, "", NOW)))
    assert kept.find(order(0)).fetched
    kept.keep(order(2), Copy(Fetched(b"a", "", NOW)))
    assert [kept.find(order(number)).fetched is not None for number in range(3)] == [True, False, True]
