"""Class 64: a neighbour sets a cookie whose name has the prefix for us, and has not for the browser."""

from urllib.parse import urlencode

import pytest

from sekisho.spec.browser import cookie
from sekisho.spec.http import Ask
from tests.attacks.people_target import LEE, PAGE, People, csrf
from tests.attacks.redirects import signed_in
from tests.attacks.target import HOST, ORIGIN
from tests.attacks.wire import request, said, status

SSO, FORM = "__Host-sekisho-sso-demo", "__Host-sekisho-form-demo"
# Spaces to some parsers, and a part of the name to browsers: a subdomain may set such a name for all.
SPACES = ("\x85", "\xa0", "\x85\xa0", "\xa0 ", " \xa0", "\t\x85")


def brought(people: People, path: str, cookies: str, body: str = "") -> bytes:
    """What comes of a request with just this Cookie header, byte by byte."""
    told = (f"host: {HOST}", f"accept: {PAGE['accept']}", f"cookie: {cookies}")
    if not body:
        return said(people.target.port, request(f"GET {path}", *told))
    more = (
        "content-type: application/x-www-form-urlencoded",
        f"content-length: {len(body)}",
        f"origin: {ORIGIN}",
    )
    return said(people.target.port, request(f"POST {path}", *told, *more, body=body.encode()))


def is_in(heard: bytes) -> bool:
    """It is somebody's account page."""
    return status(heard) == 200 and LEE.encode() in heard


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_only_what_browsers_trim_is_trimmed(people: People, space: str) -> None:
    """A name behind any other space is another name: no session, no flow and no form is taken from it."""
    mallory = signed_in(people, LEE)
    handle = mallory.cookies[SSO].value
    assert is_in(brought(people, "/account", f"{SSO}={handle}"))
    assert is_in(brought(people, "/account", f"a=1; \t {SSO}={handle}"))
    for cookies in (
        f"{space}{SSO}={handle}",
        f"a=1;{space}{SSO}={handle}",
        f"a=1; {space}{SSO}={handle}; b=2",
    ):
        heard = brought(people, "/account", cookies)
        assert status(heard) == 303
        assert not is_in(heard)
    page = mallory.here(mallory.asks("shop", prompt="login"))
    assert page is not None
    (name,) = (name for name in mallory.cookies if "-flow-" in name)
    flow = mallory.cookies[name].value
    assert status(brought(people, page, f"{name}={flow}")) == 200
    assert status(brought(people, page, f"{space}{name}={flow}")) == 400


@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_a_tossed_name_does_not_hide_the_real_one(people: People, space: str) -> None:
    """Whoever is signed in stays so, as themselves, whatever lies beside their session."""
    victim, mallory = signed_in(people, LEE), signed_in(people)
    mine, theirs = (f"{SSO}={each.cookies[SSO].value}" for each in (victim, mallory))
    for cookies in (f"{mine}; {space}{theirs}", f"{space}{theirs}; {mine}"):
        assert is_in(brought(people, "/account", cookies))


def test_a_form_that_was_tossed_over_posts_nothing(people: People) -> None:
    """The secret of the attacker's own form, put into another browser, makes its token no good there."""
    mallory = people.browser()
    token = csrf(mallory.get("/login"))
    form = urlencode({"csrf": token, "username": LEE, "password": "seven blue lanterns"})
    secret = mallory.cookies[FORM].value
    assert status(brought(people, "/login", f"{FORM}={secret}", form)) == 303
    for space in SPACES:
        assert status(brought(people, "/login", f"{space}{FORM}={secret}", form)) == 400


def read(ask: Ask, name: str) -> str:
    """As it is where every space of Unicode is trimmed."""
    pairs = (part.strip().partition("=") for part in ask.headers.get("cookie", "").split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def test_trimming_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a parser that trims more than browsers do, the victim's browser is in the attacker's account."""
    tossed = f"\xa0{SSO}={signed_in(twins, LEE).cookies[SSO].value}"
    assert not is_in(brought(twins, "/account", tossed))
    monkeypatch.setattr(cookie, "read", read)
    assert is_in(brought(twins, "/account", tossed))
