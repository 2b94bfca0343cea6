"""How often a device may ask: the vendor's worked example, and everything that it leaves open."""

import asyncio
import dataclasses
import itertools
from collections.abc import AsyncIterator

import httpx
import pytest
from msgspec.structs import replace

from sekisho.app import lost, urls
from sekisho.limits import Limits
from sekisho.model.step import Save
from sekisho.store.memory import MemoryLimits
from sekisho.store.sql import migrate, open_limits
from sekisho.tenant import Directory
from sekisho.web.door import Building, Door
from tests.faces.adobe_pass.conftest import REGISTER, TOKEN, Place
from tests.software import software
from tests.tenants import NOW, ORIGIN

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
# When the example asks, and when it is refused.
EXAMPLE = (0, 0.3, 0.6, 0.9, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2.1, 2.2, 2.4, 2.6, 2.8, 3.1)
REFUSED = (2.4, 2.6, 2.8)
LINES = (f"POST {TOKEN}", f"POST {REGISTER}", "GET /o/gate/api/v2/NBC/profiles")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind; none for memory."""
    if request.param == "memory":
        return ""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_database"))
    return f"sqlite:///{request.getfixturevalue('tmp_path')}/sekisho.db"


@pytest.fixture
async def limits(url: str) -> AsyncIterator[Limits]:
    """The limits of each engine."""
    if not url:
        yield MemoryLimits()
        return
    await asyncio.to_thread(migrate, url)
    engine = await open_limits(url)
    yield engine
    await engine.close()


async def behind(limits: Limits, *, development: bool = False) -> Place:
    """A place whose requests are counted there."""
    made = await software()
    tools = dataclasses.replace(made.tenant.tools, limits=limits)
    directory = Directory(tools, ORIGIN, development=development)
    await directory.load()
    return Place(dataclasses.replace(made, directory=directory), Door(Building(directory, urls(), {}, lost)))


async def passed(place: Place, many: int, address: str = HERE, line: str = LINES[0]) -> int:
    """How many of as many requests were not limited."""
    answers = [await place.ask(line, address=address) for _ in range(many)]
    assert {answer.status_code for answer in answers} <= {400, 401, 429}
    return sum(answer.status_code != 429 for answer in answers)


async def trace(place: Place, moments: tuple[float, ...]) -> list[float]:
    """At which of these moments a device is refused."""
    found = []
    for moment in moments:
        place.software.clock.now = NOW + moment
        if not await passed(place, 1):
            found.append(moment)
    return found


@pytest.mark.parametrize("development", [False, True])
async def test_the_worked_example(limits: Limits, development: bool) -> None:
    """One a second and ten more at once: each request of the example fares as it does there, always."""
    place = await behind(limits, development=development)
    assert await trace(place, EXAMPLE) == list(REFUSED)


async def test_whoever_asks_at_once_gets_the_burst(limits: Limits) -> None:
    """Eleven of thirty that come together pass, and after a second one more."""
    place = await behind(limits)
    answers = await asyncio.gather(*(place.ask(LINES[0], address=HERE) for _ in range(30)))
    assert sum(answer.status_code != 429 for answer in answers) == 11
    place.software.clock.now += 1
    assert await passed(place, 5) == 1
    place.software.clock.now += 3_600
    assert await passed(place, 20) == 11


async def test_an_allowance_that_is_given_once(limits: Limits) -> None:
    """The burst is there at the beginning, then there is one a second; a day later it is there again."""
    place = await behind(limits)
    await place.software.decide(allowance="once")
    assert await passed(place, 20) == 11
    place.software.clock.now += 60
    assert await passed(place, 20) == 1
    place.software.clock.now += 86_400
    assert await passed(place, 20) == 11


async def test_a_device_has_one_bucket_for_all_addresses_of_the_face(place: Place) -> None:
    """Registration, token and gate count together; whoever asks from elsewhere is another device."""
    for number, line in zip(range(11), itertools.cycle(LINES), strict=False):
        assert await passed(place, 1, line=line) == 1, number
    for line in LINES:
        assert await passed(place, 1, line=line) == 0
        assert await passed(place, 1, ELSEWHERE, line) == 1


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("not:an:address", "not:an:addres", False),
    ],
)
async def test_an_ipv6_device_is_its_network(place: Place, one: str, other: str, are_one: bool) -> None:
    """Who has one address of a network has them all. RFC 6177 section 2."""
    assert await passed(place, 12, one) == 11
    assert await passed(place, 1, other) == (0 if are_one else 1)


async def test_tenants_count_for_themselves(place: Place) -> None:
    """A device that asks one tenant too often may ask another one."""
    assert await passed(place, 12) == 11
    assert await passed(place, 12, line=f"POST /t/acme{TOKEN}") == 11


async def test_a_refusal_is_a_page(place: Place) -> None:
    """429 is HTML as from the vendor's edge, with its headers, and says when to come back."""
    assert await passed(place, 11) == 11
    page = {"Origin": "https://app.example", "Accept": "application/json"}
    for line in LINES:
        answer = await place.ask(line, b"{}", page, HERE)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert answer.headers["content-type"] == "text/html"
        assert answer.text.startswith("<html>")
        assert "429 Too Many Requests" in answer.text
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["access-control-allow-methods"] == "POST,GET,OPTIONS,DELETE"
        assert "x-ratelimit-limit" not in answer.headers
    plain: httpx.Response = await place.ask(LINES[0], address=HERE)
    assert plain.headers["access-control-allow-headers"].endswith("X-Device-Info")
    assert len(plain.headers.get_list("retry-after")) == 1
    place.software.clock.now += 1
    assert await passed(place, 1) == 1


