"""A person as pages show them to themselves."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sekisho.model.user import User


@dataclass(frozen=True, slots=True)
class Face:
    """What somebody calls themselves, the first letter of it, and the clock that they live by."""

    label: str
    name: str
    locale: str
    zone: tzinfo

    @property
    def letter(self) -> str:
        """What stands for a picture."""
        return (self.name or self.label)[:1].upper()


def face(user: User) -> Face:
    """The words of a person's claims; whatever is none of them is left out."""
    label = user.email or user.username or (user.logins[0] if user.logins else user.user_id)
    return Face(label, str(user.claims.get("name", "")), user.locale, _zone(user))


def _zone(user: User) -> tzinfo:
    try:
        return ZoneInfo(str(user.claims.get("zoneinfo") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
