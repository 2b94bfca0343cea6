"""Token revocation."""

import pytest

from sekisho import tokens
from sekisho.keys import secret
from sekisho.model.step import Save
from sekisho.oauth.revoke import revoke
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.oauth.test_introspection import a_token, things_tenant
from tests.tenants import NOW, SECRET, ask, client


async def revoking(tenant: Tenant, text: str, by: str = "machine") -> int:
    form = (("client_id", by), ("client_secret", SECRET), ("token", text))
    return (await revoke(ask(form), tenant)).status


@pytest.mark.parametrize("dialect", ["access_token", "rfc9068_profile", "opaque"])
async def test_a_client_revokes_its_token(dialect: str) -> None:
    """A revoked token is good nowhere that we look, in every dialect. RFC 7009 section 2.1."""
    tenant = await things_tenant(dialect=dialect)
    text, other = await a_token(tenant), await a_token(tenant)
    assert await revoking(tenant, text) == 200
    assert await tokens.good(text, tenant) is None
    assert await tokens.good(other, tenant)
    (event,) = await tenant.store.events(tenant.id, {"slug": "token_revoked"}, Window())
    assert event.client == "machine"


async def test_revoking_what_is_gone_is_no_error() -> None:
    """An invalid, expired or revoked token is answered like a revoked one. RFC 7009 section 2.2."""
    tenant = await things_tenant()
    text = await a_token(tenant)
    assert [await revoking(tenant, each) for each in (text, text, "x", "a.b.c")] == [200, 200, 200, 200]


async def test_nobody_revokes_the_token_of_another() -> None:
    """A token of another client is left alone, and that is said. RFC 7009 section 2.1, class 21."""
    tenant = await things_tenant()
    other = client(id="o", client_id="other", secrets=(secret.remember(SECRET, NOW),))
    await tenant.change(Save(other))
    text = await a_token(tenant)
    with pytest.raises(Refused, match="token_of_another") as refused:
        await revoking(tenant, text, "other")
    assert refused.value.seen == Contrast("client_id", "machine", "other")
    assert await tokens.good(text, tenant)


async def test_a_store_that_is_away_is_no_revocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A revocation that could not be looked up is refused, not answered as done."""
    tenant = await things_tenant(dialect="opaque")
    text = await a_token(tenant)

    async def away(*_: object) -> None:
        raise Refused(STORE_UNAVAILABLE)

    monkeypatch.setattr(tenant.store, "get", away)
    with pytest.raises(Refused, match="store_unavailable"):
        await revoking(tenant, text)
