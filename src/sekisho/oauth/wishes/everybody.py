"""What an administrator is asked in the name of everybody: all that an application says, or what it names."""

from collections.abc import Collection
from dataclasses import replace

from msgspec.structs import replace as changed

from sekisho.model.api import Api
from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.oauth.delegation import needed, own_roles, wanted
from sekisho.oauth.delegation.wanted import Wanted
from sekisho.oauth.needs import Wish
from sekisho.oauth.steps import Need
from sekisho.people import consents
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.entra import scope
from sekisho.tenant import Tenant


async def wish(
    request: AuthorizationRequest, client: Client, _session: Session | None, tenant: Tenant
) -> Wish:
    """Scopes for everybody, roles for applications themselves; what was agreed to before is not left."""
    asked = await wanted.every(request.scopes, client, tenant)
    every = await _everything(request, asked, client, tenant)
    left = [await _left(need, client, tenant) for need in every]
    return Wish(
        (await wanted.nothing(tenant)).api,
        await _texts(every, asked, tenant),
        tuple(need for need in left if need.scopes or need.roles),
        every,
    )


async def _everything(
    request: AuthorizationRequest, asked: Collection[Wanted], client: Client, tenant: Tenant
) -> tuple[Need, ...]:
    """Where all is asked for, or nothing is named, OpenID Connect's words are part of it."""
    is_all = not request.scopes or any(each.is_default for each in asked)
    words = changed(request, scopes=(*scope.OPENID, *request.scopes)) if is_all else request
    needs = await needed.everything(needed.openid_of(words, client, tenant), asked, client, tenant)
    own = () if request.scopes else await needed.required(client, tenant)
    return tuple(replace(need, is_admins=True) for need in needed.merged((*needs, *own)))


async def _left(need: Need, client: Client, tenant: Tenant) -> Need:
    """What of it nobody agreed to for everybody. Of an application that is gone, nothing."""
    given = await tenant.known.named(Client, tenant.id, need.client) if need.client else client
    if given is None:
        return replace(need, scopes=(), roles=())
    kept = await consents.agreed(None, given, need.api, tenant)
    known = kept.scopes if kept else ()
    scopes = tuple(each for each in need.scopes if each not in known)
    return replace(need, scopes=scopes, roles=await own_roles.missing(need, given, tenant))


async def _texts(every: Collection[Need], asked: Collection[Wanted], tenant: Tenant) -> tuple[str, ...]:
    """The scopes with their resources as they were called, of the application that asks."""
    called = {each.api.identifier: each.resource for each in asked}
    found: list[str] = []
    for need in every:
        if need.client:
            continue
        api = await tenant.known.named(Api, tenant.id, need.api) if need.api else None
        name = f"{called.get(api.identifier) or wanted.usual_name(api)}/" if api else ""
        found += [f"{name}{each}" for each in need.scopes]
    return tuple(found)
