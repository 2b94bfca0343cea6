"""Class 70: parameters that come twice or in two places, and requests that are too much, at a portal."""

import time
from urllib.parse import urlencode

import pytest

from sekisho.spec.http import Pairs
from sekisho.spec.portal import request as rules
from sekisho.spec.portal.request import PortalRequest
from tests.attacks.guest import SSO, Guest
from tests.attacks.household import Household
from tests.attacks.patience import PATIENCE
from tests.attacks.portal_target import (
    AUTHORIZE,
    CLIENT,
    EVIL,
    GOOD,
    KEY,
    OTHER_CLIENT,
    OTHER_PAGE,
    PAGE,
    TOKEN,
    asks,
    authorizes,
    is_told,
    opened,
    token_at,
)
from tests.attacks.target import HOST
from tests.attacks.wire import request, said, status

NAMES = ("client_id", "redirect_uri", "state", "nonce", "response_type")
FORM = {"content-type": "application/x-www-form-urlencoded"}
# Two of a parameter, in the spellings that frameworks know.
TWICE = (
    f"client_id={CLIENT}&client_id={OTHER_CLIENT}", f"client_id={CLIENT}&client%5Fid={OTHER_CLIENT}",
    f"client_id={CLIENT}&%63lient_id={CLIENT}", f"client_id={OTHER_CLIENT}&x=1&client_id={CLIENT}",
    f"client_id={CLIENT}&redirect_uri={PAGE}&redirect_uri={EVIL}",
    f"client_id={CLIENT}&redirect_uri={EVIL}&redirect_uri={PAGE}",
    f"client_id={CLIENT}&redirect_uri={OTHER_PAGE}&redirect%5furi={PAGE}", "state=a&state=b",
    "nonce=a&nonce=b", "response_type=token&response_type=code",
)  # fmt: skip
# Of another name to us: nothing of it counts.
OTHERWISE = (
    "CLIENT_ID=x", "client_id[]=x", "client_id%00=x", "client_id%20=x", " client_id=x", "client_id;x=y",
    "clientid=x", "client-id=x", "redirect_uri[]=x", "Redirect_Uri=x", "state[a]=x", "amp;state=x",
)  # fmt: skip


@pytest.mark.parametrize("query", TWICE)
def test_a_parameter_comes_once(home: Household, query: str) -> None:
    """Which of two counts is nobody's choice: in a query, in a form, or in both, two are refused."""
    guest = opened(home).visitor()
    is_told(guest.send("GET", f"{AUTHORIZE}?{query}"), "PortalSTS1007")
    is_told(guest.send("GET", f"{TOKEN}?{query}"), "PortalSTS1007")
    is_told(guest.send("POST", f"{TOKEN}?{query}"), "PortalSTS1007")
    is_told(guest.send("POST", TOKEN, content=query, headers=FORM), "PortalSTS1007")


@pytest.mark.parametrize("name", NAMES)
def test_two_places_are_two(home: Household, name: str) -> None:
    """The query does not win over the body, nor the body over the query: they have to be of one mind."""
    guest = opened(home).visitor()
    for first, second in (("a", "b"), ("a", "a"), (CLIENT, OTHER_CLIENT)):
        query, form = urlencode({name: first}), urlencode({name: second})
        is_told(guest.send("POST", f"{TOKEN}?{query}", content=form, headers=FORM), "PortalSTS1007")
    # The body of a GET is nobody's.
    answer = guest.send("GET", f"{AUTHORIZE}?{urlencode(GOOD)}", content=f"redirect_uri={EVIL}", headers=FORM)
    assert token_at(answer)


@pytest.mark.parametrize("more", OTHERWISE)
def test_another_name_is_another_parameter(home: Household, more: str) -> None:
    """What only looks like a parameter of ours changes nothing, or is refused as a whole."""
    guest = opened(home).visitor()
    cookie = f"cookie: {SSO}={guest.cookies[SSO]}"
    for path in (TOKEN, AUTHORIZE):
        target = f"{path}?{urlencode(GOOD)}&{more}".replace(" ", "+")
        heard = said(home.port, request(f"GET {target}", f"host: {HOST}", cookie), 1.5)
        assert status(heard) in (200, 302, 400)
        assert b"evil" not in heard
        if status(heard) != 400:
            assert b"eyJ" in heard


