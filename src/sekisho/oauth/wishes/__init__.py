"""What a request comes down to: one file for each way to name what is wanted, one table."""

from collections.abc import Awaitable, Callable, Mapping

from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.oauth.needs import Wish
from sekisho.oauth.wishes import audience, everybody, resources
from sekisho.spec.authorization import AuthorizationRequest, WireDialect
from sekisho.tenant import Tenant

Wishing = Callable[[AuthorizationRequest, Client, Session | None, Tenant], Awaitable[Wish]]

WISHES: Mapping[WireDialect, Wishing] = {
    "": audience.wish,
    "entra_v1": resources.wish,
    "entra_v2": resources.wish,
}


async def wish(
    request: AuthorizationRequest, client: Client, session: Session | None, tenant: Tenant
) -> Wish:
    """The API is there, unknown scopes fall away or are refused; what was agreed to is not asked again."""
    wishing = everybody.wish if request.is_for_everybody else WISHES[request.dialect]
    return await wishing(request, client, session, tenant)
