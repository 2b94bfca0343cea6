"""A letter as it is promised: which text, to whom, in which language. It is printed when it leaves."""

from collections.abc import Mapping
from typing import Self

import msgspec

KIND = "mail"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is that of its texts. `link` and `code` open something: a letter is sealed while it waits.

    After `expires_at` it would only mislead, so it does not leave any more.
    """

    name: str
    to: str
    language: str
    house: str
    expires_at: float
    words: Mapping[str, str] = {}
    link: str = ""
    code: str = ""

    def encoded(self) -> bytes:
        """For the body of a delivery."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def of(cls, body: bytes) -> Self:
        """Of the body of a delivery."""
        return msgspec.msgpack.decode(body, type=cls)
