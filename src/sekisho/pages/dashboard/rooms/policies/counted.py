"""How often each policy asked, refused or would have, of the last days."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.oauth.conditions.noted import ASKED, REFUSED, WATCHED
from sekisho.store import Window
from sekisho.tenant import Tenant

DAYS = 7
PERIOD = DAYS * 86_400.0
# So many events of each kind are looked at: more than that is said to be more.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Counts:
    """By kind of event and policy; `more`: of these kinds there are more than were looked at."""

    of: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    more: frozenset[str] = frozenset()

    def text(self, slug: str, policy: str) -> str:
        """How often, in signs that every language reads; empty for never."""
        count = self.of.get(slug, {}).get(policy, 0)
        return f"{count:,}{'+' if slug in self.more else ''}" if count else ""

    def asked(self, policy: str) -> str:
        """More was asked for."""
        return self.text(ASKED, policy)

    def refused(self, policy: str) -> str:
        """Nothing was given."""
        return self.text(REFUSED, policy)

    def watched(self, policy: str) -> str:
        """It would have."""
        return self.text(WATCHED, policy)


async def counts(tenant: Tenant) -> Counts:
    """From the newest events of each kind."""
    since, found, more = tenant.now() - PERIOD, {}, set()
    for slug in (ASKED, REFUSED, WATCHED):
        events = await tenant.store.events(tenant.id, {"slug": slug}, Window(limit=MOST))
        fresh = [event for event in events if event.at >= since]
        found[slug] = Counter(str(event.detail.get("policy", "")) for event in fresh)
        if len(fresh) == MOST:
            more.add(slug)
    return Counts(found, frozenset(more))
