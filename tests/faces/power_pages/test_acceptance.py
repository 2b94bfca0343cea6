"""What a portal does for scripts and APIs that were written for the vendor's: eighteen points, over HTTP.

The numbers are those of the list that was drawn from the vendor's documents and samples.
"""

import json
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.attacks.guest import Guest, address_of, token_of
from tests.attacks.household import PASSWORD
from tests.attacks.portal_target import (
    AUTHORIZE,
    CLIENT,
    GOOD,
    KEY,
    OTHER_CLIENT,
    PAGE,
    TOKEN,
    Portal,
    asks,
    authorizes,
    is_told,
    token_at,
)
from tests.attacks.target import ORIGIN

# The samples of the vendor write a state as it is, without encoding.
RAW = "my@pp$tate"
LIFETIMES = (
    *((text, 900) for text in (None, "", "abc", "15m", "900.5", "900")),
    *(("1800", 1_800), (" 1800 ", 1_800), ("3600", 3_600), ("3601", 3_600), ("60", 60)),
    *((text, 60) for text in ("59", "0", "-5")),
    ("99999999999", 3_600),
)


def signs_in_at(guest: Guest, answer: httpx.Response) -> httpx.Response:
    """Through the sign-in page that an answer leads to, until somebody is sent to the registered page."""
    page = guest.follows(answer)
    form = {"csrf": token_of(page), "username": "aya@example.com", "password": PASSWORD}
    answer = guest.send("POST", address_of(page), data=form, headers={"origin": ORIGIN})
    for _ in range(5):
        if answer.headers["location"].startswith(f"{PAGE}#"):
            return answer
        answer = guest.send("GET", answer.headers["location"])
    raise AssertionError("it never arrives")


def test_01_who_is_not_signed_in_is_first(live: Portal) -> None:
    """1: an anonymous visitor of authorize is sent to /SignIn, and then on to the fragment."""
    guest = live.stranger()
    answer = guest.send("GET", f"{AUTHORIZE}?client_id={CLIENT}&redirect_uri={PAGE}&state={RAW}")
    assert answer.status_code == 302
    split = urlsplit(answer.headers["location"])
    assert f"{split.scheme}://{split.netloc}{split.path}" == f"{ORIGIN}/SignIn"
    assert parse_qs(split.query)["ReturnUrl"][0].startswith(f"{AUTHORIZE}?client_id={CLIENT}&")
    arrived = signs_in_at(guest, answer)
    assert arrived.headers["location"].endswith(f"&state={RAW}")
    assert live.claims(token_at(arrived))["email"] == "aya@example.com"


def test_02_a_state_is_literal_in_the_fragment(live: Portal) -> None:
    """2: a state that came without encoding comes back so, because the sample decodes nothing."""
    answer = live.visitor().send("GET", f"{AUTHORIZE}?client_id={CLIENT}&redirect_uri={PAGE}&state={RAW}")
    location = answer.headers["location"]
    assert re.fullmatch(rf"{re.escape(PAGE)}#token=[\w.-]+&expires_in=900&state=my@pp\$tate", location)


def test_03_a_client_is_registered(live: Portal) -> None:
    """3: a client that the portal does not list gets the vendor's error document, and no redirect."""
    guest = live.visitor()
    is_told(authorizes(guest, client_id="nobody"), "PortalSTS0001")
    is_told(asks(guest, client_id="nobody"), "PortalSTS0001")


@pytest.mark.parametrize("uri", [f"{PAGE}/", PAGE.replace("l", "L"), f"{PAGE}?x=2", f"{PAGE}?X=1"])
def test_04_an_address_is_the_registered_one(live: Portal, uri: str) -> None:
    """4: an address that differs by a slash, by case or by its query is refused with a document."""
    guest = live.visitor()
    is_told(authorizes(guest, redirect_uri=uri), "PortalSTS1002")
    is_told(asks(guest, **{**GOOD, "redirect_uri": uri}), "PortalSTS1002")


