"""Classes 7, 11, 70: a state becomes part of the answer: of its fragment, of its headers, of its text."""

import re
from importlib import import_module
from urllib.parse import quote

import pytest
from uvicorn.protocols.http import httptools_impl

from sekisho.spec.http import Answer
from sekisho.spec.portal import request as rules
from tests.attacks.guest import SSO, Guest
from tests.attacks.household import Household
from tests.attacks.portal_target import (
    AUTHORIZE,
    CLIENT,
    GOOD,
    PAGE,
    TOKEN,
    asks,
    authorizes,
    is_told,
    opened,
)
from tests.attacks.target import HOST
from tests.attacks.wire import request, said, status

POLLUTING = (
    "x&token=evil", "&token=evil", "#token=evil", "x#", "%26token=evil", "=&token=", "a&b", "&", "=", "#",
    "%", "+", " ", "x&expires_in=9", "\r\n&token=x", "\u2028&token=x", "<script>", '"', "'", "`", "\\",
    "?token=x",
)  # fmt: skip
ENDING = (
    "a\r\nset-cookie: b=c", "\r\n\r\n<script>", "\na: b", "\ra: b", "a\r\n", "\n", "\x0b", "\x0c", "\x1f",
    "\x7f", "\x85", "\u2028", "\u560d\u560a", "\u010d\u010aa", "\u00e9", "\u65e5\u672c", "\U0001f600",
)  # fmt: skip


def raw(guest: Guest, line: str, *more: str, body: bytes = b"") -> bytes:
    """What the server says on the wire to this browser."""
    cookie = f"cookie: {SSO}={guest.cookies[SSO]}"
    return said(guest.home.port, request(line, f"host: {HOST}", cookie, *more, body=body), 1.5)


def fragment_of(location: str) -> list[str]:
    """The names in a fragment, as the vendor's script takes it apart: without decoding anything."""
    where, _, fragment = location.partition("#")
    assert where == PAGE
    return [pair.split("=")[0] for pair in fragment.split("&")]


@pytest.mark.parametrize("state", POLLUTING, ids=repr)
def test_a_state_is_one_value_of_the_fragment(home: Household, state: str) -> None:
    """Nothing in a state ends it: the page reads one token, one lifetime, and the state."""
    location = authorizes(opened(home).visitor(), state=state).headers["location"]
    assert fragment_of(location) == ["token", "expires_in", "state"]
    assert location.count("#") == 1
    assert location.isascii()
    assert location.isprintable()
    assert not set(' <>"`\\') & set(location)


def test_a_request_says_nothing_of_the_answer(home: Household) -> None:
    """What is sent under a name of the answer is not looked at, and a registered page gets nothing along."""
    guest = opened(home).visitor()
    more = {
        "token": "evil",
        "expires_in": "999999",
        "access_token": "evil",
        "lifetime": "9",
        "aud": "x",
        "sub": "y",
    }
    answer = authorizes(guest, **more)
    assert fragment_of(answer.headers["location"]) == ["token", "expires_in"]
    assert "evil" not in answer.headers["location"]
    handed = asks(guest, **GOOD, **more)
    assert handed.headers["expires_in"] == "900"
    assert "evil" not in handed.text


@pytest.mark.parametrize("state", ENDING, ids=repr)
def test_a_state_is_one_value_of_a_header(home: Household, state: str) -> None:
    """On the wire there is no header, and no second answer, that a state began; it is refused as it is."""
    guest = opened(home).visitor()
    for text in (quote(state), quote(state).lower()):
        for line, more, body in (
            (f"GET {TOKEN}?client_id={CLIENT}&state={text}", (), b""),
            (f"POST {TOKEN}?client_id={CLIENT}&state={text}", ("content-length: 0",), b""),
            (
                f"POST {TOKEN}?client_id={CLIENT}",
                ("content-type: application/x-www-form-urlencoded", f"content-length: {len(text) + 6}"),
                f"state={text}".encode(),
            ),
        ):
            heard = raw(guest, line, *more, body=body)
            head = heard.partition(b"\r\n\r\n")[0].lower()
            assert status(heard) == 400
            assert b"PortalSTS1005" in heard
            assert heard.count(b"HTTP/1.1") == 1
            assert not any(name in head for name in (b"set-cookie", b"\na:", b"\nstate", b"expires_in"))


