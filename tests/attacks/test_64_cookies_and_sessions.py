"""Class 64: a session is forged, fixed, tossed over by a neighbour, kept by a cache, or outlives its end."""

import asyncio
import base64
import json
import re

import httpx
import pytest

from sekisho.change.actor import Actor
from sekisho.people import sessions, users
from sekisho.spec.browser import cookie
from tests.attacks.guest import SSO, Guest, address_of, ask, request, token_of, tokens, told
from tests.attacks.household import AYA, OTHER_PASSWORD, Household
from tests.attacks.target import OTHER_HOST
from tests.servers import claims_of

FLOW = re.compile(r"__Host-sekisho-flow-[0-9a-f-]{36}-demo")


def is_in(guest: Guest, host: str = "") -> bool:
    """Somebody is signed in here, by every way to ask: pages, and a client that asks silently."""
    page = guest.opens(f"{host}/account")
    silent = guest.follows(guest.send("GET", f"{host}/authorize", params=request(prompt="none")))
    assert ("code" in told(silent)) == (page.request.url.path == f"{host}/account")
    return "code" in told(silent)


def thief_of(home: Household, guest: Guest) -> Guest:
    """Somebody with a copy of all cookies."""
    return Guest(home, cookies=dict(guest.cookies))


def signed_in(home: Household) -> Guest:
    """Aya, in some browser."""
    guest = Guest(home)
    guest.signs_in()
    assert is_in(guest)
    return guest


def test_a_session_cannot_be_made_up(home: Household) -> None:
    """No text that anybody could know or compute is a session: ids, tokens, other cookies, parts of one."""
    guest = signed_in(home)
    page = guest.authorizes("third")
    assert page.request.url.path == "/consent"
    given = tokens(home, guest=guest)
    claims = claims_of(given["id_token"])
    plain = json.dumps({"user": AYA, "sid": claims["sid"]}).encode()
    flow = next(value for name, value in guest.cookies.items() if FLOW.fullmatch(name))
    whole = guest.cookies[SSO]
    for text in (
        claims["sid"], AYA, base64.urlsafe_b64encode(plain).decode(), given["access_token"], flow,
        given["id_token"], given["refresh_token"], told(guest.authorizes())["code"], whole[:-1], whole + "A",
        whole.swapcase(), f"{whole}.", "", "0", "null", "true", "A" * 43, "%00", "*", f'"{whole}"',
        "../" + whole, whole * 300,
    ):  # fmt: skip
        assert not is_in(Guest(home, cookies={SSO: str(text)}))
    assert is_in(Guest(home, cookies={SSO: whole}))


def test_a_session_that_was_planted(home: Household) -> None:
    """Whoever put a session into a browser before the sign-in does not know the one that begins then."""
    mallory = Guest(home)
    mallory.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    planted = mallory.cookies[SSO]
    for before in (planted, "fixed-by-mallory", "A" * 43):
        victim = Guest(home, cookies={SSO: before})
        victim.signs_in(victim.opens("/login"))
        assert victim.cookies[SSO] != before
        assert "aya@example.com" in victim.opens("/account").text
        assert "aya@example.com" not in Guest(home, cookies={SSO: before}).opens("/account").text


def test_a_new_sign_in_ends_the_old_session(home: Household) -> None:
    """A handle that was copied out of a browser is of no use once somebody signs in there again."""
    guest = signed_in(home)
    for again in (lambda: guest.signs_in(guest.authorizes(prompt="login")), guest.signs_in):
        thief = thief_of(home, guest)
        assert is_in(thief)
        home.clock.now += 1
        again()
        home.clock.now += 1
        assert is_in(guest)
        assert not is_in(thief)
    # Whoever else signs in there ends it, too: the browser could not sign it out any more.
    thief = thief_of(home, guest)
    guest.signs_in(guest.opens("/login"), "ben@example.com", OTHER_PASSWORD)
    assert not is_in(thief)
    assert is_in(guest)


TOSSED = (
    "sekisho-sso-demo", "__Secure-sekisho-sso-demo", "__host-sekisho-sso-demo", "__HOST-SEKISHO-SSO-DEMO",
    "__Host-sekisho-sso", "__Host-sekisho-sso-acme", "\u00a0__Host-sekisho-sso-demo", "sso", "auth0",
)  # fmt: skip


@pytest.mark.parametrize("name", TOSSED)
def test_a_cookie_of_a_neighbour(home: Household, name: str) -> None:
    """Only the name with the prefix counts, which no subdomain and no page without TLS can set."""
    guest = signed_in(home)
    assert not is_in(Guest(home, cookies={name: guest.cookies[SSO]}))


