"""A tenant as it is remembered."""

from sekisho.model.record import Record
from sekisho.spec.policy import Policy


class TenantRecord(Record, frozen=True, kw_only=True):
    """A tenant: its GUID is both `id` and `tenant`; it is found by its slug or one of its domains."""

    slug: str
    name: str = ""
    domains: tuple[str, ...] = ()
    default: bool = False
    policy: Policy = Policy()


class SiteSetting(Record, frozen=True, kw_only=True):
    """A name and a text by which the portal that a tenant is behaves; names are compared without case."""

    name: str
    value: str = ""
