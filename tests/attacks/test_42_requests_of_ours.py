"""Class 42: the server is made to ask somebody inside, or a cloud's metadata, for the attacker (SSRF)."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from sekisho.fetch import fetcher
from sekisho.fetch.copies import Copies
from sekisho.store import Window
from tests.attacks.assertions import Signing, is_refused, signing
from tests.attacks.double import Double
from tests.attacks.forgery import segment
from tests.attacks.house import Attacked
from tests.attacks.patience import PATIENCE
from tests.attacks.target import MACHINE, Target
from tests.fetch.far import HOST, PUBLIC, World, authority, far, response, says
from tests.oauth.test_client_assertion import jwk

pytestmark = pytest.mark.usefixtures("still_well")

INSIDE = "THE-INSIDE-OF-THE-HOUSE"
FIELDS = ("jwks_uri", "logo_uri", "initiate_login_uri")


@dataclass
class Victim:
    """Something inside that must not be asked: it listens on loopback, IPv4 and IPv6."""

    port: int
    sockets: list[socket.socket] = field(default_factory=list)

    def was_asked(self) -> bool:
        """Somebody connected."""
        for each in self.sockets:
            try:
                each.accept()[0].close()
            except BlockingIOError:
                continue
            return True
        return False


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    """A port of this machine where nobody of ours has any business."""
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=16))
        port = first.getsockname()[1]
        sockets = [first]
        if socket.has_dualstack_ipv6():
            sockets.append(stack.enter_context(socket.create_server(("::1", port), family=socket.AF_INET6)))
        for each in sockets:
            each.setblocking(False)
        yield Victim(port, sockets)


def inside(port: int) -> list[str]:
    """This machine, its neighbours and the clouds' metadata, in every notation."""
    hosts = (
        "127.0.0.1", "localhost", "localhost.", "[::1]", "[::]", "0.0.0.0", "0", "127.1", "127.0.1",
        "2130706433",
        "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "127.0.0.1.",
        "LOCALHOST", "x.localhost", "ip6-localhost", "id.example.com@127.0.0.1", "127.0.0.1#.example.com",
        "127.0.0.1?.example.com", "example.com\\@127.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "%31%32%37.0.0.1",
        "[::1]@example.com", "x:y@127.0.0.1", "127.0.0.1%00.example.com", "127.0.0.1%20", "127.0.0.1\t",
        "127.0.0.1\r\n",
    )  # fmt: skip
    elsewhere = (
        "https://169.254.169.254/latest/meta-data/", "https://metadata.google.internal/computeMetadata/v1/",
        "https://100.100.100.200/", "https://168.63.129.16/", "https://[fd00:ec2::254]/", "https://10.0.0.1/",
        "https://192.168.0.1/", "https://172.16.0.1/", "https://[fe80::1]/", "https://printer.local/",
        "http://127.0.0.1/", "http://example.com/", "ftp://example.com/", "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "data:application/json,{}", "jar:https://127.0.0.1!/", "//127.0.0.1/", "/api/v2/clients",
        "unix:///run/x",
        "https:///etc/passwd", "https://example.com:22/", "https://example.com:25/", "https://example.com:0/",
        "https://example.com:65536/", "https://id.example.com/.well-known/jwks.json",
    )  # fmt: skip
    return [*(f"https://{host}:{port}/keys" for host in hosts), *elsewhere]


def registered(target: Target, address: str) -> Signing | None:
    """A client whose keys are said to be there; None where that was refused at once."""
    told = {
        **MACHINE,
        "name": "Signing",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": address,
    }
    with target.manage() as manage:
        answer = manage.post("/api/v2/clients", json=told)
    if answer.status_code == 201:
        return Signing(answer.json()["client_id"], "p256", time.time)
    assert answer.status_code == 400, answer.text
    return None


def test_nobody_inside_is_asked(house: Attacked, victim: Victim) -> None:
    """Keys that are said to be inside are not fetched: whoever registered them gets one refusal for all."""
    heard: set[str] = set()
    with house.target.web() as web:
        for address in inside(victim.port):
            client = registered(house.target, address)
            if client is None:
                continue
            asked = time.monotonic()
            answer = is_refused(client.ask(web, client.assertion()))
            assert time.monotonic() - asked < PATIENCE + 2, address  # a name is looked up for two seconds
            heard.add(answer.text)
            with house.target.manage() as manage:
                assert manage.delete(f"/api/v2/clients/{client.client_id}").status_code == 204
    assert len(heard) == 1  # neither a port nor a name can be probed
    assert not victim.was_asked()


def test_an_address_is_not_asked_when_it_is_said(target: Target, victim: Victim) -> None:
    """Writing an address down makes nobody ask there: neither for keys, nor for pictures, nor for pages."""
    with target.manage() as manage:
        for name in FIELDS:
            for address in (f"https://127.0.0.1:{victim.port}/x", f"https://localhost:{victim.port}/x"):
                told = {**MACHINE, "name": "Said", name: address}
                answer = manage.post("/api/v2/clients", json=told)
                assert answer.status_code in (201, 400), answer.text
                if answer.status_code == 201:
                    place = f"/api/v2/clients/{answer.json()['client_id']}"
                    assert manage.patch(place, json={"description": "x"}).status_code == 200
                    assert manage.get(place).status_code == 200
                    assert manage.delete(place).status_code == 204
        picture = {"picture_url": f"https://127.0.0.1:{victim.port}/x"}
        if manage.patch("/api/v2/tenants/settings", json=picture).status_code == 200:
            manage.patch("/api/v2/tenants/settings", json={"picture_url": ""})
    assert not victim.was_asked()


