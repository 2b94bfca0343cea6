"""Class 63: somebody guesses past the lockout: in parallel, by other spellings, addresses or doors."""

from typing import Any

import pytest

from sekisho.people import lockout
from sekisho.spec import login
from tests.attacks.guest import Guest, request, together, token_of, tokens, told
from tests.attacks.household import AYA, BEN, OTHER_PASSWORD, PASSWORD, Household
from tests.attacks.target import OTHER_HOST
from tests.servers import claims_of

BURST = 5
WRONG = 400, 429
# One account, however it is typed: by every one of these Aya signs in.
SPELLINGS = (
    "aya@example.com", "AYA@EXAMPLE.COM", " aya@example.com ", "ａｙａ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "aya@EXAMPLE。com", "\u3000aya@example.com", "ayachan", "AyaChan", "ａｙａｃｈａｎ",
)  # fmt: skip
# What only looks like it is somebody else, or nobody.
LOOK_ALIKES = (
    "\u0430y\u0430@example.com", "aya@ex\u0430mple.com", "aya@example.com.", "aya\u200b@example.com",
    "aya+x@example.com",
    "a.ya@example.com", "aya@example.com\u0000", "aya@example.com\n", "aya@example.com,ben@example.com",
    "\u00e1ya@example.com", "aya@sub.example.com", "aya@xn--example.com", "\u202eaya@example.com",
    "aya%40example.com",
    "aya@example.com@example.com", AYA, "44444444-4444-4444-8444-444444444440", "*", "aya*", "",
)  # fmt: skip
HEADERS = (
    "x-forwarded-for", "forwarded", "x-real-ip", "client-ip", "true-client-ip", "cf-connecting-ip",
    "x-client-ip",
    "x-originating-ip", "x-remote-addr", "x-forwarded-host", "fastly-client-ip", "user-agent", "cookie",
    "via",
)  # fmt: skip


def guess(guest: Guest, name: str = "aya@example.com", text: str = "wrong", address: str = "/login") -> int:
    """One attempt; 200 where it was right."""
    page = guest.opens(address)
    return guest.signs_in(page, name, text).status_code


@pytest.fixture
def strict(home: Household) -> Household:
    """A house where five wrong passwords for an account are enough."""
    home.decide(sign_in_account_burst=BURST)
    return home


def test_parallel_guesses_do_not_outrun_it(strict: Household) -> None:
    """As many as the burst are looked at, though they all come at the same moment."""
    page = Guest(strict)
    form = {"username": "aya@example.com", "csrf": token_of(page.opens("/login"))}

    def act(number: int) -> int:
        guest = Guest(strict, cookies=dict(page.cookies))
        return guest.send("POST", "/login", data={**form, "password": f"wrong {number}"}).status_code

    answers = together(24, act)
    assert strict.passwords.looked_at == BURST
    assert sorted(answers) == [400] * BURST + [429] * (24 - BURST)
    assert guess(Guest(strict), text=PASSWORD) == 429


def test_one_account_has_one_count(strict: Household) -> None:
    """However its names are spelled, by mail address or user name, the attempts are those of one account."""
    answers = [guess(Guest(strict), name) for name in SPELLINGS * 2]
    assert answers == [400] * BURST + [429] * (len(answers) - BURST)
    assert strict.passwords.looked_at == BURST


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_the_same_person(home: Household, name: str) -> None:
    """Who is looked for, who is counted and who is signed in are found by one form of the name."""
    guest = Guest(home)
    said = told(guest.signs_in(guest.authorizes(), name))
    assert "code" in said
    assert claims_of(tokens(home, guest=guest)["id_token"])["sub"] == AYA


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_is_somebody_else(strict: Household, name: str) -> None:
    """A name that only looks like another one signs nobody in, and locks nobody out."""
    strict.decide(sign_in_account_burst=2)
    for _ in range(3):
        guest = Guest(strict)
        form = {"username": name, "password": PASSWORD, "csrf": token_of(guest.opens("/login"))}
        assert guest.send("POST", "/login", data=form).status_code in WRONG
        assert not [each for each in guest.cookies if "-sso-" in each]
    assert guess(Guest(strict), text=PASSWORD) == 200


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_makes_another_address(home: Household, header: str) -> None:
    """Who guesses at many accounts is the one whose connection it is, whatever a header says."""
    home.decide(sign_in_address_burst=BURST)
    answers = []
    for number in range(BURST + 3):
        told = f"for=203.0.113.{number}" if header == "forwarded" else f"203.0.113.{number}"
        guest = Guest(home)
        page = guest.opens("/login")
        if header != "cookie":
            guest.headers[header] = told
        answers.append(guest.signs_in(page, f"nobody{number}@example.com", "wrong").status_code)
    assert answers == [400] * BURST + [429] * 3


