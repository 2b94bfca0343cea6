"""What people are to an API: permissions, and roles that carry several of them."""

import msgspec

from sekisho.model.record import Record


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """A scope of an API. It ends with that scope: a later one of the same name has another `id`."""

    api: str
    scope: str
    id: str


class Role(Record, frozen=True, kw_only=True):
    """A name for permissions that people get together."""

    name: str
    description: str = ""
    permissions: tuple[Permission, ...] = ()
