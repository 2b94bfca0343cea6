"""What is asked for, what comes back, and how much of everything there may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.spec.reach import Destination
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import FETCH_FAILED


@dataclass(frozen=True, slots=True)
class Caps:
    """How long a fetch may take, and how many there may be: at work, and in line for their turn."""

    seconds: float = 8.0
    lookup_seconds: float = 2.0
    connect_seconds: float = 3.0
    at_work: int = 32
    at_work_per_host: int = 4
    in_line: int = 128
    in_line_per_host: int = 16


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document: its bytes, its media type in lower case without parameters, when it was last confirmed."""

    body: bytes = field(repr=False)
    content_type: str
    fetched_at: float


@dataclass(frozen=True, slots=True)
class Order:
    """A document that somebody wants: where it is, how long it may be, of which kind."""

    destination: Destination
    limit: int
    accept: str

    @property
    def host(self) -> str:
        """Whose server is asked."""
        return self.destination.host

    def failed(self, problem: str) -> Refused:
        """The refusal of this order; it names the host that was asked for, never an address."""
        return Refused(FETCH_FAILED, debug=f"{self.host}: {problem}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, already held to the rules: a document, or that ours is still the same."""

    is_unchanged: bool
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
