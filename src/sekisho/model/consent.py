"""Somebody's agreement that a client may do something."""

from sekisho.model.record import Record


class Consent(Record, frozen=True, kw_only=True):
    """A user (or everyone: None) lets a client use scopes of an API (or of the server itself: None)."""

    user: str | None
    client: str
    api: str | None
    scopes: tuple[str, ...] = ()
