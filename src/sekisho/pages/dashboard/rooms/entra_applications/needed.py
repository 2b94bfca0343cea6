"""What an application needs of APIs, and what of it is granted: for everybody, by the API, not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sekisho.model.api import Api, Scope
from sekisho.model.client import Access, Client, Required
from sekisho.model.consent import Consent
from sekisho.oauth.delegation import agreed
from sekisho.people.entra import admin_consents
from sekisho.registry.applications.verbs import Application
from sekisho.tenant import Tenant

# By what a permission is called in an address that is about the server itself, and no API.
OURS = "openid"


@dataclass(frozen=True, slots=True)
class Line:
    """A permission: `is_needed` where the application says so, `granted` where nobody is asked for it."""

    id: str
    kind: Literal["Scope", "Role"]
    value: str
    text: str = ""
    by: Literal["User", "Admin"] = "Admin"
    is_needed: bool = True
    granted: Literal["everybody", "api", "gone", ""] = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Permissions of one API; without it, those of the server itself, or of one that is gone."""

    api: Api | None
    resource: str
    lines: Sequence[Line]

    @property
    def is_granted(self) -> bool:
        """There is something that can be taken back."""
        return any(each.granted == "everybody" for each in self.lines)


@dataclass(frozen=True, slots=True)
class Given:
    """What administrators gave to an application, by the API."""

    consents: Mapping[str | None, Consent]
    roles: Mapping[str, frozenset[str]]


async def groups(application: Application, tenant: Tenant) -> list[Group]:
    """By the API: first what is needed, in its order, then what is granted beside."""
    client = application.client
    given = await _given(client, tenant)
    found = [await _needed(each, client, given, tenant) for each in client.required]
    seen = {each.api.identifier for each in found if each.api}
    for name in sorted({*given.roles, *(each or "" for each in given.consents)} - seen):
        api = await tenant.store.named(Api, tenant.id, name) if name else None
        lines = tuple(_others(api, name, given))
        if lines:
            found.append(Group(api, name or OURS, lines))
    return found


async def _given(client: Client, tenant: Tenant) -> Given:
    consents = await admin_consents.of_client(tenant, client)
    roles: dict[str, frozenset[str]] = {}
    for each in await admin_consents.roles_of(tenant, client):
        roles[each.api] = roles.get(each.api, frozenset()) | {each.role}
    return Given({each.api: each for each in consents}, roles)


async def _needed(required: Required, client: Client, given: Given, tenant: Tenant) -> Group:
    api = await tenant.store.named(Api, tenant.id, required.resource)
    if api is None or api.is_system:
        gone = (Line(each.id, each.kind, each.id, granted="gone") for each in required.access)
        return Group(None, required.resource, tuple(gone))
    lines = [_line(each, api, client, given) for each in required.access]
    needed = {(each.kind, each.id) for each in lines}
    others = (each for each in _others(api, api.identifier, given) if (each.kind, each.id) not in needed)
    return Group(api, required.resource, (*lines, *others))


def _line(access: Access, api: Api, client: Client, given: Given) -> Line:
    if access.kind == "Role":
        role = next((each for each in api.app_roles if each.id == access.id and each.enabled), None)
        if role is None:
            return Line(access.id, "Role", access.id, granted="gone")
        has = role.id in given.roles.get(api.identifier, ())
        return Line(role.id, "Role", role.value, role.name, granted="everybody" if has else "")
    scope = next((each for each in api.scopes if each.id == access.id and each.enabled), None)
    if scope is None:
        return Line(access.id, "Scope", access.id, granted="gone")
    consent = given.consents.get(api.identifier)
    granted: Literal["everybody", "api", ""] = ""
    if consent and scope.value in consent.scopes:
        granted = "everybody"
    elif scope.value in agreed.pre_authorized(client, api):
        granted = "api"
    return replace(_told(scope), granted=granted)


def _told(scope: Scope) -> Line:
    return Line(scope.id, "Scope", scope.value, scope.admin_title or scope.title, scope.kind)


def _others(api: Api | None, name: str, given: Given) -> Iterator[Line]:
    """What is granted without being needed, as far as it is known."""
    ids = {each.value: each for each in (api.scopes if api else ())}
    consent = given.consents.get(name or None)
    for value in consent.scopes if consent else ():
        scope = ids.get(value)
        if scope is None:
            yield Line(value, "Scope", value, is_needed=False, granted="everybody")
        else:
            yield replace(_told(scope), is_needed=False, granted="everybody")
    held = given.roles.get(name, frozenset())
    for role in api.app_roles if api else ():
        if role.id in held:
            yield Line(role.id, "Role", role.value, role.name, is_needed=False, granted="everybody")
