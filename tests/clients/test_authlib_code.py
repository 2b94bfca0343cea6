"""Authlib for Python signs people in, as it comes: its app for Starlette, and OAuth2Session with requests."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.integrations.starlette_client import OAuth
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import InvalidClaimError
from starlette.requests import Request

from tests.clients.application import SCOPES
from tests.clients.person import ADDRESS, NAME, NO, YES, Person
from tests.clients.place import CALLBACK, GOODBYE, METHODS, Machine, Place

JWTS = {"client_secret_jwt": ClientSecretJWT, "private_key_jwt": PrivateKeyJWT}


@dataclass
class Shop:
    """An application made with Authlib's integration, the browser's session at it, and its newest tokens."""

    place: Place
    machine: Machine
    session: dict[str, Any] = field(default_factory=dict)
    renewed: list[Any] = field(default_factory=list)
    made: Any = None

    @property
    def app(self) -> Any:
        """The application; an assertion is good for one use, and Authlib makes its `jti` with it."""
        if self.made is None:
            self.made = OAuth().register(
                "sekisho",
                client_id=self.machine.client_id,
                client_secret=self.machine.secret or self.machine.key or None,
                server_metadata_url=f"{self.place.issuer}.well-known/openid-configuration",
                client_kwargs=self._told(scope=SCOPES, code_challenge_method="S256"),
                update_token=self._keep,
            )
        self.made.client_auth_methods = self._assertions()
        return self.made

    def client(self) -> AsyncOAuth2Client:
        """The client below the application."""
        secret = self.machine.secret or self.machine.key or None
        found = AsyncOAuth2Client(self.machine.client_id, secret, **self._told())
        for each in self._assertions():
            found.register_client_auth_method(each)
        return found

    def asked(self, address: str = CALLBACK) -> Request:
        """What the browser asks the application, which remembers it."""
        parts = urlsplit(address)
        scope = {"type": "http", "method": "GET", "path": parts.path, "headers": []}
        return Request({**scope, "query_string": parts.query.encode(), "session": self.session})

    async def sends(
        self, person: Person, presses: tuple[str, ...] = YES, *, pushed: bool = False, **more: str
    ) -> str:
        """Where the visit of the person ends, whom the application sent to the server."""
        if pushed:
            more = await self._pushed(**more)
        leads = await self.app.authorize_redirect(self.asked(), CALLBACK, **more)
        return person.visits(leads.headers["location"], presses)

    async def signs_in(self, address: str) -> Any:
        """What Authlib makes of the answer."""
        return await self.app.authorize_access_token(self.asked(address))

    async def _pushed(self, **more: str) -> dict[str, str]:
        """Authlib has no word for this; its client knows how to prove itself at any endpoint."""
        verifier, nonce, state = generate_token(48), generate_token(20), generate_token(20)
        told = {
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": SCOPES,
            "nonce": nonce,
            "state": state,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            **more,
        }
        address = self.place.at("pushed_authorization_request_endpoint")
        async with self.client() as client:
            means = client.client_auth(self.machine.method)
            answer = await client.post(address, data=told, auth=means)
        assert answer.status_code == 201, answer.text
        kept = {"code_verifier": verifier, "nonce": nonce, "state": state}
        return {"request_uri": answer.json()["request_uri"], **kept}

    async def _keep(self, token: Any, refresh_token: str | None = None, access_token: str | None = None):
        self.renewed.append(token)

    def _assertions(self) -> list[Any]:
        if self.machine.method not in JWTS:
            return []
        return [JWTS[self.machine.method](self.place.issuer, claims={"exp": int(time.time()) + 60})]

    def _told(self, **more: str) -> dict[str, Any]:
        return {
            "token_endpoint_auth_method": self.machine.method,
            "revocation_endpoint_auth_method": self.machine.method,
            "verify": ssl.create_default_context(cafile=self.place.authority),
            **more,
        }


@pytest.fixture
def shop(place: Place, apps: Mapping[str, Machine]) -> Shop:
    """An application with a secret."""
    return Shop(place, apps["client_secret_basic"])


@pytest.mark.parametrize("pushed", [False, True], ids=["plain", "pushed"])
@pytest.mark.parametrize("method", [*METHODS, "none"])
async def test_a_person_signs_in(
    place: Place, apps: Mapping[str, Machine], person: Person, method: str, pushed: bool
):
    """With each method, pushed or not: what Authlib checks holds. OpenID Connect Core 1.0 section 3.1."""
    shop = Shop(place, apps[method])
    token = await shop.signs_in(await shop.sends(person, pushed=pushed, prompt="consent"))
    assert person.pages == ["/login", "/consent"]
    claims = token["userinfo"]
    assert (claims["iss"], claims["aud"]) == (place.issuer, shop.machine.client_id)
    assert (claims["email"], claims["amr"], token["scope"]) == (ADDRESS, ["pwd"], SCOPES)
    first = await shop.app.userinfo(token=token)
    assert (first["sub"], first["name"]) == (claims["sub"], NAME)
    # Authlib refreshes by itself what it takes for expired.
    assert await shop.app.userinfo(token={**token, "expires_at": 1}) == first
    (second,) = shop.renewed
    assert second["refresh_token"] != token["refresh_token"]
    async with shop.client() as client:
        gone = await client.revoke_token(place.at("revocation_endpoint"), token=second["refresh_token"])
        assert (gone.status_code, gone.content) == (200, b"")
    async with shop.client() as client:
        with pytest.raises(OAuthError, match="invalid_grant: Unknown or invalid refresh token"):
            await client.refresh_token(place.at("token_endpoint"), refresh_token=second["refresh_token"])
    leaves = await shop.app.logout_redirect(shop.asked(), GOODBYE, id_token_hint=token["id_token"])
    bye = person.visits(leaves.headers["location"])
    assert await shop.app.validate_logout_response(shop.asked(bye)) == {"post_logout_redirect_uri": GOODBYE}


async def test_nobody_is_asked_twice(shop: Shop, person: Person):
    """Who is signed in and agreed comes back without a page. OpenID Connect Core 1.0 section 3.1.2.1."""
    first = await shop.signs_in(await shop.sends(person))
    seen = list(person.pages)
    second = await shop.signs_in(await shop.sends(person, prompt="none"))
    assert person.pages == seen
    assert first["userinfo"]["sid"] == second["userinfo"]["sid"]


@pytest.mark.parametrize("pushed", [False, True], ids=["plain", "pushed"])
async def test_nobody_is_there(shop: Shop, person: Person, pushed: bool):
    """Silence without a session is Authlib's own error. OpenID Connect Core 1.0 section 3.1.2.6."""
    answer = await shop.sends(person, pushed=pushed, prompt="none")
    with pytest.raises(OAuthError) as raised:
        await shop.signs_in(answer)
    assert raised.value.error == "login_required"
    assert raised.value.description
    assert person.pages == []


