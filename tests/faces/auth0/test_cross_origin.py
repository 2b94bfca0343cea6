"""POST /co/authenticate, and the ticket that /authorize takes."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.people import users
from sekisho.spec.policy import PASSWORD_REALM
from sekisho.spec.refusals.authorization import PERSON_BLOCKED, TICKET_INVALID
from sekisho.spec.refusals.people import (
    CONNECTION_UNKNOWN,
    CREDENTIAL_UNKNOWN,
    CROSS_ORIGIN_OFF,
    ORIGIN_UNLISTED,
)
from tests.attacks.guest import Guest, redeem
from tests.attacks.household import API, AYA, Household
from tests.auth0 import APP, enters, said, shown, signed_in, ticket
from tests.people.folk import ADMIN
from tests.servers import claims_of
from tests.tenants import TENANT

COOKIE = "__Host-sekisho-ticket-demo"


def test_a_password_is_worth_a_ticket(house: Household) -> None:
    """Ticket, verifier and id, for the very origin and with a cookie that other sites' pages bring along."""
    guest = Guest(house)
    answer = shown(guest)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"login_ticket", "co_verifier", "co_id"}
    assert len(set(answer.json().values())) == 3
    assert answer.headers["access-control-allow-origin"] == APP
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["cache-control"] == "no-store"
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith(f"{COOKIE}=")
    assert cookie.endswith("; Path=/; HttpOnly; Max-Age=60; Secure; SameSite=None")
    assert guest.cookies[COOKIE] not in answer.text
    assert not signed_in(guest)


@pytest.mark.parametrize("kind", ["password", PASSWORD_REALM])
def test_the_ticket_signs_in(house: Household, kind: str) -> None:
    """The whole window comes back with a code at once; the session is a real one, of that person."""
    guest = Guest(house)
    text = ticket(guest, credential_type=kind)
    told = said(enters(guest, text))
    claims = claims_of(redeem(house, told["code"]).json()["id_token"])
    assert (claims["sub"], claims["amr"], told["state"]) == (AYA, ["pwd"], "s-1")
    assert COOKIE not in guest.cookies
    assert signed_in(guest)
    assert "code" in said(enters(guest, text, login_ticket=None))


@pytest.mark.parametrize(
    "more",
    [
        {"prompt": "login"},
        {"prompt": "select_account"},
        {"max_age": "0"},
        {"prompt": "none"},
        {"realm": None},
        {"response_type": "token id_token"},
    ],
)
def test_it_is_as_fresh_as_a_sign_in(house: Household, more: dict[str, Any]) -> None:
    """Who has just shown a password is not asked for it again, and silent requests are answered."""
    guest = Guest(house)
    assert not said(enters(guest, ticket(guest), **more)).keys() & {"error", "flow"}


def test_what_has_to_be_agreed_to_is_asked(house: Household) -> None:
    """A ticket stands for the sign-in alone: the person agrees, and is not asked to sign in meanwhile."""
    guest = Guest(house)
    page = guest.follows(enters(guest, ticket(guest), audience=API, prompt="login consent"))
    assert page.request.url.path == "/consent"
    assert "code" in said(guest.posts(page, decision="allow"))
    found = asyncio.run(house.tenant.store.named(Api, TENANT, API))
    assert found
    house.change(replace(found, skip_consent=False))
    told = said(enters(guest, ticket(guest), audience=API, scope="write:things", prompt="none"))
    assert told["error"] == "consent_required"


def test_it_comes_in_the_place_of_another_session(house: Household) -> None:
    """Whoever was signed in before is not any more, in this browser."""
    guest = Guest(house)
    guest.signs_in(name="ben@example.com", text="eleven green kettles")
    before = dict(guest.cookies)
    assert "code" in said(enters(guest, ticket(guest)))
    other = Guest(house, cookies=before)
    assert not signed_in(other)


def test_another_person_than_was_meant_signs_in_again(house: Household) -> None:
    """A hint to somebody else leads to the sign-in page."""
    ben = Guest(house)
    ben.signs_in(ben.authorizes(), "ben@example.com", "eleven green kettles")
    code = said(ben.authorizes(audience=None, scope="openid"))["code"]
    hint = redeem(house, code).json()["id_token"]
    guest = Guest(house)
    answer = enters(guest, ticket(guest), id_token_hint=hint)
    assert "/login?" in answer.headers["location"]


