"""The sign over the gate: whose page this is."""

from dataclasses import dataclass

from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Sign:
    """A tenant as pages show it: the id chooses the crest, the title is for people."""

    id: str
    title: str


def sign(tenant: Tenant) -> Sign:
    """The friendliest name that the tenant has."""
    return Sign(tenant.id, tenant.policy.friendly_name or tenant.record.name or tenant.record.slug)
