"""The legs of one contestant, and what two contestants are to each other."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.leg import Leg


@dataclass(frozen=True)
class Series:
    label: str
    legs: tuple[Leg, ...]

    @property
    def rate(self) -> float:
        return statistics.median(leg.rate for leg in self.legs)

    @property
    def cpu_per_1000(self) -> float:
        return statistics.median(leg.cpu_per_1000 for leg in self.legs)

    @property
    def busy(self) -> float:
        return statistics.median(leg.busy for leg in self.legs)

    @property
    def disturbed(self) -> float:
        return statistics.median(leg.disturbed for leg in self.legs)


@dataclass(frozen=True)
class Ratio:
    """Median, least and greatest of the ratios pair by pair, so that a machine's drift cancels out."""

    median: float
    least: float
    greatest: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.greatest:.2f})"


def alternate(contestants: Mapping[str, Callable[[], Leg]], pairs: int) -> dict[str, Series]:
    """A, B, C, A, B, C …: whatever disturbs the machine disturbs all of them."""
    legs: dict[str, list[Leg]] = {label: [] for label in contestants}
    for _ in range(pairs):
        for label, run in contestants.items():
            legs[label].append(run())
    return {label: Series(label, tuple(done)) for label, done in legs.items()}


def ratio(over: Series, under: Series, figure: Callable[[Leg], float]) -> Ratio:
    ratios = [figure(a) / figure(b) for a, b in zip(over.legs, under.legs, strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))
