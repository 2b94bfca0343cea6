"""Hashes that other servers made, as Auth0's user import takes them (custom_password_hash)."""

from base64 import b64decode, b64encode
from binascii import Error as NotEncoded
from typing import Annotated, Literal

from msgspec import Meta, Struct

from sekisho.keys import password_hash
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import HASH_UNSUPPORTED

# What they say in one text of a known form.
WHOLE = frozenset(("argon2", "bcrypt", "pbkdf2"))


class Encoded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hash or a salt, and how it is written."""

    value: Annotated[str, Meta(max_length=password_hash.LONGEST)]
    encoding: Literal["base64", "hex", "utf8"] = "utf8"


class Typed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the password was written when it was hashed."""

    encoding: Literal["ascii", "utf8"] = "utf8"


class CustomHash(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hash with what it was made with, in the wire's words; `cost` and what follows are scrypt's."""

    algorithm: str
    hash: Encoded
    salt: Encoded | None = None
    password: Typed = Typed()
    keylen: int | None = None
    cost: Annotated[int, Meta(ge=2, le=2**20)] = 16_384
    blockSize: Annotated[int, Meta(ge=1, le=32)] = 8  # noqa: N815 - the wire's word
    parallelization: Annotated[int, Meta(ge=1, le=16)] = 1


def kept(asked: CustomHash) -> str:
    """The one text that is kept of it; Refused for what this server could not verify."""
    if asked.algorithm in WHOLE and asked.hash.encoding == "utf8" and asked.salt is None:
        text = asked.hash.value
    elif asked.algorithm == "scrypt" and asked.salt is not None:
        text = _scrypt(asked, asked.salt)
    else:
        raise Refused(HASH_UNSUPPORTED, debug=f"{asked.algorithm[:32]}, written like this")
    password_hash.read(text)
    return text


def _scrypt(asked: CustomHash, salt: Encoded) -> str:
    digest = _bytes(asked.hash)
    if asked.cost & (asked.cost - 1) or asked.keylen not in (None, len(digest)):
        raise Refused(HASH_UNSUPPORTED, debug="cost is no power of two, or keylen not the length of the hash")
    parameters = f"ln={asked.cost.bit_length() - 1},r={asked.blockSize},p={asked.parallelization}"
    return f"$scrypt${parameters}${_raw(_bytes(salt))}${_raw(digest)}"


def _bytes(text: Encoded) -> bytes:
    try:
        match text.encoding:
            case "base64":
                return b64decode(text.value, validate=True)
            case "hex":
                return bytes.fromhex(text.value)
            case _:
                return text.value.encode()
    except (NotEncoded, ValueError) as error:
        raise Refused(HASH_UNSUPPORTED, debug=f"it is not {text.encoding}") from error


def _raw(plain: bytes) -> str:
    return b64encode(plain).decode().rstrip("=")
