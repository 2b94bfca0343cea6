"""What policies did, for whoever wrote them: how often one asked, refused, or would have."""

from collections.abc import Collection
from typing import get_args

from sekisho.spec.conditional.decide import Demand, Finding, Verdict
from sekisho.spec.conditional.facts import Facts
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant

ASKED, REFUSED, WATCHED = "access_policy_asked", "access_policy_refused", "access_policy_watched"
EVERY: tuple[Demand, ...] = get_args(Demand)
# What a sign-in, and what a second factor is asked for.
AGE: tuple[Demand, ...] = ("max_age",)
FACTOR: tuple[Demand, ...] = ("second_factor",)


def stood(
    verdict: Verdict, facts: Facts, ask: Ask, tenant: Tenant, which: Collection[Demand] = EVERY
) -> None:
    """These stood in the way, with what they demand of `which`: one asked for more, another refused."""
    for each in (found for found in verdict.unmet if not set(found.unmet).isdisjoint(which)):
        _note(REFUSED if "block" in each.unmet else ASKED, each, facts, ask, tenant)


def watched(verdict: Verdict, facts: Facts, ask: Ask, tenant: Tenant) -> None:
    """These would have stood in the way."""
    for each in verdict.watched:
        _note(WATCHED, each, facts, ask, tenant)


def _note(slug: str, found: Finding, facts: Facts, ask: Ask, tenant: Tenant) -> None:
    """Nobody waits for it."""
    event = tenant.audit.event(
        *(tenant.id, slug),
        client=facts.client,
        user=facts.user_id,
        address=ask.address,
        correlation=ask.correlation,
        detail={"policy": found.id, "unmet": " ".join(found.unmet), "audience": " ".join(facts.apis)},
    )
    tenant.audit.batch(event)
