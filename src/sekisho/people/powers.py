"""What administrators may do, by their ranks, and whom they may change: the rule that all verbs ask."""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.role import Role
from sekisho.model.step import Save, Step
from sekisho.model.user import User
from sekisho.people import passwords, permissions
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT
from sekisho.spec.refusals.people import LAST_OWNER, RANK_TOO_LOW
from sekisho.store import Window
from sekisho.tenant import Tenant

MOST = 100  # of each rank
OWNER, EDITOR, VIEWER = "Owner", "Editor", "Viewer"
# From the one who may do most; a rank is the role of this name.
RANKS: Mapping[str, str] = {
    OWNER: "Administers this tenant",
    EDITOR: "Changes everything but the settings of the tenant, its keys, its roles and its members",
    VIEWER: "Sees everything and changes nothing",
}
# How its role is called, where there is a role of the rank's own name that has nothing to do with it.
OTHERWISE = "Sekisho {rank}"
# What is not an editor's: it would make owners of them.
_OWNERS_ONLY = (
    *("tenant_settings", "signing_keys", "roles", "role_members", "certificates"),
    # Who trusts an issuer signs in as anybody.
    "trusted_issuers",
    # Who may switch a policy off is held by none.
    "access_policies",
)


def may(rank: str, scope: str) -> bool:
    """Whether a rank has this scope of the management API."""
    act, _, what = scope.partition(":")
    return rank == OWNER or act == "read" or (rank == EDITOR and what not in _OWNERS_ONLY)


def rank_of(scopes: Collection[str]) -> str:
    """The rank that these scopes come to; empty where somebody is no administrator."""
    if "update:tenant_settings" in scopes:
        return OWNER
    if any(not scope.startswith("read:") for scope in scopes):
        return EDITOR
    return VIEWER if scopes else ""


async def scopes_of(tenant: Tenant, user: User) -> frozenset[str]:
    """What somebody may do as an administrator, now."""
    api = await tenant.known.named(Api, tenant.id, MANAGEMENT)
    return frozenset(await permissions.of_user(tenant, user, api)) if api else frozenset()


async def agrees_for_everybody(tenant: Tenant, user: User) -> bool:
    """Owners and editors do, and who may through the API: what they allow, an application may for anybody."""
    scopes = await scopes_of(tenant, user)
    return "create:grants" in scopes or rank_of(scopes) == OWNER


async def may_be_changed(tenant: Tenant, user: User, scopes: Collection[str] | None) -> None:
    """Nobody changes a person who may do more than they: a new password would make them that person.

    None are the scopes of whoever runs the installation, and of people about themselves.
    """
    if scopes is not None and not await scopes_of(tenant, user) <= set(scopes):
        raise Refused(RANK_TOO_LOW, debug=user.user_id)


async def may_be_given(tenant: Tenant, role: Role, scopes: Collection[str] | None) -> None:
    """Nobody gives a role by which somebody may do more than they."""
    held = permissions.of_administrators(role.permissions)
    if scopes is None or not held:
        return
    api = await management(tenant)
    if not {scope.value for scope in api.scopes if scope.id in held} <= set(scopes):
        raise Refused(RANK_TOO_LOW, debug=role.id)


async def roles_of_ranks(tenant: Tenant) -> Mapping[str, Role]:
    """The role of each rank that somebody has or had; one that carries nothing of ours is none."""
    found = {rank: await role_named(tenant, rank) for rank in RANKS}
    return {rank: role for rank, role in found.items() if role}


async def another_stays(tenant: Tenant, user: User, became: User | None = None) -> tuple[Step, ...]:
    """Somebody else could still change the tenant once this person is gone, blocked, or owner no more.

    By the step only one of two owners goes who go at the same moment: both write their role.
    """
    left = () if became is None or became.blocked else became.roles
    lost = set() if user.blocked else set(user.roles).difference(left)
    owners = await role_named(tenant, OWNER) if lost else None
    if owners is None or owners.id not in lost:
        return ()
    for other in await of_role(tenant, owners):
        if other.id != user.id and not other.blocked and await passwords.of_user(tenant, other):
            return (Save(replace(owners, updated_at=tenant.now())),)
    raise Refused(LAST_OWNER)


async def of_role(tenant: Tenant, role: Role) -> list[User]:
    """Who has it."""
    return await tenant.store.records(User, tenant.id, {"tag": role.id}, Window(limit=MOST))


async def role_named(tenant: Tenant, rank: str) -> Role | None:
    """By its name, and by what it carries: people of some application may be Owners or Editors, too."""
    for name in (rank, OTHERWISE.format(rank=rank)):
        role = await tenant.store.named(Role, tenant.id, name)
        if role and role.name == name and permissions.of_administrators(role.permissions):
            return role
    return None


async def management(tenant: Tenant) -> Api:
    """The API that a tenant is administered through."""
    api = await tenant.known.named(Api, tenant.id, MANAGEMENT)
    if api is None:
        raise Refused(API_ABSENT)
    return api
