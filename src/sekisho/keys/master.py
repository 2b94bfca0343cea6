"""The master key file: what every secret at rest hangs on (HKDF: RFC 5869)."""

import os
import secrets
import stat
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.spec.jose import decode, encode

KEY_BYTES = 32
MOST_KEYS = 16
MOST_FILE_BYTES = 16_384
FEWEST_DISTINCT = 17
MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


class WeakMaster(Exception):
    """The master key file cannot be relied on; the text says why and what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class Master:
    """The keys of the file, the current one first, the oldest one last.

    A new master key is a new first line: it seals from then on, and the lines below still open. What may
    never change while values made with it are alive (the pepper under which artifact handles are stored) is
    derived from the last line, the oldest key, which a new first line does not touch. So a line may be
    removed after a reseal, except that removing the *last* one changes the pepper too: every opaque handle
    (session, code, opaque token) made before becomes unknown, as if all had signed out. Removing it is only
    called for if the file itself leaked, and then that is what is wanted.
    """

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """The keys of a file, or WeakMaster. The file has to be its owner's alone, or lent by root."""
        place = Path(path)
        try:
            text = _private_text(place)
        except FileNotFoundError:
            raise WeakMaster(
                f"The master key file {place} is missing; make one with: (umask 077; {MAKE_ONE} > {place})"
            ) from None
        except OSError as wrong:
            raise WeakMaster(
                f"The master key file {place} cannot be read ({wrong.strerror}); name one that this user owns"
            ) from None
        lines = text.split()
        if not 0 < len(lines) <= MOST_KEYS:
            raise WeakMaster(
                f"The master key file {place} has {len(lines)} keys; it needs 1 to {MOST_KEYS}, one a line,"
                f" each made with: {MAKE_ONE}"
            )
        if len(set(lines)) != len(lines):
            raise WeakMaster(f"The master key file {place} has the same key twice; remove the second one")
        return cls(tuple(_key(line, f"Line {at} of {place}") for at, line in enumerate(lines, 1)))

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> Self:
        """A new file with one random key, complete or absent; FileExistsError rather than overwriting one."""
        place = Path(path)
        key = secrets.token_bytes(KEY_BYTES)
        draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        target = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(target, "wb") as file:
                file.write(encode(key) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, never replaces a key that somebody else put there in the meantime.
            os.link(draft, place)
        finally:
            draft.unlink()
        return cls((key,))

    def derive(self, label: str) -> bytes:
        """A key for one purpose that stays the same when a new master key is put on top."""
        return _derived(self.keys[-1], label)

    def derive_each(self, label: str) -> tuple[bytes, ...]:
        """A key for one purpose from every master key, the current one first."""
        return tuple(_derived(key, label) for key in self.keys)


def is_private(mode: int, owner: int, reader: int) -> bool:
    """The file is its owner's alone; or root's, who lends it for reading to a group, as mounts do."""
    if owner == 0 != reader:
        return not mode & (stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO)
    return not mode & (stat.S_IRWXG | stat.S_IRWXO)


def _derived(key: bytes, label: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"sekisho:{label}".encode()).derive(key)


def _private_text(place: Path) -> str:
    # Without O_NONBLOCK a FIFO in this place would hang the start.
    source = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(source)
        if not stat.S_ISREG(status.st_mode):
            raise WeakMaster(f"The master key file {place} is not a regular file; put the keys into one")
        if os.name == "posix" and not is_private(status.st_mode, status.st_uid, os.geteuid()):
            lent = status.st_uid == 0 != os.geteuid()
            cure = "mount it with mode 0440 for a group of this user" if lent else f"run: chmod 600 {place}"
            raise WeakMaster(f"The master key file {place} is open to other users; {cure}")
        return os.read(source, MOST_FILE_BYTES).decode("utf-8", "replace")
    finally:
        os.close(source)


def _key(line: str, where: str) -> bytes:
    """The octets of a line; the text of a refusal never repeats the line."""
    try:
        key = decode(line.rstrip("=").encode())
    except ValueError:
        raise WeakMaster(f"{where} is not base64url; make a key with: {MAKE_ONE}") from None
    if len(key) < KEY_BYTES:
        raise WeakMaster(f"{where} has {len(key)} bytes, fewer than {KEY_BYTES}; make a key with: {MAKE_ONE}")
    if _is_guessable(key):
        raise WeakMaster(f"{where} is not random enough to be a key; make a key with: {MAKE_ONE}")
    return key


def _is_guessable(key: bytes) -> bool:
    """Few distinct bytes, few distinct steps from byte to byte (a count), or printable text."""
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    is_text = key.isascii() and key.decode("ascii").isprintable()
    return is_text or len(set(key)) < FEWEST_DISTINCT or len(steps) < FEWEST_DISTINCT
