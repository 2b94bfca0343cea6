"""Class 34, in Entra's words: somebody or something that is switched off still gets tokens."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.oauth.delegation import subject
from sekisho.oauth.qualified import code as redeeming
from sekisho.people import users
from tests.attacks.callers import (
    SERVER,
    changed,
    code_of,
    goes_on,
    granted,
    is_refused,
    posts,
    redeems,
    refreshes,
    site_refreshes,
    token_a,
    tokens_of,
)
from tests.attacks.guest import who
from tests.attacks.household import AYA, Household
from tests.entra import ME, SPA, STOCK, A, B
from tests.entra import redeeming as shown
from tests.tenants import SECRET

BLOCKED, DELETED, REVOKED, UNKNOWN = 50057, 50034, 50173, 70000
OWN = {
    "grant_type": "client_credentials",
    "client_id": A,
    "client_secret": SECRET,
    "scope": "api://b/.default",
}


def graph(home: Household, text: str) -> int:
    """What /v1.0/me says to a token."""
    with home.web(authorization=f"Bearer {text}") as web:
        return web.get("/v1.0/me").status_code


def test_a_person_who_is_blocked(firm: Household) -> None:
    """By no code, assertion, refresh token or access token does anybody go on in their name."""
    code, body = code_of(firm), tokens_of(firm)
    me = granted(goes_on(firm, body["access_token"], scope=ME))["access_token"]
    lasting = granted(goes_on(firm, body["access_token"], scope=f"{STOCK} offline_access"))["refresh_token"]
    firm.person(blocked=True)
    is_refused(redeems(firm, code), BLOCKED, UNKNOWN)
    is_refused(goes_on(firm, body["access_token"]), BLOCKED, REVOKED)
    is_refused(refreshes(firm, body["refresh_token"]), BLOCKED, UNKNOWN)
    is_refused(site_refreshes(firm, lasting), BLOCKED, UNKNOWN)
    assert graph(firm, me) == 401
    assert who(firm, me).status_code in (401, 403)


def test_a_person_who_is_gone(firm: Household) -> None:
    """Nor in the name of somebody who was deleted, or of whoever is made with their user id afterwards."""
    code, text = code_of(firm), token_a(firm)
    had = asyncio.run(firm.tenant.store.named(User, firm.tenant.id, AYA))
    assert had
    asyncio.run(users.delete(firm.tenant, AYA, Actor()))
    for _ in range(2):
        is_refused(redeems(firm, code), UNKNOWN, REVOKED)
        is_refused(goes_on(firm, text), DELETED, REVOKED, 500131)
        if _ == 0:
            firm.change(replace(had, id="44444444-4444-4444-8444-444444444499", version=0))


@pytest.mark.parametrize("name", [A, SPA])
def test_an_application_that_is_off(firm: Household, name: str) -> None:
    """Neither itself, nor in anybody's name, nor with what it got before: as page and as middle tier."""
    code, text = code_of(firm), token_a(firm)
    changed(firm, Client, name, enabled=False)
    if name == SPA:
        is_refused(redeems(firm, code), 700016)
        is_refused(goes_on(firm, text), REVOKED)
    else:
        is_refused(goes_on(firm, text), 7000112, 7000215)
        is_refused(posts(firm, OWN), 7000112, 7000215)


def test_a_secret_that_ended(firm: Household) -> None:
    """A secret after its end proves nobody, for a person or for the application itself."""
    text = token_a(firm)
    found = asyncio.run(firm.tenant.store.named(Client, firm.tenant.id, A))
    assert found
    ended = tuple(replace(each, expires_at=firm.clock.now - 1) for each in found.secrets)
    changed(firm, Client, A, secrets=ended)
    is_refused(goes_on(firm, text), 7000222)
    is_refused(posts(firm, OWN), 7000222)


@pytest.mark.parametrize("fields", [{"assignment_required": True}, {"scopes": ()}])
def test_an_api_that_lets_nobody_in(firm: Household, fields: Any) -> None:
    """Who is not assigned to an API gets no token for it, by any grant; nor does anybody for lost scopes."""
    code = code_of(firm, **SERVER, scope=f"openid {STOCK}")
    text = token_a(firm)
    changed(firm, Api, B, **fields)
    told = {**SERVER, "client_secret": SECRET}
    is_refused(redeems_site(firm, code, told), 50105, 70011)
    is_refused(goes_on(firm, text), 50105, 70011)
    if "scopes" not in fields:
        is_refused(posts(firm, OWN), 501051)
        is_refused(goes_on(firm, text, scope="api://b/.default"), 50105)


def redeems_site(home: Household, code: str, told: dict[str, str]) -> Any:
    """API A's own site shows a code."""
    return posts(home, shown(code, **told))


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody looks whether a person is blocked, they are gone on for."""
    code, text = code_of(firm), token_a(firm)
    firm.person(blocked=True)

    async def anybody(thing: Any, tenant: Any) -> User:
        name = getattr(thing, "subject", None) or thing.user
        found: User | None = await tenant.store.named(User, tenant.id, name)
        assert found
        return replace(found, blocked=False)

    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_person", anybody)
        assert granted(goes_on(firm, text))
    with monkeypatch.context() as mutant:
        mutant.setattr(redeeming, "_person", anybody)
        assert granted(redeems(firm, code))
