"""Class 9, in Entra's words: signing out leads to a stranger, or happens unasked."""

from urllib.parse import urlencode

import httpx
import pytest

from sekisho.model.client import Client, ReplyUrl
from sekisho.spec.entra import reply
from tests.attacks.callers import answer_of, changed, granted, redeems, tokens_of
from tests.attacks.guest import SSO, Guest
from tests.attacks.household import Household
from tests.attacks.target import OTHER_HOST
from tests.entra import PAGE, SPA, A
from tests.tenants import TENANT

LEAVE = f"/{TENANT}/oauth2/v2.0/logout"
OURS = "https://id.example.com/oidc/logout"
MARKUP = '"><script>alert(1)</script>'
# fmt: off
FOREIGN = (
    "https://evil.example/", "//evil.example/", "https:evil.example", "https://spa.example.com.evil.example/",
    "https://spa.example.com@evil.example/", "https://spa.example.com\\@evil.example/", "javascript:alert(1)",
    "data:text/html,x", "https://spa.example.com/?next=//evil.example", "https://spa.example.com/#x",
    "https://spa.example.com/..", "https://SPA.example.com/", "http://spa.example.com/",
    "https://spa.example.com:1/",
    "https://a.wild.example/x", "https://*.wild.example/x", "/\\evil.example", "\thttps://spa.example.com/",
    MARKUP,
)
# fmt: on


def guest_of(home: Household) -> tuple[Guest, str]:
    """Somebody who is signed in at the page, and their ID token."""
    changed(home, Client, SPA, reply_urls=(ReplyUrl(PAGE, "spa"), ReplyUrl("https://*.wild.example/x")))
    guest = Guest(home)
    code = answer_of(guest)["code"]
    return guest, str(granted(redeems(home, code))["id_token"])


def leaves(guest: Guest, path: str = LEAVE, **query: str) -> httpx.Response:
    """Somebody follows a link to the address."""
    return guest.send("GET", f"{path}?{urlencode(query)}")


@pytest.mark.parametrize("uri", FOREIGN)
def test_nobody_is_led_to_a_stranger(firm: Household, uri: str) -> None:
    """Named by an ID token, by the application, by neither: what is not its own address is not gone to."""
    guest, hint = guest_of(firm)
    for more in ({}, {"client_id": SPA}, {"id_token_hint": hint}, {"id_token_hint": hint, "client_id": SPA}):
        answer = leaves(guest, post_logout_redirect_uri=uri, state=MARKUP, **more)
        assert answer.status_code in (200, 302)
        assert answer.headers.get("location", OURS) == OURS
        assert "evil" not in answer.text
        assert "<script>alert" not in answer.text


def test_a_forged_hint_leads_nowhere(firm: Household) -> None:
    """A token that is not for the application, or that is no ID token, opens none of its addresses."""
    guest, hint = guest_of(firm)
    access = str(tokens_of(firm)["access_token"])
    for text in (f"{hint[:-8]}AAAAAAAA", access, "x", "..", MARKUP):
        answer = leaves(guest, post_logout_redirect_uri=PAGE, id_token_hint=text, client_id=SPA)
        assert answer.headers["location"] == OURS
    answer = leaves(guest, post_logout_redirect_uri=PAGE, id_token_hint=hint, client_id=A)
    assert answer.headers["location"] == OURS
    assert leaves(guest, post_logout_redirect_uri=PAGE, id_token_hint=hint).headers["location"] == PAGE


def test_no_picture_signs_anybody_out(firm: Household) -> None:
    """What a page of somebody else loads, and another tenant's address, end no session of ours."""
    guest, _ = guest_of(firm)
    for target in ("image", "iframe", "script", "empty", "object"):
        answer = guest.send("GET", LEAVE, headers={"sec-fetch-dest": target, "sec-fetch-site": "cross-site"})
        assert answer.status_code in (400, 403), target
        assert SSO in guest.cookies
    for path in ("/acme/oauth2/v2.0/logout", "/x/oauth2/v2.0/logout", "/consumers/oauth2/logout"):
        guest.send("GET", path)
        assert SSO in guest.cookies
    there = Guest(firm, host=OTHER_HOST, cookies=dict(guest.cookies))
    assert there.send("GET", LEAVE).status_code == 400
    assert guest.opens("/account").request.url.path == "/account"


def test_the_guard_is_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an address that is compared by its beginning, somebody is led to the attacker."""
    guest, _ = guest_of(firm)
    monkeypatch.setattr(reply, "is_one_of", lambda sent, urls: any(sent.startswith(url[:-1]) for url in urls))
    evil = "https://spa.example.com.evil.example/"
    answer = leaves(guest, post_logout_redirect_uri=evil, client_id=SPA)
    assert answer.headers["location"] == evil
