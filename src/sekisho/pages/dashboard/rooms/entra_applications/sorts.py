"""The sorts of what an application exposes, in the words of Graph's `application`."""

from collections.abc import Iterable, Mapping

from sekisho.model.api import Api, AppRole, PreAuthorized, Scope
from sekisho.pages.dashboard.fields import Kind
from sekisho.pages.dashboard.rooms.entra_applications.part import Members, Sort


def scope(each: Scope) -> Members:
    """A delegated permission."""
    return {
        "id": each.id,
        "value": each.value,
        "type": each.kind,
        "isEnabled": each.enabled,
        "userConsentDisplayName": each.title or None,
        "userConsentDescription": each.description or None,
        "adminConsentDisplayName": each.admin_title or None,
        "adminConsentDescription": each.admin_description or None,
    }


def role(each: AppRole) -> Members:
    """A role of people, of applications, or of both."""
    return {
        "id": each.id,
        "value": each.value,
        "displayName": each.name,
        "description": each.description or None,
        "allowedMemberTypes": list(each.members),
        "isEnabled": each.enabled,
    }


def _scopes(api: Api | None) -> list[Members]:
    return [scope(each) for each in api.scopes] if api else []


def _roles(api: Api | None) -> list[Members]:
    return [role(each) for each in api.app_roles] if api else []


def _authorized(api: Api | None) -> list[Members]:
    """As the boxes send them: in the order of the scopes."""
    known = [each.id for each in api.scopes] if api else []
    return [_pre_authorized(each, known) for each in (api.pre_authorized if api else ())]


def _pre_authorized(each: PreAuthorized, known: Iterable[str]) -> Members:
    return {"appId": each.client, "delegatedPermissionIds": [id for id in known if id in each.scopes]}


def _with_scopes(every: list[Members], api: Api | None) -> Members:
    """Whoever is authorized for one that goes is authorized for the rest."""
    stay = {each.get("id") for each in every}
    rest = [
        {**each, "delegatedPermissionIds": [id for id in each["delegatedPermissionIds"] if id in stay]}
        for each in _authorized(api)
    ]
    narrowed = {} if rest == _authorized(api) else {"preAuthorizedApplications": rest}
    return {"api": {"oauth2PermissionScopes": every, **narrowed}}


def _with_roles(every: list[Members], _: Api | None) -> Members:
    return {"appRoles": every}


def _with_authorized(every: list[Members], _: Api | None) -> Members:
    return {"api": {"preAuthorizedApplications": every}}


OF_SCOPE: Mapping[str, Kind] = {
    "value": "text",
    "type": "text",
    "isEnabled": "switch",
    "userConsentDisplayName": "text",
    "userConsentDescription": "text",
    "adminConsentDisplayName": "text",
    "adminConsentDescription": "text",
}
OF_ROLE: Mapping[str, Kind] = {
    "value": "text",
    "displayName": "text",
    "description": "text",
    "allowedMemberTypes": "ticks",
    "isEnabled": "switch",
}
OF_AUTHORIZED: Mapping[str, Kind] = {"appId": "text", "delegatedPermissionIds": "ticks"}
SCOPES = Sort(
    name="scopes",
    kinds=OF_SCOPE,
    blank={"type": "User", "isEnabled": True},
    key="id",
    said=_scopes,
    told=_with_scopes,
    fixed="value",
)
ROLES = Sort(
    name="roles",
    kinds=OF_ROLE,
    blank={"allowedMemberTypes": [], "isEnabled": True},
    key="id",
    said=_roles,
    told=_with_roles,
    fixed="value",
)
AUTHORIZED = Sort(
    name="authorized",
    kinds=OF_AUTHORIZED,
    blank={"delegatedPermissionIds": []},
    key="appId",
    said=_authorized,
    told=_with_authorized,
    fixed="appId",
    made=False,
)
EVERY: tuple[Sort, ...] = (SCOPES, ROLES, AUTHORIZED)
