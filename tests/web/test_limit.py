"""Limits of requests: for each address and for each client that is claimed, at the token endpoint's door."""

import base64
import dataclasses
import math
from dataclasses import dataclass

import httpx
import pytest
from msgspec.structs import replace

from sekisho.app import urls
from sekisho.limits.leased import Leased
from sekisho.model.step import Save
from sekisho.pages.says import says as page_says
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import RATE_LIMITED
from sekisho.tenant import Directory, Tenant
from sekisho.web.door import Building, Door
from tests.tenants import ORIGIN, SECRET, Clock, allowed, asking, client, demo_directory

ENDPOINTS = ("/oauth/token", "/oauth/introspect", "/oauth/revoke")
HEADERS: tuple[str, ...] = ("authorization", "origin")
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
FORM = dict(asking().form)


@dataclass
class Site:
    """A door with leases on the memory engine, and a clock that moves when told to."""

    door: Door
    tenant: Tenant
    clock: Clock
    leased: Leased

    async def ask(self, path: str = "/oauth/token", address: str = HERE, **more: str) -> httpx.Response:
        """A form from an address; `authorization` and `origin` are headers."""
        headers: dict[str, str] = {name: more.pop(name) for name in HEADERS if name in more}
        form = {name: value for name, value in (FORM | more).items() if value}
        transport = httpx.ASGITransport(app=self.door, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as web:
            return await web.post(path, data=form, headers=headers)

    async def pass_of(self, many: int, path: str = "/oauth/token", address: str = HERE, **more: str) -> int:
        """How many of as many requests were not limited."""
        answers = [await self.ask(path, address, **more) for _ in range(many)]
        return sum(answer.status_code != RATE_LIMITED.status for answer in answers)


async def site_of(**policy: float) -> Site:
    clock = Clock()
    directory = await demo_directory(clock)
    demo = directory.named("demo")
    assert demo
    named = client(web_origins=("https://app.example",))
    record = replace(demo.record, policy=replace(Policy(), **policy), version=1)
    assert await demo.change(Save(record), Save(named), Save(allowed())) is None
    tenant = directory.named("demo")
    assert tenant
    leased = Leased(tenant.tools.limits)
    return Site(Door(Building(directory, urls(), {}, page_says, limits=leased)), tenant, clock, leased)


@pytest.fixture
async def by_client() -> Site:
    """30 at once for a client, 2 a second; addresses have no limit."""
    return await site_of(token_client_rate=2, token_client_burst=30, token_address_rate=0)


@pytest.fixture
async def by_address() -> Site:
    """30 at once for an address, 2 a second; clients have no limit."""
    return await site_of(token_address_rate=2, token_address_burst=30, token_client_burst=0)


def test_the_defaults_are_those_of_the_product() -> None:
    """A new tenant allows 50 a second, 500 at once, for each client and for each address."""
    policy = Policy()
    assert (policy.token_client_rate, policy.token_client_burst) == (50, 500)
    assert (policy.token_address_rate, policy.token_address_burst) == (50, 500)


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_exactly_the_burst_passes(by_client: Site, path: str) -> None:
    """As many requests as the burst are answered at once, and after that as many as are refilled."""
    assert await by_client.pass_of(40, path) == 30
    by_client.clock.now += 3
    assert await by_client.pass_of(10, path) == 6
    by_client.clock.now += 100
    assert await by_client.pass_of(40, path) == 30


async def test_the_default_burst_passes_to_the_last_token() -> None:
    """Leases of many tokens allow neither more nor less than the bucket has, also where they do not fit."""
    for burst in (500, 499, 61, 45):
        site = await site_of(token_client_burst=burst, token_address_rate=0)
        assert await site.pass_of(burst + 5, client_secret="wrong") == burst


async def test_a_refusal_says_when_to_come_back(by_client: Site) -> None:
    """429 says how long to wait, what the limit is and when it is over. RFC 6585 section 4."""
    assert await by_client.pass_of(30) == 30
    answer = await by_client.ask()
    assert answer.status_code == 429
    assert answer.json() == {"error": "too_many_requests", "error_description": RATE_LIMITED.text}
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["x-ratelimit-limit"] == "30"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-reset"] == str(math.ceil(by_client.clock.now + 1))
    assert answer.headers["cache-control"] == "no-store"
    by_client.clock.now += int(answer.headers["retry-after"])
    assert (await by_client.ask()).status_code == 200


async def test_a_slow_limit_names_its_whole_wait() -> None:
    """Where a token takes long to come, Retry-After says so, however often one asks."""
    site = await site_of(token_client_rate=0.1, token_client_burst=1, token_address_rate=0)
    assert await site.pass_of(1) == 1
    for wait in ("10", "8", "6", "4", "2"):
        assert (await site.ask()).headers["retry-after"] == wait
        site.clock.now += 2
    assert (await site.ask()).status_code == 200


async def test_pages_of_other_origins_can_read_it(by_client: Site) -> None:
    """A page that may ask may also read why not and when. Fetch, CORS protocol."""
    await by_client.pass_of(30)
    answer = await by_client.ask(origin="https://app.example")
    assert answer.status_code == 429
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


async def test_clients_have_limits_of_their_own(by_client: Site) -> None:
    """One client that asks too often takes nothing from another one, whether they exist or not."""
    assert await by_client.pass_of(31) == 30
    assert await by_client.pass_of(31, client_id="nobody") == 30
    assert await by_client.pass_of(31, client_id="nobody else") == 30


async def test_a_client_is_counted_wherever_it_comes_from(by_client: Site) -> None:
    """A client's limit is one over all addresses, and over all ways to name it."""
    assert await by_client.pass_of(10, address=HERE) == 10
    assert await by_client.pass_of(10, address=ELSEWHERE) == 10
    basic = "Basic " + base64.b64encode(f"machine:{SECRET}".encode()).decode()
    assert await by_client.pass_of(15, authorization=basic, client_id="", client_secret="") == 10


async def test_endpoints_have_limits_of_their_own(by_client: Site) -> None:
    """Who introspects too often may still ask for tokens."""
    assert await by_client.pass_of(31, "/oauth/introspect") == 30
    assert await by_client.pass_of(31, "/oauth/token") == 30


async def test_whoever_names_nobody_is_counted_by_address(by_address: Site) -> None:
    """Requests of every kind count for their address: of any client, of none, and unreadable ones."""
    assert await by_address.pass_of(10, client_id="", client_secret="") == 10
    assert await by_address.pass_of(10, authorization="Basic !", client_id="") == 10
    assert await by_address.pass_of(5, client_id="nobody") == 5
    assert await by_address.pass_of(10) == 5
    assert await by_address.pass_of(31, address=ELSEWHERE) == 30


async def test_names_that_cannot_be_read_are_no_bug() -> None:
    """A request that names its client in a way that nobody can read gets its own refusal, not another's."""
    site = await site_of()
    basic = await site.ask(authorization="Basic !", client_id="", client_secret="")
    assert basic.status_code == 401
    assert (await site.ask(client_id="", client_secret="", client_assertion="x")).status_code < 500


async def test_an_address_is_refused_before_its_body_is_read(by_address: Site) -> None:
    """Who asks too often is told so without anybody waiting for the body."""
    assert await by_address.pass_of(30) == 30
    heard: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        raise AssertionError("the body was asked for")

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        heard.append(message)

    path = b"/oauth/token"
    host = [(b"host", b"id.example.com")]
    scope = {"method": "POST", "raw_path": path, "query_string": b"", "headers": host, "client": (HERE, 1)}
    await by_address.door(scope, receive, send)
    assert heard[0]["status"] == 429


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:0:1::", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("not:an:address", "not:an:addres", False),
    ],
)
async def test_an_ipv6_address_is_its_network(by_address: Site, one: str, other: str, are_one: bool) -> None:
    """A network of IPv6 counts once: whoever has one address of it has them all. RFC 6177 section 2."""
    assert await by_address.pass_of(30, address=one) == 30
    assert await by_address.pass_of(1, address=other) == (0 if are_one else 1)


