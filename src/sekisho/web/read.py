"""Reading a request within limits: the body, the form, the headers."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from sekisho.spec.entra.place import GUID
from sekisho.spec.http import NO_TEXT, Ask, Pairs
from sekisho.spec.refusal import (
    MALFORMED_REQUEST,
    REQUEST_TIMEOUT,
    REQUEST_TOO_LARGE,
    UNSUPPORTED_BODY,
    Refused,
)
from sekisho.tenant import MANAGEMENT_PATH

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MOST_PAIRS = 200
LONGEST_VALUE = 32 * 1024
LONGEST_CLAIM = 128
BODY_TIME = 20.0
LONGEST_CORRELATION = 64
_CORRELATION = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:")
# JSON can spell half of a surrogate pair; no database and no other program can keep it.
_HALVES = frozenset(map(chr, range(0xD800, 0xE000)))


class Gone(Exception):
    """The client hung up; there is nobody to answer."""


def correlation(headers: Mapping[str, str]) -> str:
    """The caller's name for the request; clients of Microsoft's identity platform call it otherwise."""
    sent = headers.get("x-correlation-id", "")
    if 0 < len(sent) <= LONGEST_CORRELATION and _CORRELATION.issuperset(sent):
        return sent
    named = headers.get("client-request-id", "")
    return named if GUID.fullmatch(named) else ""


def may_have_body(method: str, headers: Mapping[str, str]) -> bool:
    """Whether anything has to be waited for: a GET that announces none has none (RFC 9112 section 6.3)."""
    return method not in ("GET", "HEAD") or "content-length" in headers or "transfer-encoding" in headers


async def body(receive: Receive, limit: int) -> bytes:
    """The whole body, if it comes in time and fits."""
    try:
        async with asyncio.timeout(BODY_TIME):
            return await _whole(receive, limit)
    except TimeoutError as error:
        raise Refused(REQUEST_TIMEOUT) from error


async def _whole(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise Refused(REQUEST_TOO_LARGE, debug=f"more than {limit} bytes")
        parts.append(part)
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def form(content_type: str, raw: bytes) -> Pairs:
    """The parameters of a protocol request: a form (the RFCs), or a JSON object (Auth0's SDKs)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return pairs(raw)
    if kind == "application/json":
        return _members(raw)
    if not raw:
        return ()
    raise Refused(UNSUPPORTED_BODY, debug=kind[:100])


def loose(content_type: str, raw: bytes) -> Pairs:
    """The same of clients that say more than they are asked: members that are no text are not looked into."""
    if not raw.strip():
        return ()
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return form(content_type, raw)
    return tuple(
        (
            name if _is_sound(name) else NO_TEXT,
            value if isinstance(value, str) and _is_sound(value) else NO_TEXT,
        )
        for name, value in _object(raw)
        if value is not None
    )


def nothing(_content_type: str, _raw: bytes) -> Pairs:
    """There are no parameters in the body."""
    return ()


def pairs(raw: bytes) -> Pairs:
    """Strict application/x-www-form-urlencoded: UTF-8, bounded, no NUL."""
    if not raw:
        return ()
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Refused(MALFORMED_REQUEST, debug="the form is not UTF-8") from error
    fields = text.split("&", MOST_PAIRS + 1)
    if len(fields) > MOST_PAIRS:
        raise Refused(REQUEST_TOO_LARGE, debug=f"more than {MOST_PAIRS} parameters")
    split = [field.partition("=") for field in fields if field]
    sound = _is_sound(text)  # as a whole: then its parts are, where nothing in them is spelled with signs
    return tuple([(_text(name, sound=sound), _text(value, sound=sound)) for name, _, value in split])


def _text(text: str, *, sound: bool) -> str:
    if sound and "%" not in text and "+" not in text:
        return text
    if "+" in text:
        text = text.replace("+", " ")
    if "%" in text:
        try:
            text = unquote_to_bytes(text).decode()
        except UnicodeDecodeError as error:
            raise Refused(MALFORMED_REQUEST, debug="a parameter is not UTF-8") from error
    return _bounded(text)


def _is_sound(text: str) -> bool:
    return len(text) <= LONGEST_VALUE and "\0" not in text and (text.isascii() or _HALVES.isdisjoint(text))


def _bounded(text: str) -> str:
    if not _is_sound(text):
        raise Refused(MALFORMED_REQUEST, debug="a parameter has a NUL or half a character, or is too long")
    return text


def _members(raw: bytes) -> Pairs:
    return tuple((_bounded(name), text) for name, value in _object(raw) for text in _scalars(value))


def _object(raw: bytes) -> tuple[tuple[str, object], ...]:
    try:
        members = json.loads(raw.decode(), object_pairs_hook=tuple, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(MALFORMED_REQUEST, debug="the body is not JSON") from error
    if not isinstance(members, tuple) or len(members) > MOST_PAIRS:
        raise Refused(MALFORMED_REQUEST, debug="the body is not a JSON object, or too large a one")
    return members


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _scalars(value: object) -> list[str]:
    # SDKs send null and "" for what they leave out.
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str | int | float):
        return [_bounded(str(value))]
    if isinstance(value, list) and not any(isinstance(item, list | tuple) for item in value):
        return [text for item in value for text in _scalars(item)]
    raise Refused(MALFORMED_REQUEST, debug="a member is neither text, number, boolean nor a list of these")


# How a route reads its parameters out of a body.
READERS: Mapping[str, Callable[[str, bytes], Pairs]] = {
    "": nothing,
    "form": form,
    "json": nothing,
    "loose": loose,
    "raw": nothing,
}


def claimed(ask: Ask) -> str | None:
    """The client that a request says it is of; in the management API a query says which one it looks for."""
    told = ask.form if ask.path.startswith(f"/{MANAGEMENT_PATH}") else (*ask.form, *ask.query)
    return next((value[:LONGEST_CLAIM] for name, value in told if name == "client_id"), None)
