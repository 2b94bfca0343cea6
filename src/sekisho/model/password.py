"""The password of a person, apart from the person: no list of people ever holds it."""

from sekisho.model.record import Record


class Password(Record, frozen=True, kw_only=True):
    """`id` is the user's GUID; `hash` is Argon2id, or what an import brought until the next sign-in."""

    hash: str
    changed_at: float
