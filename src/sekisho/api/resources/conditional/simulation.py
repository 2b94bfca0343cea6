"""What policies would say to somebody, and why."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from sekisho.api import view
from sekisho.change.fields import Perhaps
from sekisho.model.api import Api
from sekisho.model.tenant import AccessPolicy
from sekisho.oauth.conditions import simulated
from sekisho.oauth.conditions.simulated import Guess, Outcome
from sekisho.people import users
from sekisho.registry import clients
from sekisho.spec import metadata
from sekisho.spec.conditional.decide import Demand, Finding, Miss
from sekisho.spec.conditional.terms import State
from sekisho.spec.entra import wording
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.tenant import Tenant

Text = Annotated[str, Meta(min_length=1, max_length=600)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=20)]
# In words: why a policy does not hold, and what is missing for it.
MISSES: Mapping[Miss, str] = {
    "disabled": "It is off",
    "context": "None of its authentication contexts is asked for",
    "user": "It is about somebody else",
    "client": "It is about another application",
    "api": "It is about another API",
    "network": "It is about another network",
}
LACKS: Mapping[Demand, str] = {
    "block": "It lets nobody in",
    "second_factor": "No second factor was shown: amr has no mfa",
    "context": "Its authentication context was not satisfied",
    "max_age": "The sign-in is older than it lets it be",
}


class SimulationFields(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Somebody who might ask: by which application, for which API, from where, signed in how and when."""

    NEEDS: ClassVar[tuple[str, ...]] = ("userId", "clientId", "api")
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    user_id: Text | UnsetType = UNSET
    client_id: Text | UnsetType = UNSET
    api: Text | UnsetType = UNSET
    address: Perhaps[Text] = UNSET
    signed_in_with: Perhaps[Texts] = UNSET
    signed_in_minutes_ago: Perhaps[Annotated[int, Meta(ge=0, le=1_000_000)]] = UNSET
    contexts_asked: Perhaps[Texts] = UNSET
    contexts_satisfied: Perhaps[Texts] = UNSET


class FoundSeen(Struct, kw_only=True, rename="camel"):
    """What one policy says."""

    id: str
    display_name: str
    state: State
    matches: bool
    why: str
    unmet: Sequence[Demand]


class SimulatedSeen(Struct, kw_only=True, rename="camel"):
    """What it comes to, every policy, and the document that the application would get."""

    outcome: Outcome
    policies: Sequence[FoundSeen]
    error: Mapping[str, Any] | None


async def told(asked: SimulationFields, ask: Ask, tenant: Tenant) -> view.View:
    """Every policy with what it says, and what it comes to."""
    found = await simulated.simulate(await _guess(asked, tenant), ask, tenant)
    names = {each.id: each for each in tenant.policies}
    seen = SimulatedSeen(
        outcome=found.outcome,
        policies=[_found(each, names[each.id]) for each in found.verdict.findings],
        error=wording.brief(found.refused) if found.refused else None,
    )
    return view.members(seen)


def _found(found: Finding, policy: AccessPolicy) -> FoundSeen:
    why = MISSES[found.miss] if found.miss else ". ".join(LACKS[each] for each in found.unmet)
    return FoundSeen(
        id=policy.id,
        display_name=policy.name,
        state=policy.terms.state,
        matches=not found.miss,
        why=why or "Everything that it demands is there",
        unmet=list(found.unmet),
    )


async def _guess(asked: SimulationFields, tenant: Tenant) -> Guess:
    address = asked.address or ""
    if address:
        _address_is_one(address)
    methods = asked.signed_in_with or ("pwd",)
    return Guess(
        user=await users.find(tenant, str(asked.user_id)),
        client=await clients.find(tenant, str(asked.client_id)),
        api=await _api(str(asked.api), tenant),
        address=address,
        amr=methods,
        age=(asked.signed_in_minutes_ago or 0) * 60,
        asked=asked.contexts_asked or (),
        proved=asked.contexts_satisfied or (),
    )


async def _api(name: str, tenant: Tenant) -> str:
    api = await tenant.known.named(Api, tenant.id, name)
    if api is None:
        raise Refused(API_ABSENT)
    return api.identifier


def _address_is_one(address: str) -> None:
    try:
        ip_address(address)
    except ValueError:
        raise metadata.problem("address", "This is no address of IPv4 or IPv6") from None
