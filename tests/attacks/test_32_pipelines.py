"""Class 32: a token of Auth0's older pipeline is taken for one of the conformant, or the other way round."""

import json
from typing import Any

import pytest

from sekisho.spec import pipeline
from tests.attacks.guest import Guest, is_live, is_refused, redeem, refresh, tokens, told, who
from tests.attacks.household import API, Household
from tests.servers import claims_of

GRANTS = ("authorization_code", "refresh_token", "implicit")
# The older pipeline's request for everything: without an audience, for a device.
OLDER: dict[str, Any] = {
    "audience": None,
    "scope": "openid profile offline_access plan read:things",
    "device": "phone",
}
GATES = ("gate-0", "gate-1", "gate-2")


@pytest.fixture
def older(home: Household) -> Household:
    """The first application stayed with the older pipeline, the second one did not."""
    home.client("web", oidc_conformant=False, grant_types=GRANTS)
    home.client("second", grant_types=GRANTS)
    home.person(user_metadata={"plan": "none"}, app_metadata={"phone_number_verified": True})
    return home


def of_fragment(home: Household, client: str = "web", **more: str | None) -> dict[str, str]:
    """What comes in the fragment."""
    return Guest(home).answered(client, response_type="token", **more)


def opens_nothing(home: Household, text: str) -> None:
    """Neither an API of the tenant nor ours takes it."""
    assert [is_live(home, text, gate) for gate in GATES] == [False] * 3
    with home.web(authorization=f"Bearer {text}") as web:
        for path in ("/api/v2/clients", "/api/v2/users", "/api/v2/tenants/settings"):
            assert web.get(path).status_code == 401


def test_a_token_of_the_older_pipeline_opens_userinfo_only(older: Household) -> None:
    """Whatever API scopes were asked for beside it: no API is told that it is good."""
    given = of_fragment(older, **OLDER)
    assert who(older, given["access_token"]).json()["sub"] == "auth0|aya"
    opens_nothing(older, given["access_token"])


def test_an_id_token_is_no_access_token(older: Household) -> None:
    """Of either pipeline, beside a token or alone: it tells its client who it is, and opens nothing."""
    found = [
        of_fragment(older, **OLDER)["id_token"],
        Guest(older).answered("web", **{**OLDER, "response_type": "id_token"})["id_token"],
        Guest(older).answered("second", response_type="id_token", scope="openid email")["id_token"],
        Guest(older).answered("second", response_type="id_token token", scope="openid")["id_token"],
    ]
    for text in found:
        is_refused(who(older, text), "invalid_token")
        opens_nothing(older, text)
        is_refused(refresh(older, text), "invalid_grant")
        is_refused(redeem(older, text), "invalid_grant")


def test_a_refresh_token_stays_in_its_pipeline(older: Household) -> None:
    """An audience at refreshing makes no token for an API of one that came without. Class 19."""
    given = of_fragment(older, **OLDER)
    for more in ({"audience": API}, {"resource": API}, {"audience": API, "scope": "openid"}):
        answer = refresh(older, given["refresh_token"], **more)
        assert answer.is_success, answer.text
        given = {**given, **answer.json()}
        assert "." not in given["access_token"]
        opens_nothing(older, given["access_token"])
    is_refused(refresh(older, given["refresh_token"], "second"), "invalid_grant", "invalid_client")


def test_a_client_that_moved_on_has_nothing_of_before(older: Household) -> None:
    """Once it is conformant, its older refresh tokens say no more than a conformant client may know."""
    given = of_fragment(older, **OLDER)
    assert claims_of(given["id_token"])["plan"] == "none"
    assert "identities" in claims_of(given["id_token"])
    older.client("web", oidc_conformant=True)
    body = refresh(older, given["refresh_token"]).json()
    assert "plan" not in body["scope"].split()
    for claims in (claims_of(body["id_token"]), who(older, body["access_token"]).json()):
        assert {"plan", "identities", "user_metadata", "app_metadata"}.isdisjoint(claims)


@pytest.mark.parametrize("scope", ["openid profile offline_access plan", "openid favorite_color"])
def test_a_conformant_client_has_no_older_answers(older: Household, scope: str) -> None:
    """Neither a device nor the name of an attribute brings it what is the older pipeline's."""
    asked = {"scope": scope, "device": "phone", "audience": None}
    given = Guest(older).answered("second", response_type="token", **asked)
    assert {"id_token", "refresh_token"}.isdisjoint(given)
    both = Guest(older).answered("second", response_type="id_token token", **asked)
    claims = claims_of(both["id_token"])
    assert {"plan", "identities", "app_metadata", "user_metadata"}.isdisjoint(claims)
    assert "plan" not in json.dumps(who(older, both["access_token"]).json())


def test_an_audience_ends_the_older_pipeline(older: Household) -> None:
    """With one a client of the older pipeline needs a nonce, and gets no refresh token and no attributes."""
    asked: dict[str, Any] = {
        "audience": API,
        "scope": "openid offline_access plan read:things",
        "device": "phone",
    }
    given = of_fragment(older, **asked)
    assert {"id_token", "refresh_token"}.isdisjoint(given)
    claims = claims_of(given["access_token"])
    assert claims["scope"].split() == ["openid", "read:things"]
    said = told(Guest(older).authorizes("web", response_type="id_token", nonce=None, **asked))
    assert said["error"] == "invalid_request"


def test_nobody_verifies_themselves(older: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """What metadata says is no standard claim; without the guard it would be one. Class 65."""
    asked: dict[str, Any] = {**OLDER, "scope": "openid phone_number_verified"}
    assert "phone_number_verified" not in claims_of(of_fragment(older, **asked)["id_token"])
    monkeypatch.setattr(pipeline, "_OURS", frozenset())
    assert claims_of(of_fragment(older, **asked)["id_token"])["phone_number_verified"] is True


def test_a_nonce_is_of_one_answer(older: Household) -> None:
    """An ID token says the nonce of its own request: a stolen one fits no other request. Class 29."""
    guest = Guest(older)
    asked = {"response_type": "id_token", "scope": "openid", "audience": None}
    first = guest.answered("second", nonce="n-1", **asked)["id_token"]
    second = guest.answered("second", nonce="n-2", **asked)["id_token"]
    assert [claims_of(text)["nonce"] for text in (first, second)] == ["n-1", "n-2"]
    assert told(guest.authorizes("second", **{**asked, "nonce": None}))["error"] == "invalid_request"
    twice = guest.authorizes("second", **asked).request.url
    said = told(guest.opens(f"{twice.raw_path.decode()}&nonce=n-3"))
    assert (said["error"], "id_token" in said) == ("invalid_request", False)


def test_what_a_code_gives_says_the_nonce_of_its_request(older: Household) -> None:
    """At the token endpoint nobody can put another one in."""
    given = tokens(older, "second", nonce="n-7")
    assert claims_of(given["id_token"])["nonce"] == "n-7"
    code = Guest(older).answered("second", nonce="n-8")["code"]
    body = redeem(older, code, "second", nonce="n-9").json()
    assert claims_of(body["id_token"])["nonce"] == "n-8"
    again = refresh(older, body["refresh_token"], "second", nonce="n-9").json()
    assert claims_of(again["id_token"]).get("nonce") in (None, "n-8")
