"""What somebody proves themselves with besides a password: a TOTP secret, or recovery codes."""

from typing import Literal

from sekisho.model.record import Record


class Factor(Record, frozen=True, kw_only=True):
    """One means of one person (`user` is their GUID); it counts once it was shown to work.

    `sealed` is the TOTP secret; `digests` are what is left of the recovery codes. `step` is the last time
    step whose code was used (RFC 6238 section 5.2): the version of the record lets one winner through.
    """

    user: str
    kind: Literal["totp", "recovery"]
    confirmed: bool = False
    name: str = ""
    sealed: bytes = b""
    digests: tuple[bytes, ...] = ()
    step: int = 0
    used_at: float | None = None
