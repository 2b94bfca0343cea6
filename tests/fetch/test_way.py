"""The way to a host: which addresses are connected to, and who answers there."""

import subprocess
import sys

import pytest
import structlog

from sekisho.fetch.fetcher import Fetcher
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import FETCH_FAILED, FETCH_REFUSED
from tests.fetch.far import ELSEWHERE, HOST, PUBLIC, URL, World, authority, far, fetching, response, says
from tests.tenants import NOW

NOT_PUBLIC = f"{HOST}: its name does not stand for public addresses alone"


async def refusal(world: World, url: str = URL) -> Refused:
    """What a guarded fetcher says."""
    async with fetching(world) as fetcher:
        with pytest.raises(Refused) as refused:
            await fetcher.get(url)
    return refused.value


async def test_fetches_a_document():
    """A document comes with its bytes, its media type and its time; the name is in SNI and in Host."""
    async with far(says(response(b'{"keys":[]}', content_type="Application/JSON; charset=utf-8"))) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            fetched = await fetcher.get(f"https://{HOST}:8443/a%20b?c=d")
    assert (fetched.body, fetched.content_type, fetched.fetched_at) == (
        b'{"keys":[]}',
        "application/json",
        NOW,
    )
    assert world.dialled == [(PUBLIC, 8443)]
    assert there.names == [HOST]
    assert there.heads[0].splitlines()[:2] == ["GET /a%20b?c=d HTTP/1.1", f"host: {HOST}:8443"]


async def test_says_little_about_itself():
    """A request has no cookies, no credentials and asks for no content coding."""
    async with far(says(response(set_cookie="a=b", cache_control="no-store"))) as there:
        world = World(there)
        async with fetching(world) as fetcher:
            await fetcher.get(URL, accept="application/jwk-set+json")
            world.clock.now += 60
            await fetcher.get(URL, accept="application/jwk-set+json")
    said = [line.partition(": ") for line in there.heads[1].strip().splitlines()[1:]]
    assert {name: value for name, _, value in said} == {
        "host": HOST,
        "accept": "application/jwk-set+json",
        "accept-encoding": "identity",
        "user-agent": "Sekisho",
        "connection": "close",
    }


