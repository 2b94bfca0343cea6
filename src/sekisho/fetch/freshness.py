"""For how long a document may be believed (RFC 9111), within bounds of ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Ten seconds even where nothing may be stored: a burst of requests counts as one use. An hour at most, since
# a key that was taken back has to stop working.
LEAST_SECONDS = 10.0
USUAL_SECONDS = 300.0
MOST_SECONDS = 3_600.0
STALE_SECONDS = 3_600.0

_MAX_AGE = re.compile(r"max-age=\"?([0-9]{1,9})")
_AGE = re.compile("[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Freshness:
    """Believed for `seconds`; for `stale_seconds` more while the server fails us."""

    seconds: float = 0.0
    stale_seconds: float = 0.0


def says_how_long(headers: Mapping[str, str]) -> bool:
    """A response speaks of its own age at all."""
    return "cache-control" in headers or "expires" in headers


def freshness(headers: Mapping[str, str], now: float) -> Freshness:
    """What the headers of a response allow, within the bounds."""
    directives = [each.strip() for each in headers.get("cache-control", "").lower().split(",")]
    names = {each.partition("=")[0] for each in directives}
    if names & {"no-store", "no-cache"}:
        return Freshness(LEAST_SECONDS)
    seconds = min(max(_told(headers, directives, now), LEAST_SECONDS), MOST_SECONDS)
    return Freshness(seconds, 0.0 if "must-revalidate" in names else STALE_SECONDS)


def _told(headers: Mapping[str, str], directives: list[str], now: float) -> float:
    ages = [int(match[1]) for match in map(_MAX_AGE.match, directives) if match]
    if ages:
        spent = _AGE.match(headers.get("age", ""))
        return float(min(ages) - int(spent[0] if spent else 0))
    expires = headers.get("expires")
    if expires is None:
        return USUAL_SECONDS
    until = _moment(expires)
    since = _moment(headers.get("date", ""))
    return LEAST_SECONDS if until is None else until - (now if since is None else since)


def _moment(text: str) -> float | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 13 ms, for a header that few still send

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
