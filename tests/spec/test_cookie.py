"""Cookies as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.browser import cookie
from sekisho.spec.http import Ask

SAFE = Ask(method="GET", path="/", root="https://id.example.com")
PLAIN = Ask(method="GET", path="/", root="http://127.0.0.1:8000")


def holding(header: str) -> Ask:
    return Ask(method="GET", path="/", root="https://id.example.com", headers={"cookie": header})


def test_names_say_whose_they_are() -> None:
    """The host alone sets it, and two tenants of a host do not share it. RFC 6265bis, class 64."""
    assert cookie.name_of("sso", "demo", SAFE) == "__Host-sekisho-sso-demo"
    assert cookie.name_of("sso", "acme", SAFE) != cookie.name_of("sso", "demo", SAFE)
    assert cookie.name_of("sso", "demo", PLAIN) == "sekisho-sso-demo"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("", ""),
        ("a=1", "1"),
        ("b=2; a=1", "1"),
        ("b=2;a=1;c=3", "1"),
        ("a=x=y", "x=y"),
        ("a=", ""),
        ("A=1", ""),
        ("xa=1", ""),
        ("a", ""),
        ("a=1; a=2", ""),
        ("a=1; a=1", ""),
        (" \t a=1", "1"),
        # Not what browsers trim: to them such a name has no prefix, so that any neighbour may set it.
        ("\xa0a=1", ""),
        ("\x85a=1", ""),
        ("b=2; \xa0a=1", ""),
        ("a=1; \xa0a=2", "1"),
        (f"a=1; b={'x' * cookie.LONGEST}", ""),
    ],
)
def test_reads_the_one_value(header: str, value: str) -> None:
    """Two of a name are none: somebody put one over the other. Class 64."""
    assert cookie.read(holding(header), "a") == value


@given(st.text())
def test_reads_any_header(header: str) -> None:
    """Whatever a browser sends, the value is a part of it."""
    assert cookie.read(holding(header), "a") in header


@pytest.mark.parametrize(
    ("ask", "anywhere", "parts"),
    [
        (SAFE, False, "Path=/; HttpOnly; Secure; SameSite=Lax"),
        (SAFE, True, "Path=/; HttpOnly; Secure; SameSite=None"),
        (PLAIN, False, "Path=/; HttpOnly; SameSite=Lax"),
        # Without TLS no browser takes None.
        (PLAIN, True, "Path=/; HttpOnly; SameSite=Lax"),
    ],
)
def test_asks_the_browser_to_keep_it(ask: Ask, anywhere: bool, parts: str) -> None:
    """No script reads it, nothing but TLS carries it, it has no domain. RFC 6265bis section 4.1.2."""
    assert cookie.kept(ask, "a", "1", anywhere=anywhere) == ("set-cookie", f"a=1; {parts}")


def test_asks_the_browser_to_forget_it() -> None:
    """A lifetime is said in seconds; none is left of what goes. RFC 6265 section 5.2.2."""
    assert "Max-Age=60;" in cookie.kept(SAFE, "a", "1", seconds=60)[1]
    assert cookie.gone(SAFE, "a")[1].startswith("a=; Path=/; HttpOnly; Max-Age=0;")
    assert cookie.gone(SAFE, "a", anywhere=True)[1].endswith("SameSite=None")
