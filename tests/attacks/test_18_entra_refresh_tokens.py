"""Class 18, in Entra's words: a refresh token is stolen, raced with, or outlives what ended it."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import Api
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.consent import Consent
from sekisho.model.user import User
from sekisho.oauth.delegation import agreed as agreeing
from sekisho.oauth.grants import refresh_token as refreshing
from sekisho.people import consents, users
from sekisho.spec.entra import reply
from tests.attacks.callers import (
    FROM_PAGE,
    SERVER,
    changed,
    code_of,
    goes_on,
    gone,
    granted,
    is_refused,
    posts,
    redeems,
    refreshes,
    serves,
    site_refreshes,
    site_tokens,
    token_a,
    tokens_of,
)
from tests.attacks.guest import ask as ask_here
from tests.attacks.guest import is_refused as is_refused_here
from tests.attacks.guest import together, tokens
from tests.attacks.household import AYA, Household
from tests.entra import ENTER, PAGE, PHONE, SITE, SPA, STOCK, A, B
from tests.tenants import SECRET

MANY = 12
DAY = 86_400
UNKNOWN, BLOCKED, CONSENT = 70000, 50057, 65001
PROOF = {"client_id": A, "client_secret": SECRET}
LASTING = ("authorization_code", "refresh_token")


def test_many_refresh_at_once(firm: Household) -> None:
    """A race has one outcome: all get the same next token, and the one before it ends the family later."""
    first = tokens_of(firm)["refresh_token"]
    firm.clock.now += 1
    answers = [granted(each) for each in together(MANY, lambda _: refreshes(firm, first))]
    (second,) = {each["refresh_token"] for each in answers}
    firm.clock.now += 60
    third = granted(refreshes(firm, second))["refresh_token"]
    firm.clock.now += 60
    for stolen in (first, third, second):
        is_refused(refreshes(firm, stolen), UNKNOWN)


def test_a_family_on_behalf_notices_theft_too(firm: Household) -> None:
    """What API A got for a person with offline_access rotates, and ends when an old one comes again."""
    body = granted(goes_on(firm, token_a(firm), scope=f"{STOCK} offline_access"))
    first = body["refresh_token"]
    firm.clock.now += 60
    second = granted(site_refreshes(firm, first))["refresh_token"]
    firm.clock.now += 60
    is_refused(site_refreshes(firm, first), UNKNOWN)
    is_refused(site_refreshes(firm, second), UNKNOWN)


def test_a_refresh_token_is_its_applications(firm: Household) -> None:
    """Nobody else uses one, with whatever proof, nor anywhere else; it stays good for its own."""
    text = site_tokens(firm)["refresh_token"]
    is_refused(site_refreshes(firm, text, client_id=B), UNKNOWN)
    is_refused(refreshes(firm, text), UNKNOWN)
    is_refused_here(
        ask_here(firm, "", {"grant_type": "refresh_token", **PROOF, "refresh_token": text}), "invalid_grant"
    )
    # Nor may anybody else end it (RFC 7009 section 2.1).
    theirs = {"client_id": B, "client_secret": SECRET, "token": text}
    ask_here(firm, "", theirs, "/oauth/revoke")
    assert granted(site_refreshes(firm, text))
    ours = tokens(firm)["refresh_token"]
    is_refused(site_refreshes(firm, ours), UNKNOWN)


def test_pages_and_sites_do_not_change_places(firm: Household) -> None:
    """A page's token is used by its page alone, without a secret; a site's with its secret, by no page."""
    both = (ReplyUrl(SITE), ReplyUrl(PAGE, "spa"), ReplyUrl(PHONE, "public"))
    changed(firm, Client, A, reply_urls=both)
    scope = f"openid offline_access {ENTER}"
    site = granted(serves(firm, code_of(firm, **SERVER, scope=scope)))["refresh_token"]
    is_refused(site_refreshes(firm, site, client_secret=None), 7000218)
    told = {"grant_type": "refresh_token", **PROOF}
    is_refused(posts(firm, {**told, "refresh_token": site}, **FROM_PAGE), 9002326)
    code = code_of(firm, client_id=A, scope=scope)
    page = granted(redeems(firm, code, client_id=A))["refresh_token"]
    is_refused(posts(firm, {**told, "refresh_token": page, "client_secret": None}), 9002327)
    is_refused(posts(firm, {**told, "refresh_token": page}, **FROM_PAGE), 700025)
    is_refused(site_refreshes(firm, page), 9002327)
    # Nor where the address is registered as another kind since.
    changed(firm, Client, A, reply_urls=(ReplyUrl(SITE), ReplyUrl(PAGE)))
    is_refused(site_refreshes(firm, page), 9002327)
    firm.clock.now += DAY
    is_refused(refreshes(firm, page, client_id=A), UNKNOWN)


@pytest.mark.parametrize(
    ("kind", "fields", "undone", "number"),
    [
        (Client, {"enabled": False}, {"enabled": True}, 700016),
        (Client, {"grant_types": ("authorization_code",)}, {"grant_types": LASTING}, 70003),
        (User, {"blocked": True}, {"blocked": False}, BLOCKED),
        (None, {"grant_types": ("authorization_code",)}, {"grant_types": LASTING}, 70003),
    ],
)
def test_nothing_outlives_whose_it_is(
    firm: Household, kind: Any, fields: dict[str, Any], undone: dict[str, Any], number: int
) -> None:
    """Blocked, disabled, without the grant, by application or tenant: at the next use it is over."""
    text = tokens_of(firm)["refresh_token"]
    for told in (fields, undone):
        if kind is None:
            firm.decide(**told)
        else:
            changed(firm, kind, SPA if kind is Client else AYA, **told)
        if told is fields:
            is_refused(refreshes(firm, text), number)
    assert granted(refreshes(firm, text))


def test_nothing_outlives_a_person(firm: Household) -> None:
    """Who is deleted is refreshed no more, nor is who gets their name afterwards."""
    text = tokens_of(firm)["refresh_token"]
    had = asyncio.run(firm.tenant.store.named(User, firm.tenant.id, AYA))
    assert had
    asyncio.run(users.delete(firm.tenant, AYA, Actor()))
    is_refused(refreshes(firm, text), UNKNOWN)
    firm.change(replace(had, id="44444444-4444-4444-8444-444444444499", version=0))
    is_refused(refreshes(firm, text), UNKNOWN)


def test_nothing_outlives_a_consent(firm: Household) -> None:
    """A consent that was taken back, by the person or for everybody, ends what it gave; others stay."""
    site_behind = granted(goes_on(firm, token_a(firm), scope=f"{STOCK} offline_access"))["refresh_token"]
    mine = asyncio.run(firm.tenant.store.named(Consent, firm.tenant.id, f"{AYA} {A} {B}"))
    assert mine
    page = tokens_of(firm)["refresh_token"]
    firm.clock.now += 1
    asyncio.run(consents.withdraw(firm.tenant, mine.id, Actor()))
    is_refused(site_refreshes(firm, site_behind), UNKNOWN)
    is_refused(goes_on(firm, token_a(firm)), CONSENT)
    assert granted(refreshes(firm, page))
    # Where the record alone is gone, as by another process a moment ago, nothing is given either.
    gone(firm, Consent, f"{AYA} {SPA} {A}")
    is_refused(refreshes(firm, page), CONSENT)


def test_nothing_outlives_a_policy_or_a_scope(firm: Household) -> None:
    """An API for assigned people only, a scope that was switched off, a scope that is gone."""
    page = tokens_of(firm)["refresh_token"]
    changed(firm, Api, A, assignment_required=True)
    is_refused(refreshes(firm, page), 50105)
    changed(firm, Api, A, assignment_required=False)
    had = asyncio.run(firm.tenant.store.named(Api, firm.tenant.id, A))
    assert had
    changed(firm, Api, A, scopes=tuple(replace(each, enabled=False) for each in had.scopes))
    is_refused(refreshes(firm, page), 70011)
    changed(firm, Api, A, scopes=())
    is_refused(refreshes(firm, page), 70011)
    is_refused(refreshes(firm, page, scope="api://a/.default"), CONSENT)


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    text = tokens_of(firm)["refresh_token"]
    with monkeypatch.context() as mutant:
        mutant.setattr(reply, "is_redeemed_by", lambda *_, **__: None)
        assert granted(posts(firm, {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": text}))
    gone(firm, Consent, f"{AYA} {SPA} {A}")
    with monkeypatch.context() as mutant:
        mutant.setattr(agreeing, "effective", everything)
        assert granted(refreshes(firm, text))
    with monkeypatch.context() as mutant:
        mutant.setattr(refreshing, "_is_of", lambda *_: True)
        theirs = site_tokens(firm)["refresh_token"]
        assert granted(site_refreshes(firm, theirs, client_id=B, scope="api://c/read"))


async def everything(*_: object) -> frozenset[str]:
    """Consent as it would be if nobody looked for it."""
    return frozenset(("access_as_user", "read"))
