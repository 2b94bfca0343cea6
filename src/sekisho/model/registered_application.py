"""A release of somebody's software, whose installations register themselves as clients."""

from typing import Literal

from sekisho.model.record import Record

EVERY_CHANNEL = "*"
State = Literal["draft", "published", "revoked"]


class RegisteredApplication(Record, frozen=True, kw_only=True):
    """What all its installations share. Nothing of it changes once it is published, but that it is revoked.

    `release` is its own version, as opposed to the record's.
    """

    name: str
    release: str = "1.0.0"
    channels: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    custom_schemes: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    published_at: float | None = None
    revoked_at: float | None = None

    @property
    def stands(self) -> bool:
        """Its statements are good for something."""
        return self.published_at is not None and self.revoked_at is None

    @property
    def state(self) -> State:
        """Where it is in its life."""
        if self.revoked_at is not None:
            return "revoked"
        return "draft" if self.published_at is None else "published"

    def covers(self, channel: str) -> bool:
        """It may act for this channel, which is also called service provider."""
        return EVERY_CHANNEL in self.channels or channel in self.channels
