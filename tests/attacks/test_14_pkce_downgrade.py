"""Class 14: the challenge is taken out of a request, or made a weaker one, on its way through a browser."""

from typing import Any

import pytest

from sekisho.spec import pkce
from sekisho.spec.authorization import rules as asked
from tests.attacks.people_target import EVIL, VERIFIER, Browser, People, challenge_of, location, told
from tests.attacks.redirects import signed_in
from tests.attacks.target import METADATA

CHALLENGE = challenge_of(VERIFIER)
MINE = "m" * 43
STRIPPED = {"code_challenge": None, "code_challenge_method": None}
WEAK: tuple[dict[str, Any], ...] = (
    {"code_challenge_method": "plain"}, {"code_challenge_method": None}, {"code_challenge_method": ""},
    {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
    {"code_challenge": VERIFIER, "code_challenge_method": None}, {"code_challenge_method": "PLAIN"},
    {"code_challenge_method": "s256"}, {"code_challenge_method": "S256 "}, {"code_challenge_method": " S256"},
    {"code_challenge_method": "S256\n"}, {"code_challenge_method": "S256,plain"},
    {"code_challenge_method": "S128"},
    {"code_challenge_method": "none"}, {"code_challenge_method": "S512"}, {"code_challenge_method": "HS256"},
    {"code_challenge_method": ["S256", "plain"]}, {"code_challenge_method": ["plain", "S256"]},
    {"code_challenge": None}, {"code_challenge": ""}, {"code_challenge": [CHALLENGE, challenge_of(MINE)]},
    {"code_challenge": CHALLENGE[:-1]}, {"code_challenge": f"{CHALLENGE}="},
    {"code_challenge": f"{CHALLENGE} "},
    {"code_challenge": f"{CHALLENGE}\n"}, {"code_challenge": " "}, {"code_challenge": "a"},
    {"code_challenge": "null"},
    {"code_challenge": CHALLENGE[:-1] + "+"}, {"code_challenge": CHALLENGE[:-1] + "/"},
    {"code_challenge": "*"},
    {"code_challenge": "\uff21" * 43}, {"code_challenge": "v" * 128}, {"code_challenge": "x" * 5_000},
)  # fmt: skip


@pytest.mark.parametrize("role", ["web", "native"])
@pytest.mark.parametrize("weak", WEAK, ids=lambda weak: ascii(weak)[:60])
def test_only_sha_256_is_a_challenge(people: People, kim: Browser, weak: dict[str, Any], role: str) -> None:
    """A plain, missing, doubled or malformed challenge is an error for every client, and never none."""
    for browser in (kim, people.browser()):
        request = people.asking(role, **weak)
        for answer in (browser.opens(request), browser.post("/authorize", request, site="cross-site")):
            assert location(answer).startswith(f"{people.home(role)}?error=invalid_request&"), answer.text
            assert "code" not in told(answer)
    pushed = people.push(role, **weak)
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request")


def test_a_client_without_a_secret_has_to_have_one(people: People, kim: Browser) -> None:
    """Without a challenge a public client gets no code: by GET, by POST, pushed or silently."""
    request = people.asking("native", **STRIPPED)
    for answer in (
        kim.opens(request),
        kim.opens({**request, "prompt": "none"}),
        kim.post("/authorize", request, site="cross-site"),
        kim.opens({**request, "Code_challenge": CHALLENGE, "code_challenge[]": CHALLENGE}),
        kim.opens({**request, "client_secret": "made-up"}),
    ):
        assert told(answer)["error"] == "invalid_request"
    assert people.push("native", **STRIPPED).status_code == 400
    assert people.push("native", client_secret="made-up", **STRIPPED).status_code == 401


def test_a_challenge_that_was_cut_out_is_noticed(people: People, kim: Browser) -> None:
    """A code that was asked for without one is redeemed by nobody who has a verifier. RFC 9700 4.8.2."""
    for role in ("web", "shop"):
        code = kim.code(role, **STRIPPED)
        for verifier in (VERIFIER, MINE, "x", CHALLENGE):
            answer = people.redeem(role, code, code_verifier=verifier)
            assert answer.json()["error"] == "invalid_grant", verifier
            assert "access_token" not in answer.text


def test_a_code_cannot_be_slipped_to_another(people: People, kim: Browser) -> None:
    """The attacker's own code, and the victim's with the attacker's challenge, fit no honest verifier."""
    mallory = signed_in(people, "lee@example.com")
    for browser in (mallory, kim):
        for role in ("web", "shop", "native"):
            code = browser.code(role, code_challenge=challenge_of(MINE))
            answer = people.redeem(role, code)
            assert answer.json()["error"] == "invalid_grant"
    code = kim.code("web")
    assert people.redeem("web", code, code_verifier=MINE).json()["error"] == "invalid_grant"
    assert people.redeem("shop", code).json()["error"] == "invalid_grant"
    assert people.redeem("native", code).json()["error"] == "invalid_grant"
    assert people.redeem("web", code, redirect_uri=EVIL).json()["error"] == "invalid_grant"
    assert people.redeem("web", code).status_code == 200


def test_what_was_pushed_cannot_be_weakened_by_the_address(people: People, kim: Browser) -> None:
    """Beside a request_uri no challenge, method or other parameter counts. RFC 9126 section 4."""
    for more in (
        STRIPPED,
        {"code_challenge": challenge_of(MINE), "code_challenge_method": "S256"},
        {"code_challenge": MINE, "code_challenge_method": "plain"},
        {"code_challenge": "", "code_challenge_method": ""},
    ):
        told_as = {name: value for name, value in more.items() if value is not None}
        answer = kim.opens({**people.pushed(), **told_as})
        code = told(answer)["code"]
        assert people.redeem("web", code, code_verifier=MINE).json()["error"] == "invalid_grant"
        assert people.redeem("web", code, code_verifier=None).json()["error"] == "invalid_grant"
        assert people.redeem("web", code).status_code == 200


def test_a_page_in_between_changes_nothing(people: People) -> None:
    """What the sign-in and consent pages are opened and posted with is not read as a part of the request."""
    browser = people.browser()
    weak = f"code_challenge={challenge_of(MINE)}&code_challenge_method=plain&scope=phone&redirect_uri={EVIL}"
    page = browser.here(browser.asks("shop", prompt="login consent"))
    assert page is not None
    more = {"code_challenge": challenge_of(MINE), "code_challenge_method": "S256", "redirect_uri": EVIL}
    form = {"username": "kim@example.com", "password": "seven blue lanterns"}
    resume = browser.here(browser.fills(f"{page}&{weak}", **form, **more))
    assert resume is not None
    consent = browser.here(browser.get(f"{resume}&{weak}"))
    assert consent is not None
    resume = browser.here(browser.fills(f"{consent}&{weak}", decision="allow", **more))
    assert resume is not None
    answer = browser.get(f"{resume}&{weak}")
    assert location(answer).startswith(f"{people.home('shop')}?code=")
    code = told(answer)["code"]
    assert people.redeem("shop", code, code_verifier=MINE).json()["error"] == "invalid_grant"
    given = people.redeem("shop", code)
    assert (given.status_code, given.json()["scope"]) == (200, "openid profile email")


def test_the_metadata_names_one_method(people: People) -> None:
    """What clients and downgrading attackers read there is S256 and nothing else."""
    with people.target.web() as web:
        for path in METADATA:
            assert web.get(path).json()["code_challenge_methods_supported"] == ["S256"]


def test_a_plain_challenge_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the rules gone one by one: a bare code of a public client, and a cut-out challenge unnoticed."""
    browser = signed_in(twins)
    assert told(browser.asks("native", **STRIPPED))["error"] == "invalid_request"
    with monkeypatch.context() as mutant:
        rules = tuple(r for r in asked.RULES if r.__name__ != "challenge_is_there_when_needed")
        mutant.setattr(asked, "RULES", rules)
        code = told(browser.asks("native", **STRIPPED))["code"]
        assert twins.redeem("native", code, code_verifier=None).status_code == 200
    code = browser.code("web", **STRIPPED)
    assert twins.redeem("web", code).status_code == 400
    honest = pkce.verifier_fits
    monkeypatch.setattr(pkce, "verifier_fits", lambda sent, known: honest(sent, known) if known else None)
    assert twins.redeem("web", code).status_code == 200
