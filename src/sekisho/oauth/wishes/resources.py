"""What is wanted by scopes that name their resources: of several at once, for the client and for its APIs."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from sekisho.model.api import USERINFO, Api
from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.oauth.delegation import agreed, assigned, given, needed, wanted
from sekisho.oauth.delegation.wanted import Wanted
from sekisho.oauth.needs import Wish
from sekisho.oauth.steps import Need
from sekisho.people import sessions
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.tenant import Tenant


async def wish(
    request: AuthorizationRequest, client: Client, session: Session | None, tenant: Tenant
) -> Wish:
    """All resources are asked about, and the first one is what a token in the answer is for."""
    openid = needed.openid_of(request, client, tenant)
    asked = await wanted.every(request.scopes, client, tenant)
    first = asked[0] if asked else await wanted.nothing(tenant)
    every = await needed.everything(openid, asked, client, tenant)
    # Roles are an application's own: people are asked about themselves, and about something in any case.
    mine = tuple(replace(need, roles=()) for need in every if need.scopes) or (Need(None, ("openid",)),)
    called = "" if first.api.id == USERINFO else first.resource
    before = Wish(first.api, (*openid, *first.scopes), every=mine, resource=called)
    if session is None or session.owner.user is None:
        return before
    user = await sessions.person(session, tenant)
    roles = await assigned.of_user(user, first.api, tenant)
    needs = await _missing(every, asked, user, client, tenant)
    values = await _values(first, user, client, tenant) if first.is_default else first.scopes
    if first.is_default and not needs and not values and not given.is_for_itself(client, first):
        # Nothing was agreed to, and there is nothing that could be asked.
        raise given.not_consented(client, first, ())
    groups = assigned.groups_told(user, first.api)
    return replace(before, needs=needs, scopes=(*openid, *values), roles=roles, groups=groups)


async def _values(first: Wanted, user: User, client: Client, tenant: Tenant) -> tuple[str, ...]:
    """Everything that there is of a resource, in its own order."""
    if given.is_for_itself(client, first):
        return tuple(each.value for each in first.api.scopes if each.enabled)
    have = await agreed.effective(user, client, first.api, tenant)
    return tuple(each.value for each in first.api.scopes if each.value in have)


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
    is_admins = api is not None and needed.is_admins_to_agree(api, scopes, tenant)
    return replace(need, scopes=scopes, is_admins=is_admins, roles=())
