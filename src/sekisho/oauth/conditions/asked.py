"""What has to be shown before a request of a person is answered: a second factor, a fresh sign-in."""

from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.oauth.conditions import held
from sekisho.oauth.flow import Demands
from sekisho.oauth.needs import Wish
from sekisho.people import sessions
from sekisho.people.second_factor.held import is_owed
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.conditional.decide import Verdict, decide
from sekisho.spec.conditional.facts import MFA, MFA_ACR, Facts
from sekisho.spec.http import Ask
from sekisho.spec.refusals.conditional import ACCESS_BLOCKED
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
        challenge = replace(self.request.challenge, contexts=demands.contexts)
        return replace(self.request, challenge=challenge)


async def demanded(opening: Opening, session: Session | None, ask: Ask, tenant: Tenant) -> Demands:
    """By the tenant's policies, the request itself, and the person who has a second factor."""
    if session is None or session.owner.user is None:
        return Demands()
    request = opening.request
    verdict, contexts = await _verdict(opening, session, ask, tenant)
    if verdict.demands("block"):
        return Demands(refused=ACCESS_BLOCKED)
    is_stale = verdict.demands("max_age") or session.auth_time < request.challenge.not_before
    return Demands(
        second_factor=await _wants_second(request, session, tenant) or verdict.demands("second_factor"),
        is_stale=is_stale,
        contexts=contexts,
    )


async def _wants_second(request: AuthorizationRequest, session: Session, tenant: Tenant) -> bool:
    """Whatever policies say: the tenant always, the request by its `acr_values`, the person by having one.

    That is looked up: whoever sets one up in one browser is asked for it in each of them.
    """
    if tenant.policy.second_factor == "never" or MFA in session.amr:
        return False
    if MFA_ACR in request.acr_values:
        return True
    return is_owed(await sessions.person(session, tenant), session.amr, tenant)


async def _verdict(
    opening: Opening, session: Session, ask: Ask, tenant: Tenant
) -> tuple[Verdict, tuple[str, ...]]:
    """What policies come to, those of the contexts that they or the request ask for among them."""
    wanted = opening.request.challenge
    if not tenant.policies:
        return Verdict(), wanted.contexts
    user = await sessions.person(session, tenant)
    facts = Facts(
        user=user.id,
        groups=held.groups_of(user),
        client=opening.client.client_id,
        apis=opening.apis,
        address=ask.address,
        amr=session.amr,
        auth_time=session.auth_time,
        asked=frozenset(wanted.contexts),
        named=frozenset(wanted.policies),
        now=tenant.now(),
    )
    contexts = (*wanted.contexts, *decide(tenant.terms, facts).contexts)
    return decide(tenant.terms, held.with_contexts(facts, contexts)), tuple(dict.fromkeys(contexts))
