"""Class 18: a refresh token is stolen, used again, raced with, or outlives what ended it."""

import asyncio
import base64
import uuid
from typing import Any

import pytest

from sekisho.change.actor import Actor
from sekisho.model.client import Client
from sekisho.model.step import Erase
from sekisho.oauth.grants import refresh_token as refreshing
from sekisho.people import users
from sekisho.tokens.refresh_token import Shown
from tests.attacks.guest import (
    Guest,
    ask,
    is_live,
    is_refused,
    proof,
    redeem,
    refresh,
    together,
    token_of,
    tokens,
    who,
)
from tests.attacks.household import API, AYA, OPAQUE_API, Household
from tests.attacks.target import OTHER_HOST

MANY = 12
LATER = 60.0
DAY = 86_400.0


def over(home: Household, *given: dict[str, Any]) -> None:
    """Nothing of this family is good for anything."""
    for each in given:
        is_refused(refresh(home, each["refresh_token"]), "invalid_grant")
        assert not is_live(home, each["access_token"])
        is_refused(who(home, each["access_token"]), "invalid_token")


@pytest.mark.parametrize("thief_is_first", [True, False])
def test_thief_and_owner_both_use_it(home: Household, thief_is_first: bool) -> None:
    """Whoever of them comes second, later than a lost answer would be asked for again, ends it for both."""
    first = tokens(home)
    home.clock.now += LATER
    second = refresh(home, first["refresh_token"]).json()
    if not thief_is_first:  # the owner went on for a while
        home.clock.now += LATER
        third = refresh(home, second["refresh_token"]).json()
    else:
        third = second
    home.clock.now += LATER
    assert is_live(home, third["access_token"])
    is_refused(refresh(home, first["refresh_token"]), "invalid_grant")
    over(home, first, second, third)


def test_many_refresh_at_once(home: Household) -> None:
    """A race has one outcome: all get the same next token, and it is the only one that goes on."""
    first = tokens(home)
    home.clock.now += 1
    answers = together(MANY, lambda _: refresh(home, first["refresh_token"]))
    assert {each.status_code for each in answers} == {200}
    assert len({each.json()["refresh_token"] for each in answers}) == 1
    assert len({each.json()["access_token"] for each in answers}) == MANY
    home.clock.now += LATER
    last = refresh(home, answers[0].json()["refresh_token"]).json()
    home.clock.now += LATER
    is_refused(refresh(home, first["refresh_token"]), "invalid_grant")
    over(home, last, *(each.json() for each in answers))


@pytest.mark.parametrize("shown", [0, 1, 2])
@pytest.mark.parametrize("api", [None, OPAQUE_API])
def test_what_was_revoked_has_no_grace(home: Household, shown: int, api: str | None) -> None:
    """A revoked family ends as a whole, whichever of its tokens is shown, also for who just lost a race."""
    given = [tokens(home, audience=api or API)]
    for _ in range(2):
        given.append(refresh(home, given[-1]["refresh_token"]).json())
        home.clock.now += 1
    form = {"token": given[shown]["refresh_token"]}
    assert ask(home, "web", form, "/oauth/revoke").status_code == 200
    for each in given:
        is_refused(refresh(home, each["refresh_token"]), "invalid_grant")
        assert not is_live(home, each["access_token"], "gate-2" if api else "gate-0")


def test_a_revocation_wins_every_race(home: Household) -> None:
    """Whatever is refreshed while a family is revoked, nothing of it lives afterwards."""
    first = tokens(home)

    def act(number: int) -> Any:
        if number == MANY // 2:
            return ask(home, "web", {"token": first["refresh_token"]}, "/oauth/revoke")
        return refresh(home, first["refresh_token"])

    answers = together(MANY, act)
    over(home, first, *(each.json() for each in answers if each.status_code == 200 and each.content))


def test_old_ones_are_refused_at_once(home: Household) -> None:
    """Only the last one before is answered again, for a moment; an older one gets nothing then either."""
    first = tokens(home)
    second = refresh(home, first["refresh_token"]).json()
    third = refresh(home, second["refresh_token"]).json()
    is_refused(refresh(home, first["refresh_token"]), "invalid_grant")
    assert refresh(home, second["refresh_token"]).json()["refresh_token"] == third["refresh_token"]


def test_a_forged_token_proves_nothing(home: Household) -> None:
    """No bit can be changed, no generation or family be made up; and forgeries end nobody's family."""
    other, mine = tokens(home), tokens(home)
    home.clock.now += LATER
    now = refresh(home, mine["refresh_token"]).json()
    home.clock.now += LATER
    raw, foreign = (base64.urlsafe_b64decode(each["refresh_token"] + "==") for each in (now, other))
    head, family, generation, mac = raw[:1], raw[1:17], raw[17:21], raw[21:]
    forgeries = [
        head + family + bytes(4) + mac,
        head + family + (2).to_bytes(4) + mac,
        head + family + b"\xff" * 4 + mac,
        head + foreign[1:17] + generation + mac,
        head + family + generation + foreign[21:],
        head + family + generation + bytes(32),
        head + uuid.uuid4().bytes + generation + mac,
        b"\x02" + family + generation + mac,
        raw[:-1], raw + b"\0", b"", raw * 2,
        *(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(0, len(raw), 5)),
    ]  # fmt: skip
    for each in forgeries:
        text = base64.urlsafe_b64encode(each).rstrip(b"=").decode()
        is_refused(refresh(home, text), "invalid_grant", "invalid_request")
    assert refresh(home, now["refresh_token"]).status_code == 200
    assert refresh(home, other["refresh_token"]).status_code == 200


