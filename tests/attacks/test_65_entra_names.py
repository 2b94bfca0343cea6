"""Class 65, in Entra's words: who takes an address or a name is taken for whoever had it (nOAuth)."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import Api
from sekisho.model.client import Client, OptionalClaim
from sekisho.model.role import group_id
from sekisho.model.user import User
from sekisho.people import users
from sekisho.spec.entra.scope import GRAPH
from sekisho.tokens.entra import names
from tests.attacks.callers import answer_of, changed, goes_on, granted, redeems, token_a, tokens_of
from tests.attacks.guest import Guest
from tests.attacks.household import AYA, BEN, OTHER_PASSWORD, Household
from tests.entra import ENTER, ME, SPA, STOCK, A, agreed
from tests.servers import claims_of
from tests.tenants import TENANT

EVERYTHING = f"openid profile email {ENTER}"
ADDRESS = "aya@example.com"
CLAIMS = tuple(
    OptionalClaim(name=name)
    for name in ("email", "upn", "preferred_username", "verified_primary_email", "login_hint")
)
# What an application may know somebody by, and what is for show.
LASTING = ("oid", "sub")


def aya(home: Household) -> dict[str, Any]:
    """What the page is told of Aya."""
    return claims_of(tokens_of(home, scope=EVERYTHING)["id_token"])


def ben(home: Household, name: str = "ben@example.com", scope: str = EVERYTHING) -> dict[str, Any]:
    """What it is told of Ben, who signs in by this name."""
    guest = Guest(home)
    guest.signs_in(name=name, text=OTHER_PASSWORD)
    body: dict[str, Any] = granted(redeems(home, answer_of(guest, scope=scope)["code"]))
    return body


@pytest.mark.parametrize(
    "fields",
    [
        {"claims": {"name": "Aya", "email": ADDRESS, "email_verified": False}},
        {"claims": {"name": "Aya", "email": ADDRESS.upper(), "email_verified": "true"}},
        {"claims": {"name": "Aya", "email": ADDRESS}, "username": "ayachan"},
        {"claims": {"name": "Aya", "email": ADDRESS, "oid": "x", "sub": "x", "email_verified": 1}},
        {"app_metadata": {"oid": "x", "onprem_sid": "S-1-5-21"}, "claims": {"email": ADDRESS}},
    ],
    ids=str,
)
def test_another_person_stays_another_person(firm: Household, fields: dict[str, Any]) -> None:
    """Whatever Ben calls himself, his ids are his; an address that nobody verified is not told at all."""
    firm.change(agreed(SPA, A, "access_as_user", user=BEN))
    changed(firm, Client, SPA, id_token_claims=CLAIMS)
    changed(firm, Api, A, access_token_claims=CLAIMS)
    victim, before = aya(firm), claims_of(ben(firm)["id_token"])
    changed(firm, User, BEN, **fields)
    body = ben(firm)
    for text in (body["id_token"], body["access_token"]):
        told = claims_of(text)
        assert told["oid"] == before["oid"]
        assert not {told[name] for name in LASTING} & set(map(str, victim.values()))
        assert "email" not in told
        assert "verified_primary_email" not in told
    assert claims_of(body["id_token"])["sub"] == before["sub"]


def test_a_verified_address_is_told(firm: Household) -> None:
    """It is known whose it is, so that the silence above says something."""
    assert aya(firm)["email"] == ADDRESS


def test_a_name_that_is_free_again(firm: Household) -> None:
    """Who gets the user name, the address, even the whole user id of somebody who left is somebody else."""
    before, text = aya(firm), token_a(firm)
    user = asyncio.run(firm.tenant.store.named(User, firm.tenant.id, AYA))
    assert user
    asyncio.run(users.delete(firm.tenant, AYA, Actor()))
    heir = replace(user, id="44444444-4444-4444-8444-444444444499", version=0)
    firm.change(heir)
    assert goes_on(firm, text).json()["error_codes"][0] in (50173, 500131)
    assert {names.pairwise(firm.tenant, heir.id, SPA), heir.id}.isdisjoint(map(str, before.values()))


def test_a_person_has_another_name_everywhere(firm: Household) -> None:
    """Two applications that compare what they know find nobody by `sub`: not in tokens, nor behind them."""
    body = tokens_of(firm, scope=EVERYTHING)
    behind = granted(goes_on(firm, body["access_token"], scope=f"openid {STOCK}"))
    other = granted(goes_on(firm, body["access_token"], scope="https://ledger.example.com/post"))
    texts = (body["id_token"], body["access_token"], behind["access_token"], other["access_token"])
    subs = [claims_of(text)["sub"] for text in texts]
    assert len(set(subs)) == len(subs)
    assert {claims_of(text)["oid"] for text in texts} == {claims_of(body["id_token"])["oid"]}
    # One application is told one name, as a client and as an API.
    assert claims_of(behind["id_token"])["sub"] == claims_of(body["access_token"])["sub"]
    for text in texts:
        said = str(claims_of(text))
        assert AYA not in said


def test_graph_answers_about_the_bearer(firm: Household) -> None:
    """Nobody names another person at /me or beside their own groups, whatever they call themselves."""
    mine, theirs = (f"44444444-4444-4444-8444-44444444444{number}" for number in (1, 0))
    firm.person(roles=("rol_chief",))
    firm.change(agreed(SPA, GRAPH, "User.Read", user=BEN))
    changed(firm, User, BEN, username=theirs, roles=("rol_clerk",))
    body = ben(firm, scope=f"openid {ME}")
    with firm.web(authorization=f"Bearer {body['access_token']}") as web:
        assert web.get("/v1.0/me").json()["id"] == mine
        for name in (AYA, ADDRESS, "*", "me", f"{mine}/../{theirs}"):
            answer = web.post(f"/v1.0/users/{quote(name, safe='')}/getMemberObjects", json={})
            assert (answer.status_code, "value" in answer.json()) == (403, False)
        # Who calls himself by her id is still told of himself.
        answer = web.post(f"/v1.0/users/{theirs}/getMemberObjects", json={})
        assert answer.json()["value"] == [group_id(TENANT, "rol_clerk")]


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an address that counts unverified, or one name for all, the attack succeeds."""
    body = tokens_of(firm, scope=EVERYTHING)
    with monkeypatch.context() as mutant:
        mutant.setattr(names, "pairwise", lambda _, user, __: user)
        same = tokens_of(firm, scope=EVERYTHING)
        assert claims_of(same["id_token"])["sub"] == claims_of(same["access_token"])["sub"]
    assert claims_of(body["id_token"])["sub"] != claims_of(body["access_token"])["sub"]
    firm.change(agreed(SPA, A, "access_as_user", user=BEN))
    changed(firm, User, BEN, claims={"email": ADDRESS})
    with monkeypatch.context() as mutant:
        mutant.setattr(names, "address", lambda user: user.email)
        assert claims_of(ben(firm)["id_token"])["email"] == ADDRESS
