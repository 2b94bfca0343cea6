"""Claim rules: what is taken, what is refused, and that every process knows them at once."""

from typing import Any

import pytest

from sekisho.change.actor import Actor
from sekisho.change.fields import creation
from sekisho.model.step import Save
from sekisho.model.tenant import ClaimRule
from sekisho.registry.claims import rules, trial
from sekisho.registry.claims.rules import ClaimRuleFields
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import (
    CLAIM_NAME_MALFORMED,
    CLAIM_NAME_RESTRICTED,
    CLAIM_RULE_ABSENT,
    CLAIM_RULES_MANY,
    EXPRESSION_COSTLY,
    EXPRESSION_MALFORMED,
)
from sekisho.spec.refusals.management import ALREADY_EXISTS, BODY_INVALID
from sekisho.tenant import MOST_RULES, Directory, Tenant
from tests.tenants import TENANT, Clock, client, demo_directory
from tests.visitor import person

ACTOR = Actor(client="tests")
COLOR = "https://app.example.com/favorite_color"


def asked(claim: str = COLOR, expression: str = "'blue'", **more: object) -> ClaimRuleFields:
    """What somebody wants of a rule."""
    return creation({"name": "A rule", "claim": claim, "expression": expression, **more}, ClaimRuleFields)


@pytest.fixture
async def directory() -> Directory:
    """A directory of tenants."""
    return await demo_directory(Clock())


def here(directory: Directory, slug: str = "demo") -> Tenant:
    """The tenant as the next request finds it."""
    tenant = directory.named(slug)
    assert tenant
    return tenant


async def reason(tenant: Tenant, fields: ClaimRuleFields) -> object:
    """Why a rule is not made."""
    with pytest.raises(Refused) as refused:
        await rules.create(tenant, fields, ACTOR)
    return refused.value.reason


async def test_a_rule_is_known_at_once(directory: Directory) -> None:
    """The next request finds it; switched off or deleted, it does not; another tenant never does."""
    made = await rules.create(here(directory), asked(), ACTOR)
    assert [rule.id for rule in here(directory).rules] == [made.id]
    assert here(directory, "acme").rules == ()
    keys = here(directory).keys
    off = ClaimRuleFields(enabled=False)
    await rules.change(here(directory), made.id, off, ACTOR)
    assert here(directory).rules == ()
    assert here(directory).keys is keys
    await rules.change(here(directory), made.id, ClaimRuleFields(enabled=None), ACTOR)
    assert [rule.enabled for rule in here(directory).rules] == [True]
    await rules.delete(here(directory), made.id, ACTOR)
    assert here(directory).rules == ()
    with pytest.raises(Refused) as refused:
        await rules.find(here(directory), made.id)
    assert refused.value.reason is CLAIM_RULE_ABSENT


async def test_a_process_that_starts_knows_them(directory: Directory) -> None:
    """They are read with the tenant."""
    made = await rules.create(here(directory), asked(), ACTOR)
    await directory.load()
    assert [rule.id for rule in here(directory).rules] == [made.id]


async def test_rules_of_a_tenant_that_is_gone(directory: Directory) -> None:
    """They are nobody's."""
    stray = ClaimRule(tenant="9" * 36, id="clr_1", name="x", claim="a:b", expression="1")
    assert await here(directory).change(Save(stray)) is None
    assert {tenant.id for tenant in directory.all()} == {TENANT, TENANT.replace("1", "2")}


async def test_defaults(directory: Directory) -> None:
    """A rule says its claim in ID tokens, unless it says otherwise."""
    made = await rules.create(here(directory), asked(), ACTOR)
    assert (made.tokens, made.enabled, made.version) == (("id_token",), True, 1)


@pytest.mark.parametrize(
    ("claim", "expression", "why"),
    [
        ("sub", "'x'", CLAIM_NAME_RESTRICTED),
        ("Roles", "'x'", CLAIM_NAME_RESTRICTED),
        ("https://auth0.com/x", "'x'", CLAIM_NAME_RESTRICTED),
        (" sub", "'x'", CLAIM_NAME_MALFORMED),
        (COLOR, "1 +", EXPRESSION_MALFORMED),
        (COLOR, "user.a.map(x, user.b.map(y, [x, y]))", EXPRESSION_COSTLY),
    ],
)
async def test_what_no_token_could_say_is_refused(
    directory: Directory, claim: str, expression: str, why: object
) -> None:
    """When it is made, and when it is changed."""
    assert await reason(here(directory), asked(claim, expression)) is why
    made = await rules.create(here(directory), asked("plan"), ACTOR)
    with pytest.raises(Refused) as refused:
        await rules.change(here(directory), made.id, asked(claim, expression), ACTOR)
    assert refused.value.reason is why


@pytest.mark.parametrize(
    "more", [{"name": " "}, {"name": "<b>"}, {"tokens": ["id_token", "id_token"]}, {"name": "a\nb"}]
)
async def test_what_else_a_rule_says_is_sound(directory: Directory, more: dict[str, Any]) -> None:
    """A name is shown to people, and a list of tokens is a set."""
    assert await reason(here(directory), asked(**more)) is BODY_INVALID


async def test_one_rule_for_a_claim(directory: Directory) -> None:
    """So nobody has to know which of two wins; another tenant has its own."""
    await rules.create(here(directory), asked(), ACTOR)
    assert await reason(here(directory), asked()) is ALREADY_EXISTS
    assert await rules.create(here(directory, "acme"), asked(), ACTOR)


async def test_so_many_and_no_more(directory: Directory) -> None:
    """Fifty of them."""
    assert MOST_RULES == 50
    for number in range(MOST_RULES):
        await rules.create(here(directory), asked(f"plain{number}"), ACTOR)
    assert await reason(here(directory), asked()) is CLAIM_RULES_MANY
    assert len(here(directory).rules) == MOST_RULES


async def test_an_expression_is_tried_out(directory: Directory) -> None:
    """What it would say of somebody, or why nothing; what could be no rule is refused."""
    tenant = here(directory)
    shop = client(client_metadata={"team": "sales"})
    found = await trial.try_out(tenant, "user.email + ' ' + client.metadata.team", person(), shop)
    assert found == trial.Outcome("aya@example.com sales")
    assert (await trial.try_out(tenant, "user.nothing", person(), shop)).problem.startswith("NOT_FOUND")
    assert await trial.try_out(tenant, "user.email", None, shop) == trial.Outcome()
    with pytest.raises(Refused) as refused:
        await trial.try_out(tenant, "1 +", person(), shop)
    assert refused.value.reason is EXPRESSION_MALFORMED
    assert tenant.rules == ()