@pytest.mark.parametrize(
    ("more", "status", "error", "text"),
    [
        ({"client_id": None}, 400, "invalid_request", "Missing required parameter: client_id"),
        ({"client_id": "nobody"}, 400, "invalid_request", "Unknown client: nobody"),
        ({"client_id": "spa"}, 401, "unauthorized_client", CROSS_ORIGIN_OFF.text),
        ({"username": None}, 400, "invalid_request", "Missing required parameter: username"),
        ({"password": None}, 400, "invalid_request", "Missing required parameter: password"),
        ({"credential_type": None}, 400, "invalid_request", "Missing required parameter: credential_type"),
        ({"credential_type": "magic"}, 400, CREDENTIAL_UNKNOWN.error, "Unsupported credential type: magic"),
        ({"realm": None}, 400, "invalid_request", "Missing required parameter: realm"),
        ({"realm": "google-oauth2"}, 400, "invalid_request", CONNECTION_UNKNOWN.text),
        ({"username": "nobody@example.com"}, 403, "access_denied", "Wrong email or password."),
        ({"password": "wrong words"}, 403, "access_denied", "Wrong email or password."),
    ],
)
def test_refusals_are_those_that_pages_know(
    house: Household, more: dict[str, Any], status: int, error: str, text: str
) -> None:
    """Status, code and sentence are Auth0's, and there is no ticket and no cookie."""
    answer = shown(Guest(house), **more)
    assert (answer.status_code, answer.json()) == (status, {"error": error, "error_description": text})
    assert "set-cookie" not in answer.headers
    assert house.passwords.looked_at == (1 if status == 403 else 0)


def test_the_page_has_to_be_the_applications(house: Household) -> None:
    """A request without an origin, or of another one, is refused before the password is looked at."""
    for origin in ("https://evil.example", "null", f"{APP}.evil.example", f"{APP}:8443", ""):
        answer = shown(Guest(house), origin=origin)
        assert answer.status_code == ORIGIN_UNLISTED.status
        known = origin if origin.startswith("http") else "unknown"
        assert answer.text == f"Origin {known} is not allowed."
        assert answer.headers["content-type"].startswith("text/plain")
        assert "access-control-allow-origin" not in answer.headers
    assert house.passwords.looked_at == 0


def test_it_is_off_unless_the_application_says_so(house: Household) -> None:
    """The switch is the client's, and nobody else's application has it."""
    house.client("web", cross_origin_authentication=False)
    assert shown(Guest(house)).json()["error_description"] == CROSS_ORIGIN_OFF.text
    house.client("web", cross_origin_authentication=True, is_first_party=False)
    assert shown(Guest(house)).json()["error_description"] == CROSS_ORIGIN_OFF.text
    assert house.passwords.looked_at == 0


def test_somebody_blocked_is_told_so_by_the_password(house: Household) -> None:
    """Only who knows the password learns of the block, before and after the ticket."""
    guest = Guest(house)
    text = ticket(guest)
    asyncio.run(users.block(house.tenant, AYA, ADMIN))
    answer = shown(Guest(house))
    assert (answer.status_code, answer.json()["error"]) == (403, "blocked_user")
    assert shown(Guest(house), "wrong words").json()["error"] == "access_denied"
    assert said(enters(guest, text))["error_description"] == TICKET_INVALID.text


def test_the_person_has_to_be_there_still(house: Household) -> None:
    """A block that ended nothing yet ends the sign-in all the same."""
    guest = Guest(house)
    text = ticket(guest)
    house.person(blocked=True)
    assert said(enters(guest, text))["error_description"] == PERSON_BLOCKED.text
    assert not signed_in(guest)


def test_a_directory_has_its_own_people(house: Household) -> None:
    """Somebody of another connection is nobody in this one."""
    house.person(connection="Elsewhere")
    answer = shown(Guest(house))
    assert (answer.status_code, answer.json()["error_description"]) == (403, "Wrong email or password.")


def test_a_locked_account_is_told_when_to_come_back(house: Household) -> None:
    """429 with Auth0's code, and Retry-After."""
    house.decide(sign_in_account_burst=1)
    shown(Guest(house), "wrong words")
    answer = shown(Guest(house))
    assert (answer.status_code, answer.json()["error"]) == (429, "too_many_attempts")
    assert int(answer.headers["retry-after"]) > 0
