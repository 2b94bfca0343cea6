"""Class 1: an address that only begins like a registered one, or lies beside it, is answered."""

import pytest

from sekisho.spec import redirect_uri
from tests.attacks.people_target import APP, CALLBACK, EVIL, Browser, People, location, told
from tests.attacks.redirects import codes_at, is_refused_everywhere, registered, registrations, signed_in

SIBLINGS = (
    # Below, beside and above.
    f"{CALLBACK}/", f"{CALLBACK}/evil", f"{CALLBACK}x", f"{CALLBACK}.evil", f"{CALLBACK};x", f"{APP}/", APP,
    f"{APP}/evil", f"{APP}/bye", f"{APP}/c", f"{APP}//cb", f"{APP}/./cb", f"{APP}/CB",
    # Paths that climb, as some server or browser may read them.
    f"{CALLBACK}/../evil", f"{CALLBACK}/..", f"{CALLBACK}/%2e%2e/evil", f"{CALLBACK}/%2E%2E%2Fevil",
    f"{CALLBACK}/..%2fevil", f"{CALLBACK}/%252e%252e/evil", f"{CALLBACK}/..;/evil", f"{CALLBACK}\\..\\evil",
    f"{CALLBACK}/%5c..%5cevil", f"{CALLBACK}/%c0%ae%c0%ae/evil", f"{CALLBACK}/.%00./evil",
    f"{APP}/evil/../cb", f"{APP}/evil/%2e%2e/cb", f"{APP}/cb%2f..%2fevil", f"{APP}/c%62",
    # Hosts that are somebody else's.
    "https://app.example.com.evil.example/cb", "https://evil.app.example.com/cb",
    "https://evil-app.example.com/cb", "https://evilapp.example.com/cb", "https://example.com/cb",
    "https://shop.example.net/cb", f"{EVIL}/https://app.example.com/cb", f"{EVIL}/cb",
    f"{EVIL}/?{CALLBACK}", f"{EVIL}/#{CALLBACK}",
    # What might be made a whole address of.
    "/cb", "cb", "//app.example.com/cb", "///app.example.com/cb", "https:/cb", "https:app.example.com/cb",
    "https:///app.example.com/cb", "https://", "*", "https://*", "https://*.example.com/cb", f"{APP}/*",
)  # fmt: skip


@pytest.mark.parametrize("sent", SIBLINGS)
def test_an_address_that_lies_beside_is_none(people: People, kim: Browser, sent: str) -> None:
    """Only the registered address, letter for letter, is answered; any other one ends on a page of ours."""
    is_refused_everywhere(people, kim, sent)


def test_a_star_is_a_letter(people: People, kim: Browser) -> None:
    """A registered star stands for itself, and one in a host cannot be registered at all."""
    for host in ("*.example.com", "*", "app.*.com", "app*.example.com", "%2a.example.com"):
        for field in ("callbacks", "allowed_logout_urls"):
            for answer in registrations(people.target, field, f"https://{host}/cb"):
                assert answer.status_code == 400, host
    registered(people, "wide", callbacks=[f"{APP}/*", f"{APP}/a/**", f"{APP}/?*"])
    for sent in (f"{APP}/evil", f"{APP}/", f"{APP}/a/b", f"{APP}/a/../evil", f"{APP}/?code=x", f"{APP}/%2a"):
        answer = kim.asks("wide", redirect_uri=sent)
        assert (answer.status_code, location(answer)) == (400, ""), sent
    assert "code" in told(kim.asks("wide", redirect_uri=f"{APP}/*"))


def test_an_address_of_one_client_is_none_of_another(people: People, kim: Browser) -> None:
    """A tenant's clients, and the same client at another tenant, do not share their addresses."""
    for role, sent in (("web", "https://shop.example.net/cb"), ("shop", CALLBACK), ("native", CALLBACK)):
        answer = kim.asks(role, redirect_uri=sent)
        assert (answer.status_code, location(answer)) == (400, "")
    for id in (people.id("other"), "nobody", people.id("web").upper(), f"{people.id('web')} "):
        answer = kim.asks("web", client_id=id)
        assert (answer.status_code, location(answer)) == (400, "")


def test_a_prefix_match_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a match by beginning, the attacker beside the client reads its code."""
    browser, sent = signed_in(twins), f"{CALLBACK}/../evil"
    assert not codes_at(browser, sent)
    monkeypatch.setattr(
        redirect_uri,
        "chosen",
        lambda sent, known, *, openid: next(sent for url, _ in known if str(sent).startswith(url)),
    )
    assert codes_at(browser, sent)
