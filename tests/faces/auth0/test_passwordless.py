"""POST /passwordless/start, the grant for codes, and where a mailed link leads."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from sekisho.model.connection import DATABASE
from sekisho.people.letters import codes
from sekisho.people.letters.sending import TO_ACCOUNT
from sekisho.spec.policy import PASSWORDLESS, Policy
from sekisho.spec.refusals.mail import CODE_WRONG, MAIL_OFF, PASSWORDLESS_OFF
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN
from sekisho.store import Window
from tests.attacks.guest import CHALLENGE, EVERYTHING, Guest, ask, redeem, told
from tests.attacks.household import API, AYA, CALLBACKS, Household
from tests.mails import links, mails, with_tray
from tests.servers import claims_of
from tests.tenants import TENANT

EMAIL = "aya@example.com"
ORIGIN = "https://id.example.com"


@pytest.fixture
def open_house(house: Household) -> Household:
    """A house where codes are mailed, for two applications."""
    for client in ("web", "second"):
        house.client(client, grant_types=("authorization_code", "refresh_token", PASSWORDLESS))
    house.decide(grant_types=(*Policy().grant_types, PASSWORDLESS))
    house.person(claims={"email": EMAIL, "email_verified": True})
    return with_tray(house)


def start(house: Household, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    """An application asks for a code to Aya; None leaves a member out."""
    body = {"client_id": "web", "connection": "email", "email": EMAIL, "send": "code", **members}
    with house.web() as web:
        return web.post(
            "/passwordless/start",
            json={name: value for name, value in body.items() if value is not None},
            headers=headers,
        )


def code(house: Household, **members: Any) -> str:
    """The code that was mailed, a moment later than the one before."""
    house.clock.now += 1
    assert start(house, **members).status_code == 200
    [found] = re.findall(r"^ +(\d{6})$", mails(house)[0].mail.text, re.MULTILINE)
    return str(found)


def shows(house: Household, otp: str, client: str = "web", **more: str | None) -> httpx.Response:
    """An application shows a code."""
    form = {"grant_type": PASSWORDLESS, "username": EMAIL, "otp": otp, "realm": "email", **more}
    return ask(house, client, {"scope": EVERYTHING, "audience": API, **form})


def link(house: Household, **members: Any) -> str:
    """The link that was mailed."""
    params = {
        "redirect_uri": CALLBACKS["web"],
        "scope": "openid email",
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    assert start(house, send="link", authParams=params, **members).status_code == 200
    return links(house)[0]


def test_a_code_is_worth_tokens(open_house: Household) -> None:
    """What a code of the authorization endpoint gives, and how the person was known. RFC 8176."""
    answer = shows(open_house, code(open_house))
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() >= {"access_token", "id_token", "refresh_token", "token_type"}
    claims = claims_of(answer.json()["id_token"])
    assert (claims["sub"], claims["amr"]) == (AYA, ["otp"])


@pytest.mark.parametrize("email", [EMAIL, EMAIL.upper(), "nobody@example.com", "no address", "x" * 300])
def test_the_answer_is_the_same_for_everybody(open_house: Household, email: str) -> None:
    """Auth0's members, the address as it was sent, the same id every time; a mail only to who is there."""
    first, second = start(open_house, email=email), start(open_house, email=email)
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json().keys() == {"_id", "email", "email_verified"}
    assert re.fullmatch("[0-9a-f]{24}", first.json()["_id"])
    assert (first.json()["email"], first.json()["email_verified"]) == (email, False)
    assert {each.mail.to for each in mails(open_house)} == ({EMAIL} if email.lower() == EMAIL else set())


