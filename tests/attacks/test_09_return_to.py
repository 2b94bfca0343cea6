"""Class 9: Auth0's own sign-out leads to an attacker's address, runs their text, or takes a header apart."""

from collections.abc import Sequence
from urllib.parse import quote

import pytest

from sekisho.spec import redirect_uri
from tests.attacks.guest import Guest
from tests.attacks.household import Household
from tests.attacks.test_09_after_signing_out import MARKUP, NAMES
from tests.auth0 import APP, BYE, furnished, signed_in

EVIL = "https://evil.example"
# What only looks like the allowed address; a query or a fragment behind it does not count.
ELSEWHERE = (
    EVIL, f"{EVIL}/bye", f"{BYE}/", f"{BYE}x", f"{BYE}/../evil", f"{BYE}/%2e%2e/evil", f"{BYE};x",
    f"{BYE}%3Fx",
    f"{APP}", f"{APP}/", f"{APP}/cb", f"{APP}/BYE", f"{APP}//bye", f"{APP}.evil.example/bye",
    f"{APP}@evil.example/bye", "https://evil.example\\@app.example.com/bye", f"{APP}:443/bye",
    "https://second.example.com/bye", "HTTPS://app.example.com/bye", "https://APP.example.com/bye",
    "http://app.example.com/bye", "//app.example.com/bye", "/bye", "bye", "*", f"{APP}/*",
    f"{BYE}\n", f"{BYE}\r\nset-cookie: x=y", f" {BYE}", f"{BYE} ", f"\t{BYE}", f"{BYE}\\@evil.example",
    f"{BYE}?x\r\nlocation: {EVIL}", f"{BYE}#\n", f"{BYE}? x", f"{BYE}?x\\y", f"{BYE}?\u00e9",
    f"{BYE}?" + "x" * 2_048,
    f"{EVIL}?{BYE}", f"{EVIL}#{BYE}", f"{EVIL}?returnTo={BYE}", f"?{BYE}", f"#{BYE}",
    "javascript:alert(1)", "javascript://app.example.com/bye", "data:text/html,<script>alert(1)</script>",
    "https://id.example.com@evil.example/", "https://id.example.com/account", f"{MARKUP}",
)  # fmt: skip


@pytest.fixture
def guest(home: Household) -> Guest:
    """Aya is signed in, and an application has two allowed addresses."""
    furnished(home)
    found = Guest(home)
    found.signs_in()
    return found


@pytest.mark.parametrize("sent", ELSEWHERE, ids=ascii)
def test_only_an_allowed_address_comes_after(guest: Guest, sent: str) -> None:
    """With a client or without, any other address ends on a page of ours, and nobody is signed out."""
    guest.home.decide(allowed_logout_urls=(BYE,))
    for query in (f"client_id=web&returnTo={quote(sent, safe='')}", f"returnTo={quote(sent, safe='')}"):
        answer = guest.send("GET", f"/v2/logout?{query}", headers={"accept": "text/html"})
        assert (answer.status_code, "location" in answer.headers) == (400, False)
        assert "evil" not in answer.text
        assert MARKUP not in answer.text
    assert signed_in(guest)


@pytest.mark.parametrize(
    "behind",
    [f"?next={EVIL}", f"#{EVIL}", "?@evil.example", "#@evil.example", "?//evil.example", "?x=%0d%0a"],
)
def test_what_is_behind_it_stays_there(guest: Guest, behind: str) -> None:
    """A query and a fragment go along as they came: the address in front of them is the allowed one."""
    answer = guest.send("GET", f"/v2/logout?client_id=web&returnTo={quote(BYE + behind, safe='')}")
    assert (answer.status_code, answer.headers["location"]) == (302, BYE + behind)


def test_an_allowed_query_is_not_asked_for(guest: Guest) -> None:
    """Of an allowed address with a query the same path counts, with whatever query came."""
    for sent in (f"{APP}/other", f"{APP}/other?from=them", f"{APP}/other?from=us"):
        answer = guest.send("GET", f"/v2/logout?client_id=web&returnTo={quote(sent, safe='')}")
        assert answer.headers["location"] == sent


def test_no_other_name_of_it_is_read(guest: Guest) -> None:
    """What other servers call the address leads nowhere, and two of it are none."""
    for name in (*NAMES, "returnto", "ReturnTo", "return_url", "post_logout_redirect_uri"):
        if name != "returnTo":
            answer = guest.send("GET", f"/v2/logout?{name}={quote(EVIL, safe='')}")
            assert answer.headers["location"] == "https://id.example.com/oidc/logout"
    twice = guest.send("GET", f"/v2/logout?client_id=web&returnTo={BYE}&returnTo={EVIL}")
    assert (twice.status_code, "location" in twice.headers) == (400, False)
    for method in ("POST", "PUT"):
        assert guest.send(method, f"/v2/logout?client_id=web&returnTo={BYE}").status_code == 405


def test_a_client_lends_its_addresses_to_nobody(guest: Guest) -> None:
    """One client's address is none of another's, nor of the tenant's, nor of another tenant's."""
    for query in ("client_id=second", "client_id=", "client_id=nobody", "client_id=WEB"):
        answer = guest.send("GET", f"/v2/logout?{query}&returnTo={BYE}")
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    elsewhere = guest.send("GET", f"/t/acme/v2/logout?client_id=web&returnTo={APP}/other")
    assert (elsewhere.status_code, "location" in elsewhere.headers) == (400, False)
    assert signed_in(guest)
    assert guest.send("GET", "/t/acme/v2/logout").status_code == 302
    assert signed_in(guest)


def loose(sent: str, registered: Sequence[str]) -> str:
    """An address that begins like an allowed one."""
    return sent if sent.startswith(tuple(each.partition("?")[0] for each in registered)) else registered[0]


def test_the_guard_is_what_holds(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With addresses that only begin like an allowed one, a stranger is next."""
    monkeypatch.setattr(redirect_uri, "back", loose)
    guest.home.client("web", allowed_logout_urls=(APP,))
    answer = guest.send("GET", f"/v2/logout?client_id=web&returnTo={APP}.evil.example/bye")
    assert answer.headers["location"] == f"{APP}.evil.example/bye"
