"""What scopes mean, for people: the texts of ours for OpenID Connect's, an API's own words for its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.api import USERINFO, Api
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

    Without a scope: it may say to that API in whose name it comes.
    """

    icon: str
    scope: str
    is_ours: bool
    text: str = ""
    api: str = ""


async def lines(api: str | None, scopes: Sequence[str], tenant: Tenant) -> list[Line]:
    """The scopes of an API, or of the server itself, in words."""
    if api is None:
        # Also a token without a scope says who it is.
        return [Line(_ICONS.get(each, "user"), each, each in claims.SCOPES) for each in scopes or ("openid",)]
    found = await tenant.known.named(Api, tenant.id, api) if api != USERINFO else None
    told = {each.value: each.description for each in found.scopes} if found else {}
    name = found.name if found else api
    return [Line("pass", each, is_ours=False, text=told.get(each, ""), api=name) for each in scopes or ("",)]
