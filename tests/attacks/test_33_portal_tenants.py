"""Classes 33, 61: a session, a setting or a host of another tenant says what a portal's token says."""

import jwt
import pytest

from sekisho.model.artifact import Session
from sekisho.model.tenant import SiteSetting
from sekisho.people import sessions
from sekisho.registry.portal import signing
from sekisho.spec.address import Addresses
from sekisho.spec.http import Ask
from sekisho.spec.portal import setting
from sekisho.tenant import Tenant
from tests.attacks.guest import SSO, Guest
from tests.attacks.household import Household
from tests.attacks.portal_target import (
    AUTHORIZE,
    CLIENT,
    GOOD,
    KEY,
    PAGE,
    TOKEN,
    Portal,
    asks,
    authorizes,
    is_told,
    opened,
)
from tests.attacks.target import HOST, ORIGIN, OTHER_HOST
from tests.attacks.wire import request, said, status

ACME = SSO.replace("demo", "acme")


def visitor_of_acme(home: Household, host: str = OTHER_HOST) -> Guest:
    """A browser in which Bob, who lives at acme, is signed in."""
    guest = Guest(home, host)
    guest.signs_in(name="bob@example.com")
    assert ACME in guest.cookies
    return guest


def test_a_session_is_of_one_portal(home: Household) -> None:
    """Who is signed in at acme is nobody at demo's portal, by whatever name the cookie comes, and back."""
    portal = opened(home)
    bob, aya = visitor_of_acme(home), portal.visitor()
    theirs, mine = bob.cookies[ACME], aya.cookies[SSO]
    for cookie in (f"{ACME}={theirs}", f"{SSO}={theirs}", f"{SSO}={theirs}; {ACME}={theirs}"):
        guest = Guest(home, headers={"cookie": cookie})
        for answer in (asks(guest), asks(guest, "GET"), authorizes(guest)):
            assert answer.status_code == 302
            assert answer.headers["location"].startswith(f"{ORIGIN}/SignIn?")
    for cookie in (f"{SSO}={mine}", f"{ACME}={mine}"):
        for host, root in ((OTHER_HOST, ""), (HOST, "/t/acme")):
            answer = Guest(home, host, headers={"cookie": cookie}).send("POST", f"{root}{TOKEN}")
            assert answer.status_code == 302
    # Two cookies of one name are none.
    assert asks(Guest(home, headers={"cookie": f"{SSO}={theirs}; {SSO}={mine}"})).status_code == 302


def test_a_portal_signs_with_its_own_key(home: Household) -> None:
    """A token of acme is none for those who know demo's key, although both may answer at one host."""
    portal = opened(home)
    guest = visitor_of_acme(home)
    below = Guest(home, HOST, dict(guest.cookies))
    tokens = guest.send("POST", TOKEN).text, below.send("POST", f"/t/acme{TOKEN}").text
    for text in tokens:
        assert jwt.decode(text, options={"verify_signature": False})["email"] == "bob@example.com"
        with pytest.raises(jwt.InvalidSignatureError):
            portal.claims(text, audience="")
    assert portal.claims(tokens[0], audience="", issuer=OTHER_HOST)["iss"] == OTHER_HOST
    with pytest.raises(jwt.InvalidSignatureError):
        portal.claims(asks(portal.visitor()).text, issuer=OTHER_HOST)


def test_a_setting_is_of_one_portal(home: Household) -> None:
    """What demo registered is nothing at acme: neither its clients, nor its pages, nor its switch."""
    portal = opened(home)
    guest = visitor_of_acme(home)
    is_told(asks(guest, client_id=CLIENT), "PortalSTS0001")
    portal.put("ImplicitGrantFlow/RegisteredClientId", CLIENT, "acme")
    is_told(authorizes(guest), "PortalSTS1002")
    portal.put("Connector/ImplicitGrantFlowEnabled", "false")
    portal.put("HTTP/Access-Control-Allow-Origin", "*")
    answer = Guest(home, OTHER_HOST, dict(guest.cookies), {"origin": ORIGIN}).send("POST", TOKEN)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    is_told(asks(portal.visitor()), "PortalSTS1008", 404)