def test_a_state_that_is_not_even_text(home: Household) -> None:
    """Bytes that are no text, raw or encoded, get the document of whatever cannot be understood."""
    guest = opened(home).visitor()
    for text in ("%ff", "%c3", "%ed%a0%80", "%c0%8a", "%00", "a%00b"):
        for path in (TOKEN, AUTHORIZE):
            heard = raw(guest, f"GET {path}?client_id={CLIENT}&redirect_uri={PAGE}&state={text}")
            assert status(heard) in (302, 400)
            assert b"\xff" not in heard
            assert b"\x00" not in heard
            if path == TOKEN:
                assert b"PortalSTS10" in heard


def test_who_is_sent_to_sign_in_takes_a_sound_address_along(home: Household) -> None:
    """The way back stands encoded in the address, and in the header that scripts read."""
    portal = opened(home)
    for said_so in ({}, {"x-requested-with": "XMLHttpRequest"}):
        guest = portal.stranger(**said_so)
        for state in (*POLLUTING, *ENDING):
            answer = authorizes(guest, state=state)
            told = answer.headers.get("location") or answer.headers["x-responded-json"]
            assert told.isascii()
            assert told.isprintable()
            assert "set-cookie" not in answer.headers
            assert told.count("ReturnUrl=") == 1
            assert "token=evil" not in told


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "{language}", "{0.__class__}", "%s", "\u202e", "</title>", "\\u003c"],
)
def test_a_text_is_reflected_as_data(home: Household, text: str) -> None:
    """An error repeats what was not supported as a text of JSON that no browser renders, nobody evaluates."""
    guest = opened(home).visitor()
    body = is_told(authorizes(guest, response_type=text), "PortalSTS0007")
    assert text in body["ErrorMessage"]
    assert (
        "x" * 65 not in is_told(authorizes(guest, response_type="x" * 900), "PortalSTS0007")["ErrorMessage"]
    )
    assert text not in is_told(authorizes(guest, client_id=f"{text}_"), "PortalSTS1004")["ErrorMessage"]
    assert text not in is_told(authorizes(guest, redirect_uri=text), "PortalSTS1002")["ErrorMessage"]


def test_a_state_as_it_came_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing encoded a state brings a token of the attacker's choice along."""
    guest = opened(home).visitor()
    monkeypatch.setattr(rules, "literal", lambda state: state)
    location = authorizes(guest, state="x&token=evil").headers["location"]
    assert location.endswith("&token=evil")
    assert fragment_of(location) != ["token", "expires_in", "state"]


def test_a_state_that_nobody_looks_at_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rule of headers gone, and the server's own look at them, a state sets a cookie."""
    guest = opened(home).visitor()
    line = f"POST {TOKEN}?client_id={CLIENT}&state=a%0d%0aset-cookie:b=c"
    assert b"set-cookie" not in raw(guest, line, "content-length: 0")
    monkeypatch.setattr(rules, "state_fits_a_header", lambda _: None)
    assert raw(guest, line, "content-length: 0") == b""
    monkeypatch.setattr(httptools_impl, "HEADER_VALUE_RE", re.compile(b"(?!)"))
    assert b"\r\nset-cookie:b=c\r\n" in raw(guest, line, "content-length: 0")


def test_a_page_as_an_error_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an error that is said in HTML, the text of a request is a script, and the test sees it."""
    guest = opened(home).visitor()

    def in_html(*, status: int, json: object, headers: tuple[tuple[str, str], ...]) -> Answer:
        return Answer(status=status, body=str(json).encode(), kind="text/html", headers=headers)

    monkeypatch.setattr(import_module("sekisho.faces.power_pages.says"), "Answer", in_html)
    answer = authorizes(guest, response_type="<script>alert(1)</script>")
    assert "<script>alert(1)</script>" in answer.text
    with pytest.raises(AssertionError):
        is_told(answer, "PortalSTS0007")
