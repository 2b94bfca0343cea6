"""Token exchange (RFC 8693): who was called in a person's name calls the next API in that name."""

from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.user import User
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.oauth.delegation import assigned, given
from sekisho.oauth.delegation.subject import Subject
from sekisho.oauth.exchange import shown, target
from sekisho.oauth.exchange.target import Target
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange import chain, token_type
from sekisho.spec.exchange.token_type import Wish
from sekisho.spec.http import Ask
from sekisho.spec.policy import TOKEN_EXCHANGE
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.exchange import EXCHANGE_FORBIDDEN
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Another token about the person, for the API that is asked for: it ends with the one that was shown."""
    now = tenant.now()
    wish, subject, actors = await _shown(ask, client, tenant)
    # What does not say how somebody signed in was not enough for any policy that asks.
    sign_in = subject.bearer.sign_in or SignIn(auth_time=0)
    found = await _target(subject.user, sign_in, ask, client, tenant)
    bearer, api = subject.bearer, found.api
    token_type.can_be_made(wish.requested, is_opaque=api.dialect == "opaque")
    return Granted(
        # The grant that the person gave: whoever takes that back takes this back.
        id=bearer.grant,
        grant_type=TOKEN_EXCHANGE,
        client=client,
        api=api,
        audience=found.audience,
        issuer=tenant.issuer(ask),
        subject=bearer.subject,
        scopes=found.scopes,
        lifetime=max(1, min(api.token_lifetime, int(bearer.expires_at - now))),
        at=now,
        user=subject.user,
        sign_in=sign_in,
        part=ask.id,
        actors=actors,
        issued_type=wish.requested,
        roles=await assigned.of_user(subject.user, api, tenant),
        groups=assigned.groups_told(subject.user, api),
        proof=given.proof_of(ask),
    )


async def _target(user: User, sign_in: SignIn, ask: Ask, client: Client, tenant: Tenant) -> Target:
    """What is asked for and was agreed to, and no policy stands in its way."""
    found = await target.wanted(ask, user, client, tenant)
    opened = Opened(user=user, sign_in=sign_in, client=client, api=found.api.identifier)
    await held.hold(opened, ask, tenant)
    return found


async def _shown(ask: Ask, client: Client, tenant: Tenant) -> tuple[Wish, Subject, tuple[str, ...]]:
    """What was shown holds, and who acts for the person from now on."""
    target.client_proves_itself(client)
    wish = token_type.read(ask.form)
    is_delegation = wish.actor is not None or client.exchange == "delegation"
    exchange_is_allowed(client, is_delegation=is_delegation)
    subject = await shown.subject_of(wish.subject, client, tenant)
    if wish.actor is not None:
        await shown.actor_is_the_client(wish.actor, client, tenant)
    # Those who acted before stay named; the client joins them where it acts for the person. Section 4.1.
    actors = (*subject.bearer.actors, client.client_id) if is_delegation else subject.bearer.actors
    chain.is_short(actors, tenant.policy.exchange_depth)
    return wish, subject, actors


def exchange_is_allowed(client: Client, *, is_delegation: bool) -> None:
    """Saying that it acts for somebody and being that person are allowed apart. RFC 8693 section 1.1."""
    kind = "delegation" if is_delegation else "impersonation"
    if client.exchange not in (kind, "both"):
        raise Refused(EXCHANGE_FORBIDDEN, seen=contrast("token_exchange", client.exchange, kind))