HOSTS = (
    "evil.example", f"{HOST}.evil.example", f"evil.{HOST}", f"{HOST}@evil.example", f"{HOST}:8443",
    f"{HOST}.", f"x@{HOST}", f"{HOST}/evil", f"{HOST}#", "127.0.0.1", "localhost", "[::1]", "*",
)  # fmt: skip
LIES = tuple(
    f"{name}: evil.example"
    for name in (
        "x-forwarded-host",
        "x-host",
        "x-original-host",
        "x-forwarded-server",
        "x-http-host-override",
    )
)


def answered(home: Household, cookie: str, path: str, host: str, *lies: str) -> bytes:
    """What is said to a request under some host."""
    return said(home.port, request(f"GET {path}", f"host: {host}", f"cookie: {cookie}", *lies), 1.5)


def test_the_issuer_is_a_host_of_ours(home: Household) -> None:
    """No header makes the token, or the way to sign in, name a host that is not configured."""
    portal = opened(home)
    cookie = f"{SSO}={portal.visitor().cookies[SSO]}"
    for host in HOSTS:
        for path in (TOKEN, f"{AUTHORIZE}?client_id={CLIENT}&redirect_uri={PAGE}", "/SignIn", KEY):
            heard = answered(home, cookie, path, host)
            assert status(heard) in (400, 421)
            assert b"eyJ" not in heard
            assert b"PUBLIC KEY" not in heard
    for host in (HOST, HOST.upper(), f"{HOST}:443"):
        heard = answered(home, cookie, TOKEN, host, *LIES, "forwarded: host=evil.example")
        text = heard.rpartition(b"\r\n\r\n")[2].decode()
        assert portal.claims(text, audience="")["iss"] == HOST
        for path in (TOKEN, AUTHORIZE, "/SignIn?returnUrl=/a"):
            heard = answered(home, "a=b", path, host, *LIES, "referer: https://evil.example/")
            assert status(heard) == 302
            assert b"evil" not in heard
            assert f"\r\nlocation: {ORIGIN}/".encode() in heard.lower()


def test_a_session_of_anybody_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a session taken whoever's it is, and people looked up everywhere, Bob is somebody at demo."""
    portal = opened(home)
    theirs = visitor_of_acme(home).cookies[ACME]
    guest = Guest(home, headers={"cookie": f"{SSO}={theirs}"})
    assert asks(guest).status_code == 302

    async def lenient(ask: Ask, tenant: Tenant) -> Session | None:
        found = await tenant.store.get(Session, theirs)
        return found if isinstance(found, Session) else None

    async def of_acme(session: Session, _: Tenant) -> object:
        acme = home.directory.named("acme")
        assert acme
        return await honest(session, acme)

    honest = sessions.person
    monkeypatch.setattr(sessions, "current", lenient)
    monkeypatch.setattr(sessions, "person", of_acme)
    assert portal.claims(asks(guest).text)["email"] == "bob@example.com"


def test_settings_of_anybody_bite(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With settings read without their tenant, what one portal registered counts at the other."""
    portal = opened(home)
    guest = visitor_of_acme(home)
    is_told(asks(guest), "PortalSTS0001")

    async def anybodys(_: Tenant, name: str) -> str | None:
        demo = home.tenant
        found = await demo.known.named(SiteSetting, demo.id, setting.canonical(name))
        return found.value if found else None

    monkeypatch.setattr(signing, "value", anybodys)
    assert asks(guest).status_code == 200
    assert portal.claims(asks(portal.visitor()).text)["aud"] == GOOD["client_id"]


def test_any_host_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any host known, the token says that somebody else's host issued it."""
    portal: Portal = opened(home)
    cookie = f"{SSO}={portal.visitor().cookies[SSO]}"
    assert status(answered(home, cookie, TOKEN, "evil.example")) == 421
    monkeypatch.setattr(Addresses, "knows", lambda *_: True)
    text = answered(home, cookie, TOKEN, "evil.example").rpartition(b"\r\n\r\n")[2].decode()
    assert jwt.decode(text, options={"verify_signature": False})["iss"] == "evil.example"
