"""Records: what is kept until somebody changes it, with a version against lost updates."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One remembered noun of a tenant. Version 0 was never saved."""

    tenant: str
    id: str
    version: int = 0
    created_at: float = 0
    updated_at: float = 0
