"""/api/v2/conditional-access-policies: who is let in, to what, from where, and what they have to show."""

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, listed
from sekisho.api.resources.conditional import shape, simulation
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.tenant import AccessPolicy
from sekisho.registry.access_policies import policies
from sekisho.registry.access_policies.fields import AccessPolicyFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

POLICIES = Listing(AccessPolicy, "access_policies")


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /conditional-access-policies."""
    return await listed(ask, tenant, POLICIES, shape.seen)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /conditional-access-policies."""
    asked = fields.creation(document.parse(ask.body), AccessPolicyFields)
    made = await policies.create(tenant, asked, actor(bearer, ask))
    return view.shown(shape.seen(made), 201, version=made.version)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /conditional-access-policies/{id}."""
    cut = view.cutter(ask)
    found = await policies.find(tenant, ask.names["id"])
    return view.shown(cut(shape.seen(found)), version=found.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /conditional-access-policies/{id}."""
    asked = fields.amendment(document.parse(ask.body), AccessPolicyFields)
    id, at = ask.names["id"], match.versions(ask)
    made = await policies.change(tenant, id, asked, actor(bearer, ask), at)
    return view.shown(shape.seen(made), version=made.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /conditional-access-policies/{id}."""
    await policies.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


async def simulate(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /conditional-access-policies/simulate."""
    asked = fields.creation(document.parse(ask.body), simulation.SimulationFields)
    return view.shown(await simulation.told(asked, ask, tenant))
