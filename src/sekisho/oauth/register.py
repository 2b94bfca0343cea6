"""A client registers itself with a software statement (RFC 7591 section 3)."""

import math
from dataclasses import dataclass

from sekisho.change.actor import Actor
from sekisho.limits import Bucket, Wait
from sekisho.registry import registrations
from sekisho.registry.client_secrets import Made
from sekisho.registry.registrations import Device
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import RATE_LIMITED, Refused
from sekisho.spec.software.registration import trimmed
from sekisho.tenant import Tenant
from sekisho.tokens import software_statement


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of it: the client with its secret, and what its application lets it ask for."""

    made: Made
    scopes: tuple[str, ...]


async def register(ask: Ask, statement: str, device: Device, tenant: Tenant) -> Registered:
    """The statement is ours, it stands, the pace is kept, the redirect is covered: then there is a client."""
    stated = software_statement.read(trimmed(statement), tenant)
    application = await registrations.approved(tenant, stated)
    await _pace_is_kept(application.id, tenant)
    actor = Actor(address=ask.address, correlation=ask.correlation)
    made = await registrations.register(tenant, application, stated.id, device, actor)
    return Registered(made, application.scopes)


async def _pace_is_kept(application: str, tenant: Tenant) -> None:
    """A statement is in everybody's hands, so whoever has it makes clients no faster than this."""
    policy = tenant.policy.adobe_pass
    if policy.registration_rate and policy.registration_burst:
        bucket = Bucket(policy.registration_rate, policy.registration_burst)
        found = await tenant.tools.limits.spend(f"register {tenant.id} {application}", bucket, tenant.now())
        if isinstance(found, Wait):
            wait = {"retry-after": str(max(1, math.ceil(found.seconds)))}
            pace = f"{bucket.burst:g} at once, then {bucket.rate:g} a second"
            seen = contrast("adobe_pass.registration_rate", pace, "more")
            debug = "too many registrations of one application"
            raise Refused(RATE_LIMITED, debug=debug, headers=wait, seen=seen)
