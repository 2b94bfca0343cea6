"""What an assertion of somebody else gives (RFC 7521 section 4.1): the same in whichever form it came."""

from collections.abc import Collection
from dataclasses import dataclass

from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.user import User
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.oauth.delegation import assigned, given
from sekisho.oauth.exchange import target
from sekisho.spec import assertion
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant

# Who vouches for a person is not believed about how they signed in, nor when, nor from where.
UNKNOWN = SignIn(auth_time=0)


@dataclass(frozen=True, slots=True)
class Vouched:
    """A person whom an issuer named: by which grant, since when we look at it, for how long at most."""

    grant_type: str
    user: User
    at: float
    longest: int


def names(ask: Ask, tenant: Tenant) -> Collection[str]:
    """What an assertion may be for: our issuer, or the token endpoint. RFC 7521 section 5.1."""
    return (tenant.issuer(ask), ask.root + assertion.TOKEN_ENDPOINT)


async def granted(of: Vouched, ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """What is asked for and was agreed to, and no policy stands in its way."""
    found = await target.wanted(ask, of.user, client, tenant)
    opened = Opened(user=of.user, sign_in=UNKNOWN, client=client, api=found.api.identifier)
    await held.hold(opened, ask, tenant)
    return Granted(
        id=ask.id,
        grant_type=of.grant_type,
        client=client,
        api=found.api,
        audience=found.audience,
        issuer=tenant.issuer(ask),
        subject=of.user.user_id,
        scopes=found.scopes,
        lifetime=min(found.api.token_lifetime, of.longest),
        at=of.at,
        user=of.user,
        sign_in=UNKNOWN,
        roles=await assigned.of_user(of.user, found.api, tenant),
        groups=assigned.groups_told(of.user, found.api),
        proof=given.proof_of(ask),
    )