def test_the_letter_speaks_as_it_was_asked_to(open_house: Household) -> None:
    """The language of x-request-language, and the name of the application."""
    assert start(open_house, headers={"x-request-language": "ja"}).status_code == 200
    mail = mails(open_house)[0].mail
    assert (mail.language, "Web" in mail.subject) == ("ja", True)
    assert not re.search(r"\d{6}", mail.subject)


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"connection": "sms"}, "bad.connection"),
        ({"connection": DATABASE}, "bad.connection"),
        ({"connection": None}, "invalid_request"),
        ({"email": None}, "invalid_request"),
        ({"send": "pigeon"}, "invalid_request"),
        ({"client_id": "native"}, PASSWORDLESS_OFF.error),
    ],
)
def test_refuses_in_oauth_s_shape(open_house: Household, members: dict[str, Any], error: str) -> None:
    """What is wrong with the request itself is said, and nothing is sent."""
    answer = start(open_house, **members)
    assert answer.status_code in (400, 403)
    assert answer.json()["error"] == error
    assert mails(open_house) == []


def test_it_is_off_unless_both_allow_it(house: Household) -> None:
    """The tenant says no by default, and so does a client without the grant, or of another party."""
    with_tray(house)
    house.client("web", grant_types=("authorization_code", PASSWORDLESS))
    assert start(house).json()["error"] == PASSWORDLESS_OFF.error
    assert shows(house, "123456").json()["error"] == "unsupported_grant_type"
    house.decide(grant_types=(*Policy().grant_types, PASSWORDLESS))
    house.client("web", is_first_party=False)
    assert start(house).json()["error"] == PASSWORDLESS_OFF.error
    house.client("web", is_first_party=True, grant_types=("authorization_code",))
    assert start(house).json()["error"] == PASSWORDLESS_OFF.error
    assert shows(house, "123456").json()["error"] == "unauthorized_client"
    assert mails(house) == []


def test_without_mail_it_says_so(open_house: Household) -> None:
    """A server that sends none does not pretend."""
    from sekisho.mail.post import Post

    object.__setattr__(open_house.tenant.tools, "post", Post())
    assert start(open_house).json()["error_description"] == MAIL_OFF.text


@pytest.mark.parametrize(
    "change", [{"blocked": True}, {"claims": {"email": EMAIL, "email_verified": False}}, {"claims": {}}]
)
def test_a_code_goes_to_an_address_that_was_checked(open_house: Household, change: dict[str, Any]) -> None:
    """Whoever made an account with somebody else's address does not share it with them."""
    open_house.person(**change)
    assert start(open_house).status_code == 200
    assert mails(open_house) == []


def test_a_code_is_good_once(open_house: Household) -> None:
    """The second time it is wrong."""
    text = code(open_house)
    assert shows(open_house, text).status_code == 200
    again = shows(open_house, text)
    assert (again.status_code, again.json()["error"]) == (400, CODE_WRONG.error)
    assert again.json()["error_description"] == CODE_WRONG.text


def test_only_the_newest_code_counts(open_house: Household) -> None:
    """Asking again ends the one before, and using the newest ends them all."""
    first, second = code(open_house), code(open_house)
    if first != second:
        assert shows(open_house, first).json()["error"] == CODE_WRONG.error
    assert shows(open_house, second).status_code == 200
    assert shows(open_house, first).json()["error"] == CODE_WRONG.error


def test_a_code_is_good_for_five_minutes(open_house: Household) -> None:
    """Afterwards it is wrong."""
    text = code(open_house)
    open_house.clock.now += codes.LIFETIME
    assert shows(open_house, text).json()["error"] == CODE_WRONG.error


def test_a_code_is_for_one_client_and_address(open_house: Household) -> None:
    """Another application, and another name, have no use of it."""
    text = code(open_house)
    assert shows(open_house, text, client="second").json()["error"] == CODE_WRONG.error
    assert shows(open_house, text, username="ben@example.com").json()["error"] == CODE_WRONG.error
    assert shows(open_house, text, realm="sms").json()["error"] == CONNECTION_UNKNOWN.error
    open_house.person(claims={"email": "other@example.com", "email_verified": True})
    assert shows(open_house, text).json()["error"] == CODE_WRONG.error
    open_house.person(claims={"email": EMAIL, "email_verified": True})
    assert shows(open_house, text).status_code == 200


