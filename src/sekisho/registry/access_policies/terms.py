"""What is said about a policy as what it means: every name is that of something that is there."""

import re
from collections.abc import Awaitable, Callable
from ipaddress import IPv6Network, ip_network

from msgspec import UNSET
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.client import DASHBOARD, Client
from sekisho.model.role import Role, group_id
from sekisho.model.user import User
from sekisho.registry.access_policies.fields import (
    UNITS,
    AccessPolicyFields,
    Conditions,
    GrantControls,
    Names,
    SessionControls,
)
from sekisho.spec import metadata
from sekisho.spec.conditional.terms import ALL, EVERYTHING, Terms, Which
from sekisho.store import Window
from sekisho.tenant import Tenant

Find = Callable[[str], Awaitable[str | None]]
# A context is asked for in `acr_values`, a list with spaces between its words.
_CONTEXT = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_ROLES = 1_000
# An address of IPv4 in the clothes of IPv6: so many bits before it (RFC 4291 section 2.5.5.2).
MAPPED = 96
CONTEXTS = "conditions.applications.includeAuthenticationContextClassReferences"


async def changed(terms: Terms, asked: AccessPolicyFields, tenant: Tenant) -> Terms:
    """The terms with what is said about them; what is left unsaid stays."""
    if asked.state is not UNSET:
        terms = replace(terms, state=asked.state or "enabled")
    if asked.conditions is not UNSET:
        terms = await _under(terms, asked.conditions, tenant)
    if asked.grant_controls is not UNSET:
        terms = _demanding(terms, asked.grant_controls or GrantControls())
    if asked.session_controls is not UNSET:
        terms = replace(terms, max_age=_age(asked.session_controls or SessionControls()))
    _demands_something(terms)
    return terms


async def _under(terms: Terms, said: Conditions, tenant: Tenant) -> Terms:
    """Other conditions, each name settled."""
    on = _Finder(tenant)
    users, apis, clients, places = said.users, said.applications, said.client_applications, said.locations
    _somebody_is_meant(said)
    return replace(
        terms,
        apis=await _which(
            "conditions.applications.{}Applications",
            (apis.include_applications, apis.exclude_applications) if apis else ((), ()),
            on.api,
        ),
        clients=await _which(
            "conditions.clientApplications.{}ServicePrincipals",
            (clients.included, clients.excluded) if clients else ((), ()),
            on.client,
        ),
        users=await _named("conditions.users.{}Users", (users.include_users, users.exclude_users), on.user),
        groups=await _named(
            "conditions.users.{}Groups", (users.include_groups, users.exclude_groups), on.group
        ),
        networks=await _which(
            "conditions.locations.{}Locations",
            (places.include_locations, places.exclude_locations) if places else ((), ()),
            _network,
        ),
        contexts=_contexts(said),
    )


def _contexts(said: Conditions) -> tuple[str, ...]:
    found = said.applications.include_authentication_context_class_references if said.applications else ()
    for each in found:
        context_is_sound(CONTEXTS, each)
    return tuple(dict.fromkeys(found))


def _somebody_is_meant(said: Conditions) -> None:
    """A policy that forgot to say for whom is none."""
    if not said.users.include_users and not said.users.include_groups:
        raise metadata.problem("conditions.users.includeUsers", "Somebody has to be meant: All, or names")


async def _which(place: str, said: tuple[Names, Names], find: Find) -> Which:
    """Where nothing is included, everything is."""
    found = await _named(place, said, find)
    return found if found.include else Which(include=EVERYTHING.include, exclude=found.exclude)


async def _named(place: str, said: tuple[Names, Names], find: Find) -> Which:
    include, exclude = said
    if ALL in exclude:
        raise metadata.problem(place.format("exclude"), "Not everything can be left out")
    if ALL in include and len(include) > 1:
        raise metadata.problem(place.format("include"), "All stands alone")
    return Which(
        include=await _found(place.format("include"), include, find),
        exclude=await _found(place.format("exclude"), exclude, find),
    )


async def _found(place: str, names: Names, find: Find) -> tuple[str, ...]:
    settled = []
    for name in names:
        found = ALL if name == ALL else await find(name)
        if found is None:
            raise metadata.problem(place, f"There is no such thing: {name[:128]}")
        settled.append(found)
    return tuple(dict.fromkeys(settled))


class _Finder:
    """What is there, by the names that people call it by, in the one way that policies keep it."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    async def api(self, name: str) -> str | None:
        """By any of its identifiers; kept by the first, which stays."""
        if "\0" in name:
            return None
        api = await self._tenant.known.named(Api, self._tenant.id, name)
        return api.identifier if api else None

    async def client(self, name: str) -> str | None:
        """By its client id; the dashboard's is there before anybody went in."""
        if name == DASHBOARD:
            return name
        client = await self._tenant.known.named(Client, self._tenant.id, name) if "\0" not in name else None
        return client.client_id if client else None

    async def user(self, name: str) -> str | None:
        """By GUID or user id; kept by the GUID."""
        if "\0" in name:
            return None
        store, id = self._tenant.store, self._tenant.id
        if _GUID.fullmatch(name) and (found := await store.record(User, id, name)):
            return found.id
        user = await store.named(User, id, name)
        return user.id if user and user.user_id == name else None

    async def group(self, name: str) -> str | None:
        """A role by its id, or by the GUID that it has as a group."""
        id = self._tenant.id
        for role in await self._tenant.store.records(Role, id, {}, Window(limit=MOST_ROLES)):
            if name in (role.id, guid := group_id(id, role.id)):
                return guid
        return None


async def _network(name: str) -> str | None:
    """In one spelling; one of IPv4 in the clothes of IPv6 is one of IPv4."""
    try:
        network = ip_network(name, strict=False)
    except ValueError:
        return None
    if isinstance(network, IPv6Network) and network.prefixlen >= MAPPED:
        plain = network.network_address.ipv4_mapped
        return f"{plain}/{network.prefixlen - MAPPED}" if plain else str(network)
    return str(network)


def context_is_sound(place: str, context: str) -> None:
    """A word that travels in a list of words."""
    if not _CONTEXT.fullmatch(context):
        raise metadata.problem(place, "A context is one word of visible ASCII characters")


def _demanding(terms: Terms, said: GrantControls) -> Terms:
    context = said.authentication_context or ""
    if context:
        context_is_sound("grantControls.authenticationContext", context)
    controls = frozenset(said.built_in_controls)
    if said.operator == "OR" and len(controls) + bool(context) > 1:
        raise metadata.problem("grantControls.operator", "Everything that is demanded is demanded: AND")
    return replace(terms, block="block" in controls, second_factor="mfa" in controls, context=context)


def _age(said: SessionControls) -> int | None:
    often = said.sign_in_frequency
    return often.value * UNITS[often.type] if often and often.is_enabled else None


def _demands_something(terms: Terms) -> None:
    """One thing at least; who is let in by nothing is asked for nothing."""
    others = (terms.second_factor, bool(terms.context), terms.max_age is not None)
    if not terms.block and not any(others):
        raise metadata.problem("grantControls.builtInControls", "A policy demands something")
    if terms.block and any(others):
        raise metadata.problem("grantControls.builtInControls", "Who is blocked is asked for nothing else")
    if terms.context and terms.context in terms.contexts:
        raise metadata.problem("grantControls.authenticationContext", "It is what the policy is for")