def test_two_cookies_of_a_name_are_none(home: Household) -> None:
    """Where somebody tossed a second one beside the real one, neither is believed."""
    guest, mallory = signed_in(home), Guest(home)
    mallory.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    for pair in ((guest, mallory), (mallory, guest)):
        both = "; ".join(f"{SSO}={each.cookies[SSO]}" for each in pair)
        answer = Guest(home).send("GET", "/account", headers={"cookie": both})
        assert answer.headers["location"].startswith("https://id.example.com/login")


def test_cookies_stay_where_they_are(home: Household) -> None:
    """Every cookie is for this host alone, over TLS alone, and out of reach of scripts."""
    guest = Guest(home)
    seen: dict[str, str] = {}
    page = guest.send("GET", "/authorize", params=request("third"))
    for answer in (
        page, guest.send("GET", "/login"), guest.send("GET", "/t/acme/login"),
        guest.send("POST", "/login",
        data={"csrf": token_of(guest.opens("/login")), "username": "aya@example.com",
                                          "password": "seven blue lanterns"}),
    ):  # fmt: skip
        seen |= {each.partition("=")[0]: each for each in answer.headers.get_list("set-cookie")}
    assert {each.partition("sekisho-")[2].partition("-")[0] for each in seen} == {"flow", "form", "sso"}
    for name, told_ in seen.items():
        parts = told_.split("; ")[1:]
        assert name.startswith("__Host-sekisho-")
        assert {"Path=/", "HttpOnly", "Secure"} <= set(parts)
        assert not [each for each in parts if each.lower().startswith("domain")]
        # The session is needed in frames of clients for silent sign-in; nothing else is.
        assert ("SameSite=None" if "-sso-" in name else "SameSite=Lax") in parts
        assert len(told_.partition("=")[2].partition(";")[0]) == 43


def left(guest: Guest, way: str, hint: str) -> None:
    """Somebody signs out."""
    if way == "hint":
        guest.opens(f"/oidc/logout?id_token_hint={hint}")
        return
    page = guest.opens("/oidc/logout")
    form = {"csrf": token_of(page), "decision": "confirm"}
    guest.follows(guest.send("POST", "/oidc/logout/confirm", data=form))


@pytest.mark.parametrize("way", ["hint", "page"])
def test_who_signs_out_is_out(home: Household, way: str) -> None:
    """The session ends here, not only in the browser: a copy of its cookie, and its codes, end with it."""
    guest = signed_in(home)
    given, thief = tokens(home, guest=guest), thief_of(home, guest)
    code = told(guest.authorizes())["code"]
    home.clock.now += 1
    left(guest, way, given["id_token"])
    assert SSO not in guest.cookies
    assert not is_in(thief)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://app.example.com/cb"}
    assert ask(home, "web", {**form, "code_verifier": "v" * 43}).status_code == 400


def test_nobody_signs_another_out(home: Household) -> None:
    """Neither a stranger's page, nor a hint of another session or person, ends this one unasked."""
    guest, other = signed_in(home), signed_in(home)
    foreign = tokens(home, guest=other)["id_token"]
    ben = Guest(home)
    ben.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    his = told(ben.authorizes())
    assert "code" in his
    for address in ("/oidc/logout", f"/oidc/logout?id_token_hint={foreign}", "/oidc/logout?client_id=web"):
        assert guest.opens(address).status_code == 200
        assert is_in(guest)
    for form in (
        {},
        {"decision": "confirm"},
        {"decision": "confirm", "csrf": token_of(ben.opens("/account"))},
    ):
        assert guest.send("POST", "/oidc/logout/confirm", data=form).status_code == 400
    form = {"decision": "confirm", "csrf": token_of(guest.opens("/account"))}
    evil = {"origin": "https://evil.example"}
    assert guest.send("POST", "/oidc/logout/confirm", data=form, headers=evil).status_code == 400
    assert is_in(guest)


def test_signing_out_everywhere(home: Household) -> None:
    """From the account page one session ends, or all others do; nobody ends somebody else's."""
    here, there, far, ben = (signed_in(home) for _ in range(4))
    ben.signs_in(ben.opens("/login"), "ben@example.com", OTHER_PASSWORD)
    page = here.opens("/account")
    ids = re.findall(r'name="session" value="([0-9a-f-]{36})"', page.text)
    assert len(ids) == 2
    his = claims_of(tokens(home, guest=ben)["id_token"])["sid"]
    for wanted in (his, "*", "", "all", f"{ids[0]} "):
        here.send("POST", "/account/sessions", data={"csrf": token_of(page), "session": wanted})
    assert all(map(is_in, (here, there, far, ben)))
    home.clock.now += 1
    form = {"csrf": token_of(page), "session": ids[0]}
    assert here.send("POST", "/account/sessions", data={**form, "csrf": "x"}).status_code == 400
    here.send("POST", "/account/sessions", data=form)
    assert [is_in(each) for each in (here, there, far)].count(True) == 2
    here.send("POST", "/account/sessions", data={**form, "session": "others"})
    assert [is_in(each) for each in (here, there, far, ben)] == [True, False, False, True]


