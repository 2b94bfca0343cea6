"""The audit in figures, as pages and programs ask for it."""

from sekisho.model.step import Note
from sekisho.registry import logs
from tests.tenants import NOW, demo_tenant


async def test_counts_some_stretches_at_a_time() -> None:
    """However many stretches there are, each slug has a figure for each; without one there is nothing."""
    tenant = await demo_tenant()
    many = 3 * logs.STRETCHES_AT_ONCE + 1
    for n in range(0, many, 5):
        event = tenant.audit.event(tenant.id, "early" if n < logs.STRETCHES_AT_ONCE else "late")
        assert await tenant.store.write(Note(event)) is None
        tenant.tools.clock.now += 5  # type: ignore[attr-defined]
    found = await logs.by_slug(tenant, [NOW + n for n in range(many + 1)])
    expected = [int(n % 5 == 0) for n in range(many)]
    early = [here * (n < logs.STRETCHES_AT_ONCE) for n, here in enumerate(expected)]
    assert found == {"early": early, "late": [a - b for a, b in zip(expected, early, strict=True)]}
    assert await logs.by_slug(tenant, [NOW]) == {}
    assert await logs.by_slug(tenant, []) == {}
