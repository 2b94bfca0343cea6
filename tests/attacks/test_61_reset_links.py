"""Classes 61 and 60: a link for a new password that leads elsewhere, is taken, is used twice or by others."""

import html
import re
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from sekisho.people.letters import sending
from sekisho.spec.refusals.authorization import FORM_FORGED
from tests.attacks.guest import Guest, refresh, together, tokens
from tests.attacks.household import OTHER_PASSWORD, PASSWORD, Household
from tests.attacks.target import HOST, OTHER_HOST
from tests.attacks.test_61_host_header import EVIL, FORWARDED, HOSTS
from tests.mails import links, mails, with_tray

EMAIL = "aya@example.com"
CONNECTION = "Username-Password-Authentication"
NEW = "nine brown otters"
COOKIE = "__Host-sekisho-reset-demo"


@pytest.fixture
def house(home: Household) -> Household:
    """A house whose mail lands in a tray."""
    return with_tray(home)


def asks(guest: Guest, name: str = EMAIL, **headers: str) -> httpx.Response:
    """Somebody fills in the form of a forgotten password."""
    page = guest.send("GET", "/forgot", headers=headers)
    form = {"csrf": html.unescape(re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]), "username": name}
    return guest.send("POST", "/forgot", data=form, headers={"origin": guest.origin, **headers})


def opened(house: Household, guest: Guest) -> httpx.Response:
    """The page that the newest link leads to."""
    return guest.opens(links(house)[0])


def is_password(house: Household, text: str) -> bool:
    """Aya signs in with it, a moment after whatever was ended ended."""
    house.clock.now += 1
    guest = Guest(house)
    guest.signs_in(text=text)
    return any("sso" in name for name in guest.cookies)


@pytest.mark.parametrize("line", FORWARDED)
def test_no_header_moves_the_link(house: Household, line: str) -> None:
    """What a proxy would say of host and scheme is in no link: the mail leads to our configured address."""
    name, _, value = line.partition(": ")
    headers = {name: value}
    assert asks(Guest(house), **headers).status_code == 303
    with house.web(HOST, **headers) as web:
        body = {"email": EMAIL, "connection": CONNECTION}
        assert web.post("/dbconnections/change_password", json=body).status_code == 200
    assert len(links(house)) == 2
    for each in mails(house):
        assert EVIL.encode() not in each.source
        assert all(word not in each.mail.text + each.mail.html for word in (EVIL, "6666", "javascript:"))
    assert all(link.startswith(f"https://{HOST}/reset?ticket=") for link in links(house))


@pytest.mark.parametrize(
    "host", [host for host in HOSTS if host.strip() and host.isascii() and host.isprintable()]
)
def test_a_host_that_is_not_ours_sends_nothing(house: Household, host: str) -> None:
    """Whoever asks for a mail under another name is refused before anybody is looked up."""
    with house.web(host) as web:
        try:
            body = {"email": EMAIL, "connection": CONNECTION}
            answer = web.post("/dbconnections/change_password", json=body)
        except httpx.HTTPError:
            return
        assert answer.status_code in (400, 404, 421)
    assert mails(house) == []


def test_another_tenants_address_has_no_use_of_a_link(house: Household) -> None:
    """A link is good where it was made; neither host nor path of a neighbour know of it."""
    asks(Guest(house))
    ticket = dict(parse_qsl(urlsplit(links(house)[0]).query))["ticket"]
    for host, path in ((OTHER_HOST, "/reset"), (HOST, "/t/acme/reset")):
        with house.web(host) as web:
            assert web.get(f"{path}?ticket={ticket}").status_code in (400, 404, 421)
    assert Guest(house).opens(links(house)[0]).status_code == 200


def test_the_link_is_nowhere_but_in_the_mail(house: Household) -> None:
    """Neither the answer to who asks, nor the page of the link, nor its address has it. CWE-598."""
    guest, mallory = Guest(house), Guest(house)
    answer = mallory.follows(asks(mallory))
    ticket = dict(parse_qsl(urlsplit(links(house)[0]).query))["ticket"]
    for said in (answer.text, str(answer.headers), str(answer.request.url), str(mallory.cookies)):
        assert ticket not in said
    page = opened(house, guest)
    assert ticket not in page.text
    assert ticket not in str(page.request.url)
    assert page.headers["referrer-policy"] == "no-referrer" or 'name="referrer"' in page.text


