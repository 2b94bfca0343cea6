"""Grants by which an application shows a person's password (RFC 6749 section 4.3) or mailed code."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.connection import DATABASE
from sekisho.model.granted import Granted
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.second_factor import given, ticket
from sekisho.oauth.second_factor.given import First
from sekisho.people import directories
from sekisho.people.letters import codes
from sekisho.spec import scope
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.pipeline import is_legacy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import CONSENT_REQUIRED, GRANT_BLOCKED
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN, USER_BLOCKED
from sekisho.spec.refusals.protocol import AUDIENCE_UNKNOWN
from sekisho.tenant import Tenant

# The connection whose users are sent codes.
MAIL = "email"


@dataclass(frozen=True, slots=True)
class Proved:
    """Who it is, by what, and what that used up."""

    user: User
    amr: tuple[str, ...]
    spends: tuple[Step, ...] = ()


Prove = Callable[[], Awaitable[Proved]]


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """A password of the tenant's own directory."""
    return await _by_password(DATABASE, ask, client, tenant)


async def of_realm(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """A password of the directory that the application names."""
    directory = await directories.find(tenant, ask.need("realm"))
    return await _by_password(directory.name, ask, client, tenant)


async def of_code(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """The newest code that went to an address for this application, once."""
    realm = ask.need("realm")
    if realm != MAIL:
        raise Refused(CONNECTION_UNKNOWN, seen=contrast("realm", MAIL, realm))

    async def prove() -> Proved:
        name, text = ask.need("username"), ask.need("otp")
        user, spend = await codes.verify(tenant, client, name, text, ask.address)
        return Proved(user, ("otp",), (spend,))

    return await _granted("passwordless", prove, ask, client, tenant)


async def _by_password(directory: str, ask: Ask, client: Client, tenant: Tenant) -> Granted:
    async def prove() -> Proved:
        name, text = ask.need("username"), ask.need("password")
        return Proved(await directories.verify(tenant, directory, name, text, ask.address), ("pwd",))

    return await _granted("password", prove, ask, client, tenant)


async def _granted(grant_type: str, prove: Prove, ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """What was asked for; or a ticket for it, where the person has to show a second factor."""
    _nobody_has_to_agree(client)
    # Before the proof is looked at: whoever guesses learns nothing from what else is wrong.
    request, api = await _wish(ask, client, tenant)
    proved = await _proved(prove)
    first = First(
        user=proved.user,
        client=client,
        api=api,
        code=given.code_of(request, (proved.user, api), proved.amr, ask, tenant),
        grant_type=grant_type,
        spends=proved.spends,
    )
    if await given.owes(first, ask, tenant):
        raise await ticket.asked(first, tenant)
    return await given.granted(first, tenant)


async def _proved(prove: Prove) -> Proved:
    try:
        return await prove()
    except Refused as refused:
        if refused.reason is not USER_BLOCKED:
            raise
        # In the words of the token endpoint. RFC 6749 section 5.2.
        raise Refused(GRANT_BLOCKED, debug=refused.debug, seen=refused.seen) from refused


def _nobody_has_to_agree(client: Client) -> None:
    """Somebody else's application has to ask the person, which it cannot do here. OpenID Connect 3.1.2.4."""
    if not client.is_first_party:
        raise Refused(CONSENT_REQUIRED, seen=contrast("is_first_party", "true", "false"))


async def _wish(ask: Ask, client: Client, tenant: Tenant) -> tuple[AuthorizationRequest, Api]:
    """The API and those scopes that there are, as an authorization request has them."""
    audience = ask.get("audience") or ask.get("resource") or ""
    legacy = is_legacy(conformant=client.oidc_conformant, audience=audience)
    api = await whose.api_of(audience, tenant, legacy=legacy)
    if api is None:
        seen = contrast("audience", "an identifier of an API", audience)
        raise Refused(AUDIENCE_UNKNOWN, words={"audience": audience[:200]}, seen=seen)
    asked = scope.parse(ask.get("scope")) or ()
    scopes = whose.scopes_of(asked, api, client, tenant, legacy=legacy)
    wish = AuthorizationRequest(client_id=client.client_id, redirect_uri="", audience=audience, scopes=scopes)
    return wish, api
