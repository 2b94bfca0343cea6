"""Class 6: an answer is a page that posts itself, and carries what the attacker wrote into it."""

import pytest

from sekisho.oauth.response_modes import RESPONSE_MODES
from sekisho.spec.http import Answer, Pairs
from tests.attacks.people_target import CALLBACK, Browser, People, location, told
from tests.attacks.target import METADATA, ORIGIN

MARKUP = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'</form>"
MODES = (
    "form_post.jwt", "FORM_POST", "jwt", "query.jwt", "fragment.jwt",
    "web_message.jwt", "okta_post_message", "form_post fragment", "form_post\n", "post", "form", "html",
    "saml_post", "direct_post", "direct_post.jwt", "dc_api", "cookie", "pi.flow", "none", MARKUP, "{mode}",
)  # fmt: skip
PLACES = (
    "/saml-post", "/saml/post", "/samlp", "/saml", "/wsfed", "/login/callback", "/form_post", "/post",
    "/web_message", "/authorize/form_post", "/continue", "/mfa", "/lo/post",
)  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_no_answer_is_a_page(people: People, kim: Browser, mode: str) -> None:
    """Answers that would be another page or a message are not there: the client is told so by redirect."""
    for browser in (kim, people.browser()):
        for more in ({}, {"prompt": "none"}, {"state": MARKUP}):
            request = people.asking(response_mode=mode, **more)
            for answer in (
                browser.opens(request),
                browser.post("/authorize", request, site="cross-site"),
            ):
                assert answer.status_code in (302, 303)
                assert location(answer).startswith(f"{CALLBACK}?error=invalid_request&")
                assert told(answer).get("state", "s-1") == request["state"]
                assert not answer.content
    pushed = people.push(response_mode=mode)
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request")


def test_the_metadata_promises_none(people: People) -> None:
    """What is advertised is what is there: four modes, seven types, no signed or encrypted answer."""
    with people.target.web() as web:
        for path in METADATA:
            known = web.get(path).json()
            assert known["response_modes_supported"] == ["query", "fragment", "form_post", "web_message"]
            assert len(known["response_types_supported"]) == 7
            assert not [name for name in known if name.startswith("authorization_signing")]


@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_what_was_sent_is_no_markup_in_an_answer(people: People, kim: Browser, mode: str) -> None:
    """State and errors travel as text of an address, and the body of a redirect is empty."""
    for more in ({}, {"scope": MARKUP}, {"response_type": MARKUP}, {"prompt": MARKUP}, {"audience": MARKUP}):
        answer = kim.asks(state=MARKUP, response_mode=mode, **more)
        assert told(answer)["state"] == MARKUP
        assert not set("<>\"' ") & set(location(answer))
        assert not answer.content
        assert not {"refresh", "link"} & set(answer.headers)


@pytest.mark.parametrize(
    "more", [{"prompt": "none"}, {"scope": MARKUP}, {"response_type": MARKUP}, {}], ids=repr
)
def test_what_was_sent_is_no_markup_in_a_form(people: People, kim: Browser, more: dict[str, str]) -> None:
    """Where the client asked for a form, everything in it is a text, and it goes to the client alone."""
    answer = kim.asks(state=MARKUP, response_mode="form_post", **more)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "&#34;&gt;&lt;script&gt;alert(1)" in answer.text
    assert answer.text.count("<form") == 1
    assert f'action="{CALLBACK}"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {CALLBACK.removesuffix('/cb')};" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


def test_there_is_no_place_that_posts_for_others(people: People, kim: Browser) -> None:
    """No address of ours makes a form of what a request says."""
    fields = {"url": "javascript:alert(1)", "RelayState": MARKUP, "SAMLResponse": MARKUP, "state": MARKUP}
    for place in PLACES:
        for answer in (kim.opens(fields, place), kim.post(place, fields, site="cross-site")):
            # A page of its own flow leads to the account where there is none.
            is_own = place == "/mfa" and answer.headers.get("location") == f"{ORIGIN}/account"
            assert answer.status_code == 404 or is_own
            assert "alert(1)" not in answer.text


def test_no_page_submits_itself(people: People, kim: Browser) -> None:
    """Every form of ours waits for the person, and goes to this origin."""
    sign_in = kim.here(kim.asks(prompt="login"))
    consent = kim.here(kim.asks("shop", prompt="consent"))
    assert sign_in is not None
    assert consent is not None
    for page in ("/login", sign_in, consent, "/oidc/logout", "/account"):
        text = kim.get(page).text
        assert "<form" in text
        assert ".submit()" not in text
        assert " onload=" not in text
        assert 'action="http' not in text
        assert 'action="//' not in text
        assert "formaction" not in text


def posted(params: Pairs, redirect_uri: str, status: int) -> Answer:
    """What other servers shipped."""
    fields = "".join(f'<input name="{name}" value="{value}">' for name, value in params)
    page = f'<body onload="document.forms[0].submit()"><form action="{redirect_uri}">{fields}</form>'
    return Answer(body=page.encode(), kind="text/html")


def test_a_page_of_raw_values_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a form that is put together from texts, the state runs as a script of this origin."""
    browser = twins.browser()
    more = {"state": MARKUP, "response_mode": "form_post", "prompt": "none"}
    assert "<script>alert(1)</script>" not in browser.asks(**more).text
    monkeypatch.setitem(RESPONSE_MODES, "form_post", posted)
    assert "<script>alert(1)</script>" in browser.asks(**more).text
