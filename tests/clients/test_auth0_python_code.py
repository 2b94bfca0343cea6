"""auth0-python signs people in, as it comes; addresses are the application's own work."""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from auth0.authentication import GetToken, RevokeToken, Users
from auth0.authentication.exceptions import Auth0Error, TokenValidationError
from auth0.authentication.pushed_authorization_requests import PushedAuthorizationRequests
from auth0.authentication.token_verifier import AsymmetricSignatureVerifier, TokenVerifier
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.clients.application import SCOPES
from tests.clients.person import ADDRESS, NAME, Person, browsing, settle
from tests.clients.place import CALLBACK, GOODBYE, Machine, Place, serving

pytestmark = [
    pytest.mark.usefixtures("trusting"),
    # Python 3.12 complains of the clock that it reads.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
VERIFIER = "v" * 43


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server of its own: its verifier takes no key on a curve, and others ask for some (differences.md)."""
    with serving(tmp_path_factory.mktemp("auth0")) as found:
        settle(found)
        yield found


@pytest.fixture(scope="module")
def apps(hall: Place) -> Mapping[str, Machine]:
    """An application per method, and one that has nothing to prove itself with."""
    return {method: hall.app(method) for method in (*METHODS, "none")}


@pytest.fixture
def person(hall: Place) -> Iterator[Person]:
    """Somebody with a fresh browser."""
    with browsing(hall) as found:
        yield found


@pytest.fixture
def trusting(hall: Place, monkeypatch: pytest.MonkeyPatch):
    """The library asks through requests."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(hall.authority))


def means(machine: Machine) -> dict[str, Any]:
    """What it takes to be this client."""
    if machine.key:
        return {"client_assertion_signing_key": machine.key, "client_assertion_signing_alg": "RS256"}
    return {"client_secret": machine.secret or None}


def tokens_of(hall: Place, machine: Machine) -> GetToken:
    """What the library asks for tokens with."""
    return GetToken(hall.domain, machine.client_id, **means(machine))


def pushes(hall: Place, machine: Machine, **more: str) -> dict[str, str]:
    """What is left of a request that the library pushed."""
    push = PushedAuthorizationRequests(hall.domain, machine.client_id, **means(machine))
    asked = {"redirect_uri": CALLBACK, "scope": SCOPES, **more}
    pushed = push.pushed_authorization_request("code", **asked)
    assert pushed["expires_in"] == 30
    return {"request_uri": pushed["request_uri"]}


def code(person: Person, machine: Machine, **more: str) -> str:
    """What the person brings back from the application's own address."""
    state = secrets.token_urlsafe(16)
    told = {"response_type": "code", "redirect_uri": CALLBACK, "scope": SCOPES, "state": state}
    asked = more if "request_uri" in more else {**told, **more}
    query = urlencode({"client_id": machine.client_id, **asked})
    answer = httpx.URL(person.visits(f"{person.place.url}/authorize?{query}")).params
    assert answer["iss"] == person.place.issuer
    assert answer.get("state") == (None if "request_uri" in more else state)
    return answer["code"]


def verified(hall: Place, machine: Machine, token: str, nonce: str | None = None) -> dict[str, Any]:
    """What an ID token says, as the library sees it."""
    keys = AsymmetricSignatureVerifier(hall.at("jwks_uri"))
    found: dict[str, Any] = TokenVerifier(keys, hall.issuer, machine.client_id).verify(
        token, nonce=nonce, max_age=600
    )
    return found


def live(hall: Place, machine: Machine, given: dict[str, Any], subject: str) -> None:
    """What the library does with its tokens until it has no more of them."""
    users, ask = Users(hall.domain), tokens_of(hall, machine)
    told = users.userinfo(given["access_token"])
    assert (told["sub"], told["name"], told["email"]) == (subject, NAME, ADDRESS)
    second = ask.refresh_token(given["refresh_token"])
    assert second["refresh_token"] != given["refresh_token"]
    assert verified(hall, machine, second["id_token"])["sub"] == subject
    assert users.userinfo(second["access_token"]) == told
    RevokeToken(hall.domain, machine.client_id, **means(machine)).revoke_refresh_token(
        second["refresh_token"]
    )
    with pytest.raises(Auth0Error) as raised:
        ask.refresh_token(second["refresh_token"])
    assert (raised.value.status_code, raised.value.error_code) == (400, "invalid_grant")
    assert raised.value.message == "Unknown or invalid refresh token."


@pytest.mark.parametrize("pushed", [False, True], ids=["plain", "pushed"])
@pytest.mark.parametrize("method", METHODS)
def test_a_person_signs_in(
    hall: Place, apps: Mapping[str, Machine], person: Person, method: str, pushed: bool
):
    """With a secret and with a signed assertion, pushed or not. RFC 6749 section 4.1, RFC 9126 section 2."""
    machine, nonce = apps[method], secrets.token_urlsafe(16)
    told = {"nonce": nonce, "prompt": "consent", "max_age": "600"}
    asked = pushes(hall, machine, **told) if pushed else told
    given = tokens_of(hall, machine).authorization_code(code(person, machine, **asked), CALLBACK)
    assert person.pages == ["/login", "/consent"]
    assert (given["scope"], given["token_type"]) == (SCOPES, "Bearer")
    claims = verified(hall, machine, given["id_token"], nonce)
    live(hall, machine, given, claims["sub"])
    hint = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": GOODBYE}
    assert person.visits(f"{hall.at('end_session_endpoint')}?{urlencode(hint)}") == GOODBYE


def test_a_public_client_signs_in(hall: Place, apps: Mapping[str, Machine], person: Person):
    """With PKCE, and nothing else to prove. RFC 7636 section 4."""
    machine, nonce = apps["none"], secrets.token_urlsafe(16)
    challenge = {
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    brought = code(person, machine, nonce=nonce, **challenge)
    given = tokens_of(hall, machine).authorization_code_pkce(VERIFIER, brought, CALLBACK)
    claims = verified(hall, machine, given["id_token"], nonce)
    live(hall, machine, given, claims["sub"])
    with pytest.raises(TokenValidationError, match="Nonce"):
        verified(hall, machine, given["id_token"], "another")


def test_what_it_cannot_do(hall: Place, apps: Mapping[str, Machine], person: Person):
    """Its PKCE proves no client, and a push without a secret sends the word None: both are refused."""
    public, secretive = apps["none"], apps["client_secret_post"]
    challenge = {
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    with pytest.raises(Auth0Error) as raised:
        pushes(hall, public, **challenge)
    assert (raised.value.status_code, raised.value.error_code) == (401, "invalid_client")
    brought = code(person, secretive, **challenge)
    with pytest.raises(Auth0Error) as raised:
        tokens_of(hall, secretive).authorization_code_pkce(VERIFIER, brought, CALLBACK)
    assert (raised.value.status_code, raised.value.error_code) == (401, "invalid_client")


def test_a_code_that_comes_twice(hall: Place, apps: Mapping[str, Machine], person: Person):
    """It is refused in the library's own error, and takes back what it gave. RFC 6749 section 4.1.2."""
    machine = apps["client_secret_post"]
    brought = code(person, machine)
    given = tokens_of(hall, machine).authorization_code(brought, CALLBACK)
    with pytest.raises(Auth0Error) as raised:
        tokens_of(hall, machine).authorization_code(brought, CALLBACK)
    assert (raised.value.status_code, raised.value.error_code) == (400, "invalid_grant")
    with pytest.raises(Auth0Error) as raised:
        Users(hall.domain).userinfo(given["access_token"])
    assert (raised.value.status_code, raised.value.error_code) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"redirect_uri": "https://another.example.com/callback"}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
    ],
)
def test_a_request_that_may_not_be_pushed(
    hall: Place, apps: Mapping[str, Machine], more: dict[str, str], error: str
):
    """What is wrong with a request is said when it is pushed. RFC 9126 sections 2.1 and 2.3."""
    with pytest.raises(Auth0Error) as raised:
        pushes(hall, apps["client_secret_post"], **more)
    assert (raised.value.status_code, raised.value.error_code) == (400, error)
    assert raised.value.message