@pytest.mark.parametrize("wanted", ["code", "code id_token", "id_token token", "TOKEN"])
def test_05_a_token_is_all_there_is(live: Portal, wanted: str) -> None:
    """5: any response type but `token` gets the vendor's error."""
    guest = live.visitor()
    is_told(authorizes(guest, response_type=wanted), "PortalSTS0007")
    is_told(asks(guest, **GOOD, response_type=wanted), "PortalSTS0007")
    assert token_at(authorizes(guest, response_type="token"))


def is_the_token(live: Portal, answer: httpx.Response) -> None:
    """The whole body is a compact JWT that validates; what goes with it is in two headers."""
    assert answer.status_code == 200, answer.text
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", answer.text)
    assert (answer.headers["expires_in"], answer.headers["state"]) == ("900", "s-1")
    assert answer.headers["content-type"] == "application/jwt"
    assert answer.headers["cache-control"] == "no-store"
    assert "x-responded-json" not in answer.headers
    assert live.claims(answer.text)["aud"] == CLIENT


def test_06_a_post_without_a_body(live: Portal) -> None:
    """6: a POST with nothing in its body is answered by the bare token and headers."""
    is_the_token(live, asks(live.visitor(), client_id=CLIENT, state="s-1"))


def test_07_a_get_is_the_same(live: Portal) -> None:
    """7: so is a GET."""
    is_the_token(live, asks(live.visitor(), "GET", client_id=CLIENT, state="s-1"))


@pytest.mark.parametrize("said", ["XMLHttpRequest", "xmlhttprequest"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_08_a_script_is_told_to_sign_in(live: Portal, method: str, said: str) -> None:
    """8: an anonymous script gets a good status, nothing, and a header that says 401 and where to go."""
    answer = asks(live.stranger(**{"x-requested-with": said}), method)
    assert (answer.status_code, answer.content) == (200, b"")
    told = json.loads(answer.headers["x-responded-json"])
    assert told["status"] == 401
    assert told["headers"]["location"].startswith(f"{ORIGIN}/SignIn?ReturnUrl=")


def test_09_without_a_client(live: Portal) -> None:
    """9: without a client_id audience and application are empty texts."""
    for method in ("GET", "POST"):
        claims = live.claims(live.visitor().send(method, TOKEN).text, audience="")
        assert (claims["aud"], claims["appid"]) == ("", "")


@pytest.mark.parametrize(("text", "seconds"), LIFETIMES)
def test_10_how_long_it_is_good(live: Portal, text: str | None, seconds: int) -> None:
    """10: the table of lifetimes; what both endpoints advertise is what the token says."""
    if text is not None:
        live.put("ImplicitGrantFlow/TokenExpirationTime", text)
    guest = live.visitor()
    handed, led = asks(guest), authorizes(guest)
    assert handed.headers["expires_in"] == str(seconds)
    assert f"&expires_in={seconds}" in led.headers["location"]
    for token in (handed.text, token_at(led)):
        claims = live.claims(token)
        assert claims["exp"] - claims["nbf"] == seconds
        assert claims["nbf"] == claims["iat"]


@pytest.mark.parametrize("text", ["false", "False", "FALSE", " false "])
def test_11_the_switch(live: Portal, text: str) -> None:
    """11: switched off, nothing is given at any of the three addresses; anything but `false` is on."""
    live.put("Connector/ImplicitGrantFlowEnabled", text)
    guest = live.visitor()
    for answer in (authorizes(guest), asks(guest), asks(guest, "GET"), guest.send("GET", KEY)):
        is_told(answer, "PortalSTS1008", 404)
    for on in ("true", "", "0", "no"):
        live.put("Connector/ImplicitGrantFlowEnabled", on)
        assert asks(guest).status_code == 200


def test_12_the_key_is_for_everybody(live: Portal) -> None:
    """12: without cookies the key comes in PEM, with just this prefix, and validates the token."""
    answer = live.stranger().send("GET", KEY)
    assert answer.status_code == 200
    assert answer.text.startswith("-----BEGIN PUBLIC KEY-----")
    assert answer.text.rstrip("\n").endswith("-----END PUBLIC KEY-----")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert live.claims(asks(live.visitor()).text)["iss"] == "id.example.com"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("state", "s" * 21, "PortalSTS1005"),
        ("nonce", "n" * 21, "PortalSTS1006"),
        ("client_id", "c" * 37, "PortalSTS1004"),
        ("client_id", "my_portal_client", "PortalSTS1004"),
    ],
)
def test_13_lengths_and_letters(live: Portal, name: str, value: str, code: str) -> None:
    """13: a state or nonce of 21 characters, a client of 37 or with an underscore, is an error."""
    guest = live.visitor()
    is_told(authorizes(guest, **{name: value}), code)
    is_told(asks(guest, **{**GOOD, name: value}), code)
    longest = {"client_id": OTHER_CLIENT, "state": "s" * 20, "nonce": "n" * 20}
    assert asks(guest, **longest).status_code == 200