def test_no_request_of_a_stranger_makes_us_ask(target: Target, victim: Victim) -> None:
    """Addresses in headers, assertions and parameters are texts: nobody goes there."""
    there = f"https://127.0.0.1:{victim.port}/keys"
    client = signing(target)
    with target.web() as web:
        for name in ("jku", "x5u", "jwk", "kid", "iss"):
            _, body, tail = client.assertion().split(".")
            is_refused(client.ask(web, f"{segment({'alg': 'ES256', name: there})}.{body}.{tail}"))
        for name in (
            "request_uri",
            "jwks_uri",
            "client_id",
            "sector_identifier_uri",
            "redirect_uri",
            "logo_uri",
        ):
            form = {**target.form("machine"), name: there}
            assert web.post("/oauth/token", data=form).status_code in (200, 400, 401)
            assert web.get("/", params={name: there}).status_code == 200
        for header in ("x-forwarded-host", "referer", "origin", "forwarded", "x-original-url", "destination"):
            web.get("/.well-known/openid-configuration", headers={header: f"127.0.0.1:{victim.port}"})
    assert not victim.was_asked()


@contextmanager
def out_there(double: Double, world: World, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The double in a world where names lead wherever the test says."""
    fetch = double.tenant.tools.fetch
    with patch.context() as changed:
        changed.setattr(fetch, "_outside", world.outside())
        changed.setattr(fetch, "_authorities", authority().pem.decode())
        changed.setattr(fetch, "_copies", Copies())
        changed.setattr(fetch, "_fetch", None)
        yield


def asked(double: Double, path: str) -> httpx.Response:
    """A token request of a client whose keys are published at this path."""
    client = signing(double.target, clock=double.clock, jwks_uri=f"https://{HOST}/{path}")
    with double.target.web() as web:
        return client.ask(web, client.assertion())


KEYS = json.dumps({"keys": [jwk("p256")], "note": INSIDE}).encode()
MIXED: tuple[list[tuple[str, ...]], ...] = (
    [(PUBLIC, "127.0.0.1")],
    [("127.0.0.1", PUBLIC)],
    [("10.0.0.1",)],
    [("169.254.169.254",)],
    [("::1",)],
    [()],
)


async def test_a_name_that_leads_inside(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name that stands for an inner address, if only among others, is not asked at any of them."""
    async with far(says(response(KEYS))) as server:
        for n, answers in enumerate(MIXED):
            world = World(server, [*answers])
            with out_there(double, world, monkeypatch):
                answer = is_refused(await asyncio.to_thread(asked, double, f"mixed-{n}"))
            assert world.asked
            assert world.dialled == []
            assert not any(
                address in answer.text for addresses in answers for address in addresses if address
            )
        assert server.connections == 0


async def test_a_name_that_changes_its_mind(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked is what is connected to, though the name leads elsewhere a moment later."""
    async with far(says(response(KEYS))) as server:
        world = World(server, [(PUBLIC,), ("127.0.0.1",)])
        with out_there(double, world, monkeypatch):
            assert (await asyncio.to_thread(asked, double, "first")).status_code == 200
            is_refused(await asyncio.to_thread(asked, double, "second"))
        assert world.dialled == [(PUBLIC, 443)]
        assert server.connections == 1


AWAY = (
    "https://169.254.169.254/latest",
    "https://127.0.0.1/",
    f"https://{HOST}/other",
    "http://partner.example/",
    "/x",
)


async def test_nobody_is_sent_on(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect is not followed, wherever it leads, and what it carried is not believed."""
    for n, location in enumerate(AWAY):
        for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            async with far(says(response(KEYS, status, location=location))) as server:
                world = World(server)
                with out_there(double, world, monkeypatch):
                    is_refused(await asyncio.to_thread(asked, double, f"away-{n}-{status[:3]}"))
                assert world.dialled == [(PUBLIC, 443)]
                assert server.connections == 1


async def test_nothing_of_what_came_is_told(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither answers nor logs say what a document held or which address its host has."""
    said: list[str] = []
    bodies = (INSIDE.encode(), KEYS[:-1], b'{"keys":"%s"}' % INSIDE.encode(), b"[]", b"x" * 100_000)
    for n, body in enumerate(bodies):
        async with far(says(response(body))) as server:
            with out_there(double, World(server), monkeypatch):
                answer = is_refused(await asyncio.to_thread(asked, double, f"told-{n}"))
        said += [answer.text, str(answer.headers)]
    events = await double.tenant.store.events(double.tenant.id, {}, Window(limit=1_000))
    for text in (*said, str(events)):
        assert INSIDE not in text
        assert PUBLIC not in text


async def test_the_check_is_what_holds(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check of addresses the same attack reaches what is inside, and even believes it."""
    async with far(says(response(KEYS))) as server:
        world = World(server, [("127.0.0.1",)])
        with out_there(double, world, monkeypatch):
            is_refused(await asyncio.to_thread(asked, double, "honest"))
        assert world.dialled == []
        with out_there(double, world, monkeypatch), monkeypatch.context() as mutant:
            mutant.setattr(fetcher, "address_is_public", lambda _address: True)
            assert (await asyncio.to_thread(asked, double, "mutant")).status_code == 200
        assert world.dialled == [("127.0.0.1", 443)]
