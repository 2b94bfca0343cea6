"""Class 37, in Entra's words: an assertion that may come again there comes again elsewhere, or for ever."""

import pytest

from sekisho.model.client import Client
from sekisho.spec.assertion import TYPE
from sekisho.spec.entra import place
from tests.attacks.callers import changed, granted, is_refused
from tests.attacks.guest import ask, together
from tests.attacks.guest import is_refused as is_refused_here
from tests.attacks.household import Household
from tests.attacks.test_36_entra_assertions import TIME, certified, own, shows
from tests.entra import A
from tests.oauth.test_client_assertion import ISSUER, jwk, signed
from tests.tenants import NOW

MANY = 8
INTROSPECT = "/oauth/introspect"
PLACES = (INTROSPECT, "/oauth/revoke", "/oauth/token", "/t/demo/oauth/introspect")


def shown_here(home: Household, text: str, path: str = INTROSPECT) -> int:
    """The same assertion at an endpoint of our own; whether the client was believed."""
    sent = {"client_id": A, "client_assertion": text, "client_assertion_type": TYPE, "token": "x"}
    answer = ask(home, "", {**sent, "grant_type": "client_credentials", "client_secret": None}, path)
    if answer.status_code == 401:
        is_refused_here(answer, "invalid_client")
    return answer.status_code


def test_it_comes_again_at_this_face_alone(firm: Household) -> None:
    """Entra's clients repeat an assertion until it ends; at every endpoint of our own it is good once."""
    certified(firm)
    text = own(aud=ISSUER)
    assert {each.status_code for each in together(MANY, lambda _: shows(firm, text))} == {200}
    assert shown_here(firm, text) != 401
    for path in PLACES:
        assert shown_here(firm, text, path) == 401
    # It is still good where it came from, as long as it lives.
    assert granted(shows(firm, text))
    firm.clock.now += 615
    is_refused(shows(firm, text), TIME)


def test_no_race_makes_it_good_twice(firm: Household) -> None:
    """Of many at once at an endpoint of our own, one is believed."""
    certified(firm)
    text = own(aud=ISSUER, jti="j-2")
    answers = together(MANY, lambda _: shown_here(firm, text))
    assert answers.count(401) == MANY - 1


@pytest.mark.parametrize(
    "path", ["/oauth2/v2.0/oauth/introspect", "//x/oauth2/introspect", "/x/v2.0/introspect"]
)
def test_no_path_looks_like_the_face(firm: Household, path: str) -> None:
    """An endpoint of our own is not reached by a path with a part of the face's in it."""
    certified(firm)
    text = own(aud=ISSUER, jti="j-3")
    assert shown_here(firm, text, path) in (404, 405)
    assert shown_here(firm, text) != 401


def test_a_key_of_ones_own_is_strict_everywhere(firm: Household) -> None:
    """What is signed by a registered key, and not under a certificate, is good once at the face, too."""
    methods = {"token_endpoint_auth_method": "private_key_jwt", "jwks": (jwk("rsa"),), "secrets": ()}
    changed(firm, Client, A, **methods)
    claims = {"aud": ISSUER, "iss": A, "sub": A, "iat": NOW, "exp": NOW + 60, "jti": "j-5"}
    text = signed({"alg": "RS256", "kid": "rsa"}, claims, "rsa")
    assert granted(shows(firm, text))
    is_refused(shows(firm, text), 50012)
    assert shown_here(firm, text) == 401


def test_the_guard_is_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every path counts as one of the face, the assertion comes again anywhere."""
    certified(firm)
    monkeypatch.setattr(place, "segment", lambda _: "x")
    text = own(aud=ISSUER, jti="j-4")
    assert 401 not in {shown_here(firm, text) for _ in range(2)}
