"""A request that is passed on for somebody else, and what came back."""

from dataclasses import dataclass, field

from sekisho.spec.http import Pairs, Pieces
from sekisho.spec.reach import Destination
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import SITE_UNREACHABLE


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked, and of whom. The headers are said as they are; length and host are ours to say."""

    destination: Destination
    method: str
    headers: Pairs = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def host(self) -> str:
        """Whose server is asked."""
        return self.destination.host

    def failed(self, problem: str) -> Refused:
        """The refusal of this errand; it names the host that was asked for, never an address."""
        return Refused(SITE_UNREACHABLE, debug=f"{self.host}: {problem}")


@dataclass(frozen=True, slots=True)
class Relayed:
    """What a server answered: a short body whole, a long one as pieces that whoever is handed them closes."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    length: int | None
    body: bytes = field(default=b"", repr=False)
    rest: Pieces | None = None
