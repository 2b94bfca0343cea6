"""Codes of an authenticator app: RFC 6238's own numbers, the window, and what is used up."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from sekisho.keys.master import Master
from sekisho.keys.seal import CannotOpen, Sealer
from sekisho.people.factors import totp
from sekisho.people.second_factor import enrolment, held, proving, removal
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.factors import (
    FACTOR_BEGUN_ELSEWHERE,
    FACTOR_NEVER,
    FACTOR_PRESENT,
    FACTOR_REPLAYED,
    FACTOR_WRONG,
)
from sekisho.spec.refusals.people import SIGN_IN_LOCKED
from sekisho.tenant import Tenant
from tests.people.folk import ADMIN, decided, later, somebody, town
from tests.second_factors import BY, code, enrolled, known, wrong
from tests.tenants import MASTER

# RFC 6238 appendix B, SHA-1; the last six of its eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = (
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
)


async def refusal(tenant: Tenant, user, text: str) -> Reason:
    """Why a code is refused."""
    with pytest.raises(Refused) as caught:
        await proving.prove(tenant, await known(tenant, user), totp.KIND, text, BY)
    return caught.value.reason


@pytest.mark.parametrize(("at", "text"), VECTORS)
def test_codes_are_those_of_the_document(at: int, text: str):
    """The codes of RFC 6238 appendix B are read at their times."""
    assert totp.step_of(SECRET, text, at) == at // 30


@pytest.mark.parametrize("text", ["287 082", " 287082 ", "２８７０８２"])
def test_codes_are_read_as_people_type_them(text: str):
    """Spaces and the wide digits of Japanese keyboards are no mistake."""
    assert totp.step_of(SECRET, text, 59) == 1


@pytest.mark.parametrize("text", ["", "28708", "2870820", "28708a", "é" * 6, "9" * 10_000, "\ud800"])
def test_what_is_no_code_is_none(text: str):
    """Anything else is no code of any step."""
    assert totp.step_of(SECRET, text, 59) is None


@pytest.mark.parametrize(("at", "counts"), [(29, True), (30, True), (89, True), (90, False), (119, False)])
def test_one_step_before_and_one_after_count(at: int, counts: bool):
    """The code of step 1 counts in the steps 0, 1 and 2, and in no other."""
    assert (totp.step_of(SECRET, "287082", at) == 1) is counts


def test_a_secret_has_160_bits():
    """Each secret is 32 characters of base32, and another one. RFC 4226 section 4."""
    drawn = {totp.drawn() for _ in range(50)}
    assert len(drawn) == 50
    assert {len(base64.b32decode(secret)) for secret in drawn} == {20}


def test_the_address_is_what_apps_read():
    """The picture names gate and account, parted by the first colon, and says every number."""
    address = totp.address("ABC", "a:b@example.com", "Gate: East")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Gate%20%20East%3Aa%20b%40example.com"
    assert parse_qs(parts.query) == {
        "secret": ["ABC"],
        "issuer": ["Gate  East"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }


async def test_a_code_is_used_up():
    """What was shown once is refused, and so is every step up to it, at any later time of the window."""
    tenant = await town()
    user = await somebody(tenant)
    secret, _ = await enrolled(tenant, user)
    proof = await proving.prove(tenant, user, totp.KIND, code(secret, tenant), BY)
    assert proof.amr == ("otp", "mfa")
    await proving.spend(tenant, proof)
    assert await refusal(tenant, user, code(secret, tenant)) is FACTOR_REPLAYED
    assert await refusal(tenant, user, code(secret, tenant, -1)) is FACTOR_REPLAYED
    later(tenant, 30)
    assert await refusal(tenant, user, code(secret, tenant, -1)) is FACTOR_REPLAYED
    await proving.spend(tenant, await proving.prove(tenant, user, totp.KIND, code(secret, tenant), BY))


async def test_the_code_that_sets_it_up_is_used_up():
    """The code by which an app was linked signs nobody in."""
    tenant = await town()
    user = await somebody(tenant)
    setup = enrolment.begin(tenant, user, "s")
    first = code(setup.secret, tenant)
    await enrolment.confirm(tenant, user, setup.secret, first, BY)
    assert await refusal(tenant, user, first) is FACTOR_REPLAYED


async def test_a_proof_lands_once():
    """Two who look at the same moment both find the code good; one of them uses it."""
    tenant = await town()
    user = await somebody(tenant)
    secret, _ = await enrolled(tenant, user)
    both = [await proving.prove(tenant, user, totp.KIND, code(secret, tenant), BY) for _ in range(2)]
    await proving.spend(tenant, both[0])
    with pytest.raises(Refused) as caught:
        await proving.spend(tenant, both[1])
    assert caught.value.reason is FACTOR_REPLAYED


async def test_nothing_counts_before_a_code_was_shown():
    """What was begun is kept nowhere: the person has no factor, and is not asked for one."""
    tenant = await town()
    user = await somebody(tenant)
    setup = enrolment.begin(tenant, user, "s")
    with pytest.raises(Refused) as caught:
        await enrolment.confirm(tenant, user, setup.secret, wrong(setup.secret, tenant), BY)
    assert caught.value.reason is FACTOR_WRONG
    assert await held.of_user(tenant, user) == {}
    assert not (await known(tenant, user)).has_second_factor
    assert await refusal(tenant, user, code(setup.secret, tenant)) is FACTOR_WRONG


async def test_what_was_begun_is_of_one_person_session_and_quarter_of_an_hour():
    """The text that comes back opens for nobody else, in no other session, changed, or too late."""
    tenant = await town()
    ann = await somebody(tenant)
    bob = await somebody(tenant, email="bob@example.com")
    setup = enrolment.begin(tenant, ann, "one")
    assert enrolment.again(tenant, ann, "one", setup.text) == setup
    changed = ("A" if setup.text[0] != "A" else "B") + setup.text[1:]
    for user, session, text in (
        (bob, "one", setup.text),
        (ann, "two", setup.text),
        (ann, "one", changed),
        (ann, "one", ""),
        (ann, "one", "%%%"),
        (ann, "one", "é"),
    ):
        with pytest.raises(Refused) as caught:
            enrolment.again(tenant, user, session, text)
        assert caught.value.reason is FACTOR_BEGUN_ELSEWHERE
    later(tenant, enrolment.LIFETIME)
    with pytest.raises(Refused) as caught:
        enrolment.again(tenant, ann, "one", setup.text)
    assert caught.value.reason is FACTOR_BEGUN_ELSEWHERE
    assert setup.secret not in setup.text


async def test_a_second_one_is_not_set_up_beside_the_first():
    """Whoever has a factor begins none, and finishes none that was begun before."""
    tenant = await town()
    user = await somebody(tenant)
    setup = enrolment.begin(tenant, user, "s")
    first, _ = await enrolled(tenant, user)
    now = await known(tenant, user)
    for attempt in (
        lambda: enrolment.begin(tenant, now, "s"),
        lambda: enrolment.again(tenant, now, "s", setup.text),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.reason is FACTOR_PRESENT
    with pytest.raises(Refused) as late:
        await enrolment.confirm(tenant, user, setup.secret, code(setup.secret, tenant), BY)
    assert late.value.reason is FACTOR_PRESENT
    await proving.prove(tenant, now, totp.KIND, code(first, tenant), BY)


async def test_a_tenant_without_second_factors_sets_none_up():
    """Where the policy is `never` nobody begins one, and nobody is asked for one."""
    tenant = decided(await town(), second_factor="never")
    user = await somebody(tenant)
    with pytest.raises(Refused) as caught:
        enrolment.begin(tenant, user, "s")
    assert caught.value.reason is FACTOR_NEVER
    assert not held.is_owed(user, ("pwd",), tenant)


@pytest.mark.parametrize(
    ("policy", "has", "amr", "owed"),
    [
        ("when_required", False, ("pwd",), False),
        ("when_required", True, ("pwd",), True),
        ("when_required", True, ("pwd", "otp", "mfa"), False),
        ("when_required", True, ("otp",), True),
        ("always", False, ("pwd",), True),
        ("always", True, ("pwd", "mfa"), False),
        ("never", True, ("pwd",), False),
    ],
)
async def test_who_owes_a_second_factor(policy: str, has: bool, amr: tuple[str, ...], owed: bool):
    """By the tenant's policy and by having one; a mailed code alone is one factor."""
    tenant = decided(await town(), second_factor=policy)
    user = await somebody(tenant)
    if has:
        await enrolled(decided(tenant, second_factor="always"), user)
    assert held.is_owed(await known(tenant, user), amr, tenant) is owed


