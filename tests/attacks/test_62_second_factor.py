"""Class 62: somebody with the password alone gets past the second factor, or puts their own in its place."""

import asyncio
from urllib.parse import urlencode

import httpx
import pytest

from sekisho.people.second_factor import held, removal
from sekisho.spec.policy import PASSWORD_GRANTS, PASSWORDLESS, Policy
from tests.attacks import second_factors as hers
from tests.attacks.guest import SSO, Guest, ask, redeem, refresh, request, token_of, tokens, told
from tests.attacks.household import PASSWORD, Household
from tests.attacks.second_factors import App, aya, factors, half_way, is_in, linked
from tests.second_factors import BY
from tests.servers import claims_of


@pytest.fixture
def app(home: Household) -> App:
    """Aya has an app."""
    return linked(home)


@pytest.mark.parametrize("client", ["web", "second", "third", "spa"])
def test_no_step_is_skipped_by_going_on(app: App, client: str) -> None:
    """Resuming, authorizing again, and going to the next page lead back to the code. CVE-2025-64103."""
    guest, page = half_way(app.home, client)
    flow = page.request.url.query.decode()
    for address in (
        f"/authorize/resume?{flow}",
        f"/consent?{flow}",
        f"/authorize?{urlencode(request(client))}",
        f"/mfa/setup?{flow}",
    ):
        assert guest.opens(address).request.url.path == "/mfa", address
    answer = guest.send("POST", f"/consent?{flow}", data={"decision": "allow", "csrf": token_of(page)})
    assert guest.follows(answer).request.url.path == "/mfa"
    silent = told(guest.send("GET", f"/authorize?{urlencode(request(client, prompt='none'))}"))
    assert silent["error"] == "interaction_required"
    assert "code" not in silent


@pytest.mark.parametrize("address", ["/login", "/signup", "/authorize/restart", "/login/restart"])
def test_no_page_begins_it_anew_without_the_code(app: App, address: str) -> None:
    """Signing in once more is no way around the code, however often. CVE-2026-94218."""
    guest, page = half_way(app.home)
    flow = page.request.url.query.decode()
    for _ in range(3):
        answer = guest.opens(f"{address}?{flow}")
        if answer.status_code == 200 and answer.request.url.path == "/login":
            assert guest.signs_in(answer).request.url.path == "/mfa"
    assert not is_in(guest)


def test_a_half_open_session_opens_nothing(app: App) -> None:
    """Account, its deeds and the dashboard wait for the code; signing out does not."""
    guest, _ = half_way(app.home, None)
    for address in ("/account", "/account/second-factor", "/mfa/setup"):
        assert guest.opens(address).request.url.path == "/mfa"
    for path in ("profile", "password", "sessions", "applications", "second-factor"):
        answer = guest.send("POST", f"/account/{path}", data={"session": "others", "deed": "remove"})
        assert answer.headers["location"].partition("?")[0].endswith("/mfa")
    assert guest.opens("/dashboard").request.url.path == "/mfa"
    assert factors(app.home) == {"totp", "recovery"}


def test_the_answer_never_has_the_code(app: App) -> None:
    """No page and no header on the way shows a secret or a code. CVE-2026-105211."""
    guest, page = half_way(app.home)
    answers = [page, guest.opens(str(page.request.url.raw_path, "ascii") + "&way=recovery")]
    answers.append(guest.posts(page, code=app.wrong()))
    for answer in answers:
        everything = answer.text + str(answer.headers)
        for secret in (app.secret, app.code(), app.code(1), *app.written):
            assert secret not in everything


def test_a_password_sets_up_no_other_app(app: App) -> None:
    """Whoever has the password alone begins no setup and finishes none that was begun before."""
    thief = Guest(app.home)
    asyncio.run(removal.remove(app.home.tenant, aya(app.home).id, BY))
    page = thief.signs_in(thief.opens("/login?return_to=%2Fmfa%2Fsetup"))
    assert page.request.url.path == "/mfa/setup"
    secret = page.text.partition('id="secret">')[2].partition("<")[0]
    again = linked(app.home)
    stolen = hers.App(app.home, secret, ())
    answer = thief.posts(page, code=stolen.code(), begun=_begun(page))
    assert answer.request.url.path == "/mfa"
    assert factors(app.home) == {"totp", "recovery"}
    assert thief.posts(answer, code=stolen.code()).status_code == 403
    assert thief.posts(answer, code=again.code()).request.url.path == "/account"


def _begun(page: httpx.Response) -> str:
    return page.text.partition('name="begun" value="')[2].partition('"')[0]


def test_what_was_begun_is_worth_nothing_before_its_code(home: Household) -> None:
    """A setup that nobody finished asks nobody and lets nobody in. CVE-2025-3910 is of this kind."""
    guest = Guest(home)
    page = guest.signs_in(guest.opens("/login?return_to=%2Fmfa%2Fsetup"))
    assert page.request.url.path == "/mfa/setup"
    assert guest.posts(page, code="000000", begun=_begun(page)).status_code == 403
    assert factors(home) == set()
    assert is_in(guest)
    other = Guest(home)
    assert other.signs_in().request.url.path == "/account"


def test_a_setup_is_of_one_browser(home: Household) -> None:
    """A secret that an attacker was shown is not set up in somebody else's browser, though they post it."""
    thief, victim = Guest(home), Guest(home)
    begun = _begun(thief.signs_in(thief.opens("/login?return_to=%2Fmfa%2Fsetup")))
    page = victim.signs_in(victim.opens("/login?return_to=%2Fmfa%2Fsetup"))
    secret = page.text.partition('id="secret">')[2].partition("<")[0]
    answer = victim.posts(page, code=hers.App(home, secret, ()).code(), begun=begun)
    assert answer.status_code == 400
    assert factors(home) == set()
    assert guest_forges(home, begun) == set()


