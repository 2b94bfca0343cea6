"""What a check found, and what to do about it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` is as it should be, `note` is worth knowing, `warn` is to be mended, `bad` at once."""

    state: Literal["ok", "note", "warn", "bad"]
    check: str
    finding: str
    cure: str = ""
