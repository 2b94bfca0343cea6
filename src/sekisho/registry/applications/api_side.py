"""What an application is as an API: what it exposes, and what its tokens are like."""

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from sekisho.change.fields import Perhaps, applied
from sekisho.change.unit import taken, whole
from sekisho.model.api import MANAGEMENT, PROTECTED, USERINFO, Api, AppRole, PreAuthorized, Scope
from sekisho.model.client import Client
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase, Save, Step
from sekisho.registry import apis
from sekisho.registry.applications import client_side
from sekisho.registry.applications.fields import EntraApplicationFields, inner
from sekisho.registry.applications.parts import AppRolePart, PermissionScopePart, PreAuthorizedPart, canonical
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import PERMISSION_ENABLED
from sekisho.tenant import Tenant

P = TypeVar("P")
M = TypeVar("M")

LIFETIME = 3_600
_WORD = r"[A-Za-z0-9._~!$&'()*+,;=:@%-]+"
_URI = re.compile(rf"(?:api|https)://[A-Za-z0-9._~-]+(?::[0-9]{{1,5}})?(?:/{_WORD})*|urn:{_WORD}")
_OURS = (MANAGEMENT, PROTECTED, USERINFO)


def blank(client: Client, now: float) -> Api:
    """The API that an application could be."""
    return Api(
        tenant=client.tenant,
        id=secrets.token_hex(12),
        name=client.name,
        identifiers=(client.client_id,),
        dialect="entra_v1",
        token_lifetime=LIFETIME,
        token_lifetime_for_web=LIFETIME,
        allow_offline_access=True,
        skip_consent=False,
        owner_client=client.client_id,
        groups_claim=client.groups_claim,
        created_at=now,
        updated_at=now,
    )


def changed(had: Api, asked: EntraApplicationFields, client: Client) -> Api:
    """The API with what is said of it, within the rules."""
    new = applied(had, _said(had, asked, client))
    ids = [*(each.id for each in new.scopes), *(each.id for each in new.app_roles)]
    metadata.values_are_unique("api.oauth2PermissionScopes", [each.value for each in new.scopes])
    metadata.values_are_unique("appRoles", [each.value for each in new.app_roles])
    metadata.values_are_unique("id", ids)
    metadata.values_are_unique("identifierUris", new.identifiers)
    metadata.values_are_unique("knownClientApplications", new.known_clients)
    metadata.values_are_unique("preAuthorizedApplications", [each.client for each in new.pre_authorized])
    known = {each.id for each in new.scopes}
    for each in new.pre_authorized:
        metadata.choice_is_known("api.preAuthorizedApplications", each.scopes, known)
    _none_goes_enabled(had.scopes, new.scopes)
    _none_goes_enabled(had.app_roles, new.app_roles)
    return new


def uris_are_free(tenant: Tenant, api: Api) -> None:
    """Absolute, without a slash at the end, and none of the server's own names."""
    for uri in api.identifiers[1:]:
        if not _URI.fullmatch(uri):
            raise metadata.problem(
                "identifierUris", f"Not api://, https:// or urn:, or a / at the end: {uri}"
            )
        is_none_of_ours(tenant, uri, api)


def is_none_of_ours(tenant: Tenant, name: str, api: Api) -> None:
    """The server's own APIs keep their names, in whatever case: names are found in any."""
    bare = name.casefold().removesuffix("/")
    if bare in _OURS or apis.internal(tenant, f"{bare}/") == MANAGEMENT:
        raise taken(Save(api))


async def lost(tenant: Tenant, had: Api, new: Api) -> tuple[Step, ...]:
    """What others lose with the scopes and the roles that an API loses."""
    gone = {each.id for each in had.app_roles} - {each.id for each in new.app_roles}
    assigned = await whole(tenant, RoleAssignment, {"api": had.identifier}) if gone else []
    return (
        *await apis.narrowed(tenant, had, new),
        *(Erase(each) for each in assigned if each.role in gone),
    )


def _said(had: Api, asked: EntraApplicationFields, client: Client) -> dict[str, Any]:
    """What is one field of an API, by our names; None is its default."""
    version = inner(asked.api, "requested_access_token_version")
    told = inner(asked.optional_claims, "access_token")
    said: dict[str, Any] = {
        "name": client.name,
        "dialect": version if version is UNSET else f"entra_v{version or 1}",
        "identifiers": _identifiers(had, asked),
        "scopes": _each(inner(asked.api, "oauth2_permission_scopes"), _scope),
        "app_roles": _each(asked.app_roles, _role),
        "pre_authorized": _each(inner(asked.api, "pre_authorized_applications"), _pre_authorized),
        "known_clients": _each(inner(asked.api, "known_client_applications"), canonical),
        "assignment_required": asked.app_role_assignment_required,
        "access_token_claims": told
        if told is UNSET
        else client_side.claims(told, "optionalClaims.accessToken"),
        "groups_claim": client.groups_claim,
    }
    return {name: value for name, value in said.items() if value is not UNSET}


def _each(parts: Perhaps[Iterable[P]], made: Callable[[P], M]) -> tuple[M, ...] | UnsetType:
    """What each part comes to; unset where nothing is said of them."""
    return UNSET if isinstance(parts, UnsetType) else tuple(map(made, parts or ()))


def _identifiers(had: Api, asked: EntraApplicationFields) -> tuple[str, ...] | UnsetType:
    uris = asked.identifier_uris
    return UNSET if isinstance(uris, UnsetType) else (had.identifier, *(uris or ()))


def _scope(part: PermissionScopePart) -> Scope:
    return Scope(
        id=part.id.lower(),
        value=part.value,
        title=part.user_consent_display_name or "",
        description=part.user_consent_description or "",
        admin_title=part.admin_consent_display_name or "",
        admin_description=part.admin_consent_description or "",
        kind=part.type,
        enabled=part.is_enabled,
    )


def _role(part: AppRolePart) -> AppRole:
    metadata.values_are_unique("appRoles.allowedMemberTypes", part.allowed_member_types)
    return AppRole(
        id=part.id.lower(),
        value=part.value,
        name=part.display_name,
        description=part.description or "",
        members=part.allowed_member_types,
        enabled=part.is_enabled,
    )


def _pre_authorized(part: PreAuthorizedPart) -> PreAuthorized:
    scopes = tuple(id.lower() for id in part.delegated_permission_ids)
    return PreAuthorized(client=canonical(part.app_id), scopes=scopes)


def _none_goes_enabled(had: Iterable[Scope | AppRole], new: Iterable[Scope | AppRole]) -> None:
    """Who relies on a permission finds it disabled before it is gone."""
    stay = {each.id for each in new}
    for each in had:
        if each.enabled and each.id not in stay:
            raise Refused(PERMISSION_ENABLED, words={"permission": each.value})
