"""App manifests: the older names of what an application has, and what a server writes into its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Members = dict[str, Any]

# What another server decided: it says nothing of an application here.
ELSEWHERE = frozenset(
    (
        *("id", "createdDateTime", "deletedDateTime", "publisherDomain", "uniqueName", "@odata.context"),
        *("passwordCredentials", "errorUrl", "oauth2AllowUrlPathMatching", "orgRestrictions", "objectId"),
    )
)
# By an older name: where it is now.
PLACES: Mapping[str, tuple[str, ...]] = {
    "name": ("displayName",),
    "allowPublicClient": ("isFallbackPublicClient",),
    "oauth2RequiredPostResponse": ("oauth2RequirePostResponse",),
    "accessTokenAcceptedVersion": ("api", "requestedAccessTokenVersion"),
    "acceptMappedClaims": ("api", "acceptMappedClaims"),
    "knownClientApplications": ("api", "knownClientApplications"),
    "oauth2Permissions": ("api", "oauth2PermissionScopes"),
    "preAuthorizedApplications": ("api", "preAuthorizedApplications"),
    "oauth2AllowIdTokenImplicitFlow": ("web", "implicitGrantSettings", "enableIdTokenIssuance"),
    "oauth2AllowImplicitFlow": ("web", "implicitGrantSettings", "enableAccessTokenIssuance"),
    "logoutUrl": ("web", "logoutUrl"),
    "signInUrl": ("web", "homePageUrl"),
    "logoUrl": ("info", "logoUrl"),
}
LINKS: Mapping[str, str] = {
    "marketing": "marketingUrl",
    "privacy": "privacyStatementUrl",
    "support": "supportUrl",
    "termsOfService": "termsOfServiceUrl",
}
REPLIES = "replyUrlsWithType"
_TYPES: Mapping[str, str] = {"Web": "web", "Spa": "spa", "InstalledClient": "publicClient"}
_OLDER = frozenset((*PLACES, REPLIES, "informationalUrls"))
_KEY: Mapping[str, str] = {"startDate": "startDateTime", "endDate": "endDateTime", "value": "key"}
# Of scopes and roles: where they came from.
_ORIGIN = frozenset(("lang", "origin"))


@dataclass(frozen=True, slots=True)
class Read:
    """An application as Graph has it; only the older manifest may have reply URLs that are wild."""

    members: Members
    wild: bool = False


def read(members: Mapping[str, object], *, is_there: bool = False) -> Read:
    """The members under the names of Graph; `is_there`: of an application whose names are given already."""
    if not (_OLDER | {"appId"}) & members.keys():
        return Read(dict(members))
    found: Members = {}
    for name, value in members.items():
        if name in ELSEWHERE or (is_there and name == "appId"):
            continue
        _put(found, PLACES.get(name, (name,)), _MADE.get(name, _same)(value))
    for place, urls in _replies(found.pop(REPLIES, None)).items():
        _put(found, (place, "redirectUris"), urls)
    if "informationalUrls" in found:
        _put(found, ("info",), _links(found.pop("informationalUrls")))
    return Read(found, wild=REPLIES in members)


def _put(found: Members, place: tuple[str, ...], value: object) -> None:
    *outer, last = place
    for name in outer:
        inside = found.get(name) or {}
        if not isinstance(inside, dict):
            return  # it is refused as what it is
        found[name] = inside
        found = inside
    had = found.get(last)
    found[last] = {**had, **value} if isinstance(had, dict) and isinstance(value, dict) else value


def _same(value: object) -> object:
    return value


def _each(change: Callable[[Members], Members | None]) -> Callable[[object], object]:
    """What is done to each member of a list; what is no list of objects is left for others to refuse."""

    def made(value: object) -> object:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            return value
        return [new for each in value if (new := change(each)) is not None]

    return made


def _permission(each: Members) -> Members:
    return {name: value for name, value in each.items() if name not in _ORIGIN}


def _pre_authorized(each: Members) -> Members:
    return {
        "delegatedPermissionIds" if name == "permissionIds" else name: value for name, value in each.items()
    }


def _key(each: Members) -> Members | None:
    """A certificate without its key cannot be brought along."""
    named = {_KEY.get(name, name): value for name, value in each.items()}
    named.pop("hasExtendedValue", None)
    return named if named.get("key") else None


_MADE: Mapping[str, Callable[[object], object]] = {
    "oauth2Permissions": _each(_permission),
    "appRoles": _each(_permission),
    "preAuthorizedApplications": _each(_pre_authorized),
    "keyCredentials": _each(_key),
}


def _replies(value: object) -> dict[str, object]:
    """Reply URLs by their type, each type in its order; all of them are said."""
    if value is None:
        return {}
    found: dict[str, Any] = {place: [] for place in _TYPES.values()}
    for each in value if isinstance(value, list) else [value]:
        told: Members = each if isinstance(each, dict) else {}
        place = _TYPES.get(str(told.get("type", "Web")))
        # What is no such thing is refused where addresses are.
        found[place or "web"].append(told.get("url") if place else None)
    return found


def _links(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {LINKS.get(name, name): link for name, link in value.items()}
