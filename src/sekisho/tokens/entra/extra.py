"""What tokens in Entra's words have only where an application asks for it: optional claims, groups."""

from collections.abc import Callable, Iterable, Mapping

from sekisho.model.api import Api
from sekisho.model.client import OptionalClaim
from sekisho.model.granted import Granted
from sekisho.tenant import Tenant
from sekisho.tokens.entra import names

# So many groups stand in a token; of an answer that travels in an address, so many.
MOST_GROUPS = 200
MOST_IN_FRONT = 5
_GUID = "use_guid"
_WITH_USERS = "include_user_token"

Say = Callable[[Granted, OptionalClaim, Tenant], object]


def _said(name: str) -> Say:
    return lambda granted, _, __: granted.user and granted.user.standard.get(name)


def _kind(granted: Granted, claim: OptionalClaim, _: Tenant) -> object:
    if granted.user is None:
        return "app"
    return "user" if _WITH_USERS in claim.properties else None


def _login(granted: Granted, _: OptionalClaim, __: Tenant) -> object:
    return granted.user and names.principal_name(granted.user)


def _mail(granted: Granted, _: OptionalClaim, __: Tenant) -> object:
    return granted.user and names.address(granted.user)


def _session(granted: Granted, _: OptionalClaim, __: Tenant) -> object:
    return granted.sign_in and granted.sign_in.session


def _signed_in_at(granted: Granted, _: OptionalClaim, __: Tenant) -> object:
    return granted.sign_in and int(granted.sign_in.auth_time)


def _address(granted: Granted, _: OptionalClaim, __: Tenant) -> object:
    return granted.sign_in and granted.sign_in.address


KNOWN: Mapping[str, Say] = {
    "auth_time": _signed_in_at,
    "email": _mail,
    "family_name": _said("family_name"),
    "given_name": _said("given_name"),
    "idtyp": _kind,
    "ipaddr": _address,
    "login_hint": _login,
    "nickname": _said("nickname"),
    "preferred_username": _login,
    "sid": _session,
    "upn": _login,
    "xms_cc": lambda granted, _, __: ["cp1"] if granted.is_capable else None,
    "verified_primary_email": lambda *told: [mail] if (mail := _mail(*told)) else None,
}


def asked(granted: Granted, wanted: Iterable[OptionalClaim], tenant: Tenant) -> dict[str, object]:
    """The optional claims that there is something to say for; names that we do not know are passed over."""
    said = ((each.name, KNOWN[each.name](granted, each, tenant)) for each in wanted if each.name in KNOWN)
    return {name: value for name, value in said if value}


def by_guid(api: Api) -> bool:
    """The API wants to be called by its id in the older format, too."""
    return any(each.name == "aud" and _GUID in each.properties for each in api.access_token_claims)


def groups(granted: Granted, found: tuple[str, ...]) -> dict[str, object]:
    """The groups of a person, or where they can be asked for where they are too many."""
    if granted.grant_type == "implicit" and len(found) > MOST_IN_FRONT:
        return {"hasgroups": True}
    if len(found) <= MOST_GROUPS:
        return {"groups": list(found)}
    user = granted.user.id if granted.user else ""
    endpoint = f"{granted.issuer}v1.0/users/{user}/getMemberObjects"
    return {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": endpoint}}}
