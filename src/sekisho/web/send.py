"""Writing an answer, with the headers that every answer carries."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
import structlog

from sekisho.spec.http import Answer, Pairs, Pieces
from sekisho.spec.refusal import Refused

log = structlog.get_logger()

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Raw = tuple[tuple[bytes, bytes], ...]

_encode = msgspec.json.Encoder().encode

# How long one piece of a long body may wait for a browser to take it.
PIECE_SECONDS = 20.0
# RFC 9110 section 8.6
BODILESS = frozenset((204, 304))
ALWAYS: Raw = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
SECURE: Raw = (*ALWAYS, (b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
PAGE: Pairs = (("cache-control", "no-store"),)


def content(answer: Answer) -> bytes:
    """The bytes of an answer that is not a page."""
    return _encode(answer.json) if answer.json is not None else answer.body


async def send_answer(send: Send, answer: Answer, body: bytes, fixed: Raw, *, head: bool) -> None:
    """Start line, headers, body; a HEAD request gets no body."""
    headers = [*fixed]
    length = len(body) if answer.pieces is None and answer.length is None else answer.length
    if answer.status not in BODILESS and length is not None:
        headers.append((b"content-length", b"%d" % length))
    if body or answer.pieces or answer.kind != "application/json":
        headers.append((b"content-type", answer.kind.encode("latin-1")))
    for name, value in answer.headers:
        headers.append((name.encode("latin-1"), value.encode("latin-1", "replace")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.pieces:
        await _send_pieces(send, answer.pieces, head=head)
    else:
        await send({"type": "http.response.body", "body": b"" if head else body})


async def _send_pieces(send: Send, pieces: Pieces, *, head: bool) -> None:
    """One after the other, as fast as they are taken. The connection ends early where no more comes."""
    try:
        if not head:
            async for piece in pieces:
                async with asyncio.timeout(PIECE_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except (Refused, TimeoutError) as why:
        log.info("answer_cut_off", debug=why.debug if isinstance(why, Refused) else "it is not taken")
    finally:
        await pieces.aclose()
