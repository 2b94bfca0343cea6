"""Class 26: a pushed request is used again, by another, too late, changed on its way, or leaks."""

import socket
from functools import partial
from urllib.parse import urlencode

import httpx
import pytest

from sekisho.model.client import ReplyUrl
from sekisho.oauth import asked
from sekisho.oauth.asked import Asked
from sekisho.tenant import Tenant
from tests.attacks.guest import (
    CHALLENGE,
    SSO,
    Guest,
    address_of,
    ask,
    is_refused,
    proof,
    redeem,
    request,
    together,
    token_of,
    told,
)
from tests.attacks.household import CALLBACKS, OTHER_PASSWORD, PASSWORD, Household
from tests.attacks.target import OTHER_HOST
from tests.servers import claims_of

URN = "urn:ietf:params:oauth:request_uri:"
MANY = 8


def push(home: Household, client: str = "web", **more: str | None) -> httpx.Response:
    """A request is pushed."""
    return ask(home, client, {**request(client), **more}, "/oauth/par")


def pushed(home: Household, client: str = "web", **more: str | None) -> str:
    """Its reference."""
    answer = push(home, client, **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["request_uri"])


def opens(guest: Guest, reference: str, client: str = "web", **more: str) -> httpx.Response:
    """A browser comes with a reference."""
    return guest.opens(f"/authorize?{urlencode({'client_id': client, 'request_uri': reference, **more})}")


def arrives(guests: list[Guest], reference: str, number: int) -> httpx.Response:
    """One of them opens it."""
    return opens(guests[number], reference)


def is_shown(answer: httpx.Response) -> None:
    """A page of ours says no; nobody is sent anywhere."""
    assert answer.status_code == 400, (answer.status_code, answer.headers)
    assert "location" not in answer.headers


def guest_of(home: Household) -> Guest:
    """Somebody who is signed in."""
    guest = Guest(home)
    guest.signs_in()
    return guest


def test_a_reference_is_answered_once(home: Household) -> None:
    """After its code, its error or its no, a reference is unknown: here, and in every other browser."""
    guest = guest_of(home)
    for more, end in (({}, "code"), ({"prompt": "none", "max_age": "0"}, "error")):
        reference = pushed(home, **more)
        assert end in told(opens(guest, reference))
        for again in (guest, guest_of(home), Guest(home)):
            is_shown(opens(again, reference))
    reference = pushed(home, "third")
    page = opens(guest, reference, "third")
    assert "error" in told(guest.posts(page, decision="deny"))
    is_shown(opens(guest, reference, "third"))


def test_a_reference_is_of_one_browser(home: Household) -> None:
    """The browser that opened it comes back to it; for a thief who saw it, it is unknown from then on."""
    reference = pushed(home)
    guest, thief = Guest(home), guest_of(home)
    page = opens(guest, reference)
    is_shown(opens(thief, reference))
    assert opens(guest, reference).request.url == page.request.url
    assert "code" in told(guest.signs_in(page))
    is_shown(opens(thief, reference))


def test_many_open_it_at_once(home: Household) -> None:
    """Of many browsers at the same moment one has it; of many that are signed in one gets a code."""
    for _ in range(3):
        reference, strangers = pushed(home), [Guest(home) for _ in range(MANY)]
        pages = together(MANY, partial(arrives, strangers, reference))
        assert [each.status_code for each in pages].count(200) == 1
        guests = [guest_of(home) for _ in range(MANY)]
        reference = pushed(home)
        answers = together(MANY, partial(arrives, guests, reference))
        assert len([each for each in answers if "code=" in each.headers.get("location", "")]) == 1


