"""/api/v2/appRoleAssignments: who has which role of an application, in Graph's shape."""

from msgspec import Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, column, listed
from sekisho.api.operation import Words
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.role import RoleAssignment
from sekisho.registry.applications import role_assignments
from sekisho.registry.applications.role_assignments import RoleAssignmentFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

ASSIGNMENTS = Listing(
    RoleAssignment,
    "appRoleAssignments",
    {
        "principalId": column(
            "principal", Words("Only what this one has, by the GUID.", "この主体（GUID）のものだけ。")
        ),
        "resourceId": column(
            "api", Words("Only roles of this application.", "このアプリケーションのロールだけ。")
        ),
    },
)


class RoleAssignmentSeen(Struct, kw_only=True, rename="camel"):
    """A role that somebody has; the one that is all zeros is none: that they may use the application."""

    id: str
    principal_id: str
    principal_type: str
    resource_id: str
    app_role_id: str
    created_date_time: str


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /appRoleAssignments."""
    return await listed(ask, tenant, ASSIGNMENTS, _view)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /appRoleAssignments."""
    asked = fields.creation(document.parse(ask.body), RoleAssignmentFields)
    made = await role_assignments.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(made), 201, version=made.version)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /appRoleAssignments/{id}."""
    cut = view.cutter(ask)
    found = await role_assignments.find(tenant, ask.names["id"])
    return view.shown(cut(_view(found)), version=found.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /appRoleAssignments/{id}."""
    await role_assignments.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


def _view(each: RoleAssignment) -> view.View:
    seen = RoleAssignmentSeen(
        id=each.id,
        principal_id=each.principal,
        principal_type=each.kind,
        resource_id=each.api,
        app_role_id=each.role,
        created_date_time=view.moment(each.created_at),
    )
    return view.members(seen)
