"""Claim rules, as the command line asks for them."""

from dataclasses import dataclass

from sekisho.change.fields import amendment, creation
from sekisho.change.unit import whole
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import Row
from sekisho.cli.work import OPERATOR, at_work, moment
from sekisho.model.tenant import ClaimRule
from sekisho.registry.claims import rules
from sekisho.registry.claims.rules import ClaimRuleFields


@dataclass(frozen=True, slots=True)
class New:
    """What the options say about a new rule."""

    claim: str
    expression: str
    name: str
    token: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What the options say shall be different."""

    id: str
    name: str | None
    claim: str | None
    expression: str | None
    token: tuple[str, ...]
    enabled: bool | None


async def every(where: Where, whose: Whose) -> list[Row]:
    """All of them, by claim."""
    async with at_work(where, whose.tenant) as tenant:
        found = await whole(tenant, ClaimRule, {})
    return [_row(each) for each in sorted(found, key=lambda each: each.claim)]


async def create(where: Where, whose: Whose, new: New) -> Row:
    """One more."""
    told: dict[str, object] = {"name": new.name or new.claim[:100], "claim": new.claim}
    told |= {"expression": new.expression} | ({"tokens": new.token} if new.token else {})
    async with at_work(where, whose.tenant) as tenant:
        return _row(await rules.create(tenant, creation(told, ClaimRuleFields), OPERATOR))


async def update(where: Where, whose: Whose, change: Change) -> Row:
    """One of them, as it is from now on."""
    said = (
        *(("name", change.name), ("claim", change.claim), ("expression", change.expression)),
        *(("tokens", change.token or None), ("enabled", change.enabled)),
    )
    told = {name: value for name, value in said if value is not None}
    async with at_work(where, whose.tenant) as tenant:
        return _row(await rules.change(tenant, change.id, amendment(told, ClaimRuleFields), OPERATOR))


async def delete(where: Where, whose: Whose, id: str) -> None:
    """One that no token needs any more."""
    async with at_work(where, whose.tenant) as tenant:
        await rules.delete(tenant, id, OPERATOR)


def _row(rule: ClaimRule) -> Row:
    return {
        "id": rule.id,
        "name": rule.name,
        "claim": rule.claim,
        "expression": rule.expression,
        "tokens": list(rule.tokens),
        "enabled": rule.enabled,
        "updated_at": moment(rule.updated_at),
    }
