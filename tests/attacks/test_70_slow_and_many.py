"""Class 70: connections that say nothing, and strangers by the thousand."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sekisho.cli import wire as guard
from sekisho.events import audit as audits
from sekisho.store import known
from sekisho.web import read
from tests.attacks.double import Double
from tests.attacks.flood import flood, posted
from tests.attacks.house import Attacked
from tests.attacks.patience import MEGABYTE, PATIENCE

pytestmark = pytest.mark.usefixtures("still_well")


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience of the server, shortened."""
    monkeypatch.setattr(guard, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(read, "BODY_TIME", 0.5)


SLOW = {
    "no byte at all": (b"", b""),
    "half a head": (b"GET / HTTP/1.1\r\n", b""),
    "a head without end": (b"GET / HTTP/1.1\r\n", b"x: y\r\n"),
    "a body that does not begin": (posted("/oauth/token", b"x" * 100)[:-100], b""),
    "a body that does not end": (posted("/oauth/token", b"x" * 100)[:-90], b""),
    "a body that drips": (posted("/oauth/token", b"x" * 100)[:-100], b"x"),
    "a document that does not begin": (posted("/api/v2/clients", b"x" * 100)[:-100], b""),
    "chunks that do not come": (
        b"POST /oauth/token HTTP/1.1\r\nhost: id.example.com\r\ntransfer-encoding: chunked\r\n\r\n",
        b"",
    ),
}


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("name", SLOW)
def test_who_is_slow_is_given_up(double: Double, name: str) -> None:
    """A head or a body that does not come in time ends: nobody holds a connection by saying nothing."""
    first, drip = SLOW[name]
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", double.target.port), timeout=0.2) as wire:
        wire.sendall(first)
        while time.monotonic() - began < 4:
            try:
                if drip:
                    wire.sendall(drip)
                if wire.recv(65_536):
                    break  # an answer: it was given up
                break  # hung up
            except TimeoutError:
                continue
            except ConnectionError:
                break
        waited = time.monotonic() - began
    assert waited < 3, "the connection is still held"


def test_slow_ones_do_not_keep_others_waiting(house: Attacked) -> None:
    """While hundreds of connections say nothing, the server answers everybody else."""
    wires = []
    try:
        for _ in range(300):
            wire = socket.create_connection(("127.0.0.1", house.server.port), timeout=5)
            wire.sendall(b"POST /oauth/token HTTP/1.1\r\nhost: id.example.com\r\ncontent-length: 10\r\n")
            wires.append(wire)
        asked = time.monotonic()
        assert house.is_well()
        assert time.monotonic() - asked < PATIENCE
    finally:
        for wire in wires:
            wire.close()


def strangers(many: int, mark: str) -> Iterator[bytes]:
    """Token requests of clients that do not exist, each of another name and from a page of another origin."""
    for n in range(many):
        body = (
            b"grant_type=client_credentials&client_secret=x&client_id=" + f"{mark}-{n}-".encode() + b"x" * 60
        )
        yield posted(
            "/oauth/token", body, f"origin: https://{mark}-{n}.example", f"x-correlation-id: {mark}{n}"
        )


def test_memory_is_flat_under_strangers(house: Attacked) -> None:
    """Unknown clients, origins and correlation ids by the thousand leave nothing behind that grows."""
    flood(house.server.port, strangers(1_000, "warm"))
    before = house.resident()
    found = flood(house.server.port, strangers(5_000, "flood"))
    assert found == {401: 5_000}
    assert house.resident() - before < 40 * MEGABYTE


def test_caches_are_bounded(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing that is remembered of strangers has an upper bound; with the bound away it grows."""
    tools = double.tenant.tools
    for module, name in ((known, "MOST_ABSENT"), (audits, "MOST_REFUSERS")):
        monkeypatch.setattr(module, name, 50)
    flood(double.target.port, strangers(200, "few"))
    assert len(tools.known._absent) <= 50
    assert len(tools.audit._refusals) <= 51
    assert tools.audit._waiting.maxlen == audits.MOST_WAITING
    for module, name in ((known, "MOST_ABSENT"), (audits, "MOST_REFUSERS")):
        monkeypatch.setattr(module, name, 10**9)
    flood(double.target.port, strangers(200, "many"))
    assert len(tools.known._absent) > 100
    assert len(tools.audit._refusals) > 100


def test_known_values_are_bounded(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of one's own clients has a bound as well, and what went is found again."""
    monkeypatch.setattr(known, "MOST_KNOWN", 3)
    values = double.tenant.tools.known
    values.forget(None)
    with double.target.web() as web:
        for _ in range(3):
            for role in ("machine", "neighbour"):
                assert web.post("/oauth/token", data=double.target.form(role)).status_code == 200
    assert len(values._values) <= 3
    assert sum(map(len, values._names.values())) == len(values._values)


def test_a_crowd_is_answered(house: Attacked) -> None:
    """Many connections at once, good and bad, all get an answer and never an incident."""
    found: list[dict[int, int]] = []

    def one(n: int) -> None:
        found.append(flood(house.server.port, strangers(150, f"crowd{n}")))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [{401: 150}] * 16
