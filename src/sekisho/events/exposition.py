"""Metrics as Prometheus reads them (its text format 0.0.4)."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric as Family

from sekisho.events.metrics import METRICS, Key, Metric

PREFIX = "sekisho_"
KIND = CONTENT_TYPE_PLAIN_0_0_4


def text(samples: Mapping[Key, tuple[float, ...]]) -> bytes:
    """All of them, by name."""
    return generate_latest(Shown(samples))  # all that it asks of a registry is `collect`


class Shown:
    """Samples as families of the library."""

    def __init__(self, samples: Mapping[Key, tuple[float, ...]]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Family]:
        """Each metric, also one of which nothing was counted yet."""
        for name, metric in METRICS.items():
            mine = sorted((key[1:], numbers) for key, numbers in self._samples.items() if key[0] == name)
            yield family(name, metric, mine)


def family(name: str, metric: Metric, samples: list[tuple[Key, tuple[float, ...]]]) -> Family:
    """One metric."""
    name = PREFIX + name
    if metric.bounds:
        return _histogram(name, metric, samples)
    kind = GaugeMetricFamily if metric.joins else CounterMetricFamily
    found = kind(name, metric.text, labels=metric.labels)
    for labels, (number,) in samples:
        found.add_metric(labels, number)
    return found


def _histogram(name: str, metric: Metric, samples: list[tuple[Key, tuple[float, ...]]]) -> Family:
    found = HistogramMetricFamily(name, metric.text, labels=metric.labels)
    bounds = (*map(str, metric.bounds), "+Inf")
    for labels, (*buckets, total) in samples:
        found.add_metric(labels, list(zip(bounds, accumulate(buckets), strict=True)), total)
    return found
