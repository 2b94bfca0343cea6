"""Claim rules: made, changed, deleted. What tokens cannot carry, or what may take too long, is refused."""

import re
import secrets
import string
from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, applied, given, written
from sekisho.change.unit import At, amend, kept, land, meant
from sekisho.model.step import Erase, Save, Step
from sekisho.model.tenant import Carrier, ClaimRule
from sekisho.spec import metadata
from sekisho.spec.claim_rule import names
from sekisho.spec.claim_rule.expression import LONGEST, Language
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import CLAIM_RULE_ABSENT, CLAIM_RULES_MANY
from sekisho.tenant import MOST_RULES, Tenant

ALPHABET = string.ascii_letters + string.digits
CARRIERS = 3
_ID = re.compile(r"clr_[A-Za-z0-9]{16}")


class ClaimRuleFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a claim rule, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("name", "claim", "expression")
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    name: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    claim: Annotated[str, Meta(min_length=1, max_length=names.LONGEST)] | UnsetType = UNSET
    expression: Annotated[str, Meta(min_length=1, max_length=LONGEST)] | UnsetType = UNSET
    tokens: Perhaps[Annotated[tuple[Carrier, ...], Meta(min_length=1, max_length=CARRIERS)]] = UNSET
    enabled: Perhaps[bool] = UNSET


async def find(tenant: Tenant, id: str) -> ClaimRule:
    """The rule with this id."""
    rule = await tenant.store.record(ClaimRule, tenant.id, id) if _ID.fullmatch(id) else None
    if rule is None:
        raise Refused(CLAIM_RULE_ABSENT)
    return rule


async def create(tenant: Tenant, asked: ClaimRuleFields, actor: Actor) -> ClaimRule:
    """A new rule, which holds for every token from now on."""
    now, id = tenant.now(), "clr_" + "".join(secrets.choice(ALPHABET) for _ in range(16))
    blank = ClaimRule(
        tenant=tenant.id, id=id, name="", claim="", expression="", created_at=now, updated_at=now
    )
    rule = _changed(blank, asked, tenant.language)
    note = actor.note(tenant.audit, tenant.id, "claim_rule_created", {"claim_rule": id, "claim": rule.claim})

    async def attempt() -> tuple[ClaimRule, tuple[Step, ...]]:
        if await tenant.store.count(ClaimRule, tenant.id, {}) >= MOST_RULES:
            raise Refused(CLAIM_RULES_MANY, words={"most": str(MOST_RULES)})
        return kept(rule), (Save(rule), note)

    return await land(tenant, attempt)


async def change(tenant: Tenant, id: str, asked: ClaimRuleFields, actor: Actor, at: At = None) -> ClaimRule:
    """A rule that says something else, or elsewhere, or nothing for now."""
    detail = {"claim_rule": id, "fields": written(asked)}
    note = actor.note(tenant.audit, tenant.id, "claim_rule_changed", detail)

    def changed(rule: ClaimRule) -> ClaimRule:
        return _changed(rule, asked, tenant.language)

    return await amend(tenant, lambda: find(tenant, id), changed, note, at)


async def delete(tenant: Tenant, id: str, actor: Actor, at: At = None) -> None:
    """Tokens from now on do not have the claim; those that were issued keep it."""
    note = actor.note(tenant.audit, tenant.id, "claim_rule_deleted", {"claim_rule": id})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, (Erase(meant(await find(tenant, id), at)), note)

    await land(tenant, attempt)


def _changed(rule: ClaimRule, asked: ClaimRuleFields, language: Language) -> ClaimRule:
    changed = applied(rule, given(asked))
    metadata.name_is_plain(changed.name)
    names.claim_is_free(changed.claim)
    metadata.values_are_unique("tokens", changed.tokens)
    language.compiled(changed.expression)
    return changed
