"""Long answers: sent as fast as they are taken, cut off where no more comes, always let go of."""

import asyncio
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
import pytest

from sekisho.oauth.says import says
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.portal import SITE_SLOW
from sekisho.tenant import Tenant
from sekisho.web import send
from sekisho.web.door import Building, Door
from sekisho.web.route import Route, Routes
from tests.attacks.double import listening
from tests.tenants import Clock, demo_directory

PIECE = b"x" * 100_000


@dataclass
class Counted:
    """Pieces that know how many were taken, and whether they were let go of."""

    left: int
    ends: Exception | None = None
    taken: int = 0
    closed: int = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self.left:
            raise self.ends or StopAsyncIteration
        self.left -= 1
        self.taken += 1
        return PIECE

    async def aclose(self) -> None:
        self.closed += 1


@dataclass
class Place:
    """A door with one long answer behind it."""

    door: Door
    answers: list[Answer] = field(default_factory=list)


@pytest.fixture
async def place() -> Place:
    found = Place(door=None)  # type: ignore[arg-type]  # it comes in a moment

    async def long(_ask: Ask, _tenant: Tenant) -> Answer:
        return found.answers[0]

    def stands(ask: Ask, _tenant: Tenant) -> None:
        if ask.path == "/nowhere":
            raise Refused(NOT_FOUND)

    rows = (
        Route(method="GET", path="/own", endpoint=long, says=says),
        Route(method="*", path="/*", endpoint=long, says=says, reads="raw", stands=stands),
    )
    directory = await demo_directory(Clock())
    found.door = Door(Building(directory, Routes(rows), {}, says))
    return found


async def asked(place: Place, line: str = "GET /x") -> tuple[httpx.Response, bool]:
    """What was sent, and whether it was all."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def take(message: Any) -> None:
        sent.append(message)

    method, _, path = line.partition(" ")
    scope = {
        "type": "http",
        "scheme": "https",
        "method": method,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"id.example.com")],
        "client": ("198.51.100.7", 4711),
    }
    await place.door(scope, receive, take)
    start, *parts = sent
    body = b"".join(part["body"] for part in parts)
    is_whole = bool(parts) and not parts[-1].get("more_body", False)
    return httpx.Response(start["status"], headers=start["headers"], content=body), is_whole


async def test_pieces_are_one_body(place: Place) -> None:
    """The length is said where it is known, and what they come from is let go of once."""
    for length in (None, 3 * len(PIECE)):
        pieces = Counted(3)
        place.answers = [Answer(pieces=pieces, length=length, kind="text/plain")]
        answer, is_whole = await asked(place)
        assert (answer.content, is_whole, pieces.closed) == (PIECE * 3, True, 1)
        assert answer.headers["content-type"] == "text/plain"


async def test_head_takes_none(place: Place) -> None:
    """The same headers, no piece taken, and it is let go of."""
    pieces = Counted(3)
    place.answers = [Answer(pieces=pieces, length=300_000, kind="text/plain")]
    answer, is_whole = await asked(place, "HEAD /x")
    assert (answer.content, is_whole, pieces.taken, pieces.closed) == (b"", True, 0, 1)
    assert answer.headers["content-length"] == "300000"


async def test_what_ends_too_soon_is_not_ended(place: Place) -> None:
    """A refusal in the middle leaves the answer unfinished; a bug does too, and is heard of."""
    pieces = Counted(1, Refused(SITE_SLOW, debug="x"))
    place.answers = [Answer(pieces=pieces, kind="text/plain")]
    answer, is_whole = await asked(place)
    assert (answer.content, is_whole, pieces.closed) == (PIECE, False, 1)
    pieces = Counted(1, ZeroDivisionError())
    place.answers = [Answer(pieces=pieces, kind="text/plain")]
    with pytest.raises(ZeroDivisionError):
        await asked(place)
    assert pieces.closed == 1


@pytest.mark.parametrize("hangs_up", [True, False])
async def test_who_does_not_take_it_is_given_up(
    place: Place, hangs_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that takes nothing for a while, or goes away, keeps nothing of ours."""
    monkeypatch.setattr(send, "PIECE_SECONDS", 0.3)
    pieces = Counted(1_000)
    place.answers = [Answer(pieces=pieces, length=1_000 * len(PIECE), kind="text/plain")]

    def visits(port: int) -> None:
        reader = socket.create_connection(("127.0.0.1", port))
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        reader.sendall(b"GET /x HTTP/1.1\r\nhost: id.example.com\r\n\r\n")
        reader.recv(100)
        if hangs_up:
            reader.close()
        until = time.monotonic() + 10
        while not pieces.closed and time.monotonic() < until:
            time.sleep(0.02)
        reader.close()

    with listening(place.door) as port:
        await asyncio.to_thread(visits, port)
    assert pieces.closed == 1
    assert hangs_up or pieces.taken < 500


async def test_an_address_may_stand_for_some(place: Place) -> None:
    """A row that does not stand is no row, for a preflight neither; one for all methods answers both."""
    place.answers = [Answer(body=b"mine", kind="text/plain")]
    for method in ("GET", "OPTIONS", "POST"):
        assert (await asked(place, f"{method} /nowhere"))[0].status_code == 404
        assert (await asked(place, f"{method} /x"))[0].content == b"mine"
    assert (await asked(place, "OPTIONS /own"))[0].status_code == 204
