"""Something that happened and is worth remembering."""

from collections.abc import Mapping

import msgspec


def moment(at: float) -> str:
    """How the ids of this moment's events begin."""
    return f"{max(0, int(at * 1000)):012x}"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit; its `id` begins with its moment. Nothing secret ever goes into `detail`."""

    id: str
    at: float
    tenant: str
    slug: str
    client: str | None = None
    user: str | None = None
    address: str = ""
    correlation: str = ""
    detail: Mapping[str, object] = {}
