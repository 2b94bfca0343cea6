"""What an exchange needs to have been shown before: nobody is there who could be asked."""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from sekisho.model.client import Client
from sekisho.model.granted import SignIn
from sekisho.model.role import group_id
from sekisho.model.user import User
from sekisho.spec.conditional.decide import Verdict, decide
from sekisho.spec.conditional.facts import Facts
from sekisho.spec.contrast import contrast
from sekisho.spec.entra import challenge
from sekisho.spec.entra.challenge import Challenge
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import (
    ACCESS_BLOCKED,
    CONTEXT_NEEDED,
    SECOND_FACTOR_NEEDED,
    SIGN_IN_STALE,
)
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Something that a client is about to be given in a person's name; `wanted` is what it was told to ask."""

    user: User
    sign_in: SignIn
    client: Client
    api: str
    wanted: Challenge = challenge.NONE


def groups_of(user: User) -> frozenset[str]:
    """The GUIDs of the groups of a person: their roles in this tenant."""
    return frozenset(group_id(user.tenant, role) for role in user.roles)


def hold(opened: Opened, ask: Ask, tenant: Tenant) -> None:
    """Every policy that holds is satisfied by how the person signed in; else what to ask them for."""
    if not tenant.policies and opened.wanted == challenge.NONE:
        return
    signed, wanted = opened.sign_in, opened.wanted
    facts = Facts(
        user=opened.user.id,
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
        now=tenant.now(),
    )
    _refuse(decide(tenant.terms, facts), facts, wanted)


def with_contexts(facts: Facts, contexts: Collection[str]) -> Facts:
    """The same, were these contexts asked for and satisfied."""
    more = frozenset(contexts)
    return dataclasses.replace(facts, asked=facts.asked | more, proved=facts.proved | more)


def _refuse(verdict: Verdict, facts: Facts, wanted: Challenge) -> None:
    """The hardest one first: nothing that the person could do helps against a block."""
    if verdict.demands("block"):
        seen = contrast("policy", "one that lets this in", " ".join(verdict.ids))
        raise Refused(ACCESS_BLOCKED, seen=seen)
    missing = tuple(each for each in (*verdict.contexts, *wanted.contexts) if each not in facts.proved)
    by_policies = {"claims": challenge.of_policies(verdict.ids)}
    if verdict.demands("second_factor"):
        seen = contrast("amr", "mfa", " ".join(facts.amr))
        raise Refused(SECOND_FACTOR_NEEDED, words=by_policies, seen=seen)
    if verdict.demands("max_age") or facts.auth_time < wanted.not_before:
        seen = contrast("auth_time", "a newer sign-in", f"{facts.now - facts.auth_time:.0f} s ago")
        raise Refused(SIGN_IN_STALE, words=by_policies, seen=seen)
    if missing:
        words = {"context": missing[0], "claims": challenge.of_contexts(missing)}
        raise Refused(CONTEXT_NEEDED, words=words, seen=contrast("acrs", " ".join(missing), ""))
