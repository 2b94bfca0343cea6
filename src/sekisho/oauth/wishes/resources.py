"""What is wanted by scopes that name their resources: of several at once, for the client and for its APIs."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sekisho.model.api import USERINFO, Api
from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.delegation import agreed, assigned, given, wanted
from sekisho.oauth.delegation.wanted import Wanted
from sekisho.oauth.flow import Need
from sekisho.oauth.needs import Wish
from sekisho.people import sessions
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.entra import scope
from sekisho.tenant import Tenant


async def wish(
    request: AuthorizationRequest, client: Client, session: Session | None, tenant: Tenant
) -> Wish:
    """All resources are asked about, and the first one is what a token in the answer is for."""
    openid = openid_of(request, client, tenant)
    asked = await wanted.every(request.scopes, client, tenant)
    first = asked[0] if asked else await wanted.nothing(tenant)
    every = await everything(openid, asked, client, tenant)
    # Roles are an application's own: people are asked about themselves, and about something in any case.
    mine = tuple(replace(need, roles=()) for need in every if need.scopes) or (Need(None, ("openid",)),)
    called = "" if first.api.id == USERINFO else first.resource
    base = Wish(first.api, (*openid, *first.scopes), every=mine, resource=called)
    if session is None or session.owner.user is None:
        return base
    user = await sessions.person(session, tenant)
    have = await agreed.effective(user, client, first.api, tenant)
    if given.is_for_itself(client, first):
        have = frozenset(each.value for each in first.api.scopes)
    needs = await _missing(every, asked, user, client, tenant)
    if first.is_default and not have and not needs and not given.is_for_itself(client, first):
        # Nothing was agreed to, and there is nothing that could be asked.
        raise given.not_consented(client, first, have)
    values = have if first.is_default else first.scopes
    return replace(
        base,
        needs=needs,
        scopes=(*openid, *(each.value for each in first.api.scopes if each.value in values)),
        roles=await assigned.of_user(user, first.api, tenant),
        groups=assigned.groups_told(user, first.api),
    )


async def everything(
    openid: tuple[str, ...], asked: Collection[Wanted], client: Client, tenant: Tenant
) -> tuple[Need, ...]:
    """All that there is to agree to: what is named, or what application and APIs say that they need."""
    needs = [Need(None, openid)] if openid else []
    for each in asked:
        if each.is_default:
            needs += await required(client, tenant)
            needs += await _behind(each.api, client, tenant)
        elif each.scopes:
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
        if api is None or api.is_system:
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
    if middle is None or not middle.enabled:
        return []
    return [replace(need, client=middle.client_id) for need in await required(middle, tenant)]


def _need(api: Api, scopes: tuple[str, ...], tenant: Tenant) -> Need:
    return Need(api.identifier, scopes, is_admins=_is_admins(api, scopes, tenant))


def _is_admins(api: Api, scopes: Collection[str], tenant: Tenant) -> bool:
    """Only an administrator agrees to some of these, or to anything at all."""
    kinds = {known.kind for known in api.scopes if known.value in scopes}
    return bool(scopes) and ("Admin" in kinds or not tenant.policy.user_consent_allowed)


async def _missing(
    every: Iterable[Need], asked: Collection[Wanted], user: User, client: Client, tenant: Tenant
) -> tuple[Need, ...]:
    """What neither they nor an administrator agreed to. With something granted, `.default` asks no more."""
    needs = list(every)
    for each in asked:
        if each.is_default and await agreed.effective(user, client, each.api, tenant):
            needs = [need for need in needs if need.api is None]
    found: list[Need] = []
    for need in needs:
        missing = await _of(need, user, client, tenant)
        if missing:
            found.append(await _narrowed(need, missing, tenant))
    return tuple(found)


async def _of(need: Need, user: User, client: Client, tenant: Tenant) -> tuple[str, ...]:
    """Of one need, the scopes that are not agreed to."""
    if need.api is None:
        if client.is_first_party:
            return ()
        known = await agreed.about_themselves(user.user_id, client, tenant)
        return tuple(each for each in need.scopes if each not in known)
    api = await tenant.known.named(Api, tenant.id, need.api)
    given = await tenant.known.named(Client, tenant.id, need.client) if need.client else client
    if api is None or given is None:
        return ()
    have = await agreed.effective(user, given, api, tenant, frozenset(need.scopes))
    return tuple(each for each in need.scopes if each not in have)


async def _narrowed(need: Need, scopes: tuple[str, ...], tenant: Tenant) -> Need:
    api = await tenant.known.named(Api, tenant.id, need.api) if need.api else None
    is_admins = api is not None and _is_admins(api, scopes, tenant)
    return replace(need, scopes=scopes, is_admins=is_admins, roles=())


def openid_of(request: AuthorizationRequest, client: Client, tenant: Tenant) -> tuple[str, ...]:
    """OpenID Connect's words; offline access takes the client and the tenant."""
    words, _ = scope.read(request.scopes)
    allowed = "refresh_token" in client.grant_types and "refresh_token" in tenant.policy.grant_types
    return tuple(each for each in scope.OPENID if each in words and (allowed or each != whose.OFFLINE))
