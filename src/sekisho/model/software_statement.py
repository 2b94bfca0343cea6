"""A signed word that a piece of software belongs to a registered application (RFC 7591 section 2.3)."""

from sekisho.model.record import Record


class SoftwareStatement(Record, frozen=True, kw_only=True):
    """One that was given out; `id` is its `jti`. It never expires, and ends with its application."""

    application: str
    revoked_at: float | None = None
