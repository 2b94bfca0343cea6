"""Refresh tokens: not kept, but computed from their family (RFC 6749 section 6, RFC 9700 section 4.14)."""

import hmac
import uuid
from binascii import Error
from dataclasses import dataclass

from sekisho.model.artifact import Refresh
from sekisho.spec.jose import decode, encode
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import REFRESH_INVALID
from sekisho.tenant import Tenant

FORMAT = b"\x01"
LENGTH = 1 + 16 + 4 + 32
LONGEST = 128


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody showed: which family, which generation, and what should prove it."""

    family: str
    generation: int
    proof: bytes

    def proves(self, family: Refresh, tenant: Tenant) -> bool:
        """It was made here, for this family."""
        return hmac.compare_digest(self.proof, _proof(family, self.generation, tenant))


def mint(family: Refresh, tenant: Tenant) -> str:
    """The token of the family's generation: the same one whenever it is asked for."""
    head = FORMAT + uuid.UUID(family.id).bytes + family.generation.to_bytes(4)
    return encode(head + _proof(family, family.generation, tenant)).decode()


def read(text: str) -> Shown:
    """What a text says, if it has the shape of a refresh token."""
    try:
        raw = decode(text.encode("ascii")) if len(text) <= LONGEST else b""
    except (ValueError, Error):
        raw = b""
    if len(raw) != LENGTH or not raw.startswith(FORMAT):
        raise Refused(REFRESH_INVALID, debug="this is not the shape of a refresh token")
    return Shown(str(uuid.UUID(bytes=raw[1:17])), int.from_bytes(raw[17:21]), raw[21:])


def _proof(family: Refresh, generation: int, tenant: Tenant) -> bytes:
    text = f"{family.owner.tenant}\n{family.id}\n{generation}\n{family.salt}"
    return hmac.digest(tenant.tools.sealer.mac_key, text.encode(), "sha256")