def test_being_right_elsewhere_gives_nothing_back(home: Household) -> None:
    """A guesser who signs in to an account of their own in between has no more attempts for that."""
    home.decide(sign_in_account_burst=BURST, sign_in_address_burst=BURST + 1)
    answers = []
    for _ in range(BURST + 1):
        answers.append(guess(Guest(home)))
        guess(Guest(home), "ben@example.com", OTHER_PASSWORD)
    assert answers == [400] * BURST + [429]
    # Nor does the owner's own sign-in, where there was still one attempt left.
    assert home.passwords.looked_at < 2 * BURST + 2


def test_a_locked_account_tells_nothing(strict: Household) -> None:
    """While it is locked the right password looks like a wrong one, and none is looked at."""
    for _ in range(BURST):
        guess(Guest(strict))
    seen = strict.passwords.looked_at
    right, wrong = (Guest(strict), Guest(strict))
    answers = [
        each.signs_in(text=text) for each, text in ((right, PASSWORD), (wrong, "wrong"), (wrong, "x" * 500))
    ]
    assert [each.status_code for each in answers[:2]] == [429, 429]
    assert answers[0].headers["retry-after"] == answers[1].headers["retry-after"]
    assert not [each for each in right.cookies if "-sso-" in each]
    assert strict.passwords.looked_at == seen


def test_time_gives_single_attempts_back(strict: Household) -> None:
    """After a lockout there is one attempt for each stretch of time, and not a whole burst at once."""
    for _ in range(BURST):
        guess(Guest(strict))
    strict.clock.now += strict.tenant.policy.sign_in_account_seconds + 1
    assert [guess(Guest(strict)) for _ in range(3)] == [400, 429, 429]
    strict.clock.now += strict.tenant.policy.sign_in_account_seconds + 1
    assert guess(Guest(strict), text=PASSWORD) == 200


def test_every_door_counts_the_same(strict: Household) -> None:
    """In a flow or not, for this client or that, at whichever address of the tenant, on the account page."""
    strict.decide(sign_up_allowed=True)
    inside = Guest(strict)
    page = inside.signs_in()
    guests = [Guest(strict) for _ in range(4)]
    flows = [guests[0].authorizes(), guests[1].authorizes("third"), guests[2].opens("/t/demo/login")]
    answers = [
        each.signs_in(page, text="wrong").status_code for each, page in zip(guests, flows, strict=False)
    ]
    form = {"csrf": token_of(page), "current-password": "wrong", "new-password": "twelve yellow doors"}
    answers.append(inside.send("POST", "/account/password", data=form).status_code)
    taken = guests[3].opens("/signup")
    form = {"csrf": token_of(taken), "email": "aya@example.com", "password": "twelve yellow doors"}
    guests[3].send("POST", "/signup", data=form)
    assert answers == [400] * 4
    assert [guess(Guest(strict), address=each) for each in ("/login", "/t/demo/login")] == [429, 429]
    form = {"csrf": token_of(page), "current-password": PASSWORD, "new-password": "twelve yellow doors"}
    assert inside.send("POST", "/account/password", data=form).status_code == 429


def test_another_tenant_counts_for_itself(strict: Household) -> None:
    """Guesses at another tenant's account of that name lock nobody out here."""
    for _ in range(BURST + 5):
        guess(Guest(strict, OTHER_HOST))
        guess(Guest(strict), address="/t/acme/login")
    assert guess(Guest(strict), text=PASSWORD) == 200


