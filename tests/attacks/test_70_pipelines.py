"""Class 70: requests without end on one connection, whose answers nobody reads."""

import contextlib
import gc
import socket
import time

import pytest

from sekisho.cli import wire as guard
from tests.attacks.double import Double
from tests.attacks.flood import WINDOW
from tests.attacks.house import Attacked
from tests.attacks.patience import MEGABYTE
from tests.attacks.wire import HUNG_UP

pytestmark = pytest.mark.usefixtures("still_well")

SHORT = b"GET /healthz HTTP/1.1\r\n\r\n"
PATIENCE = 3.0


def poured(port: int, most: int = 4 * MEGABYTE) -> tuple[int, bool]:
    """How many bytes of requests it takes from somebody who reads no answer; whether it hung up."""
    sent, until = 0, time.monotonic() + PATIENCE
    with socket.create_connection(("127.0.0.1", port), timeout=0.3) as wire:
        try:
            while sent < most and time.monotonic() < until:
                with contextlib.suppress(TimeoutError):
                    sent += wire.send(SHORT * 5_000)
        except HUNG_UP:
            return sent, True
    return sent, False


def test_a_pipeline_has_an_end(house: Attacked) -> None:
    """Whoever sends requests by the thousand without waiting is cut off, and nothing of it stays."""
    poured(house.server.port)
    before = house.resident()
    for _ in range(5):
        _, hung_up = poured(house.server.port)
        assert hung_up
    assert house.resident() - before < 20 * MEGABYTE


def test_a_window_is_answered(house: Attacked) -> None:
    """Some requests at once are what the protocol allows: all are answered, in their order."""
    with socket.create_connection(("127.0.0.1", house.server.port), timeout=5) as wire:
        wire.sendall(SHORT * WINDOW)
        heard = b""
        while heard.count(b"HTTP/1.1 200") < WINDOW:
            heard += wire.recv(65_536)
    assert heard.count(b"HTTP/1.1") == WINDOW


def test_the_bound_is_what_ends_it(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the bound the server takes whatever comes, and keeps it."""
    assert poured(double.target.port)[1]
    monkeypatch.setattr(guard, "MOST_PIPELINED", 10**9)
    sent, hung_up = poured(double.target.port, 2 * MEGABYTE)
    assert sent > MEGABYTE
    assert not hung_up


def test_who_left_is_forgotten(double: Double) -> None:
    """A connection that is over is held by nothing: not by the timer that would have ended it."""
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", double.target.port), timeout=5) as wire:
            wire.sendall(b"POST /oauth/token HTTP/1.1\r\ncontent-length: 60000\r\n\r\n" + b"x" * 50_000)
    until = time.monotonic() + PATIENCE
    while (held := guarded()) > 20 and time.monotonic() < until:
        time.sleep(0.1)
    assert held <= 20


def guarded() -> int:
    """How many connections this process holds."""
    gc.collect()
    return sum(isinstance(each, guard.Guarded) for each in gc.get_objects())
