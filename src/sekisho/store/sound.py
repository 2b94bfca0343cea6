"""What no engine can keep is refused before anything is queued."""

import math
import unicodedata
from collections.abc import Iterable

LONGEST = 2_000  # bytes of the texts of one row that are looked up: an index page takes no more


def plain(*texts: str | None) -> None:
    """Texts that are looked up are short and without NUL."""
    joined = "".join([text for text in texts if text])
    if "\0" in joined or len(joined.encode()) > LONGEST:
        raise ValueError("a text that is looked up has a NUL character or is too long")


def finite(*times: float) -> None:
    """A time is a number."""
    if not math.isfinite(sum(times)):
        raise ValueError("a time that is not a number")


def searched(words: Iterable[str]) -> str:
    """Words as they are searched, and searched for: large or small, wide or narrow letters are the same."""
    return unicodedata.normalize("NFKC", "\n".join(words)).casefold().replace("\0", "")
