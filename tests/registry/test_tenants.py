"""Creating tenants."""

import pytest

from sekisho.change.actor import Actor
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.connection import DATABASE, Connection
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Erase
from sekisho.model.tenant import TenantRecord
from sekisho.registry import keys, tenants
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.registry.tenants import NewTenant
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, DOMAIN_MALFORMED, SLUG_RESERVED
from sekisho.store import EVERYWHERE, Window
from tests.tenants import NOW, TENANT, Clock, demo_directory, signing_keys

CLI = Actor(client="sekisho-cli")


@pytest.fixture
async def directory():
    """A directory with the tenants demo (the default one) and acme."""
    return await demo_directory(Clock())


@pytest.fixture
def quick(monkeypatch):
    """Making keys takes long: these were made before."""

    async def first(ring, _sealer, _now):
        return signing_keys(ring.tenant, ring.slug)

    monkeypatch.setattr(keys, "first", first)


async def test_a_new_tenant_has_everything_to_answer(directory):
    """A tenant is born with its database connection, its management API and its keys, in one unit."""
    tools = directory._tools
    asked = NewTenant(slug="shop", domains=("id.shop.example",))
    record = await tenants.create(tools, asked, CLI)
    assert await tools.store.record(TenantRecord, record.id, record.id) == record
    assert (await tools.store.named(Connection, record.id, DATABASE)).strategy == "auth0"
    api = await tools.store.named(Api, record.id, MANAGEMENT)
    assert (api.name, api.is_system, api.signing_alg) == ("Sekisho Management API", True, "RS256")
    assert (api.dialect, api.token_lifetime) == ("access_token", 86_400)
    assert [scope.value for scope in api.scopes] == list(MANAGEMENT_SCOPES)
    ring = await tools.store.records(SigningKey, record.id, {"ring": "tokens"}, Window())
    assert sorted((key.alg, key.state) for key in ring) == [("RS256", "current"), ("RS256", "next")]
    (event,) = await tools.store.events(record.id, {}, Window())
    assert (event.slug, event.client) == ("tenant_created", "sekisho-cli")


async def test_a_new_tenant_answers_at_once(directory, quick):
    """The process that made a tenant finds it by slug and by domain."""
    record = await tenants.create(directory._tools, NewTenant(slug="shop", domains=("id.shop.example",)), CLI)
    assert directory.named("shop").id == record.id
    assert directory.addresses.locate("id.shop.example", "/").tenant == record.id
    assert directory.named("shop").record.name == "shop"


@pytest.mark.parametrize("slug", ["", "Shop", "api", "oauth", "-x", "x" * 64, "a.b", "a b"])
async def test_refuses_a_slug_that_is_not_free(directory, slug):
    """A slug is a label that hides no path."""
    with pytest.raises(Refused) as caught:
        await tenants.create(directory._tools, NewTenant(slug=slug), CLI)
    assert caught.value.reason is SLUG_RESERVED


@pytest.mark.parametrize("domain", ["", "ID.example", "a/b", "https://a.example", "a b"])
async def test_refuses_a_domain_that_is_none(directory, domain):
    """A domain is a host as it stands in a Host header."""
    with pytest.raises(Refused) as caught:
        await tenants.create(directory._tools, NewTenant(slug="shop", domains=(domain,)), CLI)
    assert caught.value.reason is DOMAIN_MALFORMED


async def test_slugs_and_domains_are_taken_once(directory, quick):
    """Slug and domains are unique in the installation; a tenant that fails leaves nothing behind."""
    tools = directory._tools
    await tenants.create(tools, NewTenant(slug="shop", domains=("id.shop.example",)), CLI)
    before = await tools.store.count(TenantRecord, EVERYWHERE, {})
    for asked in (NewTenant(slug="shop"), NewTenant(slug="other", domains=("id.shop.example",))):
        with pytest.raises(Refused) as caught:
            await tenants.create(tools, asked, CLI)
        assert caught.value.reason is ALREADY_EXISTS
    assert await tools.store.count(TenantRecord, EVERYWHERE, {}) == before


async def test_there_is_one_default_tenant(directory, quick):
    """A second default tenant is refused; the first one is not."""
    tools = directory._tools
    with pytest.raises(Refused) as caught:
        await tenants.create(tools, NewTenant(slug="shop", default=True), CLI)
    assert caught.value.text == "The default tenant already exists."
    demo = await tools.store.record(TenantRecord, TENANT, TENANT)
    assert demo.created_at < NOW
    assert await tools.store.write(Erase(demo)) is None
    assert (await tenants.create(tools, NewTenant(slug="shop", default=True), CLI)).default