async def test_guesses_are_counted():
    """After ten wrong codes the right one is not looked at; a right one before gives its attempt back."""
    tenant = await town()
    user = await somebody(tenant)
    secret, _ = await enrolled(tenant, user)
    for _ in range(20):
        await proving.prove(tenant, user, totp.KIND, code(secret, tenant), BY)
    for _ in range(10):
        assert await refusal(tenant, user, wrong(secret, tenant)) is FACTOR_WRONG
    assert await refusal(tenant, user, code(secret, tenant)) is SIGN_IN_LOCKED
    # Setting one up is no way around it.
    await removal.remove(tenant, user.id, ADMIN)
    setup = enrolment.begin(tenant, await known(tenant, user), "s")
    for _ in range(10):
        with pytest.raises(Refused):
            await enrolment.shown(tenant, user, setup.secret, wrong(setup.secret, tenant), BY)
    with pytest.raises(Refused) as caught:
        await enrolment.shown(tenant, user, setup.secret, code(setup.secret, tenant), BY)
    assert caught.value.reason is SIGN_IN_LOCKED


async def test_a_secret_is_sealed_for_its_person():
    """What is kept does not hold the secret, opens for nobody else, and is sealed anew under a new key."""
    tenant = await town()
    user = await somebody(tenant)
    secret, _ = await enrolled(tenant, user)
    factor = (await held.of_user(tenant, user))[totp.KIND]
    assert secret.encode() not in factor.sealed
    assert totp.opened(tenant, user.id, factor.sealed) == secret
    with pytest.raises(CannotOpen):
        totp.opened(tenant, "somebody else", factor.sealed)
    assert totp.resealed(factor, tenant.tools.sealer, 1.0) is factor
    newer = Sealer.of(Master((bytes(32), *MASTER.keys)))
    again = totp.resealed(factor, newer, 1.0)
    assert again.sealed != factor.sealed
    assert newer.is_current(again.sealed)
