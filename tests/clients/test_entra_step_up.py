"""MSAL for Python and a claims challenge: somebody far away is asked for more, and the same call succeeds."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.clients.entra import READ as READS
from tests.clients.entra import App, Firm, needs
from tests.clients.hours import an_hour_passes
from tests.clients.person import PASSWORD, Person, browsing
from tests.clients.place import CALLBACK, Place
from tests.clients.test_entra_msal_python import READ, application, given, sent
from tests.servers import claims_of

CONNECTION = "Username-Password-Authentication"
PATH = "conditional-access-policies"
SECOND_FACTOR = {"grantControls": {"builtInControls": ["mfa"]}}
BLOCK = {"grantControls": {"builtInControls": ["block"]}}
HOURLY = {"sessionControls": {"signInFrequency": {"value": 1, "type": "hours"}}}


@pytest.fixture(autouse=True)
def _trusted(trusting: None) -> None:
    """MSAL trusts our authority."""


@pytest.fixture
def visitor(firm: Firm) -> Iterator[Person]:
    """Somebody new: who has a second factor is asked for it from then on."""
    email = f"{secrets.token_hex(4)}@example.com"
    made = {"connection": CONNECTION, "email": email, "email_verified": True, "password": PASSWORD}
    firm.place.made("users", **made)
    with browsing(firm.place) as found:
        found.known = (email, PASSWORD)
        yield found


@contextmanager
def policy(place: Place, terms: Mapping[str, Any], **which: list[str]) -> Iterator[str]:
    """Everybody has to satisfy this, for so long."""
    conditions = {"users": {"includeUsers": ["All"]}, "applications": which}
    id = str(place.made(PATH, displayName="More", state="enabled", conditions=conditions, **terms)["id"])
    try:
        yield id
    finally:
        place.web.delete(f"/api/v2/{PATH}/{id}")


def on_orders(firm: Firm, terms: Mapping[str, Any]) -> AbstractContextManager[str]:
    """Everybody who wants something of the API at the end."""
    return policy(firm.place, terms, includeApplications=[firm.orders.client_id])


def named(id: str) -> Mapping[str, Any]:
    """The challenge by a policy."""
    return {"access_token": {"polids": {"essential": True, "values": [id]}}}


def comes(firm: Firm, visitor: Person, claims: str | None = None) -> str:
    """What the site has when it calls the shop: the person signed in, and met the challenge."""
    site, wanted = application(firm, firm.site), [firm.shop.scope("access_as_user")]
    flow = sent(site, visitor, wanted, redirect_uri=CALLBACK, claims_challenge=claims)
    answer = site.acquire_token_by_auth_code_flow(*flow)
    assert given(answer)["aud"] == firm.shop.client_id
    return str(answer["access_token"])


def goes_on(firm: Firm, app: App, shown: str, scope: str) -> dict[str, Any]:
    """What an API is given for the next one. MSAL remembers refusals: a new object each time."""
    found: dict[str, Any] = application(firm, app).acquire_token_on_behalf_of(shown, [scope])
    return found


def challenged(refused: Mapping[str, Any], number: int, id: str) -> str:
    """The challenge of a refusal, which names the policy."""
    assert refused["error"] == "interaction_required", refused
    assert (refused["error_codes"], refused["suberror"]) == ([number], "basic_action")
    assert refused["error_description"].startswith(f"AADSTS{number}: ")
    assert json.loads(refused["claims"]) == named(id)
    return str(refused["claims"])


def test_a_second_factor(firm: Firm, visitor: Person):
    """The shop is refused, the person sets up an app, and the same call succeeds. Section 6.1."""
    shown, wanted = comes(firm, visitor), firm.orders.scope(READ)
    with on_orders(firm, SECOND_FACTOR) as id:
        claims = challenged(goes_on(firm, firm.shop, shown, wanted), 50079, id)
        # Who signs in without the challenge has nothing more to show than before.
        challenged(goes_on(firm, firm.shop, comes(firm, visitor), wanted), 50079, id)
        again = comes(firm, visitor, claims)
        assert visitor.pages == ["/login", "/consent", "/mfa/setup"]
        found = given(goes_on(firm, firm.shop, again, wanted))
        assert (found["aud"], found["scp"]) == (firm.orders.client_id, READ)
        assert found["oid"] == claims_of(shown)["oid"]
        # The token from before remembers what was shown before.
        challenged(goes_on(firm, firm.shop, shown, wanted), 50076, id)


def test_silence_does_not_answer_a_challenge(firm: Firm, visitor: Person):
    """MSAL passes over its cache; the refresh token is refused with the same challenge. Section 6.3."""
    site, wanted = application(firm, firm.site), [firm.shop.scope("access_as_user")]
    assert given(site.acquire_token_by_auth_code_flow(*sent(site, visitor, wanted, redirect_uri=CALLBACK)))
    with on_orders(firm, SECOND_FACTOR) as id:
        (account,) = site.get_accounts()
        challenge = json.dumps(named(id))
        refused = site.acquire_token_silent_with_error(wanted, account, claims_challenge=challenge)
        assert challenged(refused, 50079, id)
        assert site.acquire_token_silent(wanted, account)["token_source"] == "cache"


def test_a_chain_of_three(firm: Firm, visitor: Person):
    """The last API wants more: each one before it passes the challenge on, and then all of them go on."""
    far = firm.middle("Far away", **needs(firm.orders, READS))
    firm.agree(firm.shop, far, "access_as_user")
    firm.agree(far, firm.orders, READ)

    def chain(shown: str) -> dict[str, Any]:
        near = goes_on(firm, firm.shop, shown, far.scope("access_as_user"))
        assert given(near)["aud"] == far.client_id
        return goes_on(firm, far, near["access_token"], firm.orders.scope(READ))

    with on_orders(firm, SECOND_FACTOR) as id:
        claims = challenged(chain(comes(firm, visitor)), 50079, id)
        found = given(chain(comes(firm, visitor, claims)))
        assert (found["aud"], found["azp"]) == (firm.orders.client_id, far.client_id)
    assert visitor.pages == ["/login", "/consent", "/mfa/setup"]


def test_a_sign_in_that_is_too_old(firm: Firm, visitor: Person):
    """The challenge makes the person sign in again, not more; then the same call succeeds. Section 6.1."""
    comes(firm, visitor)
    email = {"email": visitor.known[0]}
    (user,) = firm.place.web.get("/api/v2/users-by-email", params=email).json()
    an_hour_passes(firm.place.authority.parent, firm.place.url, user["user_id"])
    shown, wanted = comes(firm, visitor), firm.orders.scope(READ)
    assert visitor.pages == ["/login", "/consent"]
    with on_orders(firm, HOURLY) as id:
        claims = challenged(goes_on(firm, firm.shop, shown, wanted), 50078, id)
        again = comes(firm, visitor, claims)
        assert visitor.pages == ["/login", "/consent", "/login"]
        assert given(goes_on(firm, firm.shop, again, wanted))["scp"] == READ


def test_a_block(firm: Firm, visitor: Person):
    """There is nothing to ask the person for, and nothing that asking again helps. Section 5.4."""
    shown, wanted = comes(firm, visitor), firm.orders.scope(READ)
    with on_orders(firm, BLOCK) as id:
        refused = goes_on(firm, firm.shop, shown, wanted)
        assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [53003])
        assert (refused["suberror"], "claims" in refused) == ("message_only", False)
        site = application(firm, firm.site)
        flow = sent(site, visitor, [wanted], redirect_uri=CALLBACK, claims_challenge=json.dumps(named(id)))
        assert site.acquire_token_by_auth_code_flow(*flow)["error"] == "access_denied"
    assert visitor.pages == ["/login", "/consent"]
    assert given(goes_on(firm, firm.shop, shown, wanted))["scp"] == READ


def test_an_api_asks_by_itself(firm: Firm, visitor: Person):
    """What a context takes, its policy says; the token names those that were satisfied. Section 6.2."""
    assert "acrs" not in claims_of(comes(firm, visitor))
    challenge = json.dumps({"access_token": {"acrs": {"essential": True, "value": "c1"}}})
    with policy(firm.place, SECOND_FACTOR, includeAuthenticationContextClassReferences=["c1"]):
        assert claims_of(comes(firm, visitor, challenge))["acrs"] == ["c1"]
    assert visitor.pages == ["/login", "/consent", "/mfa/setup"]