def guest_forges(home: Household, begun: str) -> set[str]:
    """A form without a token of this browser."""
    guest = Guest(home)
    guest.signs_in()
    guest.send("POST", "/mfa/setup", data={"begun": begun, "code": "000000"})
    return factors(home)


def test_a_cookie_from_before_the_code_is_worth_nothing_after_it(app: App) -> None:
    """A session that was stolen half way is not lifted by the victim's code. Class 64."""
    guest, page = half_way(app.home)
    before = guest.cookies[SSO]
    guest.posts(page, code=app.code())
    assert guest.cookies[SSO] != before
    thief = Guest(app.home, cookies={SSO: before})
    assert thief.opens("/account").request.url.path == "/login"
    silent = told(thief.send("GET", f"/authorize?{urlencode(request(prompt='none'))}"))
    assert silent["error"] == "login_required"


def test_a_code_of_one_person_is_none_of_another(app: App) -> None:
    """Half way as Aya, then as Ben: what one showed does not count for the other."""
    guest, page = half_way(app.home)
    flow = page.request.url.query.decode()
    answer = guest.signs_in(guest.opens(f"/login?{flow}"), "ben@example.com", "nine brown otters")
    if answer.request.url.path == "/mfa":
        pytest.fail("Ben has no second factor")
    back = guest.signs_in(guest.opens(f"/login?{flow}")) if answer.status_code == 200 else None
    assert back is None or back.request.url.path in ("/mfa", "/login")


@pytest.mark.parametrize("grant", ["password", "realm"])
def test_no_grant_takes_a_password_alone(app: App, grant: str) -> None:
    """The password grants answer with a ticket, and the ticket is no token anywhere."""
    app.home.decide(grant_types=(*Policy().grant_types, *PASSWORD_GRANTS, PASSWORDLESS))
    app.home.client("web", grant_types=("authorization_code", "refresh_token", *PASSWORD_GRANTS))
    form = {
        "grant_type": PASSWORD_GRANTS[1] if grant == "realm" else "password",
        "username": "aya@example.com",
        "password": PASSWORD,
        "scope": "openid offline_access",
        **({"realm": "Username-Password-Authentication"} if grant == "realm" else {}),
    }
    answer = ask(app.home, "web", form)
    assert (answer.status_code, answer.json()["error"]) == (403, "mfa_required")
    assert not {"access_token", "refresh_token", "id_token"} & answer.json().keys()
    ticket = answer.json()["mfa_token"]
    with app.home.web(authorization=f"Bearer {ticket}") as web:
        assert web.get("/userinfo").status_code == 401
        assert web.get("/api/v2/users").status_code == 401
        answer = web.post("/mfa/associate", json={"authenticator_types": ["otp"]})
        assert answer.status_code == 403
        assert web.delete("/mfa/authenticators/totp").status_code in (404, 405)
    assert factors(app.home) == {"totp", "recovery"}
    for form in ({"refresh_token": ticket, "grant_type": "refresh_token"}, {"code": ticket}):
        told = {"grant_type": "authorization_code", **form}
        assert ask(app.home, "web", told).json()["error"] == "invalid_grant"


def test_a_token_says_no_more_than_was_shown(home: Household) -> None:
    """A family that began before the app was linked goes on, and never says that more was shown."""
    found = tokens(home)
    app = linked(home)
    again = refresh(home, found["refresh_token"]).json()
    assert claims_of(again["id_token"])["amr"] == ["pwd"]
    assert "acr" not in claims_of(again["id_token"])
    guest, page = half_way(home)
    code = told(guest.posts(page, code=app.code()))["code"]
    assert claims_of(redeem(home, code).json()["id_token"])["amr"] == ["pwd", "otp", "mfa"]


def test_a_session_from_before_the_app_shows_it_from_then_on(home: Household) -> None:
    """What was signed in with a password alone, in any browser, is half way once an app is linked."""
    guest = Guest(home)
    tokens(home, guest=guest)
    assert is_in(guest)
    linked(home)
    assert not is_in(guest)
    assert told(guest.send("GET", f"/authorize?{urlencode(request(prompt='none'))}"))["error"] == (
        "interaction_required"
    )


def test_taking_it_away_takes_a_code(app: App) -> None:
    """All the way in, with a stolen cookie: without a code the app stays, and so do the codes."""
    guest, page = half_way(app.home, None)
    guest.posts(page, code=app.code())
    assert is_in(guest)
    form = guest.opens("/account/second-factor")
    for deed in ("remove", "renew"):
        for text in ("", "000000", app.code(), app.code(-1)):
            assert guest.posts(form, code=text, deed=deed).status_code == 403
    assert factors(app.home) == {"totp", "recovery"}
    assert asyncio.run(held.of_user(app.home.tenant, aya(app.home)))["recovery"].digests


def test_a_demand_for_it_is_not_lost_on_the_way(home: Household) -> None:
    """Asked for by acr_values it stays asked for through pushing, resuming and signing in again."""
    acr = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
    guest = Guest(home)
    page = guest.signs_in(guest.authorizes(acr_values=acr))
    assert page.request.url.path == "/mfa/setup"
    flow = page.request.url.query.decode()
    assert guest.opens(f"/authorize/resume?{flow}").request.url.path == "/mfa/setup"
