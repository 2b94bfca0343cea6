"""What pages of Auth0's ask before they show a form."""

import pytest

from tests.attacks.guest import Guest
from tests.attacks.household import Household
from tests.auth0 import APP

CHALLENGES = (
    "/usernamepassword/challenge",
    "/dbconnections/signup/challenge",
    "/dbconnections/change_password/challenge",
    "/passwordless/challenge",
)
WITH_COOKIES = ("/co/authenticate", "/user/ssodata", "/usernamepassword/challenge")
WITHOUT = ("/dbconnections/signup", "/oauth/ro", "/tokeninfo", "/passwordless/challenge")


def test_nobody_learns_who_is_signed_in(house: Household) -> None:
    """The answer is the same for whoever is signed in, and for pages of any origin."""
    guest = Guest(house)
    for _ in range(2):
        for origin in (APP, "https://evil.example"):
            answer = guest.send("GET", "/user/ssodata", headers={"origin": origin})
            assert (answer.status_code, answer.json()) == (200, {"sso": False})
            assert answer.headers["cache-control"] == "no-store"
        guest.signs_in()


@pytest.mark.parametrize("path", CHALLENGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_riddles_are_set(house: Household, path: str, method: str) -> None:
    """Libraries that ask whether a person has to be proved are told no."""
    answer = Guest(house).send(method, path, headers={"origin": APP})
    assert (answer.status_code, answer.json()) == (200, {"required": False})
    assert answer.headers["access-control-allow-origin"] == APP


@pytest.mark.parametrize("path", [*WITH_COOKIES, *WITHOUT])
def test_preflights_let_named_origins_in(house: Household, path: str) -> None:
    """Credentials are allowed where browsers send them, to the very origin, and to no other one."""
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "auth0-client"}
    with house.web() as web:
        answer = web.options(path, headers={**asks, "origin": APP})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == APP
        assert "auth0-client" in answer.headers["access-control-allow-headers"]
        said = answer.headers.get("access-control-allow-credentials")
        assert said == ("true" if path in WITH_COOKIES else None)
        for origin in ("https://evil.example", "null", f"{APP}.evil.example", APP.upper()):
            headers = web.options(path, headers={**asks, "origin": origin}).headers
            assert not {name for name in headers if name.startswith("access-control-allow-")}
