"""What is measured: every metric with its labels, each of which has few values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Key = tuple[str, ...]  # the name of a metric, then the values of its labels
Sample = tuple[Key, tuple[float, ...]]  # a number; of a histogram its buckets, then the sum


@dataclass(frozen=True, slots=True)
class Metric:
    """With `bounds` a histogram; with `joins`, how levels of processes add up, a gauge; else a counter."""

    text: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    joins: Literal["", "sum", "most"] = ""

    @property
    def width(self) -> int:
        """How many numbers a sample of it has."""
        return len(self.bounds) + 2 if self.bounds else 1


REQUEST_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WRITE_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
GROUP_BOUNDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)

# No label has a value that strangers choose: no client, no address, no path as it came, no host.
METRICS: Mapping[str, Metric] = {
    "request_seconds": Metric(
        "Seconds from the head of a request to its last byte sent",
        ("route", "method", "status"),
        REQUEST_BOUNDS,
    ),
    "requests": Metric("Requests answered", ("tenant", "status")),
    "refusals": Metric("Requests refused", ("slug",)),
    "tokens_issued": Metric("Tokens issued", ("kind", "alg", "grant_type")),
    "events_dropped": Metric("Audit events that were not kept", ("why",)),
    "store_write_seconds": Metric("Seconds until a group of units was on disk", (), WRITE_BOUNDS),
    "store_group_units": Metric("Units in a group commit", (), GROUP_BOUNDS),
    "store_queue_units": Metric("Units that wait for their group", joins="sum"),
    "audit_queue_events": Metric("Audit events that wait to be written", joins="sum"),
    "config_staleness_seconds": Metric(
        "Seconds since a process last confirmed its configuration", joins="most"
    ),
    "signing_key_age_seconds": Metric(
        "Seconds since the oldest current key began to sign", ("tenant", "alg"), joins="most"
    ),
    "processes": Metric("Processes that serve", joins="sum"),
}


def joined(*several: Iterable[Sample]) -> dict[Key, tuple[float, ...]]:
    """What processes counted, as if it had been one."""
    found: dict[Key, tuple[float, ...]] = {}
    for samples in several:
        for key, numbers in samples:
            before = found.get(key)
            if before is None:
                found[key] = numbers
            elif METRICS[key[0]].joins == "most":
                found[key] = (max(before[0], numbers[0]),)
            else:
                found[key] = tuple(map(sum, zip(before, numbers, strict=True)))
    return found
