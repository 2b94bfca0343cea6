"""Keys as the pages show them: by algorithm, what signs first, and until when each one is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sekisho.keys.ring import ALGS
from sekisho.keys.rotation import JWKS_MAX_AGE, LONGEST_LIFETIME, OVERDUE
from sekisho.model.signing_key import SigningKey
from sekisho.registry import keys
from sekisho.tenant import Tenant

ROOM = "/signing-keys"
ORDER = ("current", "next", "retired", "revoked")


@dataclass(frozen=True, slots=True)
class Turning:
    """The keys of one algorithm; `ready_at` is when clients have certainly seen the next one."""

    alg: str
    found: Sequence[SigningKey]
    is_overdue: bool
    ready_at: float

    @property
    def current(self) -> SigningKey | None:
        """What signs now."""
        return self._of("current")

    @property
    def next(self) -> SigningKey | None:
        """What signs after the next rotation."""
        return self._of("next")

    def _of(self, state: str) -> SigningKey | None:
        return next((each for each in self.found if each.state == state), None)


def until(record: SigningKey) -> float | None:
    """When a retired key leaves the key set, with the last token that it signed."""
    is_leaving = record.state == "retired" and record.current_until is not None
    return record.current_until + LONGEST_LIFETIME if is_leaving and record.current_until else None


async def turnings(tenant: Tenant) -> list[Turning]:
    """The keys of tokens, algorithm by algorithm."""
    found = await keys.listed(tenant)
    algs = [alg for alg in ALGS if any(each.alg == alg for each in found)]
    return [_turning(alg, found, tenant.now()) for alg in algs]


async def pinned(tenant: Tenant) -> Mapping[str, Sequence[SigningKey]]:
    """The rings whose keys stay, without those that have none yet."""
    found = {ring: _sorted(await keys.listed(tenant, ring)) for ring in sorted(keys.PINNED)}
    return {ring: each for ring, each in found.items() if each}


def _turning(alg: str, found: Iterable[SigningKey], now: float) -> Turning:
    own = _sorted(each for each in found if each.alg == alg)
    signs = next((each for each in own if each.state == "current"), None)
    coming = next((each for each in own if each.state == "next"), None)
    since = (signs.current_since or signs.published_at) if signs else now
    ready = coming.published_at + JWKS_MAX_AGE if coming else 0
    return Turning(alg, own, now - since > OVERDUE, ready)


def _sorted(found: Iterable[SigningKey]) -> list[SigningKey]:
    return sorted(found, key=lambda each: (ORDER.index(each.state), -each.published_at, each.id))
