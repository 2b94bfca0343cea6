"""Lockout: an attempt is paid for before it is looked at, and paid back when it was right."""

import math
from dataclasses import dataclass

from sekisho.limits import Bucket, Wait
from sekisho.limits.network import network
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import SIGN_IN_LOCKED
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Stake:
    """One attempt of one account, or from one address; `setting` says how many there are."""

    key: str
    bucket: Bucket
    setting: str


async def stakes(tenant: Tenant, account: str, address: str) -> tuple[Stake, ...]:
    """Pay for an attempt; the engine itself counts, so that parallel guesses cannot outrun it.

    An account that nobody has is counted and locked like any other.
    """
    return await _paid(tenant, (*_of_address(tenant, address), _of_account(tenant, account)))


async def pay(tenant: Tenant, address: str) -> None:
    """Pay for something that only an address answers for, as a sign-up; right or wrong, it stays paid."""
    await _paid(tenant, _of_address(tenant, address))


async def _paid(tenant: Tenant, due: tuple[Stake, ...]) -> tuple[Stake, ...]:
    paid: tuple[Stake, ...] = ()
    for stake in due:
        found = await tenant.tools.limits.spend(stake.key, stake.bucket, tenant.now())
        if isinstance(found, Wait):
            await give_back(tenant, paid)
            headers = {"retry-after": str(max(1, math.ceil(found.seconds)))}
            most = f"{stake.bucket.burst:g} at once, then one in {stake.bucket.pace:.0f} s"
            seen = contrast(stake.setting, most, "more")
            raise Refused(SIGN_IN_LOCKED, debug=f"too many attempts: {stake.key}", headers=headers, seen=seen)
        paid = (*paid, stake)
    return paid


async def give_back(tenant: Tenant, paid: tuple[Stake, ...]) -> None:
    """The attempt was right, or was not looked at."""
    for stake in paid:
        await tenant.tools.limits.refund(stake.key, stake.bucket, tenant.now())


async def lift(tenant: Tenant, account: str) -> None:
    """All attempts that this account ever has."""
    stake = _of_account(tenant, account)
    await tenant.tools.limits.refund(stake.key, stake.bucket, tenant.now(), stake.bucket.burst)


def _of_account(tenant: Tenant, account: str) -> Stake:
    policy = tenant.policy
    burst = max(policy.sign_in_account_burst, 1)
    bucket = _bucket(burst, policy.sign_in_account_seconds)
    return Stake(f"sign_in {tenant.id} {account}", bucket, "sign_in_account_burst")


def _of_address(tenant: Tenant, address: str) -> tuple[Stake, ...]:
    policy = tenant.policy
    if not address or not policy.sign_in_address_burst:
        return ()
    bucket = _bucket(policy.sign_in_address_burst, policy.sign_in_address_seconds)
    return (Stake(f"sign_in_from {tenant.id} {network(address)}", bucket, "sign_in_address_burst"),)


def _bucket(burst: int, seconds: float) -> Bucket:
    return Bucket(1 / max(seconds, 1), burst)
