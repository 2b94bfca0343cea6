"""Hashes of passwords, ours and imported ones: read, bounded, verified (PHC and modular crypt format)."""

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error as NotEncoded
from collections.abc import Callable, Mapping
from typing import TypeAlias

import bcrypt
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, verify_secret

from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import HASH_UNSUPPORTED

# Says whether a password is the one of the hash that it was made from.
Verify: TypeAlias = Callable[[bytes], bool]

# What verifying may cost: about a second, and a quarter of a GiB.
MOST_MEMORY_KIB = 262_144
MOST_WORK_KIB = 2 * 1024 * 1024
MOST_LANES = 16
MOST_ROUNDS = 15  # of bcrypt, as a power of two
MOST_ITERATIONS = 2_000_000
MOST_SCRYPT = 4 * 131_072 * 8
SIZES = range(16, 65)  # of what comes out, in bytes
SALTS = range(1, 129)
# bcrypt never looked any further.
BCRYPT_READS = 72
PBKDF2_BLOCKS: Mapping[str, int] = {"sha1": 20, "sha256": 32, "sha512": 64}
TYPES: Mapping[str, Type] = {"i": Type.I, "d": Type.D, "id": Type.ID}

ARGON2 = re.compile(
    r"\$argon2(id|i|d)(?:\$v=(?:16|19))?\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)"
)
BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
PBKDF2 = re.compile(
    r"\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,9})(?:,l=(\d{1,3}))?"
    r"\$([A-Za-z0-9+/.]+)={0,2}\$([A-Za-z0-9+/.]+)={0,2}"
)
SCRYPT = re.compile(
    r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/.]+)={0,2}\$([A-Za-z0-9+/.]+)={0,2}"
)
LONGEST = 500


def read(text: str) -> Verify:
    """How a password is verified against this hash; Refused for what is none, or costs too much."""
    if len(text) <= LONGEST:
        for pattern, reader in READERS.items():
            if found := pattern.fullmatch(text):
                return reader(found)
    raise _unsupported("it has none of the known forms")


def _argon2(found: re.Match[str]) -> Verify:
    kind, memory, passes, lanes = found[1], int(found[2]), int(found[3]), int(found[4])
    _is_within("memory", memory, range(8 * lanes, MOST_MEMORY_KIB + 1))
    _is_within("passes", passes, range(1, MOST_WORK_KIB // max(memory, 1) + 1))
    _is_within("lanes", lanes, range(1, MOST_LANES + 1))
    _is_within("salt", len(_bytes(found[5])), SALTS)
    _is_within("length", len(_bytes(found[6])), SIZES)
    encoded = found[0].encode()

    def verify(secret: bytes) -> bool:
        try:
            return verify_secret(encoded, secret, TYPES[kind])
        except (VerificationError, InvalidHashError):
            return False

    return verify


def _bcrypt(found: re.Match[str]) -> Verify:
    _is_within("rounds", int(found[1]), range(4, MOST_ROUNDS + 1))
    encoded = found[0].encode()
    return lambda secret: bcrypt.checkpw(secret[:BCRYPT_READS], encoded)


def _pbkdf2(found: re.Match[str]) -> Verify:
    name, iterations, salt, size = found[1] or "sha1", int(found[2]), _bytes(found[4]), len(_bytes(found[5]))
    _is_within("length", size, SIZES)
    if found[3]:
        _is_within("length", int(found[3]), range(size, size + 1))
    _is_within("salt", len(salt), SALTS)
    blocks = -(-size // PBKDF2_BLOCKS[name])
    _is_within("iterations", iterations, range(1, MOST_ITERATIONS // blocks + 1))
    digest = _bytes(found[5])
    return lambda secret: hmac.compare_digest(
        hashlib.pbkdf2_hmac(name, secret, salt, iterations, size), digest
    )


def _scrypt(found: re.Match[str]) -> Verify:
    rounds, block, lanes, salt, digest = *map(int, found.group(1, 2, 3)), _bytes(found[4]), _bytes(found[5])
    _is_within("cost", rounds, range(1, 21))
    _is_within("block", block, range(1, 33))
    _is_within("lanes", lanes, range(1, MOST_LANES + 1))
    _is_within("memory", (2**rounds) * block // 8, range(MOST_MEMORY_KIB + 1))
    _is_within("work", (2**rounds) * block * lanes, range(MOST_SCRYPT + 1))
    _is_within("salt", len(salt), SALTS)
    _is_within("length", len(digest), SIZES)
    room = 128 * block * (2**rounds + lanes + 2)

    def verify(secret: bytes) -> bool:
        made = hashlib.scrypt(
            secret, salt=salt, n=2**rounds, r=block, p=lanes, maxmem=room, dklen=len(digest)
        )
        return hmac.compare_digest(made, digest)

    return verify


def _bytes(text: str) -> bytes:
    """Base64 without padding; passlib writes a dot for a plus."""
    try:
        return b64decode(text.replace(".", "+") + "=" * (-len(text) % 4), validate=True)
    except NotEncoded as error:
        raise _unsupported("its Base64 is broken") from error


def _is_within(what: str, value: int, bounds: range) -> None:
    if value not in bounds:
        raise _unsupported(f"{what} is {value}, not in {bounds.start} to {bounds.stop - 1}")


def _unsupported(why: str) -> Refused:
    return Refused(HASH_UNSUPPORTED, debug=why)


READERS: Mapping[re.Pattern[str], Callable[[re.Match[str]], Verify]] = {
    ARGON2: _argon2,
    BCRYPT: _bcrypt,
    PBKDF2: _pbkdf2,
    SCRYPT: _scrypt,
}
