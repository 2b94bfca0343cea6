"""Owners: the people who administer a tenant."""

from sekisho.change.actor import Actor
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.connection import DATABASE
from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.people import assignments, roles, users
from sekisho.people.permissions import PermissionFields
from sekisho.people.roles import RoleFields
from sekisho.people.user_fields import UserFields, email_is_sound
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.spec.refusals.people import USER_ABSENT
from sekisho.tenant import Tenant

NAME = "Owner"


async def appoint(tenant: Tenant, email: str, actor: Actor) -> User:
    """The user of this address, made where there is none, may do everything that the management API can."""
    user = await invited(tenant, email, actor)
    role = await _role(tenant, actor)
    return await assignments.assign(tenant, user.id, [role.id], actor)


async def invited(tenant: Tenant, email: str, actor: Actor) -> User:
    """The user of this address, made without a password where there is none."""
    email_is_sound(email)
    try:
        return await users.find(tenant, email)
    except Refused as refused:
        if refused.reason is not USER_ABSENT:
            raise
    return await users.create(tenant, UserFields(connection=DATABASE, email=email), actor)


async def _role(tenant: Tenant, actor: Actor) -> Role:
    """The role of owners, with all that this version of the server knows."""
    role = await tenant.known.named(Role, tenant.id, NAME)
    if role is None:
        role = await roles.create(tenant, RoleFields(name=NAME, description="Administers this tenant"), actor)
    api = await tenant.store.named(Api, tenant.id, MANAGEMENT)
    if api is None:
        raise Refused(API_ABSENT)
    asked = [
        PermissionFields(permission_name=scope.value, resource_server_identifier=MANAGEMENT)
        for scope in api.scopes
    ]
    return await roles.permit(tenant, role.id, asked, actor)
