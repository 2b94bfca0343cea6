"""Pages out of a folder: files as they are, found name by name without following a link."""

import asyncio
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Self

from sekisho.registry.portal.site import home
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.portal.site import is_hidden, names, query_is_sound
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.portal import SITE_OVERSIZED, SITE_UNREACHABLE
from sekisho.tenant import Tenant

INDEX = "index.html"
MOST_BYTES = 10 * 1024 * 1024
PIECE_BYTES = 256 * 1024
ANY = "application/octet-stream"
TEXT = "; charset=utf-8"
# fmt: off
KINDS: Mapping[str, str] = {
    ".html": "text/html" + TEXT, ".htm": "text/html" + TEXT, ".css": "text/css" + TEXT,
    ".js": "text/javascript" + TEXT, ".mjs": "text/javascript" + TEXT, ".json": "application/json",
    ".map": "application/json", ".webmanifest": "application/manifest+json", ".txt": "text/plain" + TEXT,
    ".md": "text/markdown" + TEXT, ".csv": "text/csv" + TEXT, ".xml": "application/xml",
    ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
    ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon",
    ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf",
    ".mp3": "audio/mpeg", ".mp4": "video/mp4", ".webm": "video/webm", ".pdf": "application/pdf",
    ".wasm": "application/wasm", ".zip": "application/zip",
}
# fmt: on
ALWAYS: Pairs = (("cache-control", "no-cache"), ("x-frame-options", "SAMEORIGIN"))
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# What is not there, what is behind a link, and what we may not read: all the same from outside.
ABSENT = frozenset((
    errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG,
    errno.ENXIO, errno.EINVAL,
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A file: where it is, what tells it from another one, and its content where that is short."""

    root: Path
    names: tuple[str, ...]
    facts: os.stat_result
    body: bytes | None

    @property
    def tag(self) -> str:
        """The same for the same content."""
        return f'"{self.facts.st_mtime_ns:x}-{self.facts.st_size:x}"'

    @property
    def kind(self) -> str:
        """By the end of its name."""
        return KINDS.get(PurePath(self.names[-1]).suffix.lower(), ANY)


async def page(ask: Ask, tenant: Tenant) -> Answer:
    """The file of this path; of a folder its index, at the path with a slash."""
    found = names(ask.path)
    if not found or is_hidden(found) or not query_is_sound(ask.raw_query):
        raise Refused(NOT_FOUND)
    sites, folder = tenant.tools.sites, tenant.policy.site.folder
    file = await asyncio.to_thread(_seen, sites, folder, found, body=ask.method == "GET")
    if file is None:
        raise Refused(NOT_FOUND, debug="no such file, or no such folder")
    if len(file.names) > len(found):
        query = f"?{ask.raw_query.decode()}" if ask.raw_query else ""
        return Answer(status=302, headers=(("location", f"{ask.root}{ask.path}/{query}"), *ALWAYS))
    return _answer(file, ask)


def _answer(file: File, ask: Ask) -> Answer:
    from email.utils import formatdate  # noqa: PLC0415 - 13 ms that a start does without

    size, changed = file.facts.st_size, int(file.facts.st_mtime)
    if size > MOST_BYTES:
        raise Refused(SITE_OVERSIZED, debug=f"{file.names[-1]}: {size} bytes")
    headers = (("etag", file.tag), ("last-modified", formatdate(changed, usegmt=True)), *ALWAYS)
    if _is_known(file.tag, changed, ask.headers):
        return Answer(status=304, kind=file.kind, headers=headers)
    if file.body is not None:
        return Answer(body=file.body, kind=file.kind, headers=headers)
    pieces = Pieces(file) if ask.method == "GET" else None
    return Answer(pieces=pieces, length=size, kind=file.kind, headers=headers)


def _is_known(tag: str, changed: int, headers: Mapping[str, str]) -> bool:
    """The browser has it already (RFC 9110 section 13.2.2): by its tag, or else by its time."""
    tags = headers.get("if-none-match")
    if tags is not None:
        return bool({"*", tag} & {each.strip().removeprefix("W/") for each in tags.split(",")})
    since = headers.get("if-modified-since", "")
    if not since:
        return False
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - the same

    try:
        return changed <= parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):
        return False


def _seen(sites: str, folder: str, found: tuple[str, ...], *, body: bool) -> File | None:
    """The file of these names, or the index of their folder; nothing where there is none."""
    root = home(sites, folder) if sites else None
    if root is None:
        return None
    at = (*found[:-1], found[-1] or INDEX)
    file = _read(root, at, body=body)
    return file if file or not found[-1] else _read(root, (*found, INDEX), body=False)


def _read(root: Path, at: tuple[str, ...], *, body: bool) -> File | None:
    try:
        with _opened(root, at) as file:
            facts = os.fstat(file)
            if not stat.S_ISREG(facts.st_mode):
                return None
            is_short = facts.st_size <= PIECE_BYTES
            return File(root, at, facts, os.pread(file, facts.st_size, 0) if body and is_short else None)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise


@contextmanager
def _opened(root: Path, at: tuple[str, ...]) -> Iterator[int]:
    """A file, name by name from the root: whoever puts a link on the way meanwhile leads nobody out."""
    here = os.open(root, FOLDER)
    try:
        for name in at[:-1]:
            here, before = os.open(name, FOLDER, dir_fd=here), here
            os.close(before)
        file = os.open(at[-1], FILE, dir_fd=here)
    finally:
        os.close(here)
    try:
        yield file
    finally:
        os.close(file)


class Pieces:
    """A long file, opened for each piece: who reads slowly holds neither a file nor its content."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._at = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._at >= self._file.facts.st_size:
            raise StopAsyncIteration
        piece = await asyncio.to_thread(self._piece)
        self._at += len(piece)
        return piece

    async def aclose(self) -> None:
        """There is nothing to let go of."""

    def _piece(self) -> bytes:
        try:
            with _opened(self._file.root, self._file.names) as file:
                now, then = os.fstat(file), self._file.facts
                is_same = (now.st_ino, now.st_mtime_ns, now.st_size) == (
                    *(then.st_ino, then.st_mtime_ns, then.st_size),
                )
                piece = os.pread(file, PIECE_BYTES, self._at) if is_same else b""
        except OSError:
            piece = b""
        if not piece:
            raise Refused(SITE_UNREACHABLE, debug=f"{self._file.names[-1]} changed while it was sent")
        return piece
