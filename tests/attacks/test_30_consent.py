"""Class 30: an application gets what the person never agreed to."""

from collections.abc import Iterator

import httpx
import pytest
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.client import ReplyUrl
from sekisho.oauth.wishes import audience
from sekisho.spec.browser import csrf
from tests.attacks.guest import (
    SSO,
    Guest,
    address_of,
    ask,
    is_live,
    is_refused,
    redeem,
    refresh,
    request,
    token_of,
    tokens,
    told,
    who,
)
from tests.attacks.household import API, CALLBACKS, OTHER_API, OTHER_PASSWORD, PASSWORD, Household, apis

STRANGERS = ("third", "spa")


def guest_of(home: Household, name: str = "aya@example.com", text: str = PASSWORD) -> Guest:
    """Somebody who is signed in."""
    guest = Guest(home)
    guest.signs_in(name=name, text=text)
    return guest


def agreed(home: Household, client: str = "third", **more: str | None) -> Guest:
    """Somebody who agreed."""
    guest = guest_of(home)
    assert "code" in told(guest.posts(guest.authorizes(client, **more), decision="allow"))
    return guest


def is_asked(answer: httpx.Response) -> None:
    """The person is asked, and nothing was given."""
    assert (answer.status_code, answer.request.url.path) == (200, "/consent")


@pytest.mark.parametrize("client", STRANGERS)
def test_nobody_is_let_in_silently(home: Household, client: str) -> None:
    """An application of somebody else, with a secret or without, asks: in every way that it may come."""
    guest = guest_of(home)
    assert told(guest.authorizes(client, prompt="none"))["error"] == "consent_required"
    is_asked(guest.authorizes(client))
    for more in ({"prompt": "select_account"}, {"prompt": "login"}, {"max_age": "0"}):
        is_asked(guest.signs_in(guest.authorizes(client, **more)))
    is_asked(guest.authorizes(client, scope=None))
    is_asked(guest.authorizes(client, audience=None))
    for more in ({"scope": "unheard:of"}, {"response_mode": "fragment"}):
        is_asked(guest.authorizes(client, **more))
    is_asked(guest.follows(guest.send("POST", "/authorize", data=request(client))))
    pushed = ask(home, client, request(client), "/oauth/par").json()["request_uri"]
    is_asked(guest.authorizes(client, request_uri=pushed))


@pytest.mark.parametrize("client", STRANGERS)
def test_the_page_cannot_be_passed_by(home: Household, client: str) -> None:
    """Whoever goes on without an answer, by whatever address, comes back to the question."""
    guest = guest_of(home)
    page = guest.authorizes(client)
    query = page.request.url.query.decode()
    for address in (
        f"/authorize/resume?{query}", f"/authorize/resume?{query}&decision=allow",
        f"/consent?{query}&decision=allow", f"/authorize/resume?{query}&done=consent&consent=1",
    ):  # fmt: skip
        is_asked(guest.opens(address))
    for form in ({"decision": "maybe"}, {"decision": ""}, {}, {"allow": "true"}):
        assert guest.posts(page, **form).status_code == 400
    assert guest.send("POST", f"/authorize/resume?{query}", data={"decision": "allow"}).status_code == 405
    assert told(guest.authorizes(client, prompt="none"))["error"] == "consent_required"


def test_an_agreement_is_exact(home: Household) -> None:
    """It is about these scopes of this API for this client by this person, and about nothing beyond."""
    guest = agreed(home, scope="openid email read:things")
    silent = {"prompt": "none", "scope": "openid email read:things"}
    assert "code" in told(guest.authorizes("third", **silent))
    for more in (
        {"scope": "openid email read:things write:things"}, {"scope": "openid email profile read:things"},
        {"scope": "openid email read:things offline_access"}, {"audience": OTHER_API},
    ):  # fmt: skip
        assert told(guest.authorizes("third", **{**silent, **more}))["error"] == "consent_required"
    for client, person in (("spa", guest), ("third", guest_of(home, "ben@example.com", OTHER_PASSWORD))):
        assert told(person.authorizes(client, **silent))["error"] == "consent_required"


