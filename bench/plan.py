"""What a run was asked to do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict

from bench.leg import Window

WARM_UP = 0.5
SIZES = (10, 1_000, 100_000)
QUICK_SIZES = (10, 1_000)


class Options(TypedDict):
    """What the command line said; None where it said nothing."""

    only: tuple[str, ...]
    servers: tuple[str, ...]
    pairs: int | None
    seconds: float | None
    json_file: Path | None
    quick: bool


@dataclass(frozen=True)
class Plan:
    only: tuple[str, ...]
    servers: tuple[str, ...]
    pairs: int
    seconds: float
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, said: Options) -> Self:
        pairs, seconds, sizes = (2, 0.5, QUICK_SIZES) if said["quick"] else (7, 2.0, SIZES)
        return cls(said["only"], said["servers"], said["pairs"] or pairs, said["seconds"] or seconds, sizes)

    @property
    def window(self) -> Window:
        return Window(warm_up=min(WARM_UP, self.seconds), seconds=self.seconds)

    def __str__(self) -> str:
        return f"{self.pairs} alternated pairs of {self.seconds:g} s, medians; {', '.join(self.only)}"
