"""Class 32: a portal's token is taken for an access token, or another token of ours for a portal's."""

from typing import Any

import jwt
import pytest

from sekisho.keys.ring import Keys
from sekisho.keys.signer import Signer
from sekisho.model.artifact import Session
from sekisho.model.signing_key import SigningKey
from sekisho.model.user import User
from sekisho.people import sessions
from sekisho.registry.portal import signing
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant
from sekisho.tokens import signed
from tests.attacks.double import administrator
from tests.attacks.guest import SSO, Guest, is_live, is_refused, redeem, refresh, tokens, told, who
from tests.attacks.household import AYA, Household
from tests.attacks.portal_target import (
    CLIENT,
    GOOD,
    KEY,
    PAGE,
    Portal,
    asks,
    authorizes,
    opened,
)
from tests.attacks.target import MANAGEMENT, ORIGIN

# Whatever name a token of the portal may have as its audience, somebody may have registered.
NAMES = ("orders", "userinfo", "api", "web", "id")


def of_portal(portal: Portal) -> list[str]:
    """Tokens that a visitor of the portal gets, for several audiences and for none."""
    portal.put("ImplicitGrantFlow/RegisteredClientId", ";".join((CLIENT, *NAMES)))
    guest = portal.visitor()
    found = [asks(guest, client_id=name, nonce="n-1").text for name in (CLIENT, *NAMES)]
    found.append(guest.send("POST", "/_services/auth/token").text)
    assert all(text.count(".") == 2 for text in found)
    return found


def of_others(home: Household) -> dict[str, str]:
    """Tokens that are none of the portal's: by what they are."""
    given = tokens(home)
    return {**{kind: given[f"{kind}_token"] for kind in ("access", "id", "refresh")}, "admin": admin_of(home)}


def admin_of(home: Household) -> str:
    """A token that administers."""
    return administrator(home.tenant, MANAGEMENT)


def test_a_portals_token_opens_nothing_of_ours(home: Household) -> None:
    """At userinfo, at the management API, at introspection and at the token endpoint it is no token."""
    for text in of_portal(opened(home)):
        is_refused(who(home, text), "invalid_token")
        assert not any(is_live(home, text, f"gate-{number}") for number in range(3))
        is_refused(refresh(home, text), "invalid_grant")
        is_refused(redeem(home, text), "invalid_grant")
        with home.web(authorization=f"Bearer {text}") as web:
            for path in ("clients", "users", "site-settings", "certificates", "tenants/settings"):
                assert web.get(f"/api/v2/{path}").status_code == 401
            answer = web.put("/api/v2/site-settings/a", json={"value": "b"})
            assert answer.status_code == 401
    with home.web(authorization=f"Bearer {admin_of(home)}") as web:
        assert web.get("/api/v2/site-settings").status_code == 200


def test_a_portals_token_says_nobody_is_here(home: Household) -> None:
    """It is no hint of who is meant, no session, and signs nobody out."""
    portal = opened(home)
    guest = portal.visitor()
    for text in of_portal(portal):
        said = told(guest.authorizes(id_token_hint=text, prompt="none"))
        assert "code" not in said
        for cookie in (f"{SSO}={text}", f"token={text}", f".AspNet.ApplicationCookie={text}"):
            stranger = Guest(home, headers={"cookie": cookie, "authorization": f"Bearer {text}"})
            assert asks(stranger).status_code == 302
            assert authorizes(stranger).status_code == 302
        page = guest.opens(f"/oidc/logout?id_token_hint={text}&post_logout_redirect_uri={PAGE}")
        assert page.status_code in (200, 400)
        assert "location" not in page.headers
    assert asks(guest).status_code == 200


def test_nothing_else_makes_a_visitor(home: Household) -> None:
    """A token of any kind in the Authorization header is no visit: only the session's cookie is."""
    portal = opened(home)
    for kind, text in of_others(home).items():
        for headers in (
            {"authorization": f"Bearer {text}"},
            {"cookie": f"{SSO}={text}"},
            {"authorization": f"Bearer {text}", "cookie": f"{SSO}={text}"},
        ):
            for answer in (asks(Guest(home, headers=headers)), authorizes(Guest(home, headers=headers))):
                assert answer.status_code == 302, kind
                assert "#token=" not in answer.headers["location"]
        assert asks(portal.stranger(), **GOOD, access_token=text, id_token=text).status_code == 302


