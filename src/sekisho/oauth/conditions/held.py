"""What an exchange needs to have been shown before: nobody is there who could be asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.model.client import DASHBOARD, Client
from sekisho.model.granted import SignIn
from sekisho.model.role import group_id
from sekisho.model.user import User
from sekisho.oauth.conditions import noted
from sekisho.people import powers
from sekisho.spec.conditional.decide import Verdict, decide
from sekisho.spec.conditional.facts import MFA_ACR, Facts
from sekisho.spec.contrast import Contrast, contrast
from sekisho.spec.entra import challenge
from sekisho.spec.entra.challenge import Challenge
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.conditional import (
    ACCESS_BLOCKED,
    CONTEXT_NEEDED,
    SECOND_FACTOR_ABSENT,
    SECOND_FACTOR_NEEDED,
    SIGN_IN_STALE,
)
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a client is about to be given in a person's name; `wanted` is what it was told to ask for."""

    user: User
    sign_in: SignIn
    client: Client
    api: str
    wanted: Challenge = challenge.NONE


def groups_of(user: User) -> frozenset[str]:
    """The GUIDs of the groups of a person: their roles in this tenant."""
    return frozenset(group_id(user.tenant, role) for role in user.roles)


async def mends(user: User, client: Client, tenant: Tenant) -> bool:
    """An owner on the way to the dashboard: what keeps everybody out, they can change there."""
    if client.client_id != DASHBOARD:
        return False
    return powers.rank_of(await powers.scopes_of(tenant, user)) == powers.OWNER


async def hold(opened: Opened, ask: Ask, tenant: Tenant) -> None:
    """Every policy that holds is satisfied by how the person signed in; else what to ask them for."""
    if not tenant.policies and opened.wanted == challenge.NONE:
        return
    facts = facts_of(opened, ask, tenant, is_mender=await mends(opened.user, opened.client, tenant))
    verdict = decide(tenant.terms, facts)
    noted.watched(verdict, facts, ask, tenant)
    if found := refusal(verdict, facts, opened):
        noted.stood(verdict, facts, ask, tenant)
        raise found


def facts_of(opened: Opened, ask: Ask, tenant: Tenant, *, is_mender: bool = False) -> Facts:
    """Who asks for what, and how they signed in."""
    signed, wanted = opened.sign_in, opened.wanted
    return Facts(
        user=opened.user.id,
        user_id=opened.user.user_id,
        groups=groups_of(opened.user),
        client=opened.client.client_id,
        apis=(opened.api,),
        # A client with credentials is somewhere else than the person.
        address=ask.address if opened.client.is_public else signed.address,
        amr=signed.amr,
        auth_time=signed.auth_time,
        proved=frozenset(signed.contexts),
        asked=frozenset((*wanted.contexts, *signed.contexts)),
        named=frozenset(wanted.policies),
        is_mender=is_mender,
        now=tenant.now(),
    )


def refusal(verdict: Verdict, facts: Facts, opened: Opened) -> Refused | None:
    """The hardest one first: nothing that the person could do helps against a block."""
    if verdict.demands("block"):
        seen = contrast("policy", "one that lets this in", " ".join(verdict.ids))
        return Refused(ACCESS_BLOCKED, seen=seen)
    missing = missing_of(verdict, facts, opened.wanted)
    if verdict.demands("second_factor"):
        reason = SECOND_FACTOR_NEEDED if opened.user.has_second_factor else SECOND_FACTOR_ABSENT
        return _challenged(reason, missing, contrast("amr", "mfa", " ".join(facts.amr)), acr_values=MFA_ACR)
    if verdict.demands("max_age") or missing.not_before:
        age = verdict.max_age
        seen = contrast("auth_time", "a newer sign-in", f"{facts.now - facts.auth_time:.0f} s ago")
        return _challenged(SIGN_IN_STALE, missing, seen, **({} if age is None else {"max_age": age}))
    if missing.contexts:
        contexts = " ".join(missing.contexts)
        return _challenged(CONTEXT_NEEDED, missing, contrast("acrs", contexts, ""), acr_values=contexts)
    return None


def missing_of(verdict: Verdict, facts: Facts, wanted: Challenge) -> Challenge:
    """What the person has to be asked for, as it is asked for: policies, contexts, a newer sign-in."""
    contexts = tuple(each for each in (*verdict.contexts, *wanted.contexts) if each not in facts.proved)
    return Challenge(
        policies=tuple(each.id for each in verdict.unmet if set(each.unmet) != {"context"}),
        contexts=tuple(dict.fromkeys(contexts)),
        not_before=wanted.not_before if facts.auth_time < wanted.not_before else 0,
    )


def _challenged(reason: Reason, missing: Challenge, seen: Contrast, **asked: object) -> Refused:
    """With what to ask the person for, in Entra's words and in those of RFC 9470 section 3."""
    refused = Refused(reason, words={"claims": challenge.text(missing)}, seen=seen)
    extra: Mapping[str, object] = asked
    refused.extra = extra
    return refused
