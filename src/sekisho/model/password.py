"""What proves a person, apart from the person: no list of people ever holds it."""

from typing import Literal

from sekisho.model.record import Record

Kind = Literal["totp", "recovery"]


class Password(Record, frozen=True, kw_only=True):
    """`id` is the user's GUID; `hash` is Argon2id, or what an import brought until the next sign-in."""

    hash: str
    changed_at: float


class Factor(Record, frozen=True, kw_only=True):
    """What somebody proves themselves with besides: one means of one person (`user` is their GUID).

    It is kept once it was shown to work, and not before: whatever is here counts.

    `sealed` is the TOTP secret; `digests` are what is left of the recovery codes. `step` is the last time
    step whose code was used (RFC 6238 section 5.2): the version of the record lets one winner through.
    """

    user: str
    kind: Kind
    name: str = ""
    sealed: bytes = b""
    digests: tuple[bytes, ...] = ()
    step: int = 0
    used_at: float | None = None
