"""Who asks too often: limits for each address and for each client that is claimed (RFC 6585 section 4)."""

import math

from sekisho.api.rate import DEVELOPMENT
from sekisho.limits import Bucket, Limits, Wait
from sekisho.limits.network import network
from sekisho.oauth.client_auth import METHODS
from sekisho.spec.http import Ask
from sekisho.spec.refusal import RATE_LIMITED, Refused
from sekisho.tenant import Tenant
from sekisho.web.route import Route

DAY = 86_400


async def address_may_ask(ask: Ask, route: Route, tenant: Tenant, limits: Limits) -> None:
    """One request of this address, before its body is read."""
    if route.limit == "device":
        await _device_may_ask(ask, tenant)
        return
    policy = tenant.policy
    rate, burst = policy.token_address_rate, policy.token_address_burst
    if ask.address and rate and burst:
        key = f"address {route.path} {tenant.id} {network(ask.address)}"
        await _spend(key, (rate, burst), tenant, limits)


async def client_may_ask(ask: Ask, route: Route, tenant: Tenant, limits: Limits) -> None:
    """One request of whoever this claims to be, proved or not: so that guessing has a pace."""
    policy = tenant.policy
    rate, burst = policy.token_client_rate, policy.token_client_burst
    if route.reads and rate and burst and (claimed := _claimed(ask, route)):
        await _spend(f"client {route.path} {tenant.id} {claimed}", (rate, burst), tenant, limits)


async def _device_may_ask(ask: Ask, tenant: Tenant) -> None:
    """One request of this device, wherever it asks; in development too, where people try this out.

    The engine itself counts: in a bucket this small, each token in another process's hand is missed.
    """
    policy, limits, now = tenant.policy.adobe_pass, tenant.tools.limits, tenant.now()
    if not ask.address or not policy.rate:
        return
    key, is_once = f"{tenant.id} {network(ask.address)}", policy.allowance == "once"
    steady = Bucket(policy.rate, 1.0 if is_once else policy.burst + 1.0)
    found = await limits.spend(f"device {key}", steady, now)
    if isinstance(found, Wait) and is_once and policy.burst:
        allowance = Bucket(policy.burst / DAY, policy.burst)
        more = await limits.spend(f"allowance {key}", allowance, now)
        found = found if isinstance(more, Wait) else more
    if isinstance(found, Wait):
        headers = {"retry-after": str(max(1, math.ceil(found.seconds)))}
        raise Refused(RATE_LIMITED, debug=f"device: {policy.rate:g}/s", headers=headers)


async def _spend(key: str, pace: tuple[float, float], tenant: Tenant, limits: Limits) -> None:
    times = DEVELOPMENT if tenant.addresses.development else 1
    bucket, now = Bucket(pace[0] * times, pace[1] * times), tenant.now()
    found = await limits.spend(key, bucket, now)
    if isinstance(found, Wait):
        wait = max(1, math.ceil(found.seconds))
        headers = {
            "retry-after": str(wait),
            "x-ratelimit-limit": str(int(bucket.burst)),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(math.ceil(now + wait)),
        }
        raise Refused(RATE_LIMITED, debug=f"{key.partition(' ')[0]}: {pace[0]:g}/s", headers=headers)


def _claimed(ask: Ask, route: Route) -> str:
    """The client id, wherever it is; empty where the endpoint will refuse to read it."""
    # Most send it in the body, and who names somebody else elsewhere is refused before any proof.
    for name, value in (*ask.form, *(ask.query if route.limit == "device" else ())):
        if name == "client_id" and value:
            return value
    try:
        return next((claim[0] for method in METHODS.values() if (claim := method.claim(ask))), "")
    except Refused:
        return ""
