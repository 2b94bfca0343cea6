"""A table of the report: rows for the reader, figures for programs, verdicts for both."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.bounds import Verdict
from bench.series import Series

BUSY = 0.97
IDLE = 0.85
DISTURBED = 0.1
RATE_HEAD = ("least", "greatest", "CPU s / 1,000", "core busy", "other work")


@dataclass(frozen=True)
class Table:
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def of_rates(
    title: str,
    series: Iterable[Series],
    verdicts: Iterable[Verdict] = (),
    notes: Iterable[str] = (),
    counted: str = "requests",
) -> Table:
    everyone = tuple(series)
    return Table(
        title,
        ("", f"{counted}/s", *RATE_HEAD),
        tuple(_row(one) for one in everyone),
        tuple(verdicts),
        (*notes, *_doubts(everyone)),
        {one.label: _figures(one) for one in everyone},
    )


def _row(one: Series) -> tuple[str, ...]:
    rates = [leg.rate for leg in one.legs]
    shown = (f"{rate:,.0f}" for rate in (one.rate, min(rates), max(rates)))
    return (one.label, *shown, f"{one.cpu_per_1000:.3f}", f"{one.busy:.2f}", f"{one.disturbed:.2f}")


def _figures(one: Series) -> dict[str, Any]:
    legs = [asdict(leg) for leg in one.legs]
    told = ("rate", "cpu_per_1000", "busy", "disturbed")
    return {**{name: getattr(one, name) for name in told}, "legs": legs}


def _doubts(everyone: tuple[Series, ...]) -> Iterator[str]:
    """What a reader has to know before believing a figure."""
    for one in everyone:
        if one.busy < BUSY and one.disturbed > DISTURBED:
            yield f"{one.label}: other work took {one.disturbed:.0%} of a core; repeat it on a quiet machine"
        elif one.busy < IDLE:
            yield f"{one.label} used only {one.busy:.0%} of its core: the load or the disk was the limit"
