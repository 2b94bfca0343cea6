"""A policy as a sentence: who, what, from where, and what then."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.role import Role, group_id
from sekisho.model.tenant import AccessPolicy
from sekisho.model.user import User
from sekisho.pages.face import face
from sekisho.spec.conditional.terms import ALL, Which
from sekisho.store import Window
from sekisho.tenant import Tenant

MOST_ROLES = 100
MINUTE = 60
# So many names are said, and how many more there are.
FEW = 3


@dataclass(frozen=True, slots=True)
class Names:
    """Some by name, and how many more; `everything` is all there is but those left out."""

    named: Sequence[str] = ()
    more: int = 0
    but: Sequence[str] = ()
    but_more: int = 0
    everything: bool = False

    @property
    def is_none(self) -> bool:
        """Nobody and nothing is named."""
        return not self.everything and not self.named


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a policy says, with the names of what it is about."""

    policy: AccessPolicy
    users: Names
    groups: Names
    apis: Names
    clients: Names
    networks: Names

    @property
    def minutes(self) -> int:
        """How old a sign-in may be."""
        return (self.policy.terms.max_age or 0) // MINUTE


async def sentences(policies: Sequence[AccessPolicy], tenant: Tenant) -> Sequence[Sentence]:
    """All of them; who has no rights there any more is called by what is known of them."""
    roles = await roles_of(tenant)
    return [await _sentence(each, roles, tenant) for each in policies]


async def roles_of(tenant: Tenant) -> Mapping[str, str]:
    """What groups are called: roles, by the GUIDs that they have as groups."""
    found = await tenant.store.records(Role, tenant.id, {}, Window(limit=MOST_ROLES))
    return {group_id(tenant.id, role.id): role.name for role in found}


async def _sentence(policy: AccessPolicy, roles: Mapping[str, str], tenant: Tenant) -> Sentence:
    terms, call = policy.terms, _Calls(tenant, roles)
    return Sentence(
        policy,
        users=await _names(terms.users, call.user),
        groups=await _names(terms.groups, call.group),
        apis=await _names(terms.apis, call.api),
        clients=await _names(terms.clients, call.client),
        networks=await _names(terms.networks, call.network),
    )


class _Calls:
    """What things are called, by the names that policies keep."""

    def __init__(self, tenant: Tenant, roles: Mapping[str, str]) -> None:
        self._tenant = tenant
        self._roles = roles

    async def user(self, guid: str) -> str:
        """By their address."""
        return await person(guid, self._tenant)

    async def group(self, guid: str) -> str:
        """The role that it is."""
        return self._roles.get(guid, guid)

    async def api(self, name: str) -> str:
        """Its name, where it has one."""
        found = await self._tenant.known.named(Api, self._tenant.id, name)
        return found.name if found and found.name else name

    async def client(self, name: str) -> str:
        """Its name, where it has one."""
        found = await self._tenant.known.named(Client, self._tenant.id, name)
        return found.name if found and found.name else name

    async def network(self, name: str) -> str:
        """As it is."""
        return name


async def _names(which: Which, call: Callable[[str], Awaitable[str]]) -> Names:
    named = () if ALL in which.include else which.include
    return Names(
        named=[await call(each) for each in named[:FEW]],
        more=max(0, len(named) - FEW),
        but=[await call(each) for each in which.exclude[:FEW]],
        but_more=max(0, len(which.exclude) - FEW),
        everything=ALL in which.include,
    )


async def person(guid: str, tenant: Tenant) -> str:
    """What somebody calls themselves; whoever is gone is a GUID."""
    user = await tenant.store.record(User, tenant.id, guid)
    return face(user).label if user else guid
