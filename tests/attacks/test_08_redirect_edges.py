"""Class 8: case, dots, ports, IPv6 and other alphabets: what is equal to some and not to others."""

import time

import pytest

from sekisho.spec import redirect_uri
from tests.attacks.people_target import APP, CALLBACK, Browser, People, is_shown, location, told
from tests.attacks.redirects import codes_at, is_refused_everywhere, registered, registrations, signed_in
from tests.attacks.target import ORIGIN

EDGES = (
    # Case, which is none of the host's for a browser, and all of the path's.
    "HTTPS://app.example.com/cb", "https://APP.example.com/cb", "https://app.example.com/Cb",
    "https://app.example.com/CB", f"{CALLBACK}?TENANT=1", f"{CALLBACK}?Tenant=1",
    "https://app.example.com/\u212ab", "https://app.example.com/c\uff42",
    # Dots and other ends of a name.
    "https://app.example.com./cb", "https://app.example.com../cb", "https://.app.example.com/cb",
    "https://app..example.com/cb", "https://app\u3002example\u3002com/cb", "https://app\uff0eexample.com/cb",
    "https://app.example.com%2e/cb", "https://app%2eexample.com/cb", "https://app.example.com%20/cb",
    # Ports.
    "https://app.example.com:443/cb", "https://app.example.com:/cb", "https://app.example.com:0443/cb",
    "https://app.example.com:8443/cb", "https://app.example.com:-1/cb", "https://app.example.com:99999/cb",
    "https://app.example.com:65979/cb", "https://app.example.com:\u0664\u0664\u0663/cb",
    "http://app.example.com:443/cb",
    "http://app.example.com/cb",
    # Other alphabets.
    "https://app.ex\u0430mple.com/cb", "https://xn--app-exmple.com/cb", "https://app.example.co\u217f/cb",
    "https://\uff41pp.example.com/cb", "https://a\u00adpp.example.com/cb", "https://app.example.com\u200b/cb",
    "https://\u202eapp.example.com/cb", "https://app.exampl\u0435.com/cb", "https://app.ex\u00e1mple.com/cb",
    # Other spellings of the same letters.
    "https://app.example.com/%63b", "https://app.example.com/%43%42", "https://app.example.com/c%62",
    "https://app.example.com/cb%20", "https://app.example.com/cb+", "https://app.example.com/cb%00",
    "https:\\\\app.example.com\\cb", "https:/\\app.example.com/cb", "https:\n//app.example.com/cb",
    " https://app.example.com/cb", "https://app.example.com/cb ", "\ufeffhttps://app.example.com/cb",
    "https://app.example.com/cb\t", "\u00a0https://app.example.com/cb", "https%3a//app.example.com/cb",
)  # fmt: skip
LOOPS = (
    # Other names of this machine, which another program may have.
    "http://localhost/cb", "http://localhost:51004/cb", "http://LOCALHOST:51004/cb", "http://127.0.0.2/cb",
    "http://127.1/cb", "http://127.0.1/cb", "http://2130706433/cb", "http://0x7f.0.0.1/cb",
    "http://0177.0.0.1/cb",
    "http://127.0.0.01/cb", "http://127.000.000.001/cb", "http://0.0.0.0/cb", "http://0/cb",
    "http://[::1]/cb",
    "http://[::1]:51004/cb", "http://[0:0:0:0:0:0:0:1]/cb", "http://[::ffff:127.0.0.1]/cb",
    "http://[::127.0.0.1]/cb", "http://[::1%25lo]/cb", "http://[::]/cb", "http://\u2460\u2461\u2466.0.0.1/cb",
    "http://\uff11\uff12\uff17.0.0.1/cb", "http://127\u30020\u30020\u30021/cb", "http://127.0.0.1./cb",
    # Ports that are none.
    "http://127.0.0.1:0/cb", "http://127.0.0.1:00/cb", "http://127.0.0.1:065/cb", "http://127.0.0.1:65536/cb",
    "http://127.0.0.1:99999/cb", "http://127.0.0.1:100000/cb", "http://127.0.0.1:-1/cb",
    "http://127.0.0.1:+80/cb", "http://127.0.0.1: 80/cb", "http://127.0.0.1:8 0/cb", "http://127.0.0.1:/cb",
    "http://127.0.0.1:\u0661\u0662/cb", "http://127.0.0.1:8080:80/cb", "http://127.0.0.1:1e3/cb",
    "http://127.0.0.1:0x50/cb", "http://127.0.0.1:%38%30/cb", "http://127.0.0.1:80\n/cb",
    # The port is all: no other scheme, path, query or fragment (GHSA-rfq3-w54c-f9q5).
    "https://127.0.0.1:51004/cb", "https://127.0.0.1/cb", "HTTP://127.0.0.1:51004/cb",
    "ws://127.0.0.1:51004/cb",
    "http://127.0.0.1:51004/cb/", "http://127.0.0.1:51004/", "http://127.0.0.1:51004",
    "http://127.0.0.1:51004/CB",
    "http://127.0.0.1:51004/cb?x=1", "http://127.0.0.1:51004/cb?", "http://127.0.0.1:51004/cb#x",
    "http://127.0.0.1:51004/cb#", "http://127.0.0.1:51004//cb", "http://127.0.0.1:51004/../cb",
    "http://127.0.0.1:51004/cb\n", "http://127.0.0.1:51004/%63b", "http://127.0.0.1:51004\\cb",
    # A scheme of its own has nothing that may differ.
    "com.example.app://cb", "com.example.app:cb", "com.example.app:///cb", "COM.example.app:/cb",
    "com.example.app:/cb/", "com.example.app:/cb?x", "com.example.app://127.0.0.1:51004/cb",
    "com.example:/cb",
    "com.example.app.evil:/cb", "x.com.example.app:/cb", "com.example.app:/cb\n",
)  # fmt: skip


