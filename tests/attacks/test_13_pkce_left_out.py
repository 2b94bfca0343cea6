"""Class 13: a stolen code is redeemed without the proof that was promised when it was asked for."""

from typing import Any

import pytest

from sekisho.spec import pkce
from tests.attacks.people_target import VERIFIER, Browser, People, challenge_of
from tests.attacks.redirects import signed_in

CHALLENGE = challenge_of(VERIFIER)
ROLES = ("web", "shop", "native")
WRONG: tuple[Any, ...] = (
    None, "", " ", "null", "undefined", "None", "true", "0", "w" * 43, "v" * 42, "v" * 44, "V" * 43,
    "v" * 128,
    "v" * 129, "v" * 5_000, f"{VERIFIER} ", f" {VERIFIER}", f"{VERIFIER}\n", f"{VERIFIER}=", f"{VERIFIER}\t",
    CHALLENGE, f"{CHALLENGE}=", challenge_of(CHALLENGE), "*", "\u2c76" * 43, "v" * 42 + "\u0475", "%76" * 43,
    "v" * 42 + "/", "v" * 42 + "+", [VERIFIER, VERIFIER], [VERIFIER, "w" * 43], ["w" * 43, VERIFIER],
)  # fmt: skip
# Where and how else the proof might be said: none of it counts.
ELSEWHERE: tuple[dict[str, Any], ...] = (
    {"code_challenge": CHALLENGE}, {"code_challenge": CHALLENGE, "code_challenge_method": "S256"},
    {"code_challenge": VERIFIER, "code_challenge_method": "plain"}, {"code_challenge_method": "plain"},
    {"code_challenge": ""}, {"code_challenge_method": ""}, {"codeVerifier": VERIFIER},
    {"CODE_VERIFIER": VERIFIER},
    {"code_verifier[]": VERIFIER}, {"code-verifier": VERIFIER}, {"verifier": VERIFIER}, {"pkce": "false"},
    {"grant_type": ["authorization_code", "refresh_token"]}, {"nonce": "n-1", "state": "s-1"},
)  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_code_needs_its_verifier(people: People, kim: Browser, role: str) -> None:
    """Whoever asked with a challenge redeems with its verifier, whether or not they have a secret, too."""
    code = kim.code(role)
    for verifier in WRONG:
        answer = people.redeem(role, code, code_verifier=verifier)
        assert answer.status_code == 400, (verifier, answer.text)
        assert answer.json()["error"] in ("invalid_grant", "invalid_request")
        assert "token" not in answer.json()
    # None of that used it up, and none of it was a second use.
    assert people.redeem(role, code).status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_the_proof_has_one_name_and_one_place(people: People, kim: Browser, role: str) -> None:
    """Another name, the challenge once more, or the query of the endpoint are no verifier."""
    code = kim.code(role)
    with people.target.web() as web:
        for more in ELSEWHERE:
            answer = people.redeem(role, code, code_verifier=None, **more)
            assert answer.status_code == 400, more
        form = people.redeeming(role, code, code_verifier=None)
        lies = {"code-verifier": VERIFIER, "cookie": f"code_verifier={VERIFIER}"}
        for answer in (
            web.post(f"/oauth/token?code_verifier={VERIFIER}", data=form),
            web.post("/oauth/token", data=form, headers=lies),
            web.post("/oauth/token", json={**form, "code_verifier": None}),
            web.post("/oauth/token", json={**form, "code_verifier": ""}),
            web.post("/oauth/token", json={**form, "code_verifier": []}),
            web.post("/oauth/token", json={**form, "code_verifier": True}),
            web.post("/oauth/token", json={**form, "code_verifier": {"$ne": ""}}),
            web.post("/oauth/token", json={**form, "code_verifier": [VERIFIER, "x"]}),
            web.get("/oauth/token", params={**form, "code_verifier": VERIFIER}),
        ):  # fmt: skip
            assert answer.status_code in (400, 405), answer.text
    assert people.redeem(role, code).status_code == 200


def test_a_pushed_challenge_counts_as_well(people: People, kim: Browser) -> None:
    """A request that was pushed, by whichever client, is bound by the challenge that was pushed."""
    for role in ROLES:
        answer = kim.goes_on(kim.opens(people.pushed(role)))
        code = answer.headers["location"].partition("code=")[2].partition("&")[0]
        for verifier in (None, "", "w" * 43, CHALLENGE):
            assert people.redeem(role, code, code_verifier=verifier).json()["error"] == "invalid_grant"
        assert people.redeem(role, code).status_code == 200


def test_a_verifier_belongs_to_one_code(people: People, kim: Browser) -> None:
    """Another request of the same client, at the same moment, does not lend its proof."""
    mine = "m" * 43
    code = kim.code("native")
    other = kim.code("native", code_challenge=challenge_of(mine))
    assert people.redeem("native", code, code_verifier=mine).json()["error"] == "invalid_grant"
    assert people.redeem("native", other, code_verifier=VERIFIER).json()["error"] == "invalid_grant"
    assert people.redeem("native", other, code_verifier=mine).status_code == 200
    assert people.redeem("native", code).status_code == 200


def test_an_optional_proof_bites(twins: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a verifier that is only looked at where there is one, a stolen code is enough."""
    browser, honest = signed_in(twins), pkce.verifier_fits
    code = browser.code("native")
    assert twins.redeem("native", code, code_verifier=None).status_code == 400
    monkeypatch.setattr(pkce, "verifier_fits", lambda sent, known: honest(sent, known) if sent else None)
    assert twins.redeem("native", code, code_verifier=None).status_code == 200
