"""Something that happened and is worth remembering."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

# Who was not used for so long is not asked about any more.
FORGET_AFTER = 800 * 86_400.0


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


class Use(NamedTuple):
    """A client was used."""

    tenant: str
    client_id: str
    at: float
