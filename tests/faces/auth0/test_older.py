"""POST /oauth/ro and /tokeninfo: what clients of the older pipeline call."""

import asyncio
from typing import Any

import pytest

from sekisho.people import users
from sekisho.spec.refusals.protocol import LEGACY_CONFORMANT, LEGACY_OFF
from tests.attacks.guest import Guest, redeem, refresh, who
from tests.attacks.household import AYA, Household
from tests.auth0 import DIRECTORY, GRANTS, older, said, tokeninfo
from tests.people.folk import ADMIN
from tests.servers import claims_of


def id_token(house: Household, **more: Any) -> str:
    """An ID token of the older pipeline."""
    answer = older(house, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id_token"])


def test_a_password_is_worth_tokens(house: Household) -> None:
    """An opaque token and an ID token with bare attributes, as before there were APIs."""
    house.person(user_metadata={"favorite_color": "blue"})
    answer = older(house, scope="openid email favorite_color offline_access")
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"id_token", "access_token", "token_type"}
    assert "." not in answer.json()["access_token"]
    claims = claims_of(answer.json()["id_token"])
    assert (claims["sub"], claims["aud"], claims["favorite_color"]) == (AYA, "native", "blue")
    seen = who(house, answer.json()["access_token"]).json()
    assert (seen["sub"], seen["email"]) == (AYA, "aya@example.com")


def test_a_device_gets_a_refresh_token(house: Household) -> None:
    """Offline access takes the name of a device, and without openid nobody is told who it is."""
    body = older(house, scope="offline_access", device="phone").json()
    assert body.keys() == {"access_token", "token_type", "refresh_token"}
    assert refresh(house, body["refresh_token"], "native").status_code == 200


@pytest.mark.parametrize("name", ["username", "password", "connection", "client_id"])
def test_what_is_missing_is_named(house: Household, name: str) -> None:
    """A name, a password, a directory, a client."""
    more: dict[str, Any] = {name: None}
    answer = older(house, **more)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_request", "invalid_client")


def test_refusals_are_those_of_the_token_endpoint(house: Household) -> None:
    """A wrong password, a directory that is not there, a body of another kind, a parameter sent twice."""
    assert older(house, "wrong words").json() == {
        "error": "invalid_grant",
        "error_description": "Wrong email or password.",
    }
    assert older(house, connection="facebook").json()["error"] == "invalid_request"
    with house.web() as web:
        assert web.post("/oauth/ro", content=b"x", headers={"content-type": "text/xml"}).status_code == 415
        twice = {"client_id": ["native", "web"]}
        assert web.post("/oauth/ro", data=twice).json()["error"] == "invalid_request"


def test_only_older_clients_ask_and_only_while_they_may(house: Household) -> None:
    """The tenant's flag, the client's pipeline, its grant and its credentials: all four."""
    house.decide(legacy_ro=False)
    assert older(house).json()["error_description"] == LEGACY_OFF.text.format(
        flag="allow_legacy_ro_grant_types"
    )
    house.decide(legacy_ro=True)
    assert older(house, client="web").json()["error_description"] == LEGACY_CONFORMANT.text
    house.client("native", grant_types=("authorization_code",))
    assert older(house).json()["error"] == "unauthorized_client"
    house.client("web", oidc_conformant=False)
    assert older(house, client="web", client_secret="wrong").status_code == 401
    house.client("native", grant_types=GRANTS, is_first_party=False)
    assert older(house).json()["error"] == "consent_required"
    assert house.passwords.looked_at == 0


def test_it_needs_no_grant_of_today(house: Household) -> None:
    """The flag of the older endpoint is its own: password grants of the token endpoint stay off."""
    house.decide(grant_types=("authorization_code",))
    assert older(house).status_code == 200


def test_an_id_token_is_worth_a_profile(house: Household) -> None:
    """Auth0's members, and nothing that only applications keep."""
    house.person(user_metadata={"a": "b"}, app_metadata={"c": "d"}, created_at=0.0, updated_at=86_400.5)
    answer = tokeninfo(house, id_token(house))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        "email": "aya@example.com",
        "email_verified": True,
        "name": "Aya",
        "nickname": "aya",
        "user_id": AYA,
        "clientID": "native",
        "identities": [{"provider": "auth0", "user_id": "aya", "connection": DIRECTORY, "isSocial": False}],
        "created_at": "1970-01-01T00:00:00.000Z",
        "updated_at": "1970-01-02T00:00:00.500Z",
    }


def unauthorized(house: Household, token: str) -> bool:
    """It is no good, and nothing else is said."""
    answer = tokeninfo(house, token)
    return (answer.status_code, answer.text) == (401, "Unauthorized")


def test_a_token_that_is_no_good_is_one_word(house: Household) -> None:
    """Another kind of token, one that was changed, that expired, or whose person's things were ended."""
    good = id_token(house)
    access = older(house).json()["access_token"]
    head, claims, signature = good.split(".")
    for text in ("x", "a.b.c", access, f"{head}.{claims}x.{signature}", f"{head}.{claims}."):
        assert unauthorized(house, text)
    house.clock.now += 36_001
    assert unauthorized(house, good)
    house.clock.now -= 36_001
    asyncio.run(users.set_password(house.tenant, AYA, "twelve yellow doors", ADMIN))
    assert unauthorized(house, good)


def test_its_client_and_its_person_have_to_be_there(house: Household) -> None:
    """A blocked person and a client that is switched off have no profile here."""
    good = id_token(house)
    house.person(blocked=True)
    assert unauthorized(house, good)
    house.person(blocked=False)
    house.client("native", enabled=False)
    assert unauthorized(house, good)


def test_clients_of_today_have_userinfo(house: Household) -> None:
    """The flag of the tenant, and the pipeline of the client that the token is for."""
    guest = Guest(house)
    guest.signs_in()
    code = said(guest.authorizes(audience=None, scope="openid"))["code"]
    conformant = redeem(house, code).json()["id_token"]
    assert tokeninfo(house, conformant).json()["error_description"] == LEGACY_CONFORMANT.text
    good = id_token(house)
    house.decide(legacy_tokeninfo=False)
    answer = tokeninfo(house, good)
    assert (answer.status_code, answer.json()["error"]) == (LEGACY_OFF.status, LEGACY_OFF.error)
    with house.web() as web:
        assert web.post("/tokeninfo", json={}).status_code == 403