@pytest.mark.parametrize(
    "addresses",
    [
        [],
        ["127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["10.0.0.7", PUBLIC],
        [PUBLIC, "::1"],
        [PUBLIC, "::ffff:10.0.0.7"],
        [PUBLIC, "fe80::1%eth0"],
        ["169.254.169.254"],
        ["64:ff9b::a9fe:a9fe"],
        ["2002:7f00:1::"],
        ["100.100.100.200"],
        ["0.0.0.0"],
        ["nonsense"],
    ],
)
async def test_refuses_a_name_that_leads_inside(addresses: list[str]):
    """Every address of a name has to be public, or none is dialled; an unknown name reads alike."""
    async with far(says(response())) as there:
        world = World(there, [addresses])
        refused = await refusal(world)
    assert (refused.reason, refused.debug) == (FETCH_FAILED, NOT_PUBLIC)
    assert refused.text == "A document could not be fetched"
    assert (world.dialled, there.connections) == ([], 0)


async def test_rebinding_changes_nothing():
    """A name is looked up once a connection, and the address that was checked is the one that is dialled."""
    async with far(says(response(cache_control="no-store"))) as there:
        world = World(there, [(PUBLIC,), ("127.0.0.1",)])
        async with fetching(world) as fetcher:
            await fetcher.get(URL)
            assert (world.asked, world.dialled) == ([HOST], [(PUBLIC, 443)])
            world.clock.now += 60
            with pytest.raises(Refused):
                await fetcher.get(URL)
    assert (world.asked, world.dialled) == ([HOST, HOST], [(PUBLIC, 443)])


@pytest.mark.parametrize("url", ["http://partner.example/", "https://127.0.0.1/", "https://localhost/"])
async def test_refuses_a_url_before_anything_moves(url: str):
    """What a URL alone tells is refused before a name is looked up."""
    world = World()
    assert (await refusal(world, url)).reason is FETCH_REFUSED
    assert world.asked == []


async def test_tries_the_next_address():
    """Where one checked address is dead, the next one is tried."""
    async with far(says(response())) as there:
        world = World(there, [(ELSEWHERE, PUBLIC)], dead=frozenset({ELSEWHERE}))
        async with fetching(world) as fetcher:
            await fetcher.get(URL)
    assert [address for address, _ in world.dialled] == [ELSEWHERE, PUBLIC]


async def test_gives_up_after_three_addresses():
    """A name with a thousand dead addresses costs three attempts, and the refusal names none of them."""
    world = World(None, [tuple(f"93.184.{n // 250}.{n % 250}" for n in range(1000))])
    refused = await refusal(world)
    assert len(world.dialled) == 3
    assert refused.debug == f"{HOST}: nobody answers there"


async def test_refuses_the_certificate_of_another_name():
    """A certificate is verified against the name that was asked for, not against the address."""
    async with far(says(response()), "other.example") as there:
        refused = await refusal(World(there))
    assert refused.debug.startswith(f"{HOST}: its certificate is not accepted: Hostname mismatch")
    assert "93.184" not in refused.debug
    assert there.heads == []


async def test_refuses_an_unknown_authority():
    """A certificate of an authority that nobody trusts is refused."""
    async with far(says(response())) as there:
        fetcher = Fetcher(outside=World(there).outside())
        with pytest.raises(Refused) as refused:
            await fetcher.get(URL)
        await fetcher.close()
    assert "its certificate is not accepted" in refused.value.debug


async def test_refuses_a_server_without_tls():
    """Nothing is said in the clear where https was asked for."""
    async with far(says(response()), tls=False) as there:
        refused = await refusal(World(there))
    assert refused.debug == f"{HOST}: TLS could not be agreed on"


async def test_ignores_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    """The environment does not lead requests elsewhere."""
    async with far(says(response()), tls=False) as proxy, far(says(response())) as there:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{proxy.port}")
        async with fetching(World(there)) as fetcher:
            await fetcher.get(URL)
    assert (proxy.connections, there.connections) == (0, 1)


async def test_reaches_private_addresses_where_that_is_allowed():
    """Development reaches loopback by plain http and by https, with the name still verified."""
    async with far(says(response(b"plain")), tls=False) as plain, far(says(response(b"tls"))) as there:
        world = World(there, [("127.0.0.1",)])
        async with fetching(world, allow_private=True) as fetcher:
            assert (await fetcher.get(URL)).body == b"tls"
            world.server = plain
            assert (await fetcher.get(f"http://127.0.0.1:{plain.port}/")).body == b"plain"


async def test_private_reach_is_loud():
    """A fetcher that reaches inside says so once, when it is made; a guarded one says nothing."""
    with structlog.testing.capture_logs() as logs:
        Fetcher(allow_private=True)
        Fetcher()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("fetcher_reaches_private_addresses", "warning")
    ]


async def test_logs_no_address():
    """The log says which name was refused, and not what it stands for."""
    with structlog.testing.capture_logs() as logs:
        await refusal(World(None, [("10.1.2.3",)]))
    assert [entry["host"] for entry in logs] == [HOST]
    assert "10.1.2.3" not in str(logs)


def test_a_missing_authority_is_found_at_the_start():
    """A file of authorities that is not there stops the start, not the first fetch."""
    with pytest.raises(FileNotFoundError):
        Fetcher(ca_file="absent.pem")


def test_a_start_does_without_the_http_library():
    """Making a fetcher does not import the HTTP library; the first fetch does."""
    code = (
        "import sys; from sekisho.fetch.fetcher import Fetcher; Fetcher(); print('httpcore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


async def test_trusts_the_system_without_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """Where the system has no authorities of its own, a packaged list stands in."""
    from sekisho.fetch.exchange import trust

    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert len(trust("").get_ca_certs()) > 50
    (tmp_path / "a.pem").write_bytes(authority().pem)
    assert trust("").get_ca_certs() == []
