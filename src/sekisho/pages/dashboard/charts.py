"""Figures drawn by the server: SVG paths of straight segments, zero always on the axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# The steps that an axis is read in, as first digits.
STEPS = (1, 2, 3, 4, 5, 6, 8, 10)
# So much higher than usual, and at least so many, is worth a word.
REMARKABLE, LEAST = 3, 5


@dataclass(frozen=True, slots=True)
class Box:
    """How wide and how high a drawing is, in its own units."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers beside an axis, from the top down to zero."""

    ticks: tuple[int, ...]

    @property
    def top(self) -> int:
        """The number at the upper edge."""
        return self.ticks[0]


@dataclass(frozen=True, slots=True)
class Shape:
    """What there is to say about a row of figures: where it is lowest and highest, and how high usually."""

    lowest: int
    highest: int
    usual: int
    is_level: bool
    stands_out: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of a drawing that belongs to one figure."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A row of figures as it is drawn, and what there is to say about it."""

    figures: tuple[int, ...]
    axis: Scale
    shape: Shape
    line: str
    area: str
    bars: str
    grid: str
    stretches: tuple[Stretch, ...]


def plotted(figures: Sequence[int], box: Box, most: int = 3) -> Plot:
    """Figures in a box, under an axis of so many steps at most."""
    axis = scale(max(figures), most)
    return Plot(
        figures=tuple(figures),
        axis=axis,
        shape=shape(figures),
        line=line(figures, axis.top, box),
        area=area(figures, axis.top, box),
        bars=bars(figures, axis.top, box),
        grid=grid(axis, box),
        stretches=stretches(len(figures), box),
    )


def scale(highest: int, most: int = 3) -> Scale:
    """The lowest axis of round numbers that has room for the highest figure, in so many steps at most."""
    wanted = max(1, math.ceil(highest / most))
    power = 10 ** (len(str(wanted)) - 1)
    step = next(step * power for step in STEPS if step * power >= wanted)
    steps = max(1, math.ceil(highest / step))
    return Scale(tuple(step * n for n in range(steps, -1, -1)))


def line(figures: Sequence[int], top: int, box: Box) -> str:
    """From the middle of each stretch to the middle of the next, level at both edges."""
    wide, heights = box.width / len(figures), _heights(figures, top, box)
    points = (f"{_short((n + 0.5) * wide)} {_short(y)}" for n, y in enumerate(heights))
    return f"M0 {_short(heights[0])}L{' '.join(points)}H{_short(box.width)}"


def area(figures: Sequence[int], top: int, box: Box) -> str:
    """What lies between the line and zero."""
    return f"{line(figures, top, box)}V{_short(box.height)}H0z"


def bars(figures: Sequence[int], top: int, box: Box) -> str:
    """A bar for each figure that is not zero; the smallest one can still be seen."""
    wide, foot = box.width / len(figures), _short(box.height)
    tops = (min(y, box.height - 1) for y in _heights(figures, top, box))
    return "".join(
        f"M{_short((n + 0.15) * wide)} {foot}V{_short(y)}h{_short(wide * 0.7)}V{foot}z"
        for n, y in enumerate(tops)
        if figures[n]
    )


def grid(axis: Scale, box: Box) -> str:
    """A line for each number of the axis, inside of the drawing."""
    apart = box.height / (len(axis.ticks) - 1)
    places = (min(max(n * apart, 0.5), box.height - 0.5) for n in range(len(axis.ticks)))
    return "".join(f"M0 {_short(y)}h{_short(box.width)}" for y in places)


def upright(at: float, box: Box) -> str:
    """A line from top to bottom, so far from the left as the share says."""
    return f"M{_short(at * box.width)} 0v{_short(box.height)}"


def share(part: int, whole: int, box: Box) -> str:
    """A bar that lies: as much of the box as this is of the whole."""
    wide, high = _short(part / whole * box.width), _short(box.height)
    return f"M0 0h{wide}v{high}H0z"


def stretches(many: int, box: Box) -> tuple[Stretch, ...]:
    """Where each figure lies."""
    wide = box.width / many
    return tuple(Stretch(_short(n * wide), _short(wide)) for n in range(many))


def shape(figures: Sequence[int]) -> Shape:
    """Where the lowest and the highest are, the first of each, and whether the highest is remarkable."""
    low, high = min(figures), max(figures)
    usual = round(median(figures))
    return Shape(
        *(figures.index(low), figures.index(high), usual),
        is_level=low == high,
        stands_out=high >= LEAST and high >= REMARKABLE * max(usual, 1),
    )


def _heights(figures: Sequence[int], top: int, box: Box) -> list[float]:
    return [box.height * (1 - figure / top) for figure in figures]


def _short(number: float) -> str:
    return f"{round(number, 1):g}"
