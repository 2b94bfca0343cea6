"""Writing an answer, with the headers that every answer carries."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from sekisho.spec.http import Answer, Pairs

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Raw = tuple[tuple[bytes, bytes], ...]

_encode = msgspec.json.Encoder().encode

# RFC 9110 section 8.6
BODILESS = frozenset((204, 304))
ALWAYS: Raw = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
SECURE: Raw = (*ALWAYS, (b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
PAGE: Pairs = (
    ("cache-control", "no-store"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin-allow-popups"),
)


def content(answer: Answer) -> bytes:
    """The bytes of an answer that is not a page."""
    return _encode(answer.json) if answer.json is not None else answer.body


async def send_answer(send: Send, answer: Answer, body: bytes, fixed: Raw, *, head: bool) -> None:
    """Start line, headers, body; a HEAD request gets no body."""
    headers = [*fixed]
    if answer.status not in BODILESS:
        headers.append((b"content-length", b"%d" % len(body)))
    if body or answer.kind != "application/json":
        headers.append((b"content-type", answer.kind.encode()))
    for name, value in answer.headers:
        headers.append((name.encode("latin-1"), value.encode("latin-1", "replace")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