@pytest.mark.parametrize("end", ["block", "delete", "password", "idle", "age"])
def test_a_session_ends(home: Household, end: str) -> None:
    """With its person, with the password it was begun with, unused, and however much it is used."""
    guest = signed_in(home)
    page = guest.authorizes("third")
    home.clock.now += 1
    policy = home.tenant.policy
    match end:
        case "block":
            asyncio.run(users.block(home.tenant, AYA, Actor()))
        case "delete":
            asyncio.run(users.delete(home.tenant, AYA, Actor()))
        case "password":
            asyncio.run(users.set_password(home.tenant, AYA, "twelve yellow doors", Actor()))
        case "idle":
            home.clock.now += policy.session_idle_lifetime
        case _:
            while home.clock.now - 1_800_000_000 < policy.session_lifetime - 86_400:
                home.clock.now += 86_400
                assert is_in(guest)
            home.clock.now += 86_400
    assert not is_in(guest)
    assert "code" not in guest.posts(page, decision="allow").headers.get("location", "")
    if end in ("block", "delete"):
        assert guest.signs_in().status_code in (400, 403)


def test_a_blocked_person_stays_out(home: Household) -> None:
    """Also where the session itself was not ended, a blocked person gets nothing by it."""
    guest = signed_in(home)
    home.person(blocked=True)
    for answer in (guest.opens("/account"), guest.opens("/oidc/logout")):
        assert answer.status_code == 400
    for more in ({}, {"prompt": "none"}):
        assert told(guest.authorizes(**more))["error"] == "access_denied"
    assert guest.signs_in(guest.opens("/login")).status_code == 403


def test_another_tenant_does_not_know_it(home: Household) -> None:
    """A session is of its tenant: under another one's name, path or host it is nothing."""
    guest = signed_in(home)
    handle = guest.cookies[SSO]
    cookies = {SSO: handle, "__Host-sekisho-sso-acme": handle}
    assert not is_in(Guest(home, OTHER_HOST, cookies=dict(cookies)))
    answer = Guest(home, cookies=dict(cookies)).send("GET", "/t/acme/account")
    assert answer.headers.get("location", "").startswith("https://") or answer.status_code == 404
    assert "/login" in answer.headers.get("location", "/login")


def test_no_cache_keeps_anything_of_a_person(home: Household) -> None:
    """Pages, redirects with codes, tokens and claims may be kept by nobody; pages cannot be framed."""
    guest = Guest(home)
    answers = [guest.send("GET", "/authorize", params=request("third"))]
    page = guest.opens(answers[0].headers["location"])
    answers += [page, guest.send("POST", address_of(page), data={"csrf": token_of(page)})]
    page = guest.signs_in(page)
    assert page.request.url.path == "/consent"
    answers += [page, guest.opens("/account"), guest.opens("/oidc/logout"), guest.opens("/authorize?x=y")]
    answers += [
        guest.authorizes(),
        guest.authorizes(prompt="none", max_age="0"),
        guest.opens("/login?flow=x"),
    ]
    answers.append(ask(home, "web", {"grant_type": "refresh_token", "refresh_token": "x"}))
    with home.web(authorization=f"Bearer {tokens(home, guest=guest)['access_token']}") as web:
        answers += [web.get("/userinfo"), web.get("/userinfo", headers={"authorization": "Bearer x"})]
    for each in answers:
        assert "no-store" in each.headers["cache-control"], each.request.url
        if each.headers.get("content-type", "").startswith("text/html"):
            assert "frame-ancestors 'none'" in each.headers["content-security-policy"]


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    guest = signed_in(home)
    with monkeypatch.context() as mutant:
        mutant.setattr(cookie, "name_of", lambda kind, slug, _: f"sekisho-{kind}-{slug}")
        assert is_in(Guest(home, cookies={"sekisho-sso-demo": guest.cookies[SSO]}))
    with monkeypatch.context() as mutant:
        mutant.setattr(sessions, "end", kept)
        thief = thief_of(home, guest)
        guest.signs_in(guest.opens("/login"))
        assert is_in(thief)
        left(guest, "page", "")
        assert is_in(thief)


async def kept(*_: object) -> None:
    """Nothing ends."""


def test_a_page_is_not_believed_without_its_cookie(home: Household) -> None:
    """A form whose page was shown to another browser, or before somebody signed in here, is refused."""
    guest, other = Guest(home), Guest(home)
    page: httpx.Response = guest.opens("/login")
    form = {"csrf": token_of(page), "username": "ben@example.com", "password": OTHER_PASSWORD}
    assert other.send("POST", "/login", data=form).status_code == 400
    guest.signs_in(page)
    assert guest.send("POST", "/login", data=form).status_code == 400
    assert "aya@example.com" in guest.opens("/account").text