def test_no_other_token_is_one_of_the_portals(home: Household) -> None:
    """An API that knows the portal's key alone takes no access token and no ID token of ours."""
    portal = opened(home)
    assert portal.claims(asks(portal.visitor()).text)["aud"] == CLIENT
    with home.web() as web:
        key = web.get(KEY).text
        published = web.get("/.well-known/jwks.json").text
    assert "portal" not in published
    for text in of_others(home).values():
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(text, key, algorithms=["RS256", "ES256", "PS256"], options={"verify_signature": True})


def test_a_token_says_who_it_is_for(home: Household) -> None:
    """A token for one client, or for none, is refused by an API that expects another one."""
    portal = opened(home)
    portal.put("ImplicitGrantFlow/RegisteredClientId", f"{CLIENT};other")
    guest = portal.visitor()
    for text in (asks(guest, client_id="other").text, guest.send("POST", "/_services/auth/token").text):
        with pytest.raises((jwt.InvalidAudienceError, jwt.MissingRequiredClaimError)):
            portal.claims(text)
    mine = asks(guest).text
    with pytest.raises(jwt.InvalidAudienceError):
        portal.claims(mine, audience="other")
    head = jwt.get_unverified_header(mine)
    assert head == {"alg": "RS256", "typ": "JWT", "nonce": ""}


def test_one_ring_for_all_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With keys of any ring taken for those of access tokens, and lenient claims, a visitor is a bearer."""
    text = of_portal(opened(home))[0]
    own, honest = Keys.verifier, signed.bearer
    is_refused(who(home, text), "invalid_token")

    def any_ring(self: Keys, ring: str, kid: str) -> Any:
        return own(self, ring, kid) or own(self, "portal", self.signer("portal", "RS256").kid)

    def lenient(claims: dict[str, object], tenant: Tenant) -> Any:
        ours = {"jti": "x.1", "scope": "openid email", "azp": "web"}
        where = {"iss": f"{ORIGIN}/", "aud": f"{ORIGIN}/userinfo", "sub": "auth0|aya"}
        return honest({**ours, **claims, **where}, tenant)

    monkeypatch.setattr(Keys, "verifier", any_ring)
    monkeypatch.setattr(signed, "bearer", lenient)
    assert who(home, text).json()["email"] == "aya@example.com"


def test_one_key_for_all_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a portal that signs by the keys of access tokens, an access token is one of a visitor."""
    text = admin_of(home)
    alg = jwt.get_unverified_header(text)["alg"]

    async def shared(tenant: Tenant, _: object) -> tuple[Signer, SigningKey]:
        signer = tenant.keys.signer("tokens", alg)
        (record,) = (each for each in tenant.keys.rings["tokens"] if each.id == signer.kid)
        return signer, record

    def accepted(key: str) -> bool:
        checks: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud"), False)
        try:
            jwt.decode(text, key, algorithms=[alg], options=checks)
        except jwt.InvalidTokenError:
            return False
        return True

    with home.web() as web:
        assert not accepted(web.get(KEY).text)
        monkeypatch.setattr(signing, "_pinned", shared)
        assert accepted(web.get(KEY).text)


def test_a_bearer_who_visits_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a token taken for a session, whoever stole one visits the portal."""
    opened(home).visitor()
    thief = Guest(home, headers={"authorization": f"Bearer {tokens(home)['access_token']}"})
    assert asks(thief).status_code == 302
    honest = sessions.current

    async def lenient(ask: Ask, tenant: Tenant) -> Session | None:
        user = await tenant.store.named(User, tenant.id, AYA)
        assert user
        held = (await sessions.of_user(user, tenant))[0]
        return await honest(ask, tenant) or (held if "authorization" in ask.headers else None)

    monkeypatch.setattr(sessions, "current", lenient)
    assert asks(thief).status_code == 200
