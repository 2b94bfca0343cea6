"""What scopes mean, for people: the texts of ours for OpenID Connect's, an API's own words for its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.api import USERINFO, Api, Scope
from sekisho.spec import claims
from sekisho.tenant import Tenant

_ICONS: Mapping[str, str] = {
    "email": "mail",
    "email_verified": "mail",
    "phone": "phone",
    "address": "home",
    "offline_access": "clock",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that an application may do: a scope that we have a text for, or the words of an API.

    Without a scope: it may say to that API in whose name it comes. `is_admins`: only they can agree to it.
    """

    icon: str
    scope: str
    is_ours: bool
    text: str = ""
    api: str = ""
    detail: str = ""
    is_admins: bool = False


async def lines(
    api: str | None, scopes: Sequence[str], tenant: Tenant, *, official: bool = False
) -> list[Line]:
    """The scopes of an API, or of the server itself, in words; `official` are those for administrators."""
    if api is None:
        # Also a token without a scope says who it is.
        return [Line(_ICONS.get(each, "user"), each, each in claims.SCOPES) for each in scopes or ("openid",)]
    found = await tenant.known.named(Api, tenant.id, api) if api != USERINFO else None
    known = {each.value: each for each in found.scopes} if found else {}
    name = found.name if found else api
    return [_line(each, known.get(each), name, official=official) for each in scopes or ("",)]


def _line(value: str, scope: Scope | None, api: str, *, official: bool) -> Line:
    """In the API's words: those for whoever reads, or else the others."""
    if scope is None:
        return Line("pass", value, is_ours=False, api=api)
    said = (scope.title, scope.description), (scope.admin_title, scope.admin_description)
    ordered = said[::-1] if official else said
    title, detail = next((each for each in ordered if each[0]), ("", ""))
    text = title or next((each for _, each in ordered if each), "")
    is_admins = scope.kind == "Admin"
    return Line("pass", value, is_ours=False, text=text, api=api, detail=detail, is_admins=is_admins)


async def roles(api: str | None, ids: Sequence[str], tenant: Tenant) -> list[Line]:
    """Roles of an API that an application is to have itself."""
    found = await tenant.known.named(Api, tenant.id, api) if api and ids else None
    known = (each for each in found.app_roles if each.id in ids) if found else ()
    name = found.name if found else ""
    return [
        Line("key", each.value, is_ours=False, text=each.name, api=name, detail=each.description)
        for each in known
    ]
