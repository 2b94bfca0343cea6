"""openid-client 6 for Node signs people in, as it comes."""

from collections.abc import Mapping

import pytest

from tests.clients.application import SCOPES, Application
from tests.clients.person import ADDRESS, NAME, NO, Person
from tests.clients.place import GOODBYE, METHODS, Machine, Place
from tests.clients.script import Scripts

LIBRARY = "openid-client-code"
BY_HEADER = "client_secret_basic"
# How it says what it noticed.
NOTICED = {
    "iss": "OAUTH_INVALID_RESPONSE",
    "state": "OAUTH_INVALID_RESPONSE",
    "nonce": "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
}


@pytest.fixture
def app(node: Scripts, apps: Mapping[str, Machine]) -> Application:
    """An application with a secret."""
    return Application(node, LIBRARY, apps[BY_HEADER])


@pytest.mark.parametrize(
    ("method", "pushed"),
    [(BY_HEADER, False), ("none", False), *((method, True) for method in (*METHODS, "none"))],
)
def test_a_person_signs_in(
    node: Scripts, apps: Mapping[str, Machine], person: Person, method: str, pushed: bool
):
    """With each method, pushed or not: what the library checks holds. OpenID Connect Core 1.0 section 3.1."""
    app = Application(node, LIBRARY, apps[method])
    begun = app.begins(person, pushed=pushed, prompt="consent")
    assert person.pages == ["/login", "/consent"]
    assert ("code_challenge" in person.asked) is not pushed
    lived = app.lives(begun)
    assert lived["given"]["scope"] == SCOPES
    claims = lived["claims"]
    assert (claims["iss"], claims["aud"]) == (app.issuer, app.machine.client_id)
    assert (claims["email"], claims["amr"]) == (ADDRESS, ["pwd"])
    assert lived["person"] == lived["again"]
    assert (lived["person"]["sub"], lived["person"]["name"]) == (claims["sub"], NAME)
    assert lived["next"]["refresh_token"] != lived["given"]["refresh_token"]
    assert (lived["ended"]["name"], lived["ended"]["error"]) == ("ResponseBodyError", "invalid_grant")
    assert person.visits(lived["leave"]) == f"{GOODBYE}?state=bye"


def test_a_tenant_with_a_path(node: Scripts, apps: Mapping[str, Machine], person: Person):
    """The whole way leads through the address that the library was given. RFC 8414 section 3.1, RFC 9207."""
    app = Application(node, LIBRARY, apps["client_secret_post"], path="t/demo/")
    lived = app.lives(app.begins(person, pushed=True, prompt="consent"))
    assert person.pages == ["/t/demo/login", "/t/demo/consent"]
    assert lived["claims"]["iss"] == app.issuer
    assert lived["person"] == lived["again"]
    assert person.visits(lived["leave"]) == f"{GOODBYE}?state=bye"


def test_an_application_on_the_persons_machine(node: Scripts, place: Place, person: Person):
    """It listens on whatever port is free. RFC 8252 section 7.3."""
    machine = place.app("none", callbacks=["http://127.0.0.1/callback"])
    app = Application(node, LIBRARY, machine)
    begun = app.begins(person, redirect_uri="http://127.0.0.1:49152/callback")
    assert begun.callback.startswith("http://127.0.0.1:49152/callback?code=")
    assert app.ends(begun)["claims"]["aud"] == machine.client_id


def test_nobody_is_asked_twice(app: Application, person: Person):
    """Who is signed in and agreed comes back without a page. OpenID Connect Core 1.0 section 3.1.2.1."""
    first = app.ends(app.begins(person))
    seen = list(person.pages)
    second = app.ends(app.begins(person, prompt="none"))
    assert person.pages == seen
    for name in ("sub", "sid", "auth_time"):
        assert first["claims"][name] == second["claims"][name]


def test_nobody_is_there(app: Application, person: Person):
    """Silence without a session is the library's own error. OpenID Connect Core 1.0 section 3.1.2.6."""
    said = app.complains(app.begins(person, pushed=True, prompt="none"))
    assert (said["name"], said["error"]) == ("AuthorizationResponseError", "login_required")
    assert said["text"]
    assert person.pages == []


def test_the_person_says_no(app: Application, person: Person):
    """That is the library's own error, with our code. RFC 6749 section 4.1.2.1."""
    said = app.complains(app.begins(person, NO, prompt="consent"))
    assert (said["name"], said["error"]) == ("AuthorizationResponseError", "access_denied")
    assert said["text"]


def test_a_code_that_comes_twice(app: Application, person: Person):
    """It is refused in the library's own error, and takes back what it gave. RFC 6749 section 4.1.2."""
    begun = app.begins(person)
    found = app.ends(begun)
    said = app.complains(begun)
    assert (said["name"], said["error"], said["status"]) == ("ResponseBodyError", "invalid_grant", 400)
    lost = app.lost(found)
    assert (lost["name"], lost["status"]) == ("WWWAuthenticateChallengeError", 401)
    assert lost["challenges"] == ["bearer"]


def test_a_verifier_that_is_another(node: Scripts, apps: Mapping[str, Machine], person: Person):
    """Without the verifier the code is worth nothing. RFC 7636 section 4.6."""
    app = Application(node, LIBRARY, apps["none"])
    said = app.complains(app.begins(person).altered(verifier="v" * 43))
    assert (said["name"], said["error"]) == ("ResponseBodyError", "invalid_grant")


def test_the_library_looks_at_everything(app: Application, person: Person):
    """Whatever else is in the answer than the library expects, it notices. RFC 9207 section 2.4."""
    begun = app.begins(person)
    for wrong, noticed in NOTICED.items():
        said = app.complains(begun.altered(**{wrong: "https://another.example.com"}))
        assert said["code"] == noticed


def test_a_request_that_may_not_be_pushed(app: Application):
    """What is wrong with a request is said when it is pushed. RFC 9126 section 2.3."""
    said = app.is_refused(redirect_uri="https://another.example.com/callback")
    assert (said["name"], said["error"], said["status"]) == ("ResponseBodyError", "invalid_request", 400)
