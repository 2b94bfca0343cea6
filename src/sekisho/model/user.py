"""A person."""

from collections.abc import Mapping

from sekisho.model.record import Record


class User(Record, frozen=True, kw_only=True):
    """A person: `id` is the GUID (`oid`), `user_id` the wire name with its connection's prefix."""

    user_id: str
    connection: str
    logins: tuple[str, ...] = ()
    blocked: bool = False
    claims: Mapping[str, object] = {}
    user_metadata: Mapping[str, object] = {}
    app_metadata: Mapping[str, object] = {}
