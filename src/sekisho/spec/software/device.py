"""What an installation says about the device that it runs on: a header of Base64 over JSON."""

import binascii
import json
from collections.abc import Mapping
from typing import Literal

from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import DEVICE_MALFORMED

Reading = Literal["lenient", "strict"]

LONGEST_HEADER = 8_192
LONGEST_VALUE = 256
NEEDED = ("model", "version", "osName", "osVersion", "connectionType")
ONE_OF: Mapping[str, frozenset[str]] = {
    "primaryHardwareType": frozenset(
        (
            *(
                "Camera",
                "DataCollectionTerminal",
                "Desktop",
                "EmbeddedNetworkModule",
                "eReader",
                "GamesConsole",
            ),
            *(
                "GeolocationTracker",
                "Glasses",
                "MediaPlayer",
                "MobilePhone",
                "PaymentTerminal",
                "PluginModem",
            ),
            *("SetTopBox", "TV", "Tablet", "WirelessHotspot", "Wristwatch", "Unknown"),
        )
    ),
    "osName": frozenset(
        (
            *("Android", "Chrome OS", "Linux", "Mac OS", "OS X", "OpenBSD", "Roku OS", "Windows"),
            *("iOS", "tvOS", "webOS"),
        )
    ),
    "osFamily": frozenset(
        (
            *("Android", "BSD", "Linux", "PlayStation OS", "Roku OS", "Symbian", "Tizen", "Windows"),
            *("iOS", "tvOS", "macOS", "webOS"),
        )
    ),
    "osVendor": frozenset(
        (
            *("Amazon", "Apple", "Google", "LG", "Microsoft", "Mozilla", "Nintendo", "Nokia", "Roku"),
            *("Samsung", "Sony", "Tizen Project"),
        )
    ),
    "browserName": frozenset(
        (
            *("Android Browser", "Chrome", "Edge", "Firefox", "Internet Explorer", "Opera", "Safari"),
            *("SeaMonkey", "Symbian Browser"),
        )
    ),
    "browserVendor": frozenset(
        (
            *("Amazon", "Apple", "Google", "Microsoft", "Motorola", "Mozilla", "Netscape", "Nintendo"),
            *("Nokia", "Samsung", "Sony Ericsson"),
        )
    ),
    "connectionSecure": frozenset(("true", "false")),
}
FREE = frozenset(
    (
        *("model", "version", "osVersion", "connectionType", "manufacturer", "vendor", "browserVersion"),
        *("userAgent", "displayWidth", "displayHeight", "displayPpi", "diagonalScreenSize", "connectionIp"),
        *("connectionPort", "applicationId", "type"),
    )
)
KNOWN = FREE | ONE_OF.keys()


def described(header: str | None, reading: Reading) -> dict[str, str]:
    """The known members of the header. A broken one says nothing where it is read leniently."""
    try:
        members = _members(header or "")
        if reading == "strict":
            _is_whole(members)
    except ValueError as wrong:
        if reading == "strict":
            # What is wrong is said in words of ours: the header tells of somebody's device.
            seen = contrast("X-Device-Info", f"Base64 of a JSON object with {' '.join(NEEDED)}", str(wrong))
            raise Refused(DEVICE_MALFORMED, debug=str(wrong), seen=seen) from wrong
        return {}
    return members


def is_readable(header: str | None, reading: Reading) -> None:
    """A broken header is refused where it is read strictly; nobody wants to know what is in it."""
    if reading == "strict":
        described(header, reading)


def _members(header: str) -> dict[str, str]:
    """Both alphabets of Base64, wrapped or not, padded or not: real stacks send all of these."""
    if len(header) > LONGEST_HEADER:
        raise ValueError("the header is too long")
    text = "".join(header.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        raw = binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
        found = json.loads(raw.decode())
    except (ValueError, RecursionError) as wrong:
        raise ValueError("it is not Base64 of JSON") from wrong
    if not isinstance(found, dict):
        raise ValueError("it is not an object")  # noqa: TRY004 - it is what came that is wrong, not our call
    return {name: text for name, value in found.items() if name in KNOWN and (text := _text(value))}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        return ""
    return plain(str(value))


def plain(text: str) -> str:
    """What can be kept and shown of a text."""
    kept = text[:LONGEST_VALUE]
    return kept if kept.isprintable() else "".join(letter for letter in kept if letter.isprintable())


def _is_whole(members: Mapping[str, str]) -> None:
    for name in NEEDED:
        if name not in members:
            raise ValueError(f"{name} is missing")
    for name, allowed in ONE_OF.items():
        if name in members and members[name] not in allowed:
            raise ValueError(f"{name} is none of the known values")
