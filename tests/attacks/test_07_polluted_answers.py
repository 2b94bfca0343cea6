"""Class 7: what the attacker puts into a request stands beside, or in place of, what we answer."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from sekisho.oauth.response_modes import query
from sekisho.spec import redirect_uri
from tests.attacks.people_target import CALLBACK, EVIL, QUERIED, Browser, People, location, told
from tests.attacks.redirects import is_refused_everywhere, signed_in
from tests.attacks.target import ORIGIN

STOLEN = "c0de-of-the-attacker"
POLLUTED = (
    f"{CALLBACK}?code={STOLEN}", f"{CALLBACK}?state=evil", f"{CALLBACK}?iss={EVIL}", f"{CALLBACK}?error=x",
    f"{CALLBACK}?", f"{CALLBACK}?x", f"{CALLBACK}&code={STOLEN}", f"{CALLBACK}#code={STOLEN}", f"{CALLBACK}#",
    f"{CALLBACK}#?code={STOLEN}", f"{CALLBACK}%3fcode={STOLEN}", f"{CALLBACK}%23code={STOLEN}",
    f"{QUERIED}&code={STOLEN}", f"{QUERIED}&state=evil", f"{QUERIED}&iss={EVIL}", f"{QUERIED}#code={STOLEN}",
    f"{CALLBACK}?code={STOLEN}&tenant=1", f"{CALLBACK}?tenant=2", f"{CALLBACK}?tenant=1&tenant=2",
    f"{CALLBACK}?tenant=1;code={STOLEN}", f"{CALLBACK}?TENANT=1", f"{CALLBACK}?tenant=%31",
    f"{QUERIED}\n&code={STOLEN}", f"{QUERIED}%26code={STOLEN}",
)  # fmt: skip
EXTRA = {"code": STOLEN, "iss": EVIL, "error": "evil", "error_description": STOLEN, "error_uri": EVIL,
         "session_state": STOLEN, "access_token": STOLEN, "id_token": STOLEN,
         "token_type": STOLEN}  # fmt: skip
STATES = (
    f"s&code={STOLEN}", f"s#code={STOLEN}", f"s?code={STOLEN}", f"s;code={STOLEN}", f"s%26code={STOLEN}",
    f"s%2526code={STOLEN}", f"&code={STOLEN}", f"\r\nlocation: {EVIL}", f"\n\n<script>{STOLEN}", "=&=",
    "+ %20",
    "\u2028&code=x", "日本&iss=x", f"s&iss={EVIL}&iss={EVIL}", "s" * 2_000,
)  # fmt: skip


@pytest.mark.parametrize("sent", POLLUTED, ids=repr)
def test_an_address_brings_nothing_along(people: People, kim: Browser, sent: str) -> None:
    """A code, a state or an issuer that is in the address already makes it another address."""
    is_refused_everywhere(people, kim, sent)
    native = sent.replace(CALLBACK, "http://127.0.0.1:51004/cb")
    is_refused_everywhere(people, kim, native, "native")


def test_a_registered_query_stays_and_is_all_that_stays(people: People, kim: Browser) -> None:
    """The query that was registered is kept, before what we say, which is there once."""
    answer = kim.asks(redirect_uri=QUERIED)
    assert location(answer).startswith(f"{QUERIED}&code=")
    assert list(told(answer)) == ["tenant", "code", "state", "iss"]
    answer = kim.asks(redirect_uri=QUERIED, response_mode="fragment")
    assert location(answer).startswith(f"{QUERIED}#code=")
    assert list(told(answer)) == ["code", "state", "iss"]


@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_a_request_cannot_say_what_we_answer(people: People, kim: Browser, mode: str) -> None:
    """Parameters of an answer that come with a request are not repeated, whatever comes of it."""
    for browser, more in ((kim, {}), (kim, {"prompt": "none login"}), (people.browser(), {"prompt": "none"})):
        answer = browser.asks(response_mode=mode, **EXTRA, **more)
        assert STOLEN not in location(answer)
        assert "evil" not in location(answer)
        assert told(answer)["iss"] == f"{ORIGIN}/"
        assert ("code" in told(answer)) != ("error" in told(answer))
    pushed = people.pushed(response_mode=mode, **EXTRA)
    answer = kim.opens({**pushed, **EXTRA, "state": "evil", "response_mode": "query"})
    assert STOLEN not in location(answer)
    assert told(answer)["state"] == "s-1"
    assert location(answer).startswith(f"{CALLBACK}{'?' if mode == 'query' else '#'}code=")


@pytest.mark.parametrize("mode", ["query", "fragment"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: repr(state)[:30])
def test_a_state_is_one_value(kim: Browser, mode: str, state: str) -> None:
    """The state comes back as it was, as one value: it ends nothing and begins nothing."""
    for more in ({}, {"prompt": "none login"}):
        answer = kim.asks(state=state, response_mode=mode, **more)
        assert told(answer)["state"] == state
        assert STOLEN not in (told(answer).get("code"), told(answer).get("error"))
        assert told(answer)["iss"] == f"{ORIGIN}/"
        assert "\n" not in location(answer)
        assert location(answer).isascii()


@pytest.mark.parametrize(
    "name", ["state", "scope", "nonce", "code_challenge", "response_type", "prompt", "x"]
)
def test_what_comes_twice_is_neither(people: People, kim: Browser, name: str) -> None:
    """Two values of a parameter are an error, whichever a client or a filter in between would have read."""
    request = people.asking()
    good = request.get(name, "login")
    for pair in ([good, "evil"], ["evil", good], [good, good]):
        for answer in (
            kim.opens({**request, name: pair}),
            kim.post("/authorize", {**request, name: pair}, site="cross-site"),
        ):
            assert told(answer)["error"] == "invalid_request"
            assert "evil" not in location(answer).partition("error_description")[0]
            assert told(answer).get("state") == (None if name == "state" else "s-1")
        pushed = people.push("web", **{name: pair})
        assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request")


def test_a_form_is_read_in_one_place(people: People, kim: Browser) -> None:
    """The query of a POST and the body of a GET say nothing; other spellings of a name are other names."""
    request = people.asking()
    extra = urlencode({"state": "evil", "scope": "phone", "response_mode": "fragment", "prompt": "login"})
    answer = kim.post(f"/authorize?{extra}", request, site="cross-site")
    assert (location(answer).startswith(f"{CALLBACK}?code="), told(answer)["state"]) == (True, "s-1")
    odd = {"State": "evil", "state[]": "evil", "state[0]": "evil", " state": "evil", "state ": "evil",
           "s%74ate": "evil", "redirect_uri[]": EVIL, "REDIRECT_URI": EVIL, "redirect-uri": EVIL}  # fmt: skip
    answer = kim.opens({**request, **odd})
    assert (location(answer).startswith(f"{CALLBACK}?code="), told(answer)["state"]) == (True, "s-1")
    for separator in (";", "%26", ",", "\u0000&"):
        rest = urlencode(request) + separator + urlencode({"redirect_uri": EVIL})
        answer = kim.get(f"/authorize?{rest.replace(chr(0), '%00')}", site="cross-site")
        assert not location(answer).startswith(EVIL)


def test_a_query_of_ones_own_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With addresses compared without their query, or a state that is only put behind, codes are swapped."""
    browser, sent = signed_in(twins), f"{CALLBACK}?code={STOLEN}"
    with monkeypatch.context() as mutant:
        mutant.setattr(redirect_uri, "chosen", lambda sent, *_, **__: sent)
        answer = browser.asks(redirect_uri=sent)
        codes = [value for name, value in parse_qsl(urlsplit(location(answer)).query) if name == "code"]
        assert codes[0] == STOLEN
        assert len(codes) == 2
    with monkeypatch.context() as mutant:
        mutant.setattr(query, "urlencode", lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
        answer = browser.asks(state=f"s&code={STOLEN}")
        assert f"&code={STOLEN}" in location(answer)
