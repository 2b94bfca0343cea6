"""Classes 24, 29 and 69, in Entra's words: a consent page that is framed, forged or lies about who asks."""

import re

import httpx
import pytest
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.people import powers
from tests.agreeing import DOCUMENTS, FIELD, ORDERS, documents, field, orders, orders_api
from tests.attacks.callers import changed
from tests.attacks.guest import Guest
from tests.attacks.household import Household
from tests.attacks.test_30_entra_consent import (
    BOTH,
    EVERYONE,
    FILES,
    asks,
    asks_administrators,
    guest_of,
    kept,
    office,
    owner_of,
)
from tests.attacks.test_69_pages import PAYLOADS, is_clean

assert office


def questions(home: Household, guest: Guest) -> list[httpx.Response]:
    """Every question about applications in Entra's words: one's own, combined, and in the name of all."""
    found = [asks(guest, FILES), asks(guest, BOTH), asks_administrators(guest)]
    assert {each.request.url.path for each in found} == {"/consent"}
    assert home
    return found


def said(answer: httpx.Response) -> str:
    """The text of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


def test_nobody_frames_a_question(office: Household) -> None:
    """No page of somebody else has a consent page in it, an administrator's least of all."""
    owner_of(office)
    chief = guest_of(office, "owner@example.com")
    for answer in questions(office, chief):
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert "no-store" in answer.headers["cache-control"]
        assert "script-src 'nonce-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_are_texts(office: Household, payload: str) -> None:
    """Whatever applications, scopes and roles are called, to people or to administrators."""
    told = documents()
    scopes = tuple(
        replace(each, title=payload, description=payload, admin_title=payload, admin_description=payload)
        for each in told.scopes
    )
    roles = tuple(replace(each, name=payload, description=payload) for each in told.app_roles)
    changed(office, Api, DOCUMENTS, name=payload, scopes=scopes, app_roles=roles)
    changed(office, Api, ORDERS, name=payload)
    for name in (FIELD, ORDERS):
        changed(
            office, Client, name, name=payload, homepage_uri=payload, support_uri=payload, logo_uri=payload
        )
    owner_of(office)
    for name in ("aya@example.com", "owner@example.com"):
        for answer in questions(office, guest_of(office, name)):
            is_clean(answer)


def test_a_combined_question_names_both(office: Household) -> None:
    """Whoever agrees for two applications reads who they are, what each gets, and where they go back to."""
    answer = asks(guest_of(office), BOTH)
    text = said(answer)
    for words in (field().name, orders().name, "Read your documents", "Use Example Orders as you"):
        assert words in text, words
    assert "field.example.com" in text
    assert "Allow both" in text


def test_an_api_brings_no_strangers_along(office: Household) -> None:
    """An API that claims a stranger's application as its own is asked about where it is asked for."""
    evil = "e" * 8 + "-eeee-4eee-8eee-" + "e" * 12
    claims = replace(orders(), id="e0" * 4 + "-0000-4000-8000-" + "e0" * 6, client_id=evil, name="Evil")
    lure = replace(orders_api(), id="ee" * 12, identifiers=(evil, "api://evil"), owner_client=evil)
    office.change(claims, lure)
    guest = guest_of(office)
    for scope in (FILES, BOTH, "openid profile"):
        assert "Evil" not in said(asks(guest, scope))
    asked = said(asks(guest, "openid api://evil/.default"))
    assert "Evil" in asked
    assert "Read your documents" in asked
    # To say no is to give neither of them anything.
    guest.posts(asks(guest, "openid api://evil/.default"), decision="deny")
    assert kept(office) == {}


@pytest.mark.parametrize("rank", ["Viewer", "Editor", "Owner"])
def test_who_may_speak_for_everybody(office: Household, rank: str) -> None:
    """Those who may change applications; who only looks on is told to ask somebody else."""
    owner_of(office, rank)
    chief = guest_of(office, "owner@example.com")
    answer = chief.posts(asks_administrators(chief), **EVERYONE)
    assert answer.is_redirect is (rank != "Viewer"), answer.text[-500:]
    assert bool(kept(office)) is (rank != "Viewer")


def test_the_guard_is_what_holds(office: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an administrator's word counts whoever says it, somebody who only looks on speaks for all."""
    owner_of(office, "Viewer")
    chief = guest_of(office, "owner@example.com")
    page = asks_administrators(chief)

    async def anybody(*_: object) -> bool:
        return True

    monkeypatch.setattr(powers, "agrees_for_everybody", anybody)
    chief.posts(asks_administrators(chief), **EVERYONE)
    assert kept(office)
    assert page.status_code == 200