@pytest.mark.parametrize("off", ["rate", "burst"])
async def test_zero_switches_a_limit_off(off: str) -> None:
    """A rate or a burst of 0 means no limit."""
    site = await site_of(**{f"token_client_{off}": 0, f"token_address_{off}": 0})
    assert await site.pass_of(520, client_secret="wrong") == 520


async def test_a_changed_limit_holds_within_a_second(by_client: Site) -> None:
    """Who lowers a limit need not wait for it."""
    assert await by_client.pass_of(5) == 5
    tenant = by_client.tenant
    policy = replace(tenant.policy, token_client_burst=2)
    assert await tenant.change(Save(replace(tenant.record, policy=policy, version=2))) is None
    by_client.clock.now += 1
    assert await by_client.pass_of(5) == 2


async def test_tenants_have_limits_of_their_own(by_address: Site) -> None:
    """An address that asks one tenant too often may ask another one."""
    assert await by_address.pass_of(31) == 30
    assert await by_address.pass_of(31, "/t/acme/oauth/token") == 31


async def test_a_development_server_has_ten_times_the_limits() -> None:
    """Tests and demonstrations hurry: in development every number is ten times as large."""
    site = await site_of(token_client_rate=1, token_client_burst=4, token_address_rate=0)
    directory = Directory(site.tenant.tools, ORIGIN, development=True)
    await directory.load()
    site.door = Door(dataclasses.replace(site.door._building, directory=directory))
    assert await site.pass_of(50) == 40
    site.clock.now += 1
    assert await site.pass_of(50) == 10


async def test_other_routes_have_no_limits(by_address: Site) -> None:
    """Keys and metadata are for everybody, as often as they like; so is the question of a browser."""
    assert await by_address.pass_of(31) == 30
    transport = httpx.ASGITransport(app=by_address.door, client=(HERE, 1))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as web:
        assert (await web.get("/.well-known/jwks.json")).status_code == 200
        assert (await web.options("/oauth/token")).status_code == 204


async def test_without_leases_the_engine_is_asked_each_time() -> None:
    """A door that was given no limits takes those of the tenant's tools."""
    site = await site_of(token_client_burst=3, token_address_rate=0)
    building = dataclasses.replace(site.door._building, limits=None)
    plain = Site(Door(building), site.tenant, site.clock, site.leased)
    assert await plain.pass_of(5) == 3
