"""/api/v2/refresh-tokens: what lasts beyond a session. No token is in any answer."""

from collections.abc import Sequence

from msgspec import UNSET, Struct

from sekisho.api import paging, query, view, whom
from sekisho.api.bearer import actor
from sekisho.api.view import Maybe, unless_empty
from sekisho.model.artifact import Refresh
from sekisho.model.bearer import Bearer
from sekisho.oauth import whose
from sekisho.people import signed_in
from sekisho.spec import scope
from sekisho.spec.http import Answer, Ask, one
from sekisho.tenant import Tenant


class ResourceSeen(Struct, kw_only=True):
    """An API, and the scopes there."""

    audience: str
    scopes: str


class RefreshTokenSeen(Struct, kw_only=True):
    """A family of refresh tokens, of which one is good at a time; `id` is its own, and opens nothing."""

    id: str
    user_id: str
    client_id: str
    session_id: Maybe[str] = UNSET
    created_at: str
    last_exchanged_at: str
    idle_expires_at: Maybe[str] = UNSET
    expires_at: Maybe[str] = UNSET
    rotating: bool
    resource_servers: Sequence[ResourceSeen]


class TokensSeen(Struct, kw_only=True):
    """A step of a list of refresh tokens."""

    tokens: Sequence[RefreshTokenSeen]
    next: Maybe[str] = UNSET


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /refresh-tokens/{id}."""
    return view.shown(view.members(_seen(await signed_in.family(tenant, ask.names["id"]))))


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /refresh-tokens/{id}: what it gave ends with it."""
    await signed_in.end_family(tenant, ask.names["id"], actor(bearer, ask))
    return view.nothing()


async def of_user(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}/refresh-tokens."""
    query.flag(ask, "include_totals", default=False)
    limit, user = paging.step(ask), await whom.user(ask, tenant)
    found = await signed_in.of_user(tenant, Refresh, user, one(ask.query, "from"), limit + 1)
    seen = TokensSeen(tokens=[_seen(each) for each in found[:limit]])
    if len(found) > limit:
        seen.next = found[limit - 1].id
    return view.shown(view.members(seen))


async def delete_of_user(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}/refresh-tokens: no client refreshes anything in this name any more."""
    await signed_in.end_families(tenant, await whom.user(ask, tenant), actor(bearer, ask))
    return view.nothing(202)


def _seen(family: Refresh) -> RefreshTokenSeen:
    audience = whose.audience_of(family.audience, family.issuer)
    return RefreshTokenSeen(
        id=family.id,
        user_id=family.user,
        client_id=family.client_id,
        session_id=unless_empty(family.session),
        created_at=view.moment(family.born),
        last_exchanged_at=view.moment(family.rotated_at),
        idle_expires_at=view.perhaps(family.idle_at),
        expires_at=view.perhaps(family.absolute_at),
        rotating=family.rotates,
        resource_servers=[ResourceSeen(audience=audience, scopes=scope.text(family.scopes))],
    )
