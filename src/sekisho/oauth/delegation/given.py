"""What an application is given in a person's name: the same whichever way it came to ask."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sekisho.model.api import USERINFO
from sekisho.model.artifact import Code, Owner
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.oauth.delegation import agreed, assigned
from sekisho.oauth.delegation.wanted import Wanted
from sekisho.spec import scope
from sekisho.spec.authorization import AuthorizationRequest, WireDialect
from sekisho.spec.contrast import contrast
from sekisho.spec.entra import challenge
from sekisho.spec.entra.scope import OPENID
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import NOT_CONSENTED
from sekisho.tenant import Tenant

Proof = Literal["0", "1", "2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A person in whose name something is asked for: by which grant, since which sign-in, by whom.

    `id` is the grant that tokens descend from. `issuer` is the server's own name for where it was begun.
    `at` is when all this began to be read: what is revoked from then on, no token of it outlives.
    """

    id: str
    at: float
    grant_type: str
    user: User
    sign_in: SignIn
    client: Client
    issuer: str
    words: tuple[str, ...]
    actors: tuple[str, ...] = ()


def proof_of(ask: Ask) -> Proof:
    """How a request proves its client: not at all, by a secret, by a signature."""
    if ask.get("client_assertion"):
        return "2"
    is_secret = ask.get("client_secret") or ask.headers.get("authorization", "")[:6].lower() == "basic "
    return "1" if is_secret else "0"


def dialect_of(ask: Ask) -> WireDialect:
    """The endpoint decides in whose words it is answered."""
    return "entra_v2" if "/v2.0/" in ask.path else "entra_v1"


async def delegated(turn: Turn, wanted: Wanted, ask: Ask, tenant: Tenant) -> Granted:
    """What the person, an administrator or the API agreed to, of what is wanted; assigned and in time."""
    api = wanted.api
    roles = await assigned.of_user(turn.user, api, tenant)
    granted = await _covered(turn, wanted, tenant)
    asked = challenge.read(ask.get("claims"))
    who, sign_in = turn.user, turn.sign_in
    opened = Opened(user=who, sign_in=sign_in, client=turn.client, api=api.identifier, wanted=asked)
    await held.hold(opened, ask, tenant)
    return Granted(
        id=turn.id,
        grant_type=turn.grant_type,
        client=turn.client,
        api=api,
        audience=whose.audience_of(api.identifier, turn.issuer) if api.id == USERINFO else wanted.resource,
        issuer=turn.issuer,
        subject=turn.user.user_id,
        scopes=(*openid(turn.words, turn.client, tenant), *granted),
        lifetime=api.token_lifetime,
        at=turn.at,
        user=who,
        sign_in=sign_in,
        part=ask.id,
        actors=turn.actors,
        dialect=dialect_of(ask),
        roles=roles,
        groups=assigned.groups_told(turn.user, api),
        proof=proof_of(ask),
        is_capable=asked.is_capable,
    )


def openid(words: Collection[str], client: Client, tenant: Tenant) -> tuple[str, ...]:
    """OpenID Connect's words; offline access takes the client and the tenant."""
    is_lasting = "refresh_token" in client.grant_types and "refresh_token" in tenant.policy.grant_types
    return tuple(each for each in OPENID if each in words and (is_lasting or each != whose.OFFLINE))


async def _covered(turn: Turn, wanted: Wanted, tenant: Tenant) -> tuple[str, ...]:
    """All of what is named, or whatever there is where everything is asked for; never nothing of an API."""
    if wanted.api.id == USERINFO or (not wanted.scopes and not wanted.is_default):
        return ()
    if is_for_itself(turn.client, wanted):
        return tuple(each.value for each in wanted.api.scopes if each.enabled)
    limit = None if wanted.is_default else frozenset(wanted.scopes)
    have = await agreed.effective(turn.user, turn.client, wanted.api, tenant, limit)
    found = (
        [each.value for each in wanted.api.scopes if each.value in have]
        if wanted.is_default
        else (wanted.scopes)
    )
    if not found or not have.issuperset(found):
        raise not_consented(turn.client, wanted, have)
    return tuple(found)


def is_for_itself(client: Client, wanted: Wanted) -> bool:
    """Everything of the application's own API: what it may do there is its own matter."""
    return wanted.is_default and wanted.api.identifier == client.client_id


def not_consented(client: Client, wanted: Wanted, have: Collection[str]) -> Refused:
    """What is missing, and to whom."""
    words = {"client": client.client_id, "resource": wanted.api.identifier}
    asked = scope.text(wanted.scopes) or ".default"
    return Refused(NOT_CONSENTED, words=words, seen=contrast("scope", scope.text(sorted(have)), asked))


def beginning(turn: Turn, granted: Granted, began_at: str, tenant: Tenant) -> Code:
    """What a family of refresh tokens begins with that no code stands before."""
    return Code(
        id=turn.id,
        owner=Owner(tenant=tenant.id, grant=turn.id, user=turn.user.user_id, client=turn.client.client_id),
        born=granted.at,
        expires_at=granted.at,
        request=AuthorizationRequest(
            client_id=turn.client.client_id, redirect_uri=began_at, scopes=turn.words, dialect=granted.dialect
        ),
        issuer=turn.issuer,
        user=turn.user.user_id,
        scopes=granted.scopes,
        audience=granted.api.identifier,
        session=turn.sign_in.session,
        auth_time=turn.sign_in.auth_time,
        amr=turn.sign_in.amr,
        acr=turn.sign_in.acr,
        address=turn.sign_in.address,
        contexts=turn.sign_in.contexts,
    )