def forgeries(guest: Guest, page: httpx.Response) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Forms that no page of ours would send: fields and headers."""
    allow = {"decision": "allow"}
    honest = {**allow, "csrf": token_of(page)}
    other = guest.authorizes("spa")
    yield allow, {}
    for token in ("", "x", token_of(other), token_of(guest.opens("/account")), token_of(page)[:-1]):
        yield {**allow, "csrf": token}, {}
    for origin in ("https://third.example.net", "null", "https://id.example.com.evil.example", ""):
        yield honest, {"origin": origin}
    for site in ("cross-site", "same-site", "none"):
        yield honest, {"sec-fetch-site": site}


def test_only_the_page_says_yes(home: Household) -> None:
    """No other site, page, flow or session can answer for the person."""
    guest = guest_of(home)
    page = guest.authorizes("third")
    for form, headers in forgeries(guest, page):
        answer = guest.send("POST", address_of(page), data=form, headers=headers)
        assert answer.status_code == 400, (form, headers)
    # Neither an answer that was seen by somebody else who was signed in here before.
    ben = guest_of(home, "ben@example.com", OTHER_PASSWORD)
    mine = guest.cookies[SSO]
    guest.cookies[SSO] = ben.cookies[SSO]
    assert guest.posts(page, decision="allow").status_code == 400
    guest.cookies[SSO] = mine
    assert told(guest.authorizes("third", prompt="none"))["error"] == "consent_required"
    assert "code" in told(guest.posts(page, decision="allow"))


def test_nothing_is_agreed_to_unseen(home: Household) -> None:
    """What the form adds counts for nothing, and a question that changed since is asked again."""
    api = next(each for each in apis() if each.identifier == API)
    read, write = api.scopes
    home.change(replace(api, scopes=(read, replace(write, enabled=False)), version=1))
    guest = guest_of(home)
    page = guest.authorizes("third")
    assert "write:things" not in page.text
    home.change(replace(api, version=2))
    assert guest.posts(page, decision="allow").status_code == 400
    page = guest.authorizes("third", scope="openid read:things")
    said = told(guest.posts(page, decision="allow", scope="openid write:things", audience=OTHER_API))
    given = redeem(home, said["code"], "third").json()
    assert given["scope"] == "openid read:things"
    assert told(guest.authorizes("third", prompt="none"))["error"] == "consent_required"


def test_who_is_trusted(home: Household) -> None:
    """Our own application is let in where its address proves that it is it, and the API agrees."""
    guest = guest_of(home)
    assert "code" in told(guest.authorizes("web"))
    is_asked(guest.authorizes("native"))
    assert told(guest.authorizes("native", prompt="none"))["error"] == "consent_required"
    for uri in ("https://localhost/cb", "com.example.app:/cb", "http://[::1]/cb", "https://127.0.0.1/cb"):
        home.client("web", reply_urls=(ReplyUrl(uri),))
        is_asked(guest.authorizes("web", redirect_uri=uri))
    home.client("web", reply_urls=(ReplyUrl(CALLBACKS["web"]),))
    api = next(each for each in apis() if each.identifier == API)
    home.change(replace(api, skip_consent=False, version=1))
    is_asked(guest.authorizes("web"))
    # Looking like ours is not being ours.
    home.client("third", name="Web", reply_urls=(ReplyUrl(CALLBACKS["web"]),), policy_uri=CALLBACKS["web"])
    is_asked(guest.authorizes("third", redirect_uri=CALLBACKS["web"], scope="openid"))


def test_trust_that_ends_on_the_way(home: Household) -> None:
    """An application that stopped being ours while the person signed in has to ask."""
    guest = Guest(home)
    page = guest.authorizes("web")
    home.client("web", is_first_party=False)
    is_asked(guest.signs_in(page))


def test_what_is_taken_back_is_gone(home: Household) -> None:
    """A withdrawn agreement ends every token, and all is asked for again; only the person does that."""
    guest = Guest(home)
    given = tokens(home, "third", guest)
    code = told(guest.authorizes("third"))["code"]
    form = {"client": "third", "csrf": "forged"}
    assert guest.send("POST", "/account/applications", data=form).status_code == 400
    assert is_live(home, given["access_token"])
    form = {"client": "third", "csrf": token_of(guest.opens("/account"))}
    evil = {"origin": "https://third.example.net"}
    assert guest.send("POST", "/account/applications", data=form, headers=evil).status_code == 400
    home.clock.now += 1
    assert guest.send("POST", "/account/applications", data=form).status_code == 303
    is_refused(refresh(home, given["refresh_token"], "third"), "invalid_grant")
    is_refused(redeem(home, code, "third"), "invalid_grant")
    is_refused(who(home, given["access_token"]), "invalid_token")
    assert not is_live(home, given["access_token"])
    home.clock.now += 1
    assert told(guest.authorizes("third", prompt="none"))["error"] == "consent_required"


def test_no_is_no(home: Household) -> None:
    """Who declines is asked again the next time, and the flow of the no cannot be turned into a yes."""
    guest = guest_of(home)
    page = guest.authorizes("third")
    said = told(guest.posts(page, decision="deny"))
    assert (said["error"], "code" in said) == ("access_denied", False)
    answer = guest.send("POST", address_of(page), data={"csrf": token_of(page), "decision": "allow"})
    assert answer.status_code == 400
    assert told(guest.authorizes("third", prompt="none"))["error"] == "consent_required"


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    guest = guest_of(home)
    with monkeypatch.context() as mutant:
        mutant.setattr(audience, "_is_trusted", lambda *_: True)
        assert "code" in told(guest.authorizes("third", prompt="none"))
    with monkeypatch.context() as mutant:
        mutant.setattr(audience, "_is_verifiable", lambda *_: True)
        assert "code" in told(guest.authorizes("native", prompt="none"))
    with monkeypatch.context() as mutant:
        mutant.setattr(csrf, "form_is_of_this_page", lambda *_: None)
        mutant.setattr(csrf, "form_comes_from_here", lambda *_: None)
        page = guest.authorizes("spa")
        evil = {"origin": "https://evil.example"}
        # What is shown there is no secret.
        form = {"decision": "allow", "csrf": f".{token_of(page).partition('.')[2]}"}
        answer = guest.send("POST", address_of(page), data=form, headers=evil)
        assert "code" in told(guest.follows(answer))


def test_the_api_decides_too(home: Household) -> None:
    """Each API that an application of ours asks for is looked at by itself."""
    guest = guest_of(home)
    other = next(each for each in apis() if each.identifier == OTHER_API)
    assert isinstance(other, Api)
    home.change(replace(other, skip_consent=False, version=1))
    assert "code" in told(guest.authorizes("web"))
    is_asked(guest.authorizes("web", audience=OTHER_API))
