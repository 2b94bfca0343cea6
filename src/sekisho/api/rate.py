"""How often a token may call: a bucket for each token, and the headers that say how it stands."""

import math

from sekisho.limits import Bucket, Wait
from sekisho.model.bearer import Bearer
from sekisho.spec.http import Pairs
from sekisho.spec.refusal import RATE_LIMITED, Refused
from sekisho.tenant import Tenant

# Tests and demonstrations hurry more than people do.
DEVELOPMENT = 10


async def spend(bearer: Bearer, tenant: Tenant) -> Pairs:
    """One call of this token; refused where it has none left. The headers go with whatever is answered."""
    bucket, now = allowance(tenant), tenant.now()
    key = f"management {tenant.id} {bearer.grant}"
    found = await tenant.tools.leased.spend(key, bucket, now)
    if isinstance(found, Wait):
        # A client that waits until Reset is let in: it is when the next call is possible.
        wait = max(1, math.ceil(found.seconds))
        headers = dict(_headers(bucket, 0, now + wait))
        raise Refused(RATE_LIMITED, headers={**headers, "retry-after": str(wait)})
    full = (bucket.burst - found.left) / bucket.rate if bucket.rate > 0 else 0
    return _headers(bucket, found.left, now + full)


def allowance(tenant: Tenant) -> Bucket:
    """What every token of a tenant may spend."""
    policy, times = tenant.policy, DEVELOPMENT if tenant.addresses.development else 1
    return Bucket(policy.management_rate * times, policy.management_burst * times)


def _headers(bucket: Bucket, left: float, reset: float) -> Pairs:
    return (
        ("x-ratelimit-limit", str(int(bucket.burst))),
        ("x-ratelimit-remaining", str(int(left))),
        ("x-ratelimit-reset", str(math.ceil(reset))),
    )
