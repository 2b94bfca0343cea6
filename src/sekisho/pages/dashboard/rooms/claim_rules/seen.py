"""A claim rule as its pages show it, and what was wrong with it at the field that it is about."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from sekisho.model.tenant import Carrier, ClaimRule
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.dashboard.rooms.claim_rules.trying import Trial
from sekisho.registry.claims import rules
from sekisho.spec.claim_rule.expression import LONGEST
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import (
    CLAIM_NAME_MALFORMED,
    CLAIM_NAME_RESTRICTED,
    EXPRESSION_COSTLY,
    EXPRESSION_MALFORMED,
)
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.tenant import Tenant

ROOM = "/claim-rules"
CARRIERS: tuple[Carrier, ...] = get_args(Carrier)
KINDS: Mapping[str, Kind] = {
    "name": "text",
    "claim": "text",
    "expression": "text",
    "tokens": "ticks",
    "enabled": "switch",
}
BLANK: Mapping[str, Any] = {"tokens": ["id_token"], "enabled": True}
# By the slug of what refuses: the field, and the sentence there.
_AT: Mapping[str, tuple[str, Problem]] = {
    ALREADY_EXISTS.slug: ("claim", Problem("claim_rules.taken")),
    CLAIM_NAME_MALFORMED.slug: ("claim", Problem("claim_rules.malformed")),
    CLAIM_NAME_RESTRICTED.slug: ("claim", Problem("claim_rules.restricted")),
    EXPRESSION_MALFORMED.slug: ("expression", Problem("claim_rules.unusable")),
    EXPRESSION_COSTLY.slug: ("expression", Problem("claim_rules.costly")),
}


async def named(ask: Ask, tenant: Tenant) -> ClaimRule:
    """The rule that the address names."""
    return await rules.find(tenant, ask.names["rule"])


def path(rule: ClaimRule) -> str:
    """Where its page is."""
    return f"{ROOM}/{frame.segment(rule.id)}"


def said(rule: ClaimRule) -> Mapping[str, Any]:
    """What it says, by the names of fields."""
    return {**{name: getattr(rule, name) for name in KINDS}, "tokens": list(rule.tokens)}


def wrong(refused: Refused) -> Mapping[str, Problem]:
    """What is wrong with one of the fields; nothing, where it is about none of them."""
    field, problem = _AT.get(refused.reason.slug, ("", None))
    if problem is None:
        return {}
    # After the place and what is wrong there, the language shows the expression again.
    words = {name: word.partition(" | ")[0] for name, word in refused.words.items()}
    return {field: replace(problem, words=words, text=refused.text)}


def again(refused: Refused, form: Pairs, there: Mapping[str, Any], current: int) -> Form:
    """The form as it was sent; `current` is the version of what stands `there` now."""
    found = fields.again(refused, form, KINDS, there, current)
    return replace(found, problems=wrong(refused) or found.problems)


def page(form: Form, trial: Trial, rule: ClaimRule | None, visit: Visit) -> Answer:
    """One rule, or one that is none yet."""
    here = Crumb(rule.name, is_key=False) if rule else Crumb("claim_rules.create")
    context = {"form": form, "trial": trial, "rule": rule, "carriers": CARRIERS, "longest": LONGEST}
    at = {"at": path(rule) if rule else f"{ROOM}/new"}
    return frame.page("claim_rule", {**context, **at}, (Crumb("dash.claim_rules", ROOM), here), visit)
