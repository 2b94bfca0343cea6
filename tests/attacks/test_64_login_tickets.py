"""Class 64: a login ticket is used again, stolen, planted, or shown for another client or tenant."""

import asyncio

import pytest
from msgspec.structs import replace

from sekisho.people import login_tickets, users
from sekisho.spec.refusals.authorization import TICKET_INVALID
from tests.attacks.guest import Guest, together
from tests.attacks.household import AYA, CALLBACKS, Household
from tests.auth0 import DIRECTORY, enters, furnished, said, signed_in, ticket
from tests.people.folk import ADMIN

COOKIE = "__Host-sekisho-ticket-demo"


@pytest.fixture
def house(home: Household) -> Household:
    """Everything is switched on."""
    return furnished(home)


def is_refused(guest: Guest, text: str, client: str = "web", **more: str | None) -> bool:
    """The ticket is no good here: the application is told so, nobody is signed in, no session is left."""
    before = {name: value for name, value in guest.cookies.items() if "-sso-" in name}
    told = said(enters(guest, text, client, **more))
    assert told["error"] == TICKET_INVALID.error
    assert told["error_description"] == TICKET_INVALID.text
    assert "code" not in told
    return {name: value for name, value in guest.cookies.items() if "-sso-" in name} == before


def test_it_works_once(house: Household) -> None:
    """Shown again, in the same browser with the same cookie, it is nothing."""
    guest = Guest(house)
    text = ticket(guest)
    cookies = dict(guest.cookies)
    assert "code" in said(enters(guest, text))
    assert is_refused(Guest(house, cookies=cookies), text)


def test_of_many_at_once_one_wins(house: Household) -> None:
    """However many windows show it at the same moment, one session begins."""
    guest = Guest(house)
    text = ticket(guest)

    def act(_: int) -> bool:
        return "code" in said(enters(Guest(house, cookies=dict(guest.cookies)), text))

    assert together(16, act).count(True) == 1


def test_a_stolen_ticket_is_half_of_one(house: Household) -> None:
    """Who reads it in an address, a log or a history has no cookie; who has the cookie has no ticket."""
    victim, thief = Guest(house), Guest(house)
    text = ticket(victim)
    assert is_refused(thief, text)
    own = ticket(thief, username="ben@example.com", text="eleven green kettles")
    assert is_refused(thief, text)
    assert is_refused(victim, own)
    for guess in ("", "x", text[:-1], f"{text}x", text.upper(), f"{text}.{thief.cookies[COOKIE]}", "." * 65):
        if guess:
            assert is_refused(thief, guess)
    assert is_refused(Guest(house, cookies={COOKIE: f".{thief.cookies[COOKIE]}"}), own)
    assert is_refused(Guest(house, cookies={COOKIE[len("__Host-") :]: victim.cookies[COOKIE]}), text)
    assert "code" in said(enters(victim, text))


def test_nobody_is_signed_in_as_somebody_else(house: Household) -> None:
    """An attacker's ticket, planted by a link, signs no victim in to the attacker's account."""
    attacker, victim = Guest(house), Guest(house)
    text = ticket(attacker, username="ben@example.com", text="eleven green kettles")
    assert is_refused(victim, text)
    assert not signed_in(victim)
    victim.signs_in()
    assert is_refused(victim, text)
    assert signed_in(victim)


def test_it_is_of_one_client(house: Household) -> None:
    """Another application, though of the same tenant and the same origin, is signed in to by its own."""
    guest = Guest(house)
    text = ticket(guest)
    assert is_refused(guest, text, "second")
    assert is_refused(guest, ticket(guest, client_id="second"))
    house.client("second", cross_origin_authentication=False)
    told = said(enters(guest, text, "second"))
    assert told["error"] == "unauthorized_client"


def test_it_is_of_one_tenant(house: Household) -> None:
    """At another tenant's address of the same server, under the same names, it is nothing."""
    guest = Guest(house)
    text = ticket(guest)
    demo, acme = guest.cookies[COOKIE], COOKIE.replace("demo", "acme")
    told = {"cookie": f"{acme}={demo}; {COOKIE}={demo}"}
    query = f"client_id=web&response_type=code&redirect_uri={CALLBACKS['web']}&scope=openid&state=s"
    path = f"/t/acme/authorize?{query}&login_ticket={text}&realm={DIRECTORY}"
    answer = guest.send("GET", path, headers=told)
    assert "code" not in said(answer)
    assert said(answer)["error"] in (TICKET_INVALID.error, "unauthorized_client", "invalid_request")
    assert "code" in said(enters(guest, text))


def test_it_lasts_a_minute(house: Household) -> None:
    """A ticket that lies around is over soon."""
    guest = Guest(house)
    text = ticket(guest)
    house.clock.now += login_tickets.LIFETIME + 1
    assert is_refused(guest, text)


def test_what_ends_everything_ends_it(house: Household) -> None:
    """A new password, or a block, that came between takes it along, and so does one that came before it."""
    for end in (
        lambda: users.set_password(house.tenant, AYA, "seven blue lanterns", ADMIN),
        lambda: users.end(house.tenant, AYA),
    ):
        guest = Guest(house)
        text = ticket(guest)
        house.clock.now += 1
        asyncio.run(end())
        house.clock.now += 1
        assert is_refused(guest, text)


def test_another_realm_is_another_ticket(house: Household) -> None:
    """What the address says of the directory is what the ticket says."""
    guest = Guest(house)
    text = ticket(guest)
    assert is_refused(guest, text, realm="Elsewhere")
    assert "code" in said(enters(guest, text, realm=DIRECTORY))


def test_it_is_no_way_round_what_else_is_asked(house: Household) -> None:
    """A ticket changes nothing about addresses, PKCE and scopes, and is not used up by what fails before."""
    guest = Guest(house)
    text = ticket(guest)
    for more in ({"redirect_uri": "https://evil.example/cb"}, {"client_id": "nobody"}):
        answer = enters(guest, text, **more)
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert said(enters(guest, text, response_type="magic"))["error"] == "unsupported_response_type"
    twice = guest.send("GET", f"/authorize?client_id=web&login_ticket={text}&login_ticket={text}")
    assert said(twice)["error"] == "invalid_request"
    assert "code" in said(enters(guest, text))


def test_it_is_nowhere_afterwards(house: Household, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the answer's address nor our log holds the ticket or the cookie."""
    guest = Guest(house)
    text = ticket(guest)
    cookie = guest.cookies[COOKIE]
    answer = enters(guest, text)
    assert text not in answer.headers["location"]
    is_refused(guest, text)
    assert answer.headers["referrer-policy"] == "no-referrer"
    out = "".join(capfd.readouterr())
    assert text not in out
    assert cookie not in out


def test_the_guards_are_what_holds(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the page's half alone a thief is signed in; with any client's ticket another client is."""
    with monkeypatch.context() as mutant:
        mutant.setattr(login_tickets, "_whole", lambda page, _: page)
        victim, thief = Guest(house), Guest(house)
        assert "code" in said(enters(thief, ticket(victim)))
        assert signed_in(thief)
    honest = login_tickets.redeem

    async def any_client(text: str, realm: str, client: object, *rest: object) -> object:
        return await honest(text, realm, replace(client, client_id="web"), *rest)  # type: ignore[arg-type, type-var]

    guest = Guest(house)
    text = ticket(guest)
    assert is_refused(guest, text, "second")
    monkeypatch.setattr(login_tickets, "redeem", any_client)
    assert "code" in said(enters(guest, text, "second"))
