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