@pytest.mark.parametrize("other", ["second", "third", "spa", "nobody", ""])
def test_a_reference_is_of_one_client(home: Household, other: str) -> None:
    """Another client cannot use it, whoever that is, and does not use it up."""
    reference, guest = pushed(home), guest_of(home)
    is_shown(opens(guest, reference, other))
    is_shown(guest.opens(f"/authorize?{urlencode({'request_uri': reference})}"))
    with home.web(OTHER_HOST) as web:
        is_shown(web.get("/authorize", params={"client_id": "web", "request_uri": reference}))
    is_shown(guest.opens(f"/t/acme/authorize?{urlencode({'client_id': 'web', 'request_uri': reference})}"))
    assert "code" in told(opens(guest, reference))


def test_it_is_used_in_time(home: Household) -> None:
    """A reference that nobody opened in time is unknown; one that was opened lives as long as its flow."""
    late, opened = pushed(home), pushed(home)
    guest = Guest(home)
    page = opens(guest, opened)
    home.clock.now += home.tenant.policy.pushed_lifetime
    is_shown(opens(guest, late))
    assert opens(guest, opened).request.url == page.request.url
    home.clock.now += home.tenant.policy.flow_lifetime
    is_shown(opens(guest, opened))
    is_shown(guest.signs_in(page))


CHANGES = {
    "scope": "openid email offline_access write:things",
    "redirect_uri": "https://evil.example/cb",
    "state": "evil",
    "nonce": "evil",
    "response_mode": "fragment",
    "code_challenge": "e" * 43,
    "audience": "https://other-api.example",
    "prompt": "none",
    "response_type": "token",
    "request": "x.y.z",
    "login_hint": "evil@example.com",
}


def test_what_was_pushed_is_what_counts(home: Household) -> None:
    """Nothing beside the reference changes anything: neither where the answer goes nor what it is for."""
    guest = guest_of(home)
    answer = opens(guest, pushed(home, scope="openid read:things"), **CHANGES)
    assert answer.headers["location"].startswith(f"{CALLBACKS['web']}?code=")
    said = told(answer)
    assert said["state"] == "s-1"
    given = redeem(home, said["code"]).json()
    assert given["scope"] == "openid read:things"
    assert claims_of(given["id_token"])["nonce"] == "n-1"


def test_nothing_of_it_leaks(home: Household) -> None:
    """What was pushed is in no cookie and in no address of ours on the whole way, only in the client's."""
    guest = Guest(home)
    hidden = {"state": "hidden-state", "nonce": "hidden-nonce", "audience": "https://api.example"}
    answer = guest.send(
        "GET",
        f"/authorize?{urlencode({'client_id': 'third', 'request_uri': pushed(home, 'third', **hidden)})}",
    )
    seen = []
    while answer.is_redirect and answer.headers["location"].startswith(guest.origin):
        seen.append(str(answer.headers))
        answer = guest.send("GET", answer.headers["location"])
        if answer.request.url.path == "/login":
            form = {"username": "aya@example.com", "password": PASSWORD, "csrf": token_of(answer)}
            answer = guest.send("POST", address_of(answer), data=form)
    seen.append(str(answer.headers) + str(answer.request.url))
    assert answer.request.url.path == "/consent"
    assert len(seen) == 4
    for text in (*hidden.values(), CHALLENGE, "offline_access", CALLBACKS["third"]):
        assert not [each for each in seen if text in each and "content-security" not in each]
    assert "hidden" not in str(guest.cookies)


def test_only_the_client_pushes(home: Household) -> None:
    """Nobody pushes for a client that has a secret without it, and none can push in another's name."""
    for more in (
        {"client_secret": None}, {"client_secret": "wrong"}, {"client_id": "second"},
        {"client_id": "web", "client_secret": proof("second")["client_secret"]}, {"client_id": None},
    ):  # fmt: skip
        answer = push(home, **more)
        is_refused(answer, "invalid_client", "invalid_request")
    with home.web() as web:
        mine = proof("second")
        auth = (mine["client_id"], mine["client_secret"])
        is_refused(
            web.post("/oauth/par", data=request("web"), auth=auth), "invalid_client", "invalid_request"
        )
        assert web.get("/oauth/par", params={**request(), **proof("web")}).status_code in (404, 405)
    home.client("web", enabled=False)
    is_refused(push(home), "invalid_client")


