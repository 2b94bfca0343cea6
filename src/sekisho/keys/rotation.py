"""The life of a signing key: next, current, retired, gone or revoked (NIST SP 800-57 part 1 section 5.3)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from sekisho.keys import certificate
from sekisho.keys.algorithm import dump, generate
from sekisho.keys.jwk import thumbprint
from sekisho.keys.ring import SEALED_AS, place
from sekisho.keys.seal import Sealer, context
from sekisho.model.signing_key import SigningKey

JWKS_MAX_AGE = 600
LONGEST_LIFETIME = 30 * 86_400
OVERDUE = 365 * 86_400  # seconds after which a key that signs had better be followed
# A software statement never expires, so the key that signed it is never forgotten.
LIFETIMES: Mapping[str, float] = {"statements": math.inf}


class KeyRefused(Exception):
    """A key may not take this step; the text says why. `wait` is how many seconds would change that."""

    def __init__(self, text: str, wait: float = 0) -> None:
        super().__init__(text)
        self.text = text
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Ring:
    """Whose keys these are and what for; the keys of a pinned ring stay as they are."""

    tenant: str
    slug: str
    name: str
    pinned: bool = False


def born(ring: Ring, alg: str, state: Literal["next", "current"], sealer: Sealer, now: float) -> SigningKey:
    """A new key. RSA takes up to a second: call it in a thread.

    Its kid is its RFC 7638 thumbprint: two keys never share one, nobody chooses one, and a key keeps
    its name wherever it is copied to.
    """
    private = generate(alg)
    kid = thumbprint(private.public_key())
    return SigningKey(
        tenant=ring.tenant,
        id=kid,
        ring=ring.name,
        alg=alg,
        state=state,
        pinned=ring.pinned,
        sealed=sealer.seal(dump(private), context(ring.tenant, SEALED_AS, kid)),
        certificate=certificate.issue(private, ring.slug, now),
        published_at=now,
        current_since=now if state == "current" else None,
        created_at=now,
        updated_at=now,
    )


def rotate(
    records: Iterable[SigningKey], new: SigningKey, now: float, *, forced: bool = False
) -> tuple[SigningKey, ...]:
    """What becomes of the keys of `new`'s ring and algorithm: next signs, current retires, `new` is next.

    The first one of the answer is the one that signs now. `forced` is for a key that leaked: clients that
    still hold the old document will refuse tokens until they fetch it again.
    """
    live = [each for each in records if (each.ring, each.alg, each.tenant) == (new.ring, new.alg, new.tenant)]
    if new.pinned or any(each.pinned for each in live):
        raise KeyRefused(f"The ring {new.ring} is pinned: its keys do not rotate")
    coming = min((each for each in live if each.state == "next"), key=_published_at, default=None)
    if coming is None:
        raise KeyRefused(f"The ring {new.ring} has no next key for {new.alg}: publish one first")
    wait = coming.published_at + JWKS_MAX_AGE - now
    if wait > 0 and not forced:
        raise KeyRefused(
            f"The next key was published less than {JWKS_MAX_AGE} s ago: some clients have not seen it", wait
        )
    signs = replace(coming, state="current", current_since=now, updated_at=now)
    retired = (
        replace(each, state="retired", current_until=now, updated_at=now)
        for each in live
        if each.state == "current"
    )
    return signs, *retired, replace(new, state="next", published_at=now, current_since=None)


def revoke(record: SigningKey, now: float) -> SigningKey:
    """A retired key that is recognised no more; one that signs is rotated away first."""
    if record.state != "retired":
        raise KeyRefused(f"The key is {record.state}: only a retired key can be revoked, so rotate first")
    return replace(record, state="revoked", revoked_at=now, updated_at=now)


def gone(records: Iterable[SigningKey], now: float) -> tuple[SigningKey, ...]:
    """The retired keys whose last token has expired: nobody needs them in the document any more."""
    return tuple(
        each
        for each in records
        if each.state == "retired"
        and each.current_until is not None
        and each.current_until + LIFETIMES.get(each.ring, LONGEST_LIFETIME) <= now
    )


def resealed(record: SigningKey, sealer: Sealer, now: float) -> SigningKey:
    """The same key, sealed under the current master key; itself, where it is already."""
    if sealer.is_current(record.sealed):
        return record
    sealed = sealer.seal(sealer.open(record.sealed, place(record)), place(record))
    return replace(record, sealed=sealed, updated_at=now)


def _published_at(record: SigningKey) -> float:
    return record.published_at
