"""How often something happened: a period in stretches, and the same time before it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HOUR, DAY = 3_600.0, 86_400.0
# From so many on, a change is told as a share of what there was.
ENOUGH = 20
FEW_PERCENT, MOST_PERCENT = 10, 1_000


@dataclass(frozen=True, slots=True)
class Period:
    """How long it is, in so many stretches; its drawing names the time at so many places."""

    name: str
    seconds: float
    stretches: int
    marks: int = 6

    @property
    def step(self) -> float:
        """How long a stretch is."""
        return self.seconds / self.stretches

    @property
    def is_long(self) -> bool:
        """The time alone does not say which moment of it is meant."""
        return self.seconds > DAY

    @property
    def places(self) -> range:
        """The stretches at whose beginning the drawing names the time."""
        return range(0, self.stretches, self.stretches // self.marks)

    def moments(self, now: float) -> list[float]:
        """Where stretches begin and end: first those of the period before, then those up to now."""
        return [now - self.step * n for n in range(2 * self.stretches, -1, -1)]


PERIODS: Mapping[str, Period] = {
    period.name: period
    for period in (
        Period("1h", HOUR, 30),
        Period("24h", DAY, 48),
        Period("7d", 7 * DAY, 42, 7),
        Period("30d", 30 * DAY, 30),
    )
}
USUAL = PERIODS["24h"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a figure, in signs that every language reads; up, down or neither."""

    text: str
    way: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How often in each stretch, and in the whole period before."""

    each: tuple[int, ...]
    before: int

    @property
    def total(self) -> int:
        """How often in the period."""
        return sum(self.each)

    def change(self, *, plain: bool = False) -> Change:
        """Against the period before: as a share where there was enough, otherwise in numbers."""
        more = self.total - self.before
        text = f"{more:+,}" if more else "±0"
        if not plain and more and self.before >= ENOUGH:
            percent = more / self.before * 100
            if abs(percent) < MOST_PERCENT:
                text = f"{percent:+.{int(abs(percent) < FEW_PERCENT)}f} %"
        return Change(text.replace("-", "−"), (more > 0) - (more < 0))


def of(counts: Mapping[str, Sequence[int]], slugs: Iterable[str], stretches: int) -> Figures:
    """Of all these events together, as they were counted between a period's moments."""
    rows = [counts[slug] for slug in slugs if slug in counts]
    sums = [sum(column) for column in zip(*rows, strict=True)] or [0] * (2 * stretches)
    return Figures(tuple(sums[stretches:]), sum(sums[:stretches]))
