"""What an assertion says, whichever version it is of."""

from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.spec.saml import names

# Clocks of those who read it lag: so many seconds it is good before it was made.
EARLY = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who says it of whom, for whom, to be shown where and until when; how the person signed in."""

    id: str
    issuer: str
    audience: str
    recipient: str
    name: str
    format: str
    at: float
    ends: float
    signed_in_at: float
    methods: tuple[str, ...]
    attributes: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def is_by_password(self) -> bool:
        """The person signed in with a password, if with nothing else."""
        return "pwd" in self.methods


def methods(amr: Iterable[str]) -> tuple[str, ...]:
    """What the attribute about the sign-in says."""
    shown = {"pwd": names.SHOWED_PASSWORD, "mfa": names.SHOWED_SEVERAL}
    return tuple(shown[each] for each in ("pwd", "mfa") if each in amr)