@pytest.mark.parametrize("whose", ["web", "spa"])
def test_it_is_of_one_client_and_tenant(home: Household, whose: str) -> None:
    """Another client, public or not, and another tenant's of the same name, get nothing and end nothing."""
    given = tokens(home, whose)
    used = refresh(home, given["refresh_token"], whose).json()
    home.clock.now += LATER
    for client in {"web", "second", "third", "spa", "native"} - {whose}:
        for text in (used["refresh_token"], given["refresh_token"]):
            is_refused(refresh(home, text, client), "invalid_grant")
    form = {"grant_type": "refresh_token", "refresh_token": used["refresh_token"]}
    with home.web(OTHER_HOST) as other, home.web() as web:
        is_refused(other.post("/oauth/token", data={**form, **proof(whose)}), "invalid_grant")
        is_refused(web.post("/t/acme/oauth/token", data={**form, **proof(whose)}), "invalid_grant")
        if whose == "web":
            is_refused(web.post("/oauth/token", data={**form, "client_id": whose}), "invalid_client")
        # Nor does another client end it.
        answer = web.post("/oauth/revoke", data={"token": used["refresh_token"], **proof("second")})
        is_refused(answer, "unauthorized_client")
    assert refresh(home, used["refresh_token"], whose).status_code == 200


ENDS = ("block", "delete", "password", "disconnect", "disable", "erase")


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_a_person_or_a_client_ends_their_tokens(home: Household, end: str) -> None:
    """Blocked, deleted, with another password, or not let in any more: from that moment nothing lives."""
    guest = Guest(home)
    first = tokens(home, "third", guest)
    now = refresh(home, first["refresh_token"], "third").json()
    home.clock.now += 1
    ended(home, guest, end)
    for each in (first, now):
        is_refused(refresh(home, each["refresh_token"], "third"), "invalid_grant", "invalid_client")
        assert not is_live(home, each["access_token"])
        is_refused(who(home, each["access_token"]), "invalid_token")


def ended(home: Household, guest: Guest, end: str) -> None:
    """Something comes to an end."""
    actor = Actor()
    match end:
        case "block":
            asyncio.run(users.block(home.tenant, AYA, actor))
        case "delete":
            asyncio.run(users.delete(home.tenant, AYA, actor))
        case "password":
            asyncio.run(users.set_password(home.tenant, AYA, "twelve yellow doors", actor))
        case "disconnect":
            form = {"csrf": token_of(guest.opens("/account")), "client": "third"}
            assert guest.send("POST", "/account/applications", data=form).status_code == 303
        case "disable":
            home.client("third", enabled=False)
        case _:
            found = asyncio.run(home.tenant.store.named(Client, home.tenant.id, "third"))
            assert found is not None
            assert asyncio.run(home.tenant.change(Erase(found))) is None


def test_a_family_has_an_end(home: Household) -> None:
    """However often it is used, it does not outlive its absolute end; unused it ends before."""
    given = busy = tokens(home)
    policy = home.tenant.policy
    for _ in range(policy.refresh_lifetime // int(10 * DAY) - 1):
        home.clock.now += 10 * DAY
        busy = refresh(home, busy["refresh_token"]).json()
    home.clock.now += 10 * DAY
    is_refused(refresh(home, busy["refresh_token"]), "invalid_grant")
    idle = tokens(home)
    home.clock.now += policy.refresh_idle_lifetime
    is_refused(refresh(home, idle["refresh_token"]), "invalid_grant")
    assert given["refresh_token"] != busy["refresh_token"]


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    with monkeypatch.context() as mutant:
        mutant.setattr(refreshing, "_is_of", lambda *_: True)
        assert refresh(home, tokens(home)["refresh_token"], "second").status_code == 200
    with monkeypatch.context() as mutant:
        mutant.setattr(Shown, "proves", lambda *_: True)
        raw = base64.urlsafe_b64decode(tokens(home)["refresh_token"] + "==")
        forged = base64.urlsafe_b64encode(raw[:21] + bytes(32)).rstrip(b"=").decode()
        assert refresh(home, forged).status_code == 200
    with monkeypatch.context() as mutant:
        mutant.setattr(refreshing, "_end", silent)
        first = tokens(home)
        home.clock.now += LATER
        second = refresh(home, first["refresh_token"]).json()
        home.clock.now += LATER
        is_refused(refresh(home, first["refresh_token"]), "invalid_grant")
        assert refresh(home, second["refresh_token"]).status_code == 200


async def silent(*_: object) -> None:
    """Nothing is done about it."""


def test_no_code_of_a_public_client_gives_more(home: Household) -> None:
    """A client without credentials gets refresh tokens that rotate, and each of them once."""
    code = Guest(home).answered("spa")["code"]
    first = redeem(home, code, "spa").json()
    second = refresh(home, first["refresh_token"], "spa").json()
    assert second["refresh_token"] != first["refresh_token"]
    home.clock.now += LATER
    is_refused(refresh(home, first["refresh_token"], "spa"), "invalid_grant")
    is_refused(refresh(home, second["refresh_token"], "spa"), "invalid_grant")