def test_who_was_blocked_meanwhile_does_not_come_in(open_house: Household) -> None:
    """A code that was sent before opens nothing, and is worded as at the token endpoint."""
    text = code(open_house)
    open_house.person(blocked=True)
    answer = shows(open_house, text)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_account_is_not_flooded(open_house: Household) -> None:
    """So many mails and no more; nobody is told, and the last code is as good as before."""
    texts = [code(open_house) for _ in range(int(TO_ACCOUNT.burst))]
    assert start(open_house).status_code == 200
    assert len(mails(open_house)) == TO_ACCOUNT.burst
    assert shows(open_house, texts[-1]).status_code == 200


def test_a_link_leads_into_the_application(open_house: Household) -> None:
    """A page asks, a button signs in, and the application gets the code of its own request."""
    address = link(open_house)
    assert address.startswith(f"{ORIGIN}/passwordless/verify_redirect?")
    said = dict(parse_qsl(urlsplit(address).query))
    assert (said["client_id"], said["connection"], said["email"]) == ("web", "email", EMAIL)
    guest = Guest(open_house)
    page = guest.opens(address)
    assert page.status_code == 200
    assert EMAIL in page.text
    assert "form-action 'self' https://app.example.com;" in page.headers["content-security-policy"]
    assert re.search(r'href="\?[^"]*verification_code=\d{6}[^"]*ui_locales=ja"', page.text)
    answer = guest.posts(page)
    params = told(answer)
    assert params["state"] == "s-1"
    assert redeem(open_house, params["code"]).status_code == 200
    again = Guest(open_house)
    assert again.posts(again.opens(address)).status_code == CODE_WRONG.status


def test_a_link_with_an_address_of_others_leads_nowhere(open_house: Household) -> None:
    """Who asks for a link decides on no address that is not the application's."""
    assert (
        start(open_house, send="link", authParams={"redirect_uri": "https://evil.example/"}).status_code
        == 200
    )
    guest = Guest(open_house)
    page = guest.opens(links(open_house)[0])
    assert "form-action 'self';" in page.headers["content-security-policy"]
    answer = guest.posts(page)
    assert (answer.status_code, answer.is_redirect) == (400, False)


def test_looking_at_a_link_uses_nothing_up(open_house: Household) -> None:
    """Programs that follow the links of mails take nothing from the person, and sign nobody in."""
    address, guest = link(open_house), Guest(open_house)
    for _ in range(8):
        assert guest.opens(address).status_code == 200
    assert not any("sso" in name for name in guest.cookies)
    assert told(guest.posts(guest.opens(address)))["code"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("client_id=web&connection=email&email=aya@example.com", "invalid_request"),
        ("client_id=web&connection=sms&email=a@b.c&verification_code=1", CONNECTION_UNKNOWN.error),
        ("client_id=native&connection=email&email=a@b.c&verification_code=1", PASSWORDLESS_OFF.error),
        (
            "client_id=web&client_id=second&connection=email&email=a@b.c&verification_code=1",
            "invalid_request",
        ),
    ],
)
def test_a_broken_link_is_told(open_house: Household, query: str, reason: str) -> None:
    """What is missing, repeated or not allowed is a page that says so."""
    answer = Guest(open_house).send("GET", f"/passwordless/verify_redirect?{query}")
    assert answer.status_code in (400, 403)
    assert answer.json()["error"] == reason


def test_nothing_secret_is_in_the_audit(open_house: Household) -> None:
    """Mailed, and redeemed; not the code."""
    import asyncio

    text = code(open_house)
    assert shows(open_house, text).status_code == 200
    events = asyncio.run(open_house.tenant.store.events(TENANT, {}, Window(limit=50)))
    assert {"code_mailed", "mail_sent", "passwordless_redeemed"} <= {event.slug for event in events}
    assert not any(text in str(event.detail) for event in events)