def test_it_is_checked_when_it_is_pushed(home: Household) -> None:
    """What `/authorize` would refuse is refused here; nobody is led to an address that went meanwhile."""
    for more, error in (
        ({"redirect_uri": "https://evil.example/cb"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"request_uri": f"{URN}x"}, "invalid_request"),
        ({"request_uri": "https://evil.example/r"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ):
        is_refused(push(home, **more), error)
    reference = pushed(home)
    home.client("web", reply_urls=(ReplyUrl("https://app.example.com/new"),))
    is_shown(opens(guest_of(home), reference))


def test_sizes_have_a_bound(home: Household) -> None:
    """A request that is larger than it can honestly be is not kept."""
    assert push(home, state="s" * 10_300).status_code == 413
    is_refused(push(home, state="s" * 2_100), "invalid_request")
    with home.web() as web:
        many = {**request(), **proof("web"), **{f"x{n}": "y" for n in range(300)}}
        assert web.post("/oauth/par", data=many).status_code == 413


def test_nothing_else_is_a_reference(home: Household) -> None:
    """Made up references are unknown, and no address is ever fetched for one."""
    guest = guest_of(home)
    handle = pushed(home).rpartition(":")[2]
    code = guest.answered()["code"]
    for text in (
        URN, f"{URN}x", f"{URN}{'A' * 43}", f"{URN}{handle[:-1]}", f"{URN}{code}", f"{URN}{handle}\n",
        f"{URN}{guest.cookies[SSO]}", f"{URN}%00", f"{URN}../{handle}",
    ):  # fmt: skip
        is_shown(opens(guest, text))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        for scheme in ("http", "https"):
            address = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/r.jwt"
            answer = guest.authorizes(request_uri=address)
            assert told(answer)["error"] == "request_uri_not_supported"
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize("by", ["tenant", "client"])
def test_where_it_is_required_there_is_no_other_way(home: Household, by: str) -> None:
    """A client that has to push cannot be asked for in any other way, and not where pushing is off."""
    if by == "tenant":
        home.decide(pushing_required=True)
    else:
        home.client("web", requires_pushing=True)
    guest = guest_of(home)
    for more in ({}, {"request_uri": ""}, {"request_uri": "x"}):
        assert "code" not in told(guest.authorizes(**more))
    answer = guest.follows(guest.send("POST", "/authorize", data=request()))
    assert "code" not in told(answer)
    reference = pushed(home)
    home.decide(pushing_allowed=False)
    is_shown(opens(guest, reference))
    assert "code" not in told(guest.authorizes())
    is_refused(push(home), "invalid_request")


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    thief = Guest(home)
    thief.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    with monkeypatch.context() as mutant:
        mutant.setattr(Asked, "opened", lambda *_: ())
        reference = pushed(home)
        assert opens(Guest(home), reference).status_code == 200
        assert "code" in told(opens(thief, reference))
    with monkeypatch.context() as mutant:
        mutant.setattr(Asked, "answered", lambda *_: ())
        reference = pushed(home)
        assert all("code" in told(opens(thief, reference)) for _ in range(2))
    with monkeypatch.context() as mutant:
        mutant.setattr(asked, "Owner", lambda **_: Anybody())
        assert opens(thief, pushed(home, redirect_uri=CALLBACKS["web"]), "second").status_code == 400
        home.client("second", reply_urls=(ReplyUrl(CALLBACKS["web"]),))
        assert "code" in told(opens(thief, pushed(home), "second"))
    with monkeypatch.context() as mutant:
        home.decide(pushing_required=True)
        mutant.setattr(Tenant, "policy", home.tenant.policy.__class__())
        assert "code" in told(thief.authorizes())


class Anybody:
    """Equal to everybody."""

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0
