"""Class 5: an address is a program (`javascript:`, `data:`), or becomes part of a page's policy."""

from collections.abc import Mapping

import pytest

from sekisho.spec import metadata
from tests.attacks.people_target import APP, CALLBACK, PRIVATE, Browser, People, location
from tests.attacks.redirects import is_refused_everywhere, registered, registrations

SCRIPT = "alert(document.domain)"
PROGRAMS = (
    f"javascript:{SCRIPT}", f"JavaScript:{SCRIPT}", f"javascript://app.example.com/%0a{SCRIPT}",
    f"javascript://app.example.com/cb?\n{SCRIPT}", f" javascript:{SCRIPT}", f"\tjavascript:{SCRIPT}",
    f"java\nscript:{SCRIPT}", f"java\tscript:{SCRIPT}", f"javascript\t:{SCRIPT}", f"javascript&#58;{SCRIPT}",
    f"javascript%3a{SCRIPT}", f"\x01javascript:{SCRIPT}", f"\u00a0javascript:{SCRIPT}",
    f"vbscript:{SCRIPT}", f"livescript:{SCRIPT}",
    f"data:text/html,<script>{SCRIPT}</script>", "data:text/html;base64,PHNjcmlwdD4=", "DATA:text/html,x",
    f"view-source:{CALLBACK}", f"blob:{CALLBACK}", f"filesystem:{CALLBACK}", "file:///etc/passwd",
    "about:blank", "intent://app.example.com/#Intent;scheme=http;end", "mailto:a@example.com", "tel:112",
    f"feed:{CALLBACK}", f"jar:{CALLBACK}!/", "ms-settings:", "ftp://app.example.com/cb",
    "ws://app.example.com/",
    "wss://app.example.com/cb", "urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob:auto", "oob",
)  # fmt: skip
# What is none of a program, and nothing that answers may go to either.
UNSAFE = (
    "http://app.example.com/cb", f"{CALLBACK}#x", f"{CALLBACK}#", "//app.example.com/cb", "/cb", "https:",
    "https:///cb", "http:app.example.com", f"{APP}/<script>", f'{APP}/"onload="x', f"{APP}/'\"", f"{APP}/a b",
    f"{APP}/\u00e9", f"{APP}/cb\r\nset-cookie: a=b", f"{APP}/cb\x00", "https://app.example.com;script-src *",
    "https://app.example.com, https://evil.example", "https://app.example.com 'unsafe-inline'/cb",
    "https://ex\u0430mple.com/cb", "https://" + "a" * 3000,
)  # fmt: skip
FIELDS = ("callbacks", "allowed_logout_urls", "initiate_login_uri", "logo_uri", "web_origins")


@pytest.mark.parametrize("url", PROGRAMS, ids=repr)
def test_a_program_is_no_address(people: People, kim: Browser, url: str) -> None:
    """Nothing that a browser would run, or open outside the web, is registered or answered."""
    for field in FIELDS:
        for answer in registrations(people.target, field, url):
            assert answer.status_code == 400, answer.text
    is_refused_everywhere(people, kim, url)
    is_refused_everywhere(people, kim, url, "native")
    for more in ({}, {"client_id": people.id("web")}):
        answer = people.browser().opens({"post_logout_redirect_uri": url, **more}, "/oidc/logout")
        assert SCRIPT not in answer.text
        assert location(answer) == ""


@pytest.mark.parametrize("url", UNSAFE, ids=lambda url: repr(url)[:40])
def test_an_address_has_the_letters_of_one(people: People, url: str) -> None:
    """No plain http outside loopback, no fragment, no blank, quote or bracket that a page or header reads."""
    for field in ("callbacks", "allowed_logout_urls"):
        for answer in registrations(people.target, field, url):
            assert answer.status_code == 400, answer.text


def test_a_scheme_of_an_application_has_a_name_in_it(people: People) -> None:
    """A native client's own scheme is a domain turned round: what browsers know has no dot. RFC 8252 7.1."""
    for url in ("javascript.:x", "myapp://cb", "app:/cb", "com.example:", ".com:/x", "1com.example:/x"):
        answers = list(registrations(people.target, "callbacks", url))
        assert [answer.status_code for answer in answers][:2] == [400, 400], url
    kinds = [answer.status_code for answer in registrations(people.target, "callbacks", PRIVATE)]
    assert kinds == [400, 400, 201]


def policy_of(browser: Browser, role: str, uri: str) -> Mapping[str, str]:
    """The directives of the page that a request leads to."""
    page = browser.here(browser.asks(role, redirect_uri=uri, prompt="login"))
    assert page is not None
    policy = browser.get(page).headers["content-security-policy"]
    return dict(each.strip().partition(" ")[::2] for each in policy.split(";"))


def test_a_page_allows_its_form_one_way_more(people: People) -> None:
    """The policy names the origin of the answer, or the application's scheme, and stays as strict."""
    odd = f"{APP}:8443/a;script-src%20*;x?y=;script-src='unsafe-inline'"
    registered(people, "listed", callbacks=[odd])
    expected = {
        ("web", CALLBACK): "'self' https://app.example.com",
        ("native", PRIVATE): "'self' com.example.app:",
        ("native", "http://127.0.0.1:51004/cb"): "'self' http://127.0.0.1:51004",
        ("listed", odd): "'self' https://app.example.com:8443",
    }
    for (role, uri), target in expected.items():
        policy = policy_of(people.browser(), role, uri)
        assert policy["form-action"] == target
        assert policy["default-src"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["script-src"].startswith("'nonce-")
        assert len(policy["script-src"].split()) == 1


def test_unchecked_addresses_bite(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With addresses that nobody looks at, the link back after signing out runs the attacker's script."""
    program = f"javascript:{SCRIPT}"
    for answer in registrations(twins.target, "allowed_logout_urls", program):
        assert answer.status_code == 400
    monkeypatch.setattr(metadata, "redirects_are_sound", lambda *_: None)
    registered(twins, "scripted", "shop", allowed_logout_urls=[program])
    query = {"client_id": twins.id("scripted"), "post_logout_redirect_uri": program}
    assert f'href="{program}"' in twins.browser().opens(query, "/oidc/logout").text