def test_a_link_is_used_once(house: Household) -> None:
    """Of many at once one sets the password; replayed it opens nothing."""
    asks(Guest(house))
    [address] = links(house)
    ready = []
    for _ in range(6):
        guest = Guest(house)
        ready.append((guest, guest.opens(address)))

    def sets(number: int) -> int:
        guest, page = ready[number]
        return int("done=reset" in str(guest.posts(page, **{"new-password": f"{NEW} {number}"}).request.url))

    won = together(6, sets)
    assert sum(won) == 1
    assert is_password(house, f"{NEW} {won.index(1)}")
    assert Guest(house).opens(address).status_code == 400


def test_who_had_the_account_before_has_it_no_more(house: Household) -> None:
    """Sessions, refresh tokens and other links that a thief has end with the new password."""
    thief, aya = Guest(house), Guest(house)
    stolen = tokens(house, guest=thief)
    asks(thief)
    [kept] = links(house)
    asks(aya)
    opened_page = opened(house, aya)
    aya.posts(opened_page, **{"new-password": NEW})
    assert thief.opens("/account").request.url.path == "/login"
    assert refresh(house, stolen["refresh_token"]).status_code == 400
    assert Guest(house).opens(kept).status_code == 400
    assert not is_password(house, PASSWORD)
    assert is_password(house, NEW)


def test_the_form_is_bound_to_its_link(house: Household) -> None:
    """The token of another link, or of a form elsewhere, sets no password. Class 29."""
    asks(Guest(house))
    asks(Guest(house), "ben@example.com")
    mine, other = Guest(house), Guest(house)
    first, second = links(house)
    page, foreign = mine.opens(first), other.opens(second)
    token = re.findall(r'name="csrf" value="([^"]*)"', foreign.text)[0]
    for headers in ({"origin": mine.origin}, {"origin": f"https://{EVIL}"}):
        form = {"csrf": html.unescape(token), "new-password": NEW}
        assert mine.send("POST", "/reset", data=form, headers=headers).status_code == FORM_FORGED.status
    form = {"csrf": html.unescape(re.findall(r'name="csrf" value="([^"]*)"', page.text)[0])}
    evil = {"origin": f"https://{EVIL}"}
    answer = mine.send("POST", "/reset", data={**form, "new-password": NEW}, headers=evil)
    assert answer.status_code == FORM_FORGED.status
    assert not is_password(house, NEW)


@pytest.mark.parametrize(
    "name", ["\u0251ya@example.com", "aya@example.com\u0307", "aya@examp\u0142e.com", "ａｙａ@example.com"]
)
def test_a_name_that_looks_alike_gets_nobodys_mail(house: Household, name: str) -> None:
    """The mail goes to the address that is kept with the account, never to the one that was typed."""
    asks(Guest(house), name)
    assert {each.mail.to for each in mails(house)} <= {EMAIL}


def test_bites_where_the_typed_address_is_used(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard gone that asks for the kept address, somebody else's mailbox gets the link."""
    find = sending.reached

    async def typed(tenant, name):
        from msgspec.structs import replace

        found = await find(tenant, EMAIL)
        assert found.user
        return sending.Reached(replace(found.user, claims={"email": name}), found.account)

    monkeypatch.setattr(sending, "reached", typed)
    asks(Guest(house), "eve@evil.example")
    assert [each.mail.to for each in mails(house)] == ["eve@evil.example"]


def test_the_password_of_another_person_is_not_set(house: Household) -> None:
    """What the form says of a user does not count."""
    asks(Guest(house), "ben@example.com")
    guest = Guest(house)
    guest.posts(opened(house, guest), **{"new-password": NEW}, username=EMAIL, user="auth0|aya")
    assert not is_password(house, NEW)
    assert OTHER_PASSWORD != NEW
