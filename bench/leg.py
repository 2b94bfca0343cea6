"""One timed leg of load or of signing: what was done, and what strangers took of the cores meanwhile."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Leg:
    count: int
    seconds: float
    cpu: float
    others: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        return self.cpu * 1000 / self.count

    @property
    def busy(self) -> float:
        """The share of its core that the measured process used."""
        return self.cpu / self.seconds

    @property
    def disturbed(self) -> float:
        """The share of a core that strangers took."""
        return self.others / self.seconds


@dataclass(frozen=True)
class Window:
    warm_up: float
    seconds: float
