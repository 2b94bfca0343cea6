"""What a browser calls itself, as words that its owner knows."""

from collections.abc import Mapping
from dataclasses import dataclass

# The first that is found decides: browsers carry the names of those before them.
SYSTEMS: Mapping[str, str] = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}
BROWSERS: Mapping[str, str] = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SMALL = frozenset(("iPhone", "Android"))


@dataclass(frozen=True, slots=True)
class Device:
    """Its names, both empty where nobody knows them, and the icon for it."""

    name: str
    icon: str


def device(agent: str) -> Device:
    """The system and the browser of a User-Agent."""
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "")
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), "")
    return Device(", ".join(filter(None, (system, browser))), "phone" if system in _SMALL else "laptop")
