"""Secrets at rest: AES-256-GCM under the master key (NIST SP 800-38D)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.keys.master import Master

FORMAT = b"\x01"
ID_BYTES = 8
NONCE_BYTES = 12
HEAD_BYTES = len(FORMAT) + ID_BYTES
LEAST_BYTES = HEAD_BYTES + NONCE_BYTES + 16


class CannotOpen(Exception):
    """A sealed value was damaged, moved to another place, or sealed under a key that is gone."""


def context(tenant: str, kind: str, id: str) -> str:
    """The one place where a sealed value may be opened."""
    parts = (tenant, kind, id)
    if any("\n" in part for part in parts):
        raise ValueError("a line break in the context would let two places look alike")
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals under the current master key, opens under all: format ‖ key id ‖ nonce ‖ ciphertext ‖ tag."""

    current: bytes
    ciphers: Mapping[bytes, AESGCM] = field(repr=False)
    # For what proves itself: it stays the same when a new master key is put on top.
    mac_key: bytes = field(repr=False)

    @classmethod
    def of(cls, master: Master) -> Self:
        """The sealer of a master key file."""
        names = [sha256(key).digest()[:ID_BYTES] for key in master.derive_each("seal key id")]
        ciphers = dict(zip(names, map(AESGCM, master.derive_each("seal")), strict=True))
        return cls(names[0], ciphers, master.derive("mac"))

    def seal(self, plain: bytes, context: str) -> bytes:
        """A value that opens only in this context."""
        head = FORMAT + self.current
        nonce = secrets.token_bytes(NONCE_BYTES)
        return head + nonce + self.ciphers[self.current].encrypt(nonce, plain, head + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed in this context, or CannotOpen."""
        head, nonce = sealed[:HEAD_BYTES], sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
        if len(sealed) < LEAST_BYTES or not head.startswith(FORMAT):
            raise CannotOpen("This is not a sealed value")
        cipher = self.ciphers.get(head[len(FORMAT) :])
        if cipher is None:
            raise CannotOpen("The master key that sealed this is not in its file any more; put its line back")
        try:
            return cipher.decrypt(nonce, sealed[HEAD_BYTES + NONCE_BYTES :], head + context.encode())
        except InvalidTag:
            raise CannotOpen("A sealed value was changed, or moved from where it was sealed") from None

    def knows(self, value: bytes) -> bool:
        """Whether it looks like something that was sealed under one of the master keys."""
        return value.startswith(FORMAT) and value[len(FORMAT) : HEAD_BYTES] in self.ciphers

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed under the current master key."""
        return sealed[:HEAD_BYTES] == FORMAT + self.current
