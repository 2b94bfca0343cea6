"""POST /dbconnections/signup: accounts that people make at pages of applications."""

import asyncio
import re
from typing import Any

import pytest

from sekisho.model.user import User
from sekisho.spec.refusals.people import (
    CONNECTION_UNKNOWN,
    SIGN_UP_INVALID,
    SIGN_UP_OFF,
    USER_TAKEN,
    USERNAME_TAKEN,
)
from tests.attacks.guest import Guest, told
from tests.attacks.household import Household
from tests.auth0 import APP, NEW, signs_up
from tests.tenants import TENANT

WORDS = "twelve yellow doors"
ABOUT: dict[str, Any] = {
    "given_name": "Nia",
    "family_name": "New",
    "name": "Nia New",
    "nickname": "nia",
    "picture": "https://app.example.com/nia.png",
    "phone_number": "+8190000000",
    "username": "nia",
    "user_metadata": {"plan": "gold"},
}


def stored(home: Household, email: str = NEW) -> User | None:
    """The account of an address."""
    return asyncio.run(home.tenant.store.named(User, TENANT, email))


def test_an_account_is_made(house: Household) -> None:
    """The answer is Auth0's, the person is not signed in by it, and can sign in."""
    answer = signs_up(house)
    assert answer.status_code == 200, answer.text
    id = answer.json()["_id"]
    assert re.fullmatch("[0-9a-f]{24}", id)
    assert answer.json() == {"_id": id, "email_verified": False, "email": NEW}
    assert "set-cookie" not in answer.headers
    assert answer.headers["access-control-allow-origin"] == APP
    assert answer.headers["cache-control"] == "no-store"
    guest = Guest(house)
    assert "code" in told(guest.signs_in(guest.authorizes(), NEW, WORDS))


def test_what_people_say_about_themselves_is_kept(house: Household) -> None:
    """Names, a number, a picture and a few texts; nothing that they could not say of themselves."""
    more = {
        **ABOUT,
        "email_verified": True,
        "app_metadata": {"role": "admin"},
        "blocked": False,
        "user_id": "x",
        "roles": ["owner"],
        "sub": "auth0|aya",
    }
    body = signs_up(house, **more).json()
    assert body == {"_id": body["_id"], "email_verified": False, "email": NEW, **ABOUT}
    user = stored(house)
    assert user
    assert (user.claims["email_verified"], user.app_metadata, user.roles) == (False, {}, ())
    assert user.user_id == f"auth0|{body['_id']}"
    assert user.logins == (NEW, "nia")


def test_a_form_is_as_good_as_json(house: Household) -> None:
    """Texts may come as a form."""
    form = {
        "client_id": "web",
        "email": NEW,
        "password": WORDS,
        "connection": "Username-Password-Authentication",
    }
    with house.web() as web:
        answer = web.post("/dbconnections/signup", data={**form, "given_name": "Nia"})
    assert (answer.status_code, answer.json()["given_name"]) == (200, "Nia")


def test_whether_a_name_is_taken_is_told_where_the_tenant_wants_it(house: Household) -> None:
    """One answer for every name that is taken; with the flag it says which."""
    invalid = {
        "name": "BadRequestError",
        "code": SIGN_UP_INVALID.error,
        "description": "Invalid sign up",
        "statusCode": 400,
    }
    attempts = ({"email": "AYA@example.com"}, {"username": "AyaChan"})
    for each in attempts:
        answer = signs_up(house, **each)
        assert (answer.status_code, answer.json()) == (400, invalid)
    house.decide(taken_told=True)
    for each, reason in zip(attempts, (USER_TAKEN, USERNAME_TAKEN), strict=True):
        answer = signs_up(house, **each)
        assert answer.json() == {**invalid, "code": reason.error, "description": reason.text}
    assert stored(house) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "short",
            {
                "name": "PasswordStrengthError",
                "message": "Password is too weak",
                "code": "invalid_password",
                "description": {
                    "rules": [
                        {
                            "message": "a password has at least 8 characters",
                            "verified": False,
                            "code": "lengthAtLeast",
                            "format": [8],
                        }
                    ],
                    "verified": False,
                },
                "policy": "a password has at least 8 characters",
                "statusCode": 400,
            },
        ),
        (
            "x" * 300,
            {
                "name": "PasswordStrengthError",
                "message": "Password is too weak",
                "code": "invalid_password",
                "description": {
                    "rules": [
                        {
                            "message": "a password has at most 256 characters and none that cannot be typed",
                            "verified": False,
                        }
                    ],
                    "verified": False,
                },
                "policy": "a password has at most 256 characters and none that cannot be typed",
                "statusCode": 400,
            },
        ),
        (
            "password1",
            {
                "name": "PasswordDictionaryError",
                "message": "Password is too common",
                "code": "password_dictionary_error",
                "description": "Password is too common",
                "statusCode": 400,
            },
        ),
        (
            "new@example.com",
            {
                "name": "PasswordNoUserInfoError",
                "message": "Password contains user information",
                "code": "password_no_user_info_error",
                "description": "Password contains user information",
                "statusCode": 400,
            },
        ),
    ],
)
def test_a_weak_password_is_told_in_full(house: Household, text: str, expected: dict[str, Any]) -> None:
    """Which rule it breaks, in Auth0's shape."""
    answer = signs_up(house, text=text)
    assert (answer.status_code, answer.json()) == (400, expected)


def test_nobody_signs_up_where_the_tenant_says_so(house: Household) -> None:
    """Off is off, whatever else is right or wrong."""
    house.decide(sign_up_allowed=False)
    for each in ({}, {"email": "aya@example.com"}, {"client_id": "nobody"}):
        answer = signs_up(house, **each)
        assert (answer.status_code, answer.json()["code"]) == (400, "unauthorized")
        assert answer.json()["description"] == SIGN_UP_OFF.text


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_request"),
        ({"connection": None}, "invalid_request"),
        ({"connection": "google-oauth2"}, CONNECTION_UNKNOWN.error),
        ({"connection": "x" * 200}, CONNECTION_UNKNOWN.error),
        ({"email": None}, "invalid_request"),
        ({"email": ["a@example.com"]}, "invalid_request"),
        ({"email": "no address"}, "invalid_body"),
        ({"password": None}, "invalid_request"),
        ({"user_metadata": {str(n): "x" for n in range(11)}}, "invalid_body"),
        ({"user_metadata": {"a": "x" * 501}}, "invalid_body"),
        ({"user_metadata": {"x" * 501: "a"}}, "invalid_body"),
        ({"user_metadata": {"a": 1}}, "invalid_body"),
        ({"user_metadata": "x"}, "invalid_body"),
        ({"picture": "javascript:alert(1)"}, "invalid_body"),
        ({"username": "a@b"}, "invalid_body"),
        ({"given_name": 7}, "invalid_body"),
    ],
)
def test_what_cannot_be_is_refused(house: Household, more: dict[str, Any], code: str) -> None:
    """A client, a directory, an address, a password, and what people say within the rules of every user."""
    answer = signs_up(house, **more)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert answer.json()["statusCode"] == 400
    assert stored(house) is None


def test_a_body_of_another_kind_keeps_its_status(house: Household) -> None:
    """What is no fault of who signs up is said by its own status, in the same shape."""
    with house.web() as web:
        answer = web.post("/dbconnections/signup", content=b"x", headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["statusCode"]) == (415, 415)
        assert web.get("/dbconnections/signup").json()["code"] == "invalid_request"
        assert web.get("/dbconnections/nothing").json()["statusCode"] == 404
