"""X-Device-Info: what real stacks send is understood, what they spoil is forgiven, unless told otherwise."""

import base64
import json
import textwrap

import pytest

from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import DEVICE_MALFORMED
from sekisho.spec.software.device import (
    KNOWN,
    LONGEST_HEADER,
    LONGEST_VALUE,
    NEEDED,
    ONE_OF,
    Reading,
    described,
    plain,
)

WHOLE = {
    "primaryHardwareType": "MobilePhone",
    "model": "SM-S901U>>>???",  # makes both characters in which the alphabets differ
    "version": "r0q",
    "manufacturer": "samsung",
    "vendor": "samsung",
    "osName": "Android",
    "osFamily": "Android",
    "osVendor": "Google",
    "osVersion": "12",
    "connectionType": "WiFi",
    "connectionSecure": "true",
    "applicationId": "REF30",
}
# As the vendor's page has it: the comma after the name of the system is missing.
BROKEN = (
    '{"primaryHardwareType":"MobilePhone","model":"SM-S901U","vendor":"samsung","version":"r0q",'
    '"manufacturer":"samsung","osName":"Android""osVersion":"12"}'
)
READINGS: tuple[Reading, ...] = ("lenient", "strict")


def header(value: object) -> str:
    """As the documentation says: Base64 of JSON."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def urlsafe(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


PLAIN = header(WHOLE)
SPELLINGS = {
    "standard": PLAIN,
    "unpadded": PLAIN.rstrip("="),
    "url": urlsafe(WHOLE),
    "url unpadded": urlsafe(WHOLE).rstrip("="),
    "wrapped": "\n".join(textwrap.wrap(PLAIN, 76)),
    "folded": "\r\n ".join(textwrap.wrap(PLAIN, 76)) + "\n",
    "tabs": PLAIN[:10] + "\t" + PLAIN[10:],
    "padded too much": PLAIN.rstrip("=") + "====",
    "mixed": PLAIN.replace("+", "-"),
}


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_understood(spelling: str, reading: Reading) -> None:
    """Either alphabet of Base64, wrapped or not, padded or not, says the same. RFC 4648 sections 4 and 5."""
    assert set("+/") < set(PLAIN)
    assert set("-_") < set(urlsafe(WHOLE))
    assert described(spelling, reading) == WHOLE


SPOILT = {
    "absent": None,
    "empty": "",
    "blank": " ",
    "vendor's sample": base64.b64encode(BROKEN.encode()).decode(),
    "plain JSON": json.dumps(WHOLE),
    "no Base64": "!!!!",
    "one character": "e",
    "padding within": "e30=e30=",
    "not UTF-8": base64.b64encode(b'{"model":"\xff"}').decode(),
    "a list": header([WHOLE]),
    "a text": header("x"),
    "null": header(None),
    "a list without end": base64.b64encode(b"[" * 6_000).decode(),
    "too long": header({**WHOLE, "model": "x" * LONGEST_HEADER}),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_header_says_nothing_where_it_is_read_leniently(spoilt: str | None) -> None:
    """The vendor's own sample is broken: whoever sends something like it is not turned away."""
    assert described(spoilt, "lenient") == {}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_header_is_refused_where_it_is_read_strictly(spoilt: str | None) -> None:
    """A tenant that wants the header as documented refuses everything else."""
    with pytest.raises(Refused) as refused:
        described(spoilt, "strict")
    assert refused.value.reason is DEVICE_MALFORMED


@pytest.mark.parametrize("name", NEEDED)
def test_what_the_documentation_requires(name: str) -> None:
    """Five members are required; only the strict reading insists on them."""
    without = {key: value for key, value in WHOLE.items() if key != name}
    assert described(header(without), "lenient") == without
    assert described(header({**WHOLE, name: ""}), "lenient") == without
    for each in (without, {**WHOLE, name: ""}, {**WHOLE, name: None}, {**WHOLE, name: ["x"]}):
        with pytest.raises(Refused) as refused:
            described(header(each), "strict")
        assert refused.value.reason is DEVICE_MALFORMED


@pytest.mark.parametrize("name", ONE_OF)
def test_values_of_a_list_are_of_that_list(name: str) -> None:
    """Only the strict reading knows a system or a maker that is not in the documentation for a mistake."""
    for value in ONE_OF[name]:
        assert described(header({**WHOLE, name: value}), "strict")[name] == value
    assert described(header({**WHOLE, name: "Sekisho"}), "lenient")[name] == "Sekisho"
    with pytest.raises(Refused) as refused:
        described(header({**WHOLE, name: "Sekisho"}), "strict")
    assert refused.value.reason is DEVICE_MALFORMED


def test_tells_what_is_missing_and_nothing_of_the_device() -> None:
    """What is wrong is told in words of ours, never what the device said."""
    wants = f"Base64 of a JSON object with {' '.join(NEEDED)}"
    for said, told in (
        ({**WHOLE, "model": ""}, "model is missing"),
        ({**WHOLE, "osName": "Sekisho"}, "osName is none of the known values"),
    ):
        with pytest.raises(Refused) as refused:
            described(header(said), "strict")
        assert refused.value.seen == Contrast("X-Device-Info", wants, told)


@pytest.mark.parametrize("reading", READINGS)
def test_only_known_members_are_remembered(reading: Reading) -> None:
    """What the documentation does not name falls away, whatever it is; what it names is kept as text."""
    said = {**WHOLE, "idfa": "personal", "more": {"deep": [1]}, "__proto__": "x", "displayWidth": 1920}
    kept = {**WHOLE, "displayWidth": "1920", "displayPpi": "1.5", "connectionSecure": "false"}
    assert described(header({**said, "displayPpi": 1.5, "connectionSecure": False}), reading) == kept
    assert described(header({**WHOLE, "vendor": ["x"], "userAgent": {}, "type": None}), reading).keys() == (
        WHOLE.keys() - {"vendor"}
    )
    assert kept.keys() <= KNOWN


def test_what_is_remembered_can_be_shown() -> None:
    """A value is cut to its bound, and nothing in it can spoil a page or a log."""
    seen = described(header({"model": "x" * 1_000, "vendor": "a\r\nb\0\u202ec", "version": "\n"}), "lenient")
    assert seen == {"model": "x" * LONGEST_VALUE, "vendor": "abc"}
    assert plain("\x1b[1mTV") == "[1mTV"
