"""What has to be shown before a request of a person is answered: a second factor, a fresh sign-in."""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.oauth.conditions import held, noted
from sekisho.oauth.needs import Wish
from sekisho.oauth.steps import Demands, Finish, Login, Prove, Stop
from sekisho.oauth.steps import Step as Next
from sekisho.people import sessions
from sekisho.people.second_factor.held import is_owed
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.conditional.decide import NOTHING, Verdict, contexts_of, decide
from sekisho.spec.conditional.facts import MFA, MFA_ACR, Facts
from sekisho.spec.http import Ask
from sekisho.spec.refusals.conditional import ACCESS_BLOCKED, CONTEXT_NEEDED
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody is about to be given: by which request, to which client, of which APIs."""

    request: AuthorizationRequest
    client: Client
    wish: Wish

    @property
    def apis(self) -> tuple[str, ...]:
        """All that it is about."""
        named = (need.api for need in self.wish.every if need.api)
        return tuple(dict.fromkeys((self.wish.api.identifier, *named)))

    def stepped(self, demands: Demands) -> AuthorizationRequest:
        """The request, with the contexts that its answer satisfies."""
        if demands.contexts == self.request.challenge.contexts:
            return self.request
        challenge = replace(self.request.challenge, contexts=demands.contexts)
        return replace(self.request, challenge=challenge)


async def demanded(opening: Opening, session: Session | None, ask: Ask, tenant: Tenant) -> Demands:
    """By the tenant's policies, the request itself, and the person who has a second factor."""
    if session is None or session.owner.user is None:
        return Demands()
    user, request = await sessions.person(session, tenant), opening.request
    verdict, facts = NOTHING, None
    asked = frozenset(request.challenge.contexts)
    if tenant.policies:
        verdict, facts = await _verdict(opening, session, user, ask, tenant)
        asked = facts.asked
    refused = ACCESS_BLOCKED if verdict.demands("block") else None
    if refused is None and not asked <= contexts_of(tenant.terms):
        # Nothing says what proves it, so that nothing does.
        refused = CONTEXT_NEEDED
    return Demands(
        refused=refused,
        second_factor=_wants_second(request, session, user, tenant) or verdict.demands("second_factor"),
        is_stale=verdict.demands("max_age") or session.auth_time < request.challenge.not_before,
        contexts=tuple(sorted(asked)),
        verdict=verdict,
        facts=facts,
        user=user,
    )


def done(step: Next, demands: Demands, ask: Ask, tenant: Tenant) -> None:
    """What came of it, noted where policies had a part in it: once for each time that somebody is asked."""
    facts = demands.facts
    if facts is None:
        return
    if isinstance(step, Finish):
        noted.watched(demands.verdict, facts, ask, tenant)
    elif isinstance(step, Login):
        noted.stood(demands.verdict, facts, ask, tenant, noted.AGE)
    elif isinstance(step, Prove):
        noted.stood(demands.verdict, facts, ask, tenant, noted.FACTOR)
    elif isinstance(step, Stop):
        noted.stood(demands.verdict, facts, ask, tenant)


def _wants_second(request: AuthorizationRequest, session: Session, user: User, tenant: Tenant) -> bool:
    """Whatever policies say: the tenant always, the request by its `acr_values`, the person by having one.

    That is looked up: whoever sets one up in one browser is asked for it in each of them.
    """
    if tenant.policy.second_factor == "never" or MFA in session.amr:
        return False
    return MFA_ACR in request.acr_values or is_owed(user, session.amr, tenant)


async def _verdict(
    opening: Opening, session: Session, user: User, ask: Ask, tenant: Tenant
) -> tuple[Verdict, Facts]:
    """What policies come to, those of the contexts that they or the request ask for among them."""
    wanted, client, known = opening.request.challenge, opening.client, contexts_of(tenant.terms)
    named = known.intersection(opening.request.acr_values)
    facts = Facts(
        user=user.id,
        user_id=user.user_id,
        groups=held.groups_of(user),
        client=client.client_id,
        apis=opening.apis,
        address=ask.address,
        amr=session.amr,
        auth_time=session.auth_time,
        asked=named.union(wanted.contexts),
        named=frozenset(wanted.policies),
        is_mender=await held.mends(user, client, tenant),
        now=tenant.now(),
    )
    # A policy may ask for a context that another one is for; what that one asks for is asked for, too.
    for _ in tenant.policies:
        found = decide(tenant.terms, facts)
        if not found.contexts:
            break
        facts = with_contexts(facts, found.contexts)
    return decide(tenant.terms, with_contexts(facts, facts.asked)), facts


def with_contexts(facts: Facts, contexts: Collection[str]) -> Facts:
    """The same, were these contexts asked for and satisfied."""
    more = frozenset(contexts)
    return dataclasses.replace(facts, asked=facts.asked | more, proved=facts.proved | more)