async def test_the_person_says_no(shop: Shop, person: Person):
    """That is Authlib's own error, with our code. RFC 6749 section 4.1.2.1."""
    answer = await shop.sends(person, NO, prompt="consent")
    with pytest.raises(OAuthError) as raised:
        await shop.signs_in(answer)
    assert raised.value.error == "access_denied"
    assert raised.value.description


async def test_a_code_that_comes_twice(shop: Shop, person: Person):
    """It is refused in Authlib's own error, and takes back what it gave. RFC 6749 section 4.1.2."""
    answer = await shop.sends(person)
    before = dict(shop.session)
    token = await shop.signs_in(answer)
    shop.session.update(before)
    with pytest.raises(OAuthError) as raised:
        await shop.signs_in(answer)
    assert raised.value.error == "invalid_grant"
    info = await shop.app.get(shop.place.at("userinfo_endpoint"), token=token)
    assert info.status_code == 401


@pytest.mark.parametrize(
    ("name", "noticed"),
    [("nonce", InvalidClaimError), ("code_verifier", OAuthError), ("state", MismatchingStateError)],
)
async def test_authlib_looks_at_what_it_remembers(
    shop: Shop, person: Person, name: str, noticed: type[Exception]
):
    """An answer to another request is noticed, by Authlib or by the server. RFC 9700 section 4.7."""
    answer = await shop.sends(person)
    ((key, kept),) = shop.session.items()
    shop.session.clear()
    shop.session[f"{key}x" if name == "state" else key] = {**kept, "data": {**kept["data"], name: "x" * 43}}
    with pytest.raises(noticed):
        await shop.signs_in(answer)


async def test_leaving_has_to_be_confirmed(shop: Shop, person: Person):
    """Without an ID token the person is asked first. OpenID Connect RP-Initiated Logout 1.0 section 2."""
    await shop.sends(person)
    leaves = await shop.app.logout_redirect(shop.asked(), GOODBYE, client_id=shop.machine.client_id)
    bye = person.visits(leaves.headers["location"])
    assert person.pages[-1] == "/oidc/logout"
    assert bye.startswith(f"{GOODBYE}?state=")
    with pytest.raises(OAuthError, match="login_required"):
        await shop.signs_in(await shop.sends(person, prompt="none"))


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("method", ["client_secret_post", "none"])
def test_a_session_signs_in(place: Place, apps: Mapping[str, Machine], person: Person, method: str):
    """The same with requests, step by step. RFC 6749 sections 4.1 and 6, RFC 7636, RFC 7009."""
    machine, verifier = apps[method], generate_token(48)
    told = {"token_endpoint_auth_method": method, "revocation_endpoint_auth_method": method}
    more = {"scope": SCOPES, "redirect_uri": CALLBACK, "code_challenge_method": "S256"}
    with OAuth2Session(machine.client_id, machine.secret or None, **told, **more) as session:
        leads, state = session.create_authorization_url(
            place.at("authorization_endpoint"), code_verifier=verifier
        )
        answer = {"authorization_response": person.visits(leads), "state": state}
        token = session.fetch_token(place.at("token_endpoint"), code_verifier=verifier, **answer)
        assert session.get(place.at("userinfo_endpoint")).json()["email"] == ADDRESS
        again = session.refresh_token(place.at("token_endpoint"))
        assert again["refresh_token"] != token["refresh_token"]
        assert session.revoke_token(place.at("revocation_endpoint")).status_code == 200
        with pytest.raises(OAuthError, match="invalid_grant"):
            session.refresh_token(place.at("token_endpoint"))
