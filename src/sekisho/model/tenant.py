"""A tenant as it is remembered."""

from typing import Literal

from sekisho.model.record import Record
from sekisho.spec.conditional.terms import Terms
from sekisho.spec.policy import Policy


class TenantRecord(Record, frozen=True, kw_only=True):
    """A tenant: its GUID is both `id` and `tenant`; it is found by its slug or one of its domains."""

    slug: str
    name: str = ""
    domains: tuple[str, ...] = ()
    default: bool = False
    policy: Policy = Policy()


# Where a claim of a rule appears.
Carrier = Literal["id_token", "access_token", "userinfo"]


class ClaimRule(Record, frozen=True, kw_only=True):
    """A claim of the tenant's own, and the expression that says what is in it, for whom tokens are about."""

    name: str
    claim: str
    expression: str
    tokens: tuple[Carrier, ...] = ("id_token",)
    enabled: bool = True


class SiteSetting(Record, frozen=True, kw_only=True):
    """A name and a text by which the portal that a tenant is behaves; names are compared without case."""

    name: str
    value: str = ""


class AccessPolicy(Record, frozen=True, kw_only=True):
    """A policy of conditional access: its id is the GUID that claims challenges name."""

    name: str
    terms: Terms = Terms()
