"""Passwords: hashed with Argon2id (RFC 9106) in a thread per core, with a queue that has an end."""

import asyncio
import os
import re
import secrets
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2.low_level import Type, hash_secret

from sekisho.keys import password_hash
from sekisho.spec.password import Cost, prepared
from sekisho.spec.refusal import OVERLOADED, Refused

T = TypeVar("T")

SALT = 16
SIZE = 32
QUEUE = 50  # for each thread: about a second of waiting
PATIENCE = 5.0
RETRY_AFTER = "2"
_OURS = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$.*")


class Passwords:
    """One for a process. More than it can bear is refused at once, rather than late."""

    def __init__(self, threads: int = os.cpu_count() or 1, queue: int = QUEUE) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._room = threading.Semaphore(threads * (queue + 1))

    async def hash(self, text: str, cost: Cost) -> str:
        """What is kept instead of a password."""
        return await self._run(lambda: _hash(text, cost))

    async def matches(self, text: str, hashed: str) -> bool:
        """Whether this is the password; Refused for a hash that nobody should have let in."""
        verify = password_hash.read(hashed)
        # Who made an imported hash did not prepare the text as we do.
        forms = dict.fromkeys((prepared(text).encode(), text.encode()))
        return await self._run(lambda: any(map(verify, forms)))

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise Refused(
                OVERLOADED, debug="too many passwords are waiting", headers={"retry-after": RETRY_AFTER}
            )
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._room.release())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.wrap_future(future)
        except TimeoutError as late:
            raise Refused(
                OVERLOADED, debug="a password waited too long", headers={"retry-after": RETRY_AFTER}
            ) from late

    def close(self) -> None:
        """Let the threads go; what waits is not done any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def is_weaker(hashed: str, cost: Cost) -> bool:
    """Whether a hash costs less than passwords have to by now, or is not ours."""
    found = _OURS.fullmatch(hashed)
    return found is None or int(found[1]) < cost.memory or int(found[2]) < cost.passes


def nobodys(cost: Cost) -> str:
    """A hash of no password, which takes as long to verify as any other: for users that do not exist."""
    salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (SALT, SIZE))
    return f"$argon2id$v=19$m={cost.memory},t={cost.passes},p=1${salt}${digest}"


def _hash(text: str, cost: Cost) -> str:
    secret, salt = prepared(text).encode(), secrets.token_bytes(SALT)
    return hash_secret(secret, salt, cost.passes, cost.memory, 1, SIZE, Type.ID).decode()
