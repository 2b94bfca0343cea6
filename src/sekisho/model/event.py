"""Something that happened and is worth remembering."""

from collections.abc import Mapping

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit; `id` sorts by time. Nothing secret ever goes into `detail`."""

    id: str
    at: float
    tenant: str
    slug: str
    client: str | None = None
    user: str | None = None
    address: str = ""
    correlation: str = ""
    detail: Mapping[str, object] = {}
