"""The audit: why something was refused, without what nobody may read."""

import asyncio
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from sekisho.events.audit import BATCH, BATCHES, Audit
from sekisho.jobs import SWEEP_BATCH, sweep_once
from sekisho.model.event import Event
from sekisho.model.step import Lost, Note, Save, Step
from sekisho.model.tenant import TenantRecord
from sekisho.oauth.token import token
from sekisho.spec.contrast import LONGEST, SECRET, WITHHELD, contrast
from sekisho.spec.http import Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED
from sekisho.store import Engine, Window
from sekisho.store.memory import MemoryEngine
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, Clock, ask, asking, machine_tenant

DAY = 86_400.0
ALL = Window(limit=10_000)


async def events(tenant: Tenant) -> list[Event]:
    await tenant.audit.flush()
    return await tenant.store.events(tenant.id, {}, ALL)


async def why(tenant: Tenant, asked: Ask) -> dict[str, object]:
    """What the audit says about a request that is refused."""
    with pytest.raises(Refused) as refused:
        await token(asked, tenant)
    tenant.audit.refused(tenant.id, refused.value)
    return dict((await events(tenant))[0].detail)


@pytest.mark.parametrize(
    ("asked", "rule", "parameter", "expected", "got"),
    [
        (
            {"grant_type": "x"},
            "oauth.token.chosen",
            "grant_type",
            " ".join(Policy().grant_types),
            "x",
        ),
        (
            {"audience": "https://other"},
            "oauth.grants.client_credentials.grant",
            "audience",
            "an identifier of an API",
            "https://other",
        ),
    ],
)
async def test_refusals_explain_themselves(
    asked: dict[str, str], rule: str, parameter: str, expected: str, got: str
) -> None:
    """A refusal is remembered with its rule, what that expected, and what came."""
    said = await why(await machine_tenant(), asking(**asked))
    assert (said["rule"], said["parameter"], said["expected"], said["got"]) == (
        rule,
        parameter,
        expected,
        got,
    )


async def test_a_refusal_without_a_contrast_has_its_rule() -> None:
    """The rule is named even where nothing can be compared; what was never raised has none."""
    tenant = await machine_tenant()
    said = await why(tenant, ask())
    assert said["rule"] == "oauth.authenticate._claimed"
    assert "got" not in said
    tenant.audit.refused(tenant.id, Refused(CLIENT_AUTH_FAILED), client="c")
    assert (await events(tenant))[0].detail["rule"] == ""


@pytest.mark.parametrize("name", [*sorted(SECRET), "CLIENT_SECRET"])
def test_secrets_are_withheld(name: str) -> None:
    """What came in a parameter that may hold a secret is not taken down."""
    assert contrast(name, "x", "s3cret") == contrast(name, "x", WITHHELD)


def test_tokens_are_withheld_wherever_they_come() -> None:
    """A token in the wrong parameter is withheld, too, and nothing is taken down at length."""
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."
    assert contrast("audience", "x", token).got == WITHHELD
    long = contrast("audience" * 100, "x" * 1_000, "y" * 1_000)
    assert (len(long.name), len(long.expected), len(long.got)) == (LONGEST, LONGEST, LONGEST)


async def test_the_audit_is_kept_as_long_as_the_tenant_says() -> None:
    """Each tenant's events are swept after its own number of days, in batches; 0 keeps them for ever."""
    clock = Clock()
    tenant = await machine_tenant(clock)
    others = await tenant.store.records(TenantRecord, tenant.id, {}, ALL)
    for days, record in zip((2, 0), others, strict=True):
        assert (
            await tenant.change(Save(replace(record, policy=replace(record.policy, audit_days=days)))) is None
        )
    noted = [tenant.audit.event(record.id, "happened") for record in others for _ in range(SWEEP_BATCH + 10)]
    await tenant.store.write(*map(Note, noted))
    clock.now += 2 * DAY
    assert await sweep_once(tenant.tools) == 0
    clock.now += 1
    fresh = tenant.audit.event(others[0].id, "fresh")
    await tenant.store.write(Note(fresh))
    assert [await sweep_once(tenant.tools) for _ in range(3)] == [SWEEP_BATCH, 10, 0]
    assert await tenant.store.events(others[0].id, {}, ALL) == [fresh]
    assert len(await tenant.store.events(others[1].id, {}, ALL)) == SWEEP_BATCH + 10


async def test_an_issued_token_says_its_algorithm() -> None:
    """The audit of a token names its grant type, its API and its algorithm."""
    tenant = await machine_tenant()
    await token(asking(), tenant)
    detail = (await events(tenant))[0].detail
    assert (detail["alg"], detail["grant_type"], detail["audience"]) == (
        "RS256",
        "client_credentials",
        AUDIENCE,
    )


@dataclass
class Moody:
    """The store, which now and then is away, or lets a write land and never says so."""

    store: Engine
    away: set[int] = field(default_factory=set)
    mute: bool = False
    units: int = 0

    async def write(self, *steps: Step) -> Lost | None:
        self.units += 1
        if self.units in self.away:
            raise Refused(STORE_UNAVAILABLE)
        lost = await self.store.write(*steps)
        if self.mute:
            await asyncio.Event().wait()
        return lost


def moody(count: int, *away: int) -> tuple[Moody, Audit]:
    """An audit with so many events that wait for a moody store."""
    store = Moody(MemoryEngine(), set(away))
    audit = Audit(store, Clock())
    for _ in range(count):
        audit.batch(audit.event("t", "happened"))
    return store, audit


async def test_what_was_refused_waits_and_nothing_else() -> None:
    """Of many batches those that the store refused wait in their order; the others are written, once."""
    store, audit = moody(BATCH * BATCHES + 7, 2, 5)
    expected = [event.id for event in audit._waiting]
    with pytest.raises(Refused):
        await audit.flush()
    assert audit.waiting() == 2 * BATCH + 7
    assert [event.id for event in audit._waiting] == [
        *expected[BATCH : 2 * BATCH],
        *expected[4 * BATCH : 5 * BATCH],
        *expected[-7:],
    ]
    await audit.flush()
    assert [event.id for event in await store.store.events("t", {}, ALL)] == expected[::-1]


async def test_nothing_is_lost_beside_what_landed_already() -> None:
    """A flush that is broken off does not know what landed: it writes all again, and what is new with it."""
    store, audit = moody(BATCH + 3)
    store.mute = True
    flushing = asyncio.create_task(audit.flush())
    await asyncio.sleep(0.01)
    flushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await flushing
    store.mute = False
    audit.batch(audit.event("t", "happened"))
    assert audit.waiting() == BATCH + 4
    await audit.flush()
    assert len(await store.store.events("t", {}, ALL)) == BATCH + 4
    assert audit.waiting() == 0


async def test_remembers_the_sentence_that_was_said() -> None:
    """Where words of the request stand in the public sentence, it is kept as it was said, without secrets."""
    tenant = await machine_tenant()
    told = await why(tenant, asking(grant_type="x"))
    assert "x" in str(told["text"])
    assert "{" not in str(told["text"])
    token_ = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln"
    told = await why(tenant, asking(audience=token_))
    assert token_ not in str(told)
    assert "text" not in await why(tenant, asking(client_secret="wrong"))
