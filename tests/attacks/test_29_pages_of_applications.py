"""Class 29: another site's page signs somebody in or out at the doors for pages of applications."""

import json
from typing import Any

import pytest

from sekisho.faces.auth0 import cross_origin, hears, sign_out
from tests.attacks.guest import Guest
from tests.attacks.household import PASSWORD, Household
from tests.auth0 import APP, DIRECTORY, furnished, shown, signed_in

EVIL = "https://evil.example"
ELSEWHERE = (
    EVIL, "null", "", f"{APP}.evil.example", f"{APP}:443", f"{APP}/", APP.upper(), "http://app.example.com",
    "https://sub.app.example.com", "https://app.example.com@evil.example", "https://id.example.com",
    f"{APP} {EVIL}", "*", "https://аpp.example.com".encode().decode("latin-1"),
)  # fmt: skip
BODY = {
    "client_id": "web",
    "username": "aya@example.com",
    "password": PASSWORD,
    "realm": DIRECTORY,
    "credential_type": "password",
}
# What a form of any page can send without asking first (Fetch standard, CORS-safelisted content types).
SIMPLE = ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "")


@pytest.fixture
def house(home: Household) -> Household:
    """Everything is switched on."""
    return furnished(home)


@pytest.mark.parametrize("origin", ELSEWHERE, ids=ascii)
def test_another_page_gets_nothing(house: Household, origin: str) -> None:
    """No ticket, no cookie, nothing that it could read, and the password was not looked at."""
    answer = shown(Guest(house), origin=origin)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("access-control-allow-")]
    assert house.passwords.looked_at == 0
    assert "evil" not in answer.text or answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("kind", SIMPLE)
def test_a_form_of_another_page_is_none(house: Household, kind: str) -> None:
    """What a browser sends without a preflight is not read, whatever origin it claims."""
    headers = {"origin": APP, **({"content-type": kind} if kind else {})}
    body = json.dumps(BODY)
    if kind.startswith("application/x-www"):
        body = "&".join(f"{name}={value}" for name, value in BODY.items())
    answer = Guest(house).send("POST", "/co/authenticate", content=body.encode(), headers=headers)
    assert answer.status_code in (400, 415)
    assert "set-cookie" not in answer.headers
    assert house.passwords.looked_at == 0


def test_another_applications_page_is_another_page(house: Household) -> None:
    """An origin that one client named is not let in for another one."""
    house.client("second", web_origins=("https://second.example.com",))
    assert shown(Guest(house), client_id="second").status_code == 403
    assert shown(Guest(house), origin="https://second.example.com").status_code == 403
    assert shown(Guest(house), client_id="second", origin="https://second.example.com").status_code == 200
    # Where answers may be read is not where passwords may be typed.
    house.client("web", web_origins=(), allowed_origins=(APP,))
    assert shown(Guest(house)).status_code == 403


def test_what_is_in_the_query_is_not_read(house: Household) -> None:
    """No password travels in an address, and no parameter of one stands in for a member."""
    query = "&".join(f"{name}={value}" for name, value in BODY.items())
    answer = Guest(house).send("POST", f"/co/authenticate?{query}", json={}, headers={"origin": APP})
    assert answer.json()["error_description"] == "Missing required parameter: client_id"
    for path in ("/oauth/ro", "/tokeninfo", "/dbconnections/signup"):
        answer = Guest(house).send("POST", f"{path}?{query}&id_token=x", json={})
        assert answer.status_code in (400, 401)
    assert house.passwords.looked_at == 0


def test_a_member_that_comes_twice_is_refused(house: Household) -> None:
    """With two of a name nobody can say which one counts."""
    for name in BODY:
        text = json.dumps(BODY)[:-1] + f', "{name}": "x"}}'
        headers = {"origin": APP, "content-type": "application/json"}
        answer = Guest(house).send("POST", "/co/authenticate", content=text.encode(), headers=headers)
        assert answer.status_code == 400
    assert house.passwords.looked_at == 0


@pytest.mark.parametrize("within", ["image", "iframe", "empty", "script", "frame", "video", "x", ""])
def test_no_part_of_a_page_signs_anybody_out(house: Household, within: str) -> None:
    """A picture, a frame, a script of another site: the person stays signed in."""
    guest = Guest(house)
    guest.signs_in()
    headers = {"sec-fetch-dest": within, "sec-fetch-site": "cross-site"}
    for query in ("", "?client_id=web", "?returnTo=https://app.example.com/bye&client_id=web"):
        assert guest.send("GET", f"/v2/logout{query}", headers=headers).status_code == 400
    assert signed_in(guest)


def nothing(*_: object) -> None:
    """No guard."""


def test_the_guards_are_what_holds(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any origin, any kind of body, or any part of a page let in, each of them succeeds."""
    with monkeypatch.context() as mutant:
        mutant.setattr(cross_origin, "page_may_ask", nothing)
        assert shown(Guest(house), origin=EVIL).status_code == 200
    with monkeypatch.context() as mutant:
        mutant.setattr(hears, "is_json", nothing)
        answer = Guest(house).send("POST", "/co/authenticate", data=form(), headers={"origin": APP})
        assert answer.status_code == 200
    with monkeypatch.context() as mutant:
        mutant.setattr(sign_out, "is_a_visit", nothing)
        guest = Guest(house)
        guest.signs_in()
        guest.send("GET", "/v2/logout", headers={"sec-fetch-dest": "image"})
        assert not signed_in(guest)


def form() -> dict[str, Any]:
    """The same as a form."""
    return dict(BODY)
