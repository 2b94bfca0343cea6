"""What a process counts while it works: plain numbers in its one thread, so that counting costs nothing."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from sekisho.events.metrics import GROUP_BOUNDS, METRICS, REQUEST_BOUNDS, WRITE_BOUNDS, Key, Sample
from sekisho.model.event import Event

MOST_TENANTS = 100
OTHER = "_other"  # no slug begins like this
UNMATCHED = "unmatched"
CLASSES = ("", "1xx", "2xx", "3xx", "4xx", "5xx")
METHODS: Mapping[str, str] = {
    method: method for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS")
}
ISSUED = frozenset(
    (
        "token_issued",
        "code_redeemed",
        "password_redeemed",
        "passwordless_redeemed",
        "token_refreshed",
        "token_exchanged",
        "assertion_redeemed",
    )
)
WRITE_SECONDS, GROUP_UNITS = ("store_write_seconds",), ("store_group_units",)


class Tally:
    """One for a process."""

    def __init__(self) -> None:
        self._held: dict[Key, list[float]] = {}
        self._tenants: dict[str, str] = {"": ""}

    def answered(self, route: str, method: str, tenant: str, status: int, seconds: float) -> None:
        """A request was answered."""
        of_kind = CLASSES[status // 100]
        key = ("request_seconds", route or UNMATCHED, METHODS.get(method, OTHER), of_kind)
        held = self._held.get(key) or self._opened(key)
        held[bisect_left(REQUEST_BOUNDS, seconds)] += 1
        held[-1] += seconds
        self.count(("requests", self._tenants.get(tenant) or self.tenant(tenant), of_kind))

    def count(self, key: Key) -> None:
        """Something happened once more."""
        held = self._held.get(key) or self._opened(key)
        held[0] += 1

    def happened(self, event: Event) -> None:
        """A fact that is counted; what it says of itself is ours, and nothing that strangers chose."""
        if event.slug in ISSUED:
            detail = event.detail
            self.count(("tokens_issued", "access_token", str(detail["alg"]), str(detail["grant_type"])))

    def wrote(self, units: int, seconds: float) -> None:
        """A group of units landed."""
        for key, bounds, value in (
            (WRITE_SECONDS, WRITE_BOUNDS, seconds),
            (GROUP_UNITS, GROUP_BOUNDS, float(units)),
        ):
            held = self._held.get(key) or self._opened(key)
            held[bisect_left(bounds, value)] += 1
            held[-1] += value

    def tenant(self, slug: str) -> str:
        """The slug as a label: the first tenants have their own, the others share one."""
        if slug not in self._tenants and len(self._tenants) <= MOST_TENANTS:
            self._tenants[slug] = slug
        return self._tenants.get(slug, OTHER)

    def samples(self) -> Iterator[Sample]:
        """All of it."""
        return ((key, tuple(numbers)) for key, numbers in self._held.items())

    def _opened(self, key: Key) -> list[float]:
        held = self._held[key] = [0.0] * METRICS[key[0]].width
        return held
