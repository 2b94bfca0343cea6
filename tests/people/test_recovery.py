"""Recovery codes: each works once, for its person, and nobody finds one that is not their own."""

import pytest

from sekisho.change.actor import Actor
from sekisho.model.password import Factor
from sekisho.model.step import Save
from sekisho.people import administrators, users
from sekisho.people.factors import recovery, totp
from sekisho.people.second_factor import held, proving, removal
from sekisho.registry.system_apis import system
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.factors import FACTOR_ABSENT, FACTOR_WRONG, RECOVERY_WRONG
from sekisho.spec.refusals.people import RANK_TOO_LOW
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.people.folk import ADMIN, somebody, town
from tests.second_factors import BY, code, enrolled, known


async def shown(tenant: Tenant, user, text: str) -> proving.Proof:
    """A recovery code is shown and used up."""
    proof = await proving.prove(tenant, user, recovery.KIND, text, BY)
    await proving.spend(tenant, proof)
    return proof


async def refusal(tenant: Tenant, user, text: str) -> Reason:
    """Why a recovery code is refused."""
    with pytest.raises(Refused) as caught:
        await shown(tenant, user, text)
    return caught.value.reason


async def left(tenant: Tenant, user) -> int:
    """How many codes there are."""
    return len((await held.of_user(tenant, user))[recovery.KIND].digests)


def test_codes_are_many_and_long():
    """Ten codes of 80 bits, of letters that look like nothing else, in groups of four."""
    codes = recovery.drawn()
    assert len(set(codes)) == recovery.MANY == 10
    for each in codes:
        assert [len(part) for part in each.split("-")] == [4, 4, 4, 4]
        assert set(each) <= set(recovery.LETTERS) | {"-"}
    assert len(recovery.LETTERS) == 32
    assert not set("ILOU") & set(recovery.LETTERS)


async def test_a_code_works_once():
    """A code is used up; the others stay. That there was more than one factor is all that is said of it."""
    tenant = await town()
    user = await somebody(tenant)
    _, found = await enrolled(tenant, user)
    proof = await shown(tenant, user, found.codes[3])
    assert proof.amr == ("mfa",)
    assert await refusal(tenant, user, found.codes[3]) is RECOVERY_WRONG
    assert await left(tenant, user) == 9
    await shown(tenant, user, found.codes[4])


@pytest.mark.parametrize("typed", [str.lower, lambda text: text.replace("-", " "), lambda text: f" {text} "])
async def test_codes_are_read_as_people_type_them(typed):
    """Small letters, spaces and missing hyphens are no mistake, and O is 0 wherever somebody wrote it so."""
    tenant = await town()
    user = await somebody(tenant)
    _, found = await enrolled(tenant, user)
    text = found.codes[0].replace("0", "O").replace("1", "l")
    await shown(tenant, user, typed(text))


@pytest.mark.parametrize("text", ["", "-", "AAAA-AAAA-AAAA-AAAA", "é", "9" * 10_000, "\ud800"])
async def test_what_is_no_code_is_refused(text: str):
    """Anything else is refused, whether somebody has codes or not."""
    tenant = await town()
    user = await somebody(tenant)
    assert await refusal(tenant, user, text) is RECOVERY_WRONG
    await enrolled(tenant, user)
    assert await refusal(tenant, user, text) is RECOVERY_WRONG


async def test_codes_are_kept_as_digests_of_their_person():
    """No code stands in what is kept, and one person's code is none of another's."""
    tenant = await town()
    ann = await somebody(tenant)
    bob = await somebody(tenant, email="bob@example.com")
    _, anns = await enrolled(tenant, ann)
    await enrolled(tenant, bob)
    factor = (await held.of_user(tenant, ann))[recovery.KIND]
    assert all(len(digest) == 32 for digest in factor.digests)
    assert not set(recovery.kept(bob.id, anns.codes)) & set(factor.digests)
    assert await refusal(tenant, bob, anns.codes[0]) is RECOVERY_WRONG


async def test_new_codes_end_the_old():
    """After new ones were given none of those from before works; who has none is given none."""
    tenant = await town()
    user = await somebody(tenant)
    with pytest.raises(Refused) as caught:
        await removal.renew(tenant, user.id, BY)
    assert caught.value.reason is FACTOR_ABSENT
    _, found = await enrolled(tenant, user)
    fresh = await removal.renew(tenant, user.id, BY)
    assert not set(fresh) & set(found.codes)
    assert await refusal(tenant, user, found.codes[0]) is RECOVERY_WRONG
    await shown(tenant, user, fresh[0])


async def test_another_code_takes_the_place_of_one():
    """Where an application hands out another code for the one that was used, as many as before are kept."""
    tenant = await town()
    user = await somebody(tenant)
    _, found = await enrolled(tenant, user)
    fresh = recovery.drawn(1)
    proof = await proving.prove(tenant, user, recovery.KIND, found.codes[0], BY)
    await proving.spend(tenant, proving.with_another(proof, fresh))
    assert await left(tenant, user) == 10
    assert await refusal(tenant, user, found.codes[0]) is RECOVERY_WRONG
    await shown(tenant, user, fresh[0])


async def test_what_was_taken_away_is_asked_for_no_more():
    """Codes and app end together, for good; who has nothing has nothing afterwards."""
    tenant = await town()
    user = await somebody(tenant)
    secret, found = await enrolled(tenant, user)
    for _ in range(2):
        gone = await removal.remove(tenant, user.id, ADMIN)
        assert not gone.has_second_factor
        assert await held.of_user(tenant, user) == {}
    assert await refusal(tenant, user, found.codes[0]) is RECOVERY_WRONG
    with pytest.raises(Refused) as caught:
        await proving.prove(tenant, user, totp.KIND, code(secret, tenant), BY)
    assert caught.value.reason is FACTOR_WRONG


async def test_nobody_takes_it_from_somebody_who_may_do_more():
    """An administrator who may do less than a person neither resets their factor nor gives them codes."""
    tenant = await town()
    assert await tenant.change(Save(system(tenant.id, tenant.now()))) is None
    owner = await administrators.appoint(tenant, "owner@example.com", ADMIN, "Owner")
    await enrolled(tenant, owner)
    editor = Actor(user="auth0|editor", scopes=frozenset(("update:users",)))
    for deed in (removal.remove, removal.renew):
        with pytest.raises(Refused) as caught:
            await deed(tenant, owner.id, editor)
        assert caught.value.reason is RANK_TOO_LOW
    assert set(await held.of_user(tenant, owner)) == {"totp", "recovery"}


async def test_a_person_who_goes_takes_it_along():
    """With a user their factors are deleted: whoever has that id later has none."""
    tenant = await town()
    user = await somebody(tenant)
    await enrolled(tenant, user)
    await users.delete(tenant, user.id, ADMIN)
    assert await tenant.store.records(Factor, tenant.id, {}, Window()) == []


def test_one_field_takes_both_kinds():
    """Six digits, however they were typed, are of the app; everything else was written down."""
    for text in ("123456", "123 456", "１２３４５６", "12"):
        assert proving.kind_of(text) == totp.KIND
    for text in ("", "1234-5678", "1234567", "ABCD-EFGH-JKMN-PQRS", "12345a"):
        assert proving.kind_of(text) == recovery.KIND


async def test_the_person_is_as_they_are_kept():
    """Having a second factor is told by the person, in the unit that keeps it."""
    tenant = await town()
    user = await somebody(tenant)
    assert not (await known(tenant, user)).has_second_factor
    await enrolled(tenant, user)
    assert (await known(tenant, user)).has_second_factor
