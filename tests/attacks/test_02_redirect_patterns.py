"""Class 2: a registered address is read as a pattern, and its dots stand for any letter."""

import re

import pytest

from sekisho.spec import redirect_uri
from tests.attacks.people_target import APP, CALLBACK, Browser, People, location, told
from tests.attacks.redirects import codes_at, is_refused_everywhere, registered, signed_in

# What the registered address lets through where it is a regular expression, a glob or a LIKE.
MATCHED = (
    "https://appxexample.com/cb", "https://app.exampleycom/cb", "https://app-example-com/cb",
    "https://appxexample.com/cb?tenant=1", "https://app.example.com/cb?enant=1", "https://app/example.com/cb",
    "https://app.example.com/c?tenant=1", f"{CALLBACK}tenant=1", "https://app.example.com/cbtenant=1",
    "https://app.example.com/c", f"x{CALLBACK}", f"{CALLBACK}x", f"{CALLBACK}\n", f"\n{CALLBACK}",
    f"https://evil.example/\n{CALLBACK}", f"{CALLBACK}\nhttps://evil.example/", f"{CALLBACK}\r\nx: y",
    f"{CALLBACK} https://evil.example", f"{CALLBACK},https://evil.example", f"{CALLBACK}|.*",
    "https://app.example.com/.b", "https://app.example.com/c.", "https://app.example.com/..", ".*", "^.*$",
    "%", "https://%", "https://app.example.com/__", "https://app.example.com/[a-z]b", "(?:)",
)  # fmt: skip
PATTERNS = {
    f"{APP}/.*": (f"{APP}/evil", f"{APP}/.evil", f"{APP}/"),
    f"{APP}/a.b": (f"{APP}/axb", f"{APP}/a/b"),
    f"{APP}/(x)": (f"{APP}/x",),
    f"{APP}/[a-z]+": (f"{APP}/a", f"{APP}/evil"),
    f"{APP}/xy?z=": (f"{APP}/xz=", f"{APP}/xyz="),
    f"{APP}/$": (f"{APP}/",),
    f"{APP}/%": (f"{APP}/x",),
    f"{APP}/_": (f"{APP}/x",),
}


@pytest.mark.parametrize("sent", MATCHED, ids=repr)
def test_a_dot_is_a_dot(people: People, kim: Browser, sent: str) -> None:
    """No letter of a registered address stands for another one, and no line of several is looked at."""
    is_refused_everywhere(people, kim, sent)


def test_whoever_registers_a_pattern_has_an_odd_address(people: People, kim: Browser) -> None:
    """An address that looks like a pattern matches itself and nothing else."""
    registered(people, "odd", callbacks=list(PATTERNS))
    for pattern, matched in PATTERNS.items():
        for sent in matched:
            answer = kim.asks("odd", redirect_uri=sent)
            assert (answer.status_code, location(answer)) == (400, ""), sent
        assert "code" in told(kim.asks("odd", redirect_uri=pattern))


def test_one_address_is_not_left_out(people: People, kim: Browser) -> None:
    """With OpenID Connect, or with two addresses, an empty or missing one is none (section 3.1.2.1)."""
    for role, scope in (("shop", "openid"), ("web", "profile")):
        for sent in ("", None):
            answer = kim.asks(role, redirect_uri=sent, scope=scope)
            assert (answer.status_code, location(answer)) == (400, "")


def test_a_pattern_match_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With registered addresses as regular expressions, a host that anybody can buy reads the code."""
    browser, sent = signed_in(twins), "https://appxexample.com/cb"
    assert not codes_at(browser, sent)
    monkeypatch.setattr(
        redirect_uri,
        "chosen",
        lambda sent, known, *, openid: next(sent for url, _ in known if re.match(url, str(sent))),
    )
    assert codes_at(browser, sent)
