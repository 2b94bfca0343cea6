"""Auth0's grants by which an application shows a person's second factor, with the ticket of the first."""

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.artifact import FactorTicket
from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.second_factor import given, ticket
from sekisho.oauth.second_factor.given import First
from sekisho.people.factors import recovery, totp
from sekisho.people.second_factor import enrolment, proving
from sekisho.people.second_factor.proving import Proof
from sekisho.spec.http import Ask
from sekisho.spec.pipeline import is_legacy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import ASSOCIATION_REQUIRED
from sekisho.spec.refusals.protocol import AUDIENCE_UNKNOWN
from sekisho.tenant import Tenant

Prove = Callable[[FactorTicket, User, Actor], Awaitable[Proof]]


async def of_app(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """A code of the app; the first one of an app that is being set up keeps it."""
    text = ask.need("otp")

    async def prove(held: FactorTicket, user: User, by: Actor) -> Proof:
        if user.has_second_factor or not held.sealed:
            return await proving.prove(tenant, user, totp.KIND, text, by)
        secret = totp.opened(tenant, user.id, held.sealed)
        step = await enrolment.shown(tenant, user, secret, text, by)
        factors = enrolment.made(tenant, user, (held.sealed, held.digests), step)
        return Proof(factors[0], enrolment.steps_of(tenant, user, factors, by))

    return await _granted(prove, ask, client, tenant)


async def of_recovery(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """A recovery code, for which another one is given in its place."""
    text, fresh = ask.need("recovery_code"), recovery.drawn(1)

    async def prove(_: FactorTicket, user: User, by: Actor) -> Proof:
        if not user.has_second_factor:
            raise Refused(ASSOCIATION_REQUIRED)
        proof = await proving.prove(tenant, user, recovery.KIND, text, by)
        return proving.with_another(proof, fresh)

    return replace(await _granted(prove, ask, client, tenant), told={"recovery_code": fresh[0]})


async def _granted(prove: Prove, ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """What was asked for with the first factor. The ticket and the code are used up together."""
    handle = ask.need("mfa_token")
    held = await ticket.of_client(handle, client, tenant)
    user, request = await ticket.person(held, tenant), held.request
    legacy = is_legacy(conformant=client.oidc_conformant, audience=request.audience)
    api = await whose.api_of(request.audience, tenant, legacy=legacy)
    if api is None:
        raise Refused(AUDIENCE_UNKNOWN, words={"audience": request.audience[:200]})
    by = Actor(client=client.client_id, user=user.user_id, address=ask.address, correlation=ask.correlation)
    proof = await prove(held, user, by)
    first = First(
        user=user,
        client=client,
        api=api,
        code=given.code_after(held, user, proof.amr),
        grant_type=held.grant_type,
        # The code first: a form that was sent twice is no sign that anything leaked.
        spends=(*proof.steps, ticket.used(handle)),
    )
    # Whatever else a policy demands may be decided otherwise by now.
    await given.owes(first, ask, tenant)
    return await given.granted(first, tenant)