@pytest.mark.parametrize("state", ["a\r\nset-cookie: b=c", "a\nb", "a\rb", "\u65e5\u672c", "\u00e9", "\x7f"])
def test_14_a_state_ends_no_header(live: Portal, state: str) -> None:
    """14: what a header cannot carry is an error at token, and nothing of it is in the answer's headers."""
    for method in ("GET", "POST"):
        is_told(asks(live.visitor(), method, **GOOD, state=state), "PortalSTS1005")
        is_told(asks(live.visitor(), method, **GOOD, state=f"{state}\0"), "PortalSTS1000")


@pytest.mark.parametrize(
    ("locale", "languages", "is_japanese"),
    [
        *(("ja", (), True), ("ja-JP", (), True), ("ja_JP", (), True), ("en-GB", ("ja",), False)),
        *(("", ("ja", "en"), True), ("fr", ("ja",), True), ("fr", (), False), ("", ("fr",), False)),
    ],
)
def test_15_an_error_is_in_the_visitors_language(
    live: Portal, locale: str, languages: tuple[str, ...], *, is_japanese: bool
) -> None:
    """15: the profile decides, then the portal; what the browser would like does not."""
    claims = {"email": "aya@example.com", "email_verified": True, "locale": locale}
    live.home.person(claims=claims)
    live.home.decide(languages=languages)
    wish = "en" if is_japanese else "ja"
    body = is_told(asks(live.visitor(**{"accept-language": wish}), client_id="nobody"), "PortalSTS0001")
    assert ("登録されていません" in body["ErrorMessage"]) is is_japanese
    assert re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d (AM|PM)", body["Timestamp"])


@pytest.mark.parametrize(
    "path",
    ["/_services/Auth/Token", "/_SERVICES/AUTH/TOKEN", "/_services/auth/TOKEN", "/_Services/auth/token"],
)
def test_16_paths_have_no_case(live: Portal, path: str) -> None:
    """16: a path in whatever case is the same path, and so are its neighbours."""
    guest = live.visitor()
    assert guest.send("POST", path).status_code == 200
    assert guest.send("GET", path.replace("oken", "OKEN")).status_code == 200
    prefix = path[: -len("token")]
    assert guest.send("GET", f"{prefix}PublicKey").text.startswith("-----BEGIN PUBLIC KEY-----")
    is_told(guest.send("GET", f"{prefix}Authorize"), "PortalSTS1003")
    assert live.stranger().send("GET", "/SIGNIN?returnurl=/x").status_code == 302


def test_17_a_form_in_the_body(live: Portal) -> None:
    """17: parameters may come in a form; what other frameworks add to it is not looked at."""
    form = {**GOOD, "response_type": "token", "nonce": "n" * 20, "state": "s-1"}
    form["__RequestVerificationToken"] = "x" * 100
    answer = live.visitor().send("POST", TOKEN, data=form)
    is_the_token(live, answer)
    assert live.claims(answer.text)["nonce"] == "n" * 20


def test_18_a_client_that_is_taken_away(live: Portal) -> None:
    """18: a client that is taken off the list gets nothing from then on."""
    guest = live.visitor()
    assert asks(guest).status_code == 200
    live.put("ImplicitGrantFlow/RegisteredClientId", OTHER_CLIENT)
    is_told(asks(guest), "PortalSTS0001")
    is_told(authorizes(guest), "PortalSTS0001")
