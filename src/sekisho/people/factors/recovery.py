"""Recovery codes: what somebody wrote down, for the day when the app is gone. Each works once."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from sekisho.model.password import Factor
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import RECOVERY_WRONG
from sekisho.tenant import Tenant

KIND: Final = "recovery"
MANY = 10
# Crockford's base32: nothing in it looks like something else, and what does is read as what was meant.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MEANT = str.maketrans("OIL", "011")
# 80 bits: whoever has read the digests tries for ages, without a key that could be lost.
LENGTH = 16
PART = 4
LONGEST = 64


def drawn(many: int = MANY) -> tuple[str, ...]:
    """New codes, as they are shown once."""
    return tuple(_spaced("".join(secrets.choice(LETTERS) for _ in range(LENGTH))) for _ in range(many))


def kept(user: str, codes: Iterable[str]) -> tuple[bytes, ...]:
    """What is kept of codes of this person."""
    return tuple(_digest(user, code) for code in codes)


def verify(tenant: Tenant, factor: Factor, text: str) -> Factor:
    """The factor without this code; each is compared, so that how long it takes tells nothing."""
    digest = _digest(factor.user, text)
    matching = [each for each in factor.digests if hmac.compare_digest(each, digest)]
    if not matching:
        raise Refused(RECOVERY_WRONG, debug=f"none of the codes that are left: {factor.user}")
    left = tuple(each for each in factor.digests if each not in matching)
    return replace(factor, digests=left, used_at=tenant.now(), updated_at=tenant.now())


def _digest(user: str, text: str) -> bytes:
    typed = unicodedata.normalize("NFKC", text[:LONGEST]).upper()
    plain = "".join(each for each in typed if each.isalnum()).translate(MEANT)
    return hashlib.sha256(f"recovery code\n{user}\n{plain}".encode(errors="replace")).digest()


def _spaced(code: str) -> str:
    return "-".join(code[at : at + PART] for at in range(0, LENGTH, PART))
