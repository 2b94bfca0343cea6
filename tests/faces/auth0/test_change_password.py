"""POST /dbconnections/change_password: the same answer for everybody, and a mail for who is there."""

from typing import Any

import httpx
import pytest

from sekisho.spec.refusals.authorization import CLIENT_UNKNOWN
from sekisho.spec.refusals.mail import MAIL_OFF
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN
from tests.attacks.household import Household
from tests.mails import links, mails, with_tray

PATH = "/dbconnections/change_password"
SENT = "We've just sent you an email to reset your password."
CONNECTION = "Username-Password-Authentication"


def asked(house: Household, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    """An application asks for a mail to Aya; None leaves a member out."""
    told = {"client_id": "web", "email": "aya@example.com", "connection": CONNECTION, **members}
    with house.web() as web:
        return web.post(
            PATH, json={name: value for name, value in told.items() if value is not None}, headers=headers
        )


@pytest.mark.parametrize("email", ["aya@example.com", "nobody@example.com", "no address", "x" * 300])
def test_the_answer_is_the_same_for_everybody(house: Household, email: str) -> None:
    """Auth0's sentence, as HTML, whoever is named; a mail only to who is there."""
    answer = asked(with_tray(house), email=email)
    assert (answer.status_code, answer.text) == (200, SENT)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert [each.mail.to for each in mails(house)] == [email] * (email == "aya@example.com")


def test_the_link_leads_to_our_page(house: Household) -> None:
    """The mail has a link to where a new password is set, in the language that the page asked for."""
    assert asked(with_tray(house), headers={"x-request-language": "ja,en"}).status_code == 200
    [link] = links(house)
    assert link.startswith("https://id.example.com/reset?ticket=")
    assert mails(house)[0].mail.language == "ja"


def test_a_client_need_not_be_named(house: Household) -> None:
    """As with Auth0's; a form does, too."""
    assert asked(with_tray(house), client_id=None).status_code == 200
    with house.web() as web:
        form = {"email": "aya@example.com", "connection": CONNECTION}
        assert web.post(PATH, data=form).text == SENT
    assert len(mails(house)) == 2


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"connection": "elsewhere"}, CONNECTION_UNKNOWN.error),
        ({"connection": None}, "invalid_request"),
        ({"email": None}, "invalid_request"),
        ({"email": ["aya@example.com", "eve@evil.example"]}, "invalid_request"),
        ({"client_id": "gone"}, CLIENT_UNKNOWN.error),
    ],
)
def test_refuses_in_auth0_s_shape(house: Household, members: dict[str, Any], error: str) -> None:
    """What is wrong with the request itself is said, and nothing is sent."""
    answer = asked(with_tray(house), **members)
    assert answer.status_code == 400
    assert answer.json()["code"] == error
    assert mails(house) == []


def test_without_mail_it_says_so(house: Household) -> None:
    """A server that sends none does not pretend."""
    answer = asked(house)
    assert (answer.status_code, answer.json()["description"]) == (400, MAIL_OFF.text)
