"""The demo tenant: made once through the verbs that everybody uses, and made whole again where it is not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.change.unit import whole
from sekisho.cli.dev import entra, people, portal, television, traveller
from sekisho.cli.folder import Card, Folder, Sample
from sekisho.cli.work import OPERATOR
from sekisho.house import House
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.pages.demo.app import MARK
from sekisho.registry import apis, client_grants, clients, system_apis, tenants
from sekisho.registry.client_fields import ClientFields
from sekisho.registry.tenant_fields import TenantFields
from sekisho.spec import scope
from sekisho.tenant import MANAGEMENT_PATH, Tenant

SLUG = "demo"
SAMPLE_API = "https://api.example.com"
SAMPLE_SCOPES: Mapping[str, str] = {"read:things": "Read things", "write:things": "Change things"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sample client that has to be there."""

    mark: str
    name: str
    audience: str
    scopes: tuple[str, ...]


async def prepare(house: House, card: Card, folder: Folder) -> Card:
    """The demo tenant with all its samples; the card says how to use them. A second time changes nothing."""
    tenant = house.directory.named(SLUG) or await _tenant(house)
    management = await system_apis.renew_system(tenant, OPERATOR)
    sample = await _api(tenant)
    everything = tuple(each.value for each in management.scopes)
    wanted = (
        Wanted("machine", "Demo machine", sample.identifier, tuple(SAMPLE_SCOPES)),
        Wanted("console", "Demo management", f"{card.base_url}/{MANAGEMENT_PATH}", everything),
    )
    known = {each.name: each for each in card.clients}
    made = [await _client(tenant, each, known.get(each.name)) for each in wanted]
    # Together: passwords are hashed by one core while another one makes a key.
    accounts, web, registered, directory = await asyncio.gather(
        people.prepare(tenant, card),
        traveller.prepare(tenant, card),
        television.prepare(tenant, card),
        entra.prepare(tenant, card, folder),
    )
    return replace(
        card,
        accounts=accounts,
        clients=tuple(made),
        web_application=web,
        registered_application=registered,
        portal=await portal.prepare(tenant, card),
        entra=directory,
    )


async def _tenant(house: House) -> Tenant:
    """The tenant, where people may make accounts: whoever switches that off finds it off the next time."""
    await tenants.create(house.tools, tenants.NewTenant(slug=SLUG, name="Demo", default=True), OPERATOR)
    tenant = house.directory.named(SLUG)
    if tenant is None:
        raise LookupError("the demo tenant was made and is not there")
    await tenants.change(tenant, TenantFields(sign_up_allowed=True), OPERATOR)
    return tenant


async def _api(tenant: Tenant) -> Api:
    there = await apis.of_audience(tenant, SAMPLE_API)
    if there:
        return there
    scopes = tuple(apis.ScopeFields(value=value, description=text) for value, text in SAMPLE_SCOPES.items())
    asked = apis.ApiFields(identifier=SAMPLE_API, name="Sample API", scopes=scopes)
    return await apis.create(tenant, asked, OPERATOR)


async def _client(tenant: Tenant, wanted: Wanted, known: Sample | None) -> Sample:
    """The client that the card knows, if it lives; otherwise a new one, for nobody can say the old secret."""
    if known and await tenant.store.named(Client, tenant.id, known.client_id):
        client_id, secret = known.client_id, known.client_secret
    else:
        await _forget(tenant, wanted)
        client_id, secret = await _create(tenant, wanted)
    granted = await _grant(tenant, client_id, wanted)
    return Sample(
        name=wanted.name,
        client_id=client_id,
        client_secret=secret,
        audience=wanted.audience,
        scope=scope.text(granted.scopes),
    )


async def _create(tenant: Tenant, wanted: Wanted) -> tuple[str, str]:
    asked = ClientFields(
        name=wanted.name,
        app_type="non_interactive",
        grant_types=("client_credentials",),
        client_metadata={MARK: wanted.mark},
    )
    made = await clients.create(tenant, asked, OPERATOR)
    return made.client.client_id, made.secret or ""


async def _forget(tenant: Tenant, wanted: Wanted) -> None:
    for client in await whole(tenant, Client, {"application": ""}):
        if client.client_metadata.get(MARK) == wanted.mark:
            await clients.delete(tenant, client.client_id, OPERATOR)


async def _grant(tenant: Tenant, client_id: str, wanted: Wanted) -> ClientGrant:
    api = MANAGEMENT if tenant.is_management(wanted.audience) else wanted.audience
    there = await tenant.store.named(ClientGrant, tenant.id, f"{client_id} {api}")
    asked = client_grants.ClientGrantFields(
        client_id=client_id, audience=wanted.audience, scopes=wanted.scopes
    )
    return there or await client_grants.create(tenant, asked, OPERATOR)
