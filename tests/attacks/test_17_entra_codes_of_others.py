"""Class 17, in Entra's words: a code is redeemed by somebody else, elsewhere, or in another way."""

import pytest

from sekisho.oauth.grants import authorization_code
from sekisho.oauth.qualified import code as redeeming
from sekisho.spec import pkce
from sekisho.spec.entra import reply
from tests.attacks.callers import (
    FROM_PAGE,
    SERVER,
    THERE,
    answer_of,
    code_of,
    granted,
    is_refused,
    posts,
    redeems,
    serves,
    twin,
)
from tests.attacks.guest import Guest, ask
from tests.attacks.guest import is_refused as is_refused_here
from tests.attacks.guest import redeem as redeem_here
from tests.attacks.household import OTHER_TENANT, Household
from tests.attacks.target import OTHER_HOST
from tests.entra import ENTER, NEWER, PAGE, PHONE, SITE, SPA, A, B, agreed, application, page
from tests.entra import redeeming as shown
from tests.tenants import SECRET

UNKNOWN, ADDRESS, VERIFIER = 70000, 500112, 501481


def test_a_code_is_its_applications(firm: Household) -> None:
    """Another application that got hold of it, and proves itself, gets nothing; the code stays good."""
    code = code_of(firm, **SERVER)
    for thief in (B, A.upper()):
        is_refused(serves(firm, code, client_id=thief), UNKNOWN, 700016)
    is_refused(redeems(firm, code, redirect_uri=SITE), UNKNOWN)
    assert granted(serves(firm, code))


@pytest.mark.parametrize(
    ("more", "number"),
    [
        ({"redirect_uri": f"{PAGE}?x"}, ADDRESS),
        ({"redirect_uri": PAGE.removesuffix("/")}, ADDRESS),
        ({"redirect_uri": PHONE}, ADDRESS),
        ({"redirect_uri": None}, ADDRESS),
        ({"code_verifier": "w" * 43}, VERIFIER),
        ({"code_verifier": None}, VERIFIER),
    ],
    ids=str,
)
def test_a_code_is_shown_as_it_was_asked_for(
    firm: Household, more: dict[str, str | None], number: int
) -> None:
    """Neither with another address nor with another verifier, nor without one (classes 13 and 14)."""
    is_refused(redeems(firm, code_of(firm), **more), number)


def test_a_code_is_redeemed_where_it_was_asked_for(firm: Household) -> None:
    """Two dialects know consent of two kinds: a code of the one is none of the other."""
    is_refused_here(ask(firm, "", shown(code_of(firm)) | {"client_secret": None}), "invalid_grant")
    own = Guest(firm).answered("web")["code"]
    told = {
        "client_id": "web",
        "client_secret": "web-s3cret-" * 5,
        "redirect_uri": "https://app.example.com/cb",
    }
    is_refused(posts(firm, shown(own, **told)), UNKNOWN)
    assert redeem_here(firm, own).status_code == 200


def test_a_code_is_its_tenants(firm: Household) -> None:
    """The same application in another tenant, with the same secret, gets nothing for it."""
    firm.change(twin(page()), twin(application(A, "Orders")))
    for path, host in ((THERE, "id.example.com"), (f"/{OTHER_TENANT}/oauth2/v2.0", OTHER_HOST)):
        code = code_of(firm)
        is_refused(posts(firm, shown(code), path, host, **FROM_PAGE), UNKNOWN)
        assert granted(redeems(firm, code))
    # Nor does its name at the other one's host mean the first tenant.
    is_refused(posts(firm, shown(code_of(firm)), NEWER, OTHER_HOST, **FROM_PAGE), 90002)


def test_each_address_has_its_own_way(firm: Household) -> None:
    """Nobody redeems a site's code without its secret, a page's without its origin, nor one for another."""
    for sent, number in (
        ({"client_secret": None}, 7000218),
        ({"client_secret": ""}, 7000218),
        ({"client_secret": "wrong"}, 7000215),
    ):
        is_refused(serves(firm, code_of(firm, **SERVER), **sent), number)
    is_refused(posts(firm, shown(code_of(firm))), 9002327)
    site = code_of(firm, **SERVER)
    told = shown(site, **SERVER, client_secret=SECRET)
    is_refused(posts(firm, told, **FROM_PAGE), 9002326)
    program = answer_of(Guest(firm), redirect_uri=PHONE)["code"]
    is_refused(posts(firm, shown(program, redirect_uri=PHONE), **FROM_PAGE), 9002326)
    assert granted(posts(firm, shown(program, redirect_uri=PHONE)))


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "https://spa.example.com.evil.example", "https://*.example.com"],
)
def test_no_foreign_page_reads_an_answer(firm: Household, origin: str) -> None:
    """A page of an origin that nobody registered is told nothing, and leaves no word to read."""
    for told in (shown(code_of(firm)), shown("wrong"), {"client_id": SPA}):
        answer = posts(firm, told, origin=origin)
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
    answer = posts(firm, shown(code_of(firm)), **FROM_PAGE)
    assert answer.headers["access-control-allow-origin"] == FROM_PAGE["origin"]


def test_a_repeated_parameter_is_none(firm: Household) -> None:
    """Nobody says one thing to a guard and another one to us: what counts comes once."""
    code = code_of(firm, **SERVER)
    told = {name: value for name, value in shown(code, **SERVER, client_secret=SECRET).items() if value}
    for name in ("client_id", "code", "redirect_uri", "code_verifier", "grant_type", "client_secret"):
        with firm.web() as web:
            body = "&".join(f"{key}={value}" for key, value in (*told.items(), (name, "x")))
            kind = {"content-type": "application/x-www-form-urlencoded"}
            is_refused(web.post(f"{NEWER}/token", content=body, headers=kind), 9002313)
    assert granted(serves(firm, code))


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    scope = f"openid {ENTER}"
    firm.change(agreed(A, A, "access_as_user"))
    with monkeypatch.context() as mutant:
        mutant.setattr(authorization_code, "_is_of", lambda *_: True)
        mutant.setattr(redeeming, "_kind", lambda *_: "web")
        assert granted(serves(firm, code_of(firm, scope=scope), redirect_uri=PAGE))
    with monkeypatch.context() as mutant:
        mutant.setattr(pkce, "verifier_fits", lambda *_: None)
        assert granted(redeems(firm, code_of(firm), code_verifier=None))
    with monkeypatch.context() as mutant:
        mutant.setattr(reply, "is_redeemed_by", lambda *_, **__: None)
        assert granted(serves(firm, code_of(firm, **SERVER, scope=scope), client_secret=None))
