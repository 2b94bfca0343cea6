"""Class 32: one of the tokens that a sign-in gives is taken for another one of them, or at another place."""

from typing import Any

import pytest

from sekisho.spec.http import Ask
from sekisho.tenant import Tenant
from sekisho.tokens import id_token
from sekisho.tokens import signed as reading
from tests.attacks.guest import (
    SSO,
    Guest,
    ask,
    is_live,
    is_refused,
    redeem,
    refresh,
    request,
    tokens,
    told,
    who,
)
from tests.attacks.household import OPAQUE_API, OTHER_API, Household
from tests.attacks.target import MANAGEMENT, ORIGIN, OTHER_HOST
from tests.servers import claims_of


def everything(home: Household) -> dict[str, str]:
    """What a sign-in leaves behind: tokens, code, cookies, references; by what they are."""
    guest = Guest(home)
    given = tokens(home, guest=guest)
    opaque = tokens(home, guest=guest, audience=OPAQUE_API)["access_token"]
    pushed = ask(home, "web", request(), "/oauth/par").json()["request_uri"]
    form = {"token": given["access_token"]}
    with home.web(accept="application/token-introspection+jwt") as web:
        signed = web.post(
            "/oauth/introspect", data={**form, "client_id": "gate-0", "client_secret": "gate-0-s3cret-" * 5}
        )
    guest.authorizes("third")
    flow = next(value for name, value in guest.cookies.items() if "-flow-" in name)
    return {
        "access": given["access_token"],
        "refresh": given["refresh_token"],
        "id": given["id_token"],
        "opaque": opaque,
        "code": told(guest.authorizes())["code"],
        "session": guest.cookies[SSO],
        "flow": flow,
        "pushed": pushed.rpartition(":")[2],
        "introspected": signed.text,
        "sid": claims_of(given["id_token"])["sid"],
    }


def test_only_an_access_token_opens_anything(home: Household) -> None:
    """At userinfo and introspection all else is no token, and nothing of a person administers."""
    found = everything(home)
    for kind, text in found.items():
        answer = who(home, text)
        if kind == "access":
            assert answer.status_code == 200
        else:
            assert answer.status_code == 401, kind
            assert "aya" not in answer.text
        assert is_live(home, text) == (kind == "access")
        assert is_live(home, text, "gate-2") == (kind == "opaque")
        with home.web(authorization=f"Bearer {text}") as web:
            for path in ("/api/v2/clients", "/api/v2/users", "/api/v2/tenants/settings"):
                assert web.get(path).status_code == 401, kind


def test_only_a_refresh_token_refreshes(home: Household) -> None:
    """Nothing else is taken for one, and nothing but a code for a code; none of them ends by being tried."""
    found = everything(home)
    for kind, text in found.items():
        if kind != "refresh":
            is_refused(refresh(home, text), "invalid_grant")
        if kind != "code":
            is_refused(redeem(home, text), "invalid_grant")
    assert refresh(home, found["refresh"]).status_code == 200
    assert redeem(home, found["code"]).status_code == 200


def test_only_an_id_token_is_a_hint(home: Household) -> None:
    """Neither an access token nor a signed answer of ours says who is meant, or signs anybody out."""
    found, guest = everything(home), Guest(home)
    guest.signs_in()
    for kind, text in found.items():
        said = told(guest.authorizes(id_token_hint=text, prompt="none"))
        assert ("code" in said) == (kind == "id"), kind
        if kind != "id":
            where = f"/oidc/logout?id_token_hint={text}&post_logout_redirect_uri=https://app.example.com/bye"
            answer = guest.opens(f"{where}&client_id=web")
            assert answer.status_code == 200
            assert "https://app.example.com/bye" not in answer.text
    assert "code" in told(guest.authorizes(prompt="none"))


def test_a_token_of_one_api_is_nothing_at_another(home: Household) -> None:
    """Each API is told of its own tokens only, and a token for one has no word for another in it."""
    mine = tokens(home)["access_token"]
    theirs = tokens(home, audience=OTHER_API)["access_token"]
    opaque = tokens(home, audience=OPAQUE_API)["access_token"]
    seen = [[is_live(home, text, f"gate-{n}") for n in range(3)] for text in (mine, theirs, opaque)]
    assert seen == [[True, False, False], [False, True, False], [False, False, True]]
    assert claims_of(mine)["aud"] == ["https://api.example", f"{ORIGIN}/userinfo"]
    # Without `openid` it is for the API alone.
    bare = tokens(home, scope="read:things")["access_token"]
    assert claims_of(bare)["aud"] == "https://api.example"
    is_refused(who(home, bare), "invalid_token", "insufficient_scope")


def test_a_token_for_userinfo_is_for_nothing_else(home: Household) -> None:
    """A token of a request without an API opens userinfo only."""
    token = tokens(home, audience=None)["access_token"]
    assert who(home, token).json()["sub"] == "auth0|aya"
    assert [is_live(home, token, f"gate-{n}") for n in range(3)] == [False] * 3
    with home.web(OTHER_HOST, authorization=f"Bearer {token}") as web:
        assert web.get("/userinfo").status_code == 401


def test_a_token_travels_in_its_place(home: Household) -> None:
    """Not in an address, not twice, not in a cookie, and not under another scheme."""
    token = tokens(home)["access_token"]
    ways: tuple[dict[str, Any], ...] = (
        {"method": "GET", "params": {"access_token": token}},
        {"method": "GET", "headers": {"cookie": f"access_token={token}"}},
        {"method": "GET", "headers": {"authorization": f"Token {token}"}},
        {"method": "GET", "headers": {"authorization": token}},
        {"method": "GET", "headers": {"authorization": f"Bearer {token} {token}"}},
        {"method": "GET", "headers": {"authorization": f"Bearer {token},{token}"}},
        {"method": "POST", "data": {"access_token": token}, "headers": {"authorization": f"Bearer {token}"}},
        {"method": "POST", "data": {"access_token": [token, token]}},
        {"method": "POST", "params": {"access_token": token}},
    )
    with home.web() as web:
        for way in ways:
            answer = web.request(url="/userinfo", **way)
            assert answer.status_code in (400, 401), way
            assert "aya@" not in answer.text


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    given, guest = tokens(home), Guest(home)
    guest.signs_in()
    with monkeypatch.context() as mutant:
        mutant.setattr(Tenant, "is_management", lambda *_: True)
        with home.web(authorization=f"Bearer {given['access_token']}") as web:
            assert web.get("/api/v2/clients").status_code == 403
    with monkeypatch.context() as mutant:
        honest = reading.bearer
        mutant.setattr(
            reading,
            "bearer",
            lambda claims, tenant: honest(
                {
                    "jti": "x.1",
                    "scope": "openid email",
                    "azp": claims["aud"],
                    **claims,
                    "aud": f"{ORIGIN}/userinfo",
                },
                tenant,
            ),
        )
        assert who(home, given["id_token"]).json()["email"] == "aya@example.com"
    with monkeypatch.context() as mutant:
        mutant.setattr(id_token, "hinted", lambda *_: ("auth0|aya", "web", ""))
        assert "code" in told(guest.authorizes(id_token_hint=given["access_token"], prompt="none"))
    assert MANAGEMENT.startswith(ORIGIN)
    assert Ask(method="GET", path="/", root=ORIGIN).root == ORIGIN
