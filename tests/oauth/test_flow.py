"""The truth table of the one decision: what happens next in a sign-in."""

import itertools
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Owner, Session
from sekisho.oauth.flow import next_step
from sekisho.oauth.steps import (
    CONSENT,
    LOGIN,
    Agree,
    Finish,
    Login,
    Need,
    Situation,
    Step,
    Stop,
)
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.refusals.authorization import CONSENT_REQUIRED, LOGIN_REQUIRED

NOW = 1_800_000_000.0
REQUEST = AuthorizationRequest(client_id="web", redirect_uri="https://app.example.com/cb")
NEED = Need(None, ("openid",))
MINE = Session(
    id="mine",
    owner=Owner(tenant="t", session="mine", user="aya"),
    born=NOW - 100,
    expires_at=NOW + 100,
    auth_time=NOW - 100,
    amr=("pwd",),
    seen_at=NOW,
)
OTHERS = replace(MINE, id="others", owner=Owner(tenant="t", session="others", user="ken"))

SESSIONS = {"none": None, "mine": MINE, "others": OTHERS}
PROMPTS: tuple[tuple[str, ...], ...] = (
    (),
    ("none",),
    ("login",),
    ("consent",),
    ("select_account",),
    ("login", "consent"),
)
AGES = (None, 0, 99, 100, 101)
DONE: tuple[tuple[str, ...], ...] = ((), (LOGIN,), (CONSENT,), (LOGIN, CONSENT))
NEEDS: tuple[tuple[Need, ...], ...] = ((), (NEED,))
HINTS = ("", "aya")
BOUND = ("", "mine")


def expected(at: Situation) -> Step:
    """The table as sentences, one rule a line; the first that holds decides."""
    who, prompt, age = at.session, at.request.prompt, at.request.max_age
    somebody_else = who is not None and (
        (at.hinted == "aya" and who is OTHERS) or (at.bound == "mine" and who is OTHERS)
    )
    too_old = age is not None and age <= 100
    asks_for_sign_in = "login" in prompt or "select_account" in prompt
    stale = LOGIN not in at.done and (too_old or asks_for_sign_in)
    if who is None or somebody_else or stale:
        return Stop(LOGIN_REQUIRED) if "none" in prompt or LOGIN in at.done else Login()
    if at.needs and ("none" in prompt or CONSENT in at.done):
        return Stop(CONSENT_REQUIRED)
    if at.needs or ("consent" in prompt and CONSENT not in at.done):
        return Agree(at.needs)
    return Finish(who)


def situations() -> Iterator[Situation]:
    """Every combination."""
    every = itertools.product(SESSIONS.values(), PROMPTS, AGES, DONE, NEEDS, HINTS, BOUND)
    for session, prompt, age, done, needs, hinted, bound in every:
        request = replace(REQUEST, prompt=prompt, max_age=age)
        yield Situation(request, session, hinted, done, bound, needs)


def test_the_whole_table() -> None:
    """Every situation has exactly the step that the table says."""
    table = list(situations())
    assert len(table) == 3 * 6 * 5 * 4 * 2 * 2 * 2
    wrong = [at for at in table if next_step(at, NOW) != expected(at)]
    assert wrong == []


@pytest.mark.parametrize(
    ("at", "step"),
    [
        (Situation(REQUEST), Login()),
        (Situation(REQUEST, MINE), Finish(MINE)),
        (Situation(REQUEST, MINE, needs=(NEED,)), Agree((NEED,))),
        (Situation(REQUEST, OTHERS, hinted="aya"), Login()),
        (Situation(REQUEST, OTHERS, hinted="aya", done=(LOGIN,), bound="others"), Stop(LOGIN_REQUIRED)),
        (Situation(REQUEST, OTHERS, done=(LOGIN,), bound="mine"), Stop(LOGIN_REQUIRED)),
        (Situation(REQUEST, OTHERS, done=(CONSENT,), bound="mine"), Login()),
        (Situation(replace(REQUEST, prompt=("none",))), Stop(LOGIN_REQUIRED)),
        (Situation(replace(REQUEST, prompt=("none",)), MINE), Finish(MINE)),
        (Situation(replace(REQUEST, prompt=("none",)), MINE, needs=(NEED,)), Stop(CONSENT_REQUIRED)),
        (Situation(replace(REQUEST, prompt=("login",)), MINE), Login()),
        (Situation(replace(REQUEST, prompt=("select_account",)), MINE), Login()),
        (Situation(replace(REQUEST, prompt=("consent",)), MINE), Agree(())),
        (Situation(replace(REQUEST, max_age=101), MINE), Finish(MINE)),
        (Situation(replace(REQUEST, max_age=99), MINE), Login()),
        (Situation(replace(REQUEST, max_age=0), replace(MINE, auth_time=NOW)), Login()),
        (Situation(REQUEST, MINE, done=(CONSENT,), bound="mine", needs=(NEED,)), Stop(CONSENT_REQUIRED)),
    ],
)
def test_lines_that_are_worth_reading(at: Situation, step: Step) -> None:
    """What people meet most, and what attackers try. OpenID Connect Core 1.0 section 3.1.2."""
    assert next_step(at, NOW) == step


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("needs", NEEDS)
@pytest.mark.parametrize("session", SESSIONS.values())
@pytest.mark.parametrize("hours", [0, 1])
def test_nothing_loops(
    prompt: tuple[str, ...], age: int | None, needs: tuple[Need, ...], session: Session | None, hours: int
) -> None:
    """Whoever does what is asked is asked for each step once, however long it takes: also with max_age=0."""
    at = Situation(replace(REQUEST, prompt=prompt, max_age=age), session, needs=needs)
    now, asked = NOW, []
    while isinstance(step := next_step(at, now), Login | Agree):
        asked.append(type(step))
        at, now = after(at, step, now), now + 3600 * hours
    assert asked.count(Login) <= 1
    assert asked.count(Agree) <= (1 if session is not OTHERS else 2)
    assert isinstance(step, Finish) or "none" in prompt
    assert not (asked and "none" in prompt)


def after(at: Situation, step: Login | Agree, now: float) -> Situation:
    """The same, once the person did it."""
    if isinstance(step, Login):
        # What somebody else agreed to counts for nothing: the flow forgets it.
        before = at.done if at.session and at.session.owner == MINE.owner else ()
        return Situation(at.request, replace(MINE, auth_time=now), "", (*before, LOGIN), "mine", at.needs)
    assert at.session
    return Situation(at.request, at.session, "", (*at.done, CONSENT), at.session.id, ())