def test_one_request_is_one_guess(strict: Household) -> None:
    """A request with several passwords or names is none, and what has no password grant has none."""
    guest = Guest(strict)
    token = token_of(guest.opens("/login"))
    form = {"username": "aya@example.com", "csrf": token}
    for more in (
        {"password": ["wrong", PASSWORD]}, {"password": [PASSWORD, PASSWORD]}, {"password[]": ["x",
        PASSWORD]},
        {"password": PASSWORD, "username": ["ben@example.com", "aya@example.com"]},
    ):  # fmt: skip
        assert guest.send("POST", "/login", data={**form, **more}).status_code == 400
    for several in ([PASSWORD, "x"], [[PASSWORD]], {"$ne": ""}, {"$gt": ""}):
        assert guest.send("POST", "/login", json={**form, "password": several}).status_code == 400
    assert strict.passwords.looked_at <= 1  # that of the form with a name of its own, which is empty
    seen = strict.passwords.looked_at
    singles: tuple[object, ...] = (True, None, 0, [], "\u0000", "null")
    for single in singles:
        assert guest.send("POST", "/login", json={**form, "password": single}).status_code in WRONG
    seen = strict.passwords.looked_at
    with strict.web() as web:
        for path in ("/oauth/token", "/usernamepassword/login", "/co/authenticate", "/oauth/ro"):
            form = {
                "grant_type": "password",
                "username": "aya@example.com",
                "password": PASSWORD,
                **request(),
            }
            answer = web.post(path, data=form)
            assert answer.status_code in (400, 401, 403, 404, 415)
            assert "access_token" not in answer.text
    assert strict.passwords.looked_at == seen


def test_a_second_factor_is_not_claimed(home: Household) -> None:
    """No wish of a client makes a token say that there was one: whoever is asked for it has to show it."""
    wish = {"acr_values": "mfa urn:example:mfa", "amr": "mfa otp"}
    wishes: tuple[dict[str, Any], ...] = (
        wish,
        {**wish, "otp": "123456", "mfa_token": "x", "claims": '{"id_token":{"acr":{"value":"mfa"}}}'},
    )
    for more in wishes:
        claims = claims_of(tokens(home, **more)["id_token"])
        assert claims["amr"] == ["pwd"]
        assert "acr" not in claims
    guest = Guest(home)
    guest.signs_in()
    asked = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
    page = guest.authorizes(acr_values=asked)
    assert page.request.url.path.startswith("/mfa")
    with home.web() as web:
        for path in ("/mfa/otp", "/u/mfa-otp-challenge"):
            assert web.post(path, json={"otp": "000000"}).status_code == 404
        for path in ("/mfa/challenge", "/mfa/associate"):
            assert web.post(path, json={"otp": "000000", "mfa_token": "x"}).status_code in (400, 401, 403)
        form = {"grant_type": "http://auth0.com/oauth/grant-type/mfa-otp", "otp": "000000", "mfa_token": "x"}
        assert web.post("/oauth/token", data={**form, "client_id": "spa"}).status_code == 400


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no stake, or with a count for each spelling, the guesser goes on."""
    home.decide(sign_in_account_burst=BURST)
    with monkeypatch.context() as mutant:
        mutant.setattr(lockout, "stakes", nothing)
        assert [guess(Guest(home)) for _ in range(BURST + 1)] == [400] * (BURST + 1)
    with monkeypatch.context() as mutant:
        seen = home.passwords.looked_at
        paid = lockout.stakes
        names = iter(SPELLINGS)
        mutant.setattr(lockout, "stakes", lambda tenant, _, address: paid(tenant, next(names), address))
        assert [guess(Guest(home), each) for each in SPELLINGS] == [400] * len(SPELLINGS)
        assert home.passwords.looked_at == seen + len(SPELLINGS)
    with monkeypatch.context() as mutant:
        mutant.setattr(login, "canonical", lambda _: "ben@example.com")
        guest = Guest(home)
        guest.signs_in(name="\u0430ya@example.com", text=OTHER_PASSWORD)
        assert claims_of(tokens(home, guest=guest)["id_token"])["sub"] == BEN


async def nothing(*_: object) -> tuple[()]:
    """An attempt costs nothing."""
    return ()