def much() -> list[tuple[str, str, dict[str, str], bytes]]:
    """Requests of more than anybody needs: method, path with query, headers, body."""
    letters, many = "a" * 60_000, "&".join(f"x{n}=y" for n in range(6_000))
    return [
        *(("GET", f"{path}?state={letters}", {}, b"") for path in (TOKEN, AUTHORIZE, KEY, "/SignIn")),
        ("GET", f"{TOKEN}?{many}", {}, b""),
        ("GET", f"/SignIn?returnUrl=/{'a' * 15_000}", {}, b""),
        ("GET", f"/SignIn?{'&'.join(['returnUrl=//evil.example'] * 400)}", {}, b""),
        ("POST", TOKEN, FORM, f"state={letters * 2}".encode()),
        ("POST", TOKEN, FORM, many.encode()),
        ("POST", TOKEN, FORM, b"&" * 60_000),
        ("POST", TOKEN, FORM, b"=" * 60_000),
        ("POST", TOKEN, FORM, b"%" * 60_000),
        ("POST", TOKEN, FORM, b"\x00\xff" * 30_000),
        ("POST", TOKEN, {"content-type": "application/json"}, b"[" * 60_000),
        ("POST", TOKEN, {"content-type": "multipart/form-data; boundary=x"}, b"--x\r\n" * 9_000),
        ("POST", TOKEN, {"content-type": "x" * 9_000}, b"a=b"),
        ("POST", TOKEN, {"x-requested-with": "XMLHttpRequest" * 900}, b""),
        ("POST", TOKEN, {"origin": "https://" + "a." * 9_000}, b""),
        ("OPTIONS", TOKEN, {"origin": "null", "access-control-request-headers": "x," * 9_000}, b""),
    ]


def test_too_much_is_refused_in_no_time(home: Household) -> None:
    """A request without measure gets a short answer at once, from a server that goes on."""
    portal = opened(home)
    portal.put("HTTP/Access-Control-Allow-Origin", "https://chat.example")
    guest, stranger = portal.visitor(), portal.stranger()
    for browser in (guest, stranger):
        for method, target, headers, body in much():
            asked = time.monotonic()
            answer = browser.send(method, target, headers=headers, content=body)
            assert time.monotonic() - asked < PATIENCE
            assert answer.status_code < 500
            assert len(answer.content) < 40_000
            assert "a" * 20_000 not in str(answer.headers)
    assert asks(guest).status_code == 200


def test_a_list_without_measure_is_looked_through_in_no_time(home: Household) -> None:
    """The longest settings that can be written make no request slow."""
    portal = opened(home)
    guest = portal.visitor()
    portal.put("ImplicitGrantFlow/RegisteredClientId", ";" * 19_000 + CLIENT)
    portal.put(f"ImplicitGrantFlow/{CLIENT}/RedirectUri", PAGE + ";" * 19_000)
    portal.put("HTTP/Access-Control-Allow-Origin", "https://chat.example" + ", " * 9_000)
    asked = time.monotonic()
    assert all(asks(guest).status_code == 200 for _ in range(20))
    assert token_at(authorizes(guest))
    assert time.monotonic() - asked < PATIENCE


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND", "TRACE", "post", "get"])
def test_no_other_method_gives_anything(home: Household, method: str) -> None:
    """What is neither GET nor POST is refused; authorize and the key know GET alone."""
    guest = opened(home).visitor()
    cookie = f"cookie: {SSO}={guest.cookies[SSO]}"
    for path in (TOKEN, AUTHORIZE, KEY):
        heard = said(
            home.port, request(f"{method} {path}", f"host: {HOST}", cookie, "content-length: 0"), 1.5
        )
        assert status(heard) in (400, 405)
        assert b"eyJ" not in heard
    for path in (AUTHORIZE, KEY):
        assert guest.send("POST", path).status_code == 405


def test_the_last_of_two_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the last of two taken, what one reader of a request sees is not what the other answers."""
    guest: Guest = opened(home).visitor()
    query = f"client_id={CLIENT}&client_id={OTHER_CLIENT}"
    is_told(guest.send("POST", f"{TOKEN}?{query}"), "PortalSTS1007")

    def last(pairs: Pairs) -> PortalRequest:
        return PortalRequest(**{name: value for name, value in pairs if name in NAMES})

    monkeypatch.setattr(rules, "read", last)
    assert guest.send("POST", f"{TOKEN}?{query}").status_code == 200
