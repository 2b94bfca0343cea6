"""What there is to agree to: what is named, or what an application and an API behind it say they need."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sekisho.model.api import ENTRA, Api
from sekisho.model.client import Client
from sekisho.oauth import whose
from sekisho.oauth.delegation import given
from sekisho.oauth.delegation.wanted import Wanted
from sekisho.oauth.steps import Need
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.entra import scope
from sekisho.tenant import Tenant


async def everything(
    openid: tuple[str, ...], asked: Collection[Wanted], client: Client, tenant: Tenant
) -> tuple[Need, ...]:
    """All that there is to agree to: what is named, or what application and APIs say that they need."""
    needs = [Need(None, openid)] if openid else []
    for each in asked:
        if each.is_default:
            needs += await required(client, tenant)
            needs += await _behind(each.api, client, tenant)
        else:
            needs.append(_need(each.api, each.scopes, tenant))
    return merged(needs)


def merged(needs: Iterable[Need]) -> tuple[Need, ...]:
    """One for each application and API, however often they are named: each is one agreement."""
    found: dict[tuple[str, str | None], Need] = {}
    for need in needs:
        key = (need.client, need.api)
        had = found.get(key, need)
        found[key] = replace(
            need,
            scopes=tuple(dict.fromkeys((*had.scopes, *need.scopes))),
            is_admins=had.is_admins or need.is_admins,
            roles=tuple(dict.fromkeys((*had.roles, *need.roles))),
        )
    return tuple(found.values())


async def required(client: Client, tenant: Tenant) -> list[Need]:
    """What an application says that it needs, of every API that it names; roles are its own."""
    needs: list[Need] = []
    for each in client.required:
        api = await tenant.known.named(Api, tenant.id, each.resource)
        if api is None or api.dialect not in ENTRA or not await whose.is_in_use(api, tenant):
            continue
        ids = {access.id for access in each.access if access.kind == "Scope"}
        values = tuple(known.value for known in api.scopes if known.id in ids and known.enabled)
        roles = {access.id for access in each.access if access.kind == "Role"}
        own = tuple(role.id for role in api.app_roles if role.id in roles and role.enabled)
        if values or own:
            needs.append(replace(_need(api, values, tenant), roles=own))
    return needs


async def _behind(api: Api, client: Client, tenant: Tenant) -> list[Need]:
    """What the API's own application needs further on, where it knows this client: one question for both."""
    if client.client_id not in api.known_clients or api.owner_client in (None, client.client_id):
        return []
    middle = await tenant.known.named(Client, tenant.id, api.owner_client)
    if middle is None:
        return []
    return [replace(need, client=middle.client_id) for need in await required(middle, tenant)]


def _need(api: Api, scopes: tuple[str, ...], tenant: Tenant) -> Need:
    return Need(api.identifier, scopes, is_admins=is_admins_to_agree(api, scopes, tenant))


def is_admins_to_agree(api: Api, scopes: Collection[str], tenant: Tenant) -> bool:
    """Only an administrator agrees to some of these, or to anything at all."""
    kinds = {known.kind for known in api.scopes if known.value in scopes}
    return bool(scopes) and ("Admin" in kinds or not tenant.policy.user_consent_allowed)


def openid_of(request: AuthorizationRequest, client: Client, tenant: Tenant) -> tuple[str, ...]:
    """OpenID Connect's words of a request, as far as the client and the tenant have them."""
    words, _ = scope.read(request.scopes)
    return given.openid(words, client, tenant)