@pytest.mark.parametrize("sent", EDGES, ids=ascii)
def test_nearly_the_same_is_not_the_same(people: People, kim: Browser, sent: str) -> None:
    """What some library, browser or keyboard takes for the registered address is none here."""
    is_refused_everywhere(people, kim, sent)


@pytest.mark.parametrize("sent", LOOPS, ids=ascii)
def test_a_port_is_a_port(people: People, kim: Browser, sent: str) -> None:
    """A native client chooses a port of the registered loopback name, and no other thing of it."""
    is_refused_everywhere(people, kim, sent, "native")


def test_whatever_is_let_through_can_be_shown(people: People, still_well: None) -> None:
    """Each address that is answered has pages, too: none of it is a bug on the way there."""
    odd = ["https://[2001:db8::1]/cb", "https://[2001:db8::1]:8443/cb", "https://xn--r8jz45g.example/cb",
           "https://a.example:65535/cb", "http://[::1]:51004/cb", "http://localhost:51004/cb",
           "https://a_b.example/cb", "https://a.example/cb[", "https://a.example/]",
           "https://a.example/a:b@c",
           f"https://{'a' * 63}.example/{'x' * 1000}", "https://1.2.3.4/cb",
           "https://A.example/CB"]  # fmt: skip
    known = []
    with people.target.manage() as manage:
        for url in odd:
            body = {"name": "Odd", "app_type": "native", "callbacks": [url], "is_first_party": False}
            answer = manage.post("/api/v2/clients", json=body)
            assert answer.status_code in (201, 400), url
            if answer.status_code == 201:
                known.append((answer.json(), url))
    assert len(known) > 6
    for client, url in known:
        people.clients["odd"] = client
        browser = people.browser()
        assert location(browser.goes_on(browser.asks("odd", redirect_uri=url))).startswith(f"{url}?code="), (
            url
        )


def test_a_registered_address_is_kept_as_it_is(people: People, kim: Browser) -> None:
    """Nothing is made canonical: what was registered in capitals is asked for in capitals."""
    for url in ("https://App.Example.com/Cb", "https://app.example.com:443/cb", f"{APP}/%63%62"):
        registered(people, "capital", callbacks=[url])
        assert location(kim.asks("capital")).startswith(f"{url}?code=")
        is_shown(kim.asks("capital", redirect_uri=CALLBACK))


def test_what_is_compared_is_not_taken_apart(people: People, kim: Browser) -> None:
    """Addresses made to keep a parser busy take no time, at the endpoint and when they are registered."""
    busy = ("http://[" + ":" * 15_000, "http://[::" + "1:" * 7_000, "http://" + "a." * 7_000,
            "http://127.0.0.1" + ":1" * 7_000, "http://127.0.0.1:1" + "/a" * 7_000, "https://" + "@" * 15_000,
            "http://[" * 1_800, "http://127.0.0.1:51004/" + "%2e%2e/" * 1_500, "/" * 15_000)  # fmt: skip
    started = time.perf_counter()
    for sent in busy:
        assert kim.asks("native", redirect_uri=sent).status_code in (400, 413)
        assert kim.post("/authorize", people.asking("native", redirect_uri=sent)).status_code == 400
        for answer in registrations(people.target, "callbacks", sent):
            assert answer.status_code == 400
    assert time.perf_counter() - started < 5


def test_a_tenant_by_its_path_is_another_place(people: People) -> None:
    """The same tenant under two roots answers in the name that it was asked by. RFC 9207 section 2."""
    browser = signed_in(people)
    for root in ("", "/t/demo"):
        assert told(browser.opens(people.asking(), f"{root}/authorize"))["iss"] == f"{ORIGIN}{root}/"
        answer = browser.opens(people.asking(prompt="none login"), f"{root}/authorize")
        assert told(answer)["iss"] == f"{ORIGIN}{root}/"
    is_shown(browser.opens(people.asking(), "/t/acme/authorize"))


def test_a_comparison_without_case_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With case left out of it, or ports read by another parser, what is nearly the same gets the code."""
    browser, honest = signed_in(twins), redirect_uri.chosen
    sent = "https://app.example.com/CB"
    assert not codes_at(browser, sent)
    with monkeypatch.context() as mutant:
        mutant.setattr(
            redirect_uri,
            "chosen",
            lambda sent, known, *, openid: (
                str(sent)
                if str(sent).lower() in [url.lower() for url, _ in known]
                else honest(sent, known, openid=openid)
            ),
        )
        assert codes_at(browser, sent)
    fresh, port = twins.browser(), "http://127.0.0.1:99999/cb"
    is_shown(fresh.asks("native", redirect_uri=port))
    monkeypatch.setattr(redirect_uri, "LAST_PORT", 99_999)
    page = fresh.here(fresh.asks("native", redirect_uri=port))
    assert page is not None
    assert fresh.get(page).status_code == 500