async def test_a_pace_of_ones_own(place: Place) -> None:
    """Rate and burst are settings; a slow pace names its whole wait."""
    await place.software.decide(rate=0.25, burst=2)
    assert await passed(place, 5) == 3
    assert (await place.ask(LINES[0], address=HERE)).headers["retry-after"] == "4"
    place.software.clock.now += 4
    assert await passed(place, 5) == 1


@pytest.mark.parametrize("allowance", ["refilled", "once"])
async def test_without_a_burst_there_is_one_at_a_time(place: Place, allowance: str) -> None:
    """A burst of 0 leaves one a second."""
    await place.software.decide(burst=0, allowance=allowance)
    assert await passed(place, 5) == 1
    place.software.clock.now += 60
    assert await passed(place, 5) == 1


async def test_a_rate_of_0_switches_it_off(place: Place) -> None:
    """Who has a proxy that limits needs no second limit."""
    await place.software.decide(rate=0)
    assert await passed(place, 100) == 100


async def test_whoever_has_no_address_is_not_counted(place: Place) -> None:
    """A request over a Unix socket has no address: nobody pays for all others."""
    raw = f"POST {TOKEN} HTTP/1.1\r\nHost: id.example.com\r\n\r\n".encode()
    assert [(await place.wire(raw, "")).status_code for _ in range(20)] == [400] * 20
    seen: list[int] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, object]) -> None:
        if "status" in message:
            seen.append(int(str(message["status"])))

    host = [(b"host", b"id.example.com")]
    scope = {"method": "POST", "raw_path": TOKEN.encode(), "query_string": b"", "headers": host}
    for _ in range(20):
        await place.door({**scope, "scheme": "https", "client": None}, receive, send)  # type: ignore[arg-type]
    assert seen == [400] * 20


async def test_nothing_else_is_counted(place: Place) -> None:
    """The management API, other endpoints, questions of browsers and addresses that are none never wait."""
    assert await passed(place, 12) == 11
    elsewhere = ("GET /api/v2/clients", "POST /oauth/token", "GET /o/client/scopes", "GET /healthz/x")
    for line in (*elsewhere, f"OPTIONS {TOKEN}", f"GET {TOKEN}"):
        for _ in range(15):
            answer = await place.ask(line, address=HERE, headers={"Origin": "https://app.example"})
            assert answer.status_code != 429, line
    assert await passed(place, 1) == 0
    place.software.clock.now += 1
    assert await passed(place, 1) == 1


async def test_guesses_have_a_pace_wherever_they_are_made(place: Place) -> None:
    """A claimed client is limited as at the token endpoint, over all devices, in form, query and header."""
    tenant = place.software.tenant
    policy = replace(tenant.policy, token_client_rate=1, token_client_burst=3)
    assert await tenant.change(Save(replace(tenant.record, policy=policy))) is None
    form = {"client_id": "c", "client_secret": "x", "grant_type": "client_credentials"}
    basic = {"Authorization": "Basic Yzp4"}
    found = [
        (await place.token(form)).status_code,
        (await place.ask(f"POST {TOKEN}?client_id=c&client_secret=x&grant_type=y")).status_code,
        (await place.ask(f"POST {TOKEN}?grant_type=client_credentials", b"", basic)).status_code,
        (await place.token(form)).status_code,
        (await place.ask(f"POST {TOKEN}?client_id=c&client_secret=x&grant_type=y")).status_code,
        (await place.token({**form, "client_id": "d"})).status_code,
    ]
    assert found == [400, 400, 400, 429, 429, 400]


async def test_an_applications_pace_is_a_page_too(place: Place) -> None:
    """Too many registrations of one application look like too many of one device."""
    await place.software.decide(registration_rate=0.5, registration_burst=1)
    told = {"software_statement": place.software.text}
    assert (await place.register(told)).status_code == 201
    answer = await place.register(told)
    assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html")
    assert answer.headers["retry-after"] == "2"
