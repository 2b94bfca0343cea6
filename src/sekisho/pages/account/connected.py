"""Which applications a person let in, and what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.model.artifact import Owner, Refresh
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.pages.caller import Caller, caller
from sekisho.pages.words import Line, lines
from sekisho.people import consents
from sekisho.tenant import Tenant

MOST = 200


@dataclass(frozen=True, slots=True)
class Connected:
    """An application, what it was allowed, and since when."""

    caller: Caller
    lines: tuple[Line, ...]
    since: float


async def of_user(user: User, tenant: Tenant) -> list[Connected]:
    """Whatever has an agreement or access that lasts; the latest first."""
    agreed = await consents.of_user(user.user_id, tenant)
    lasting = await tenant.store.find(Refresh, Owner(tenant=tenant.id, user=user.user_id), None, MOST)
    found: dict[str, tuple[float, list[Line]]] = {}
    for api, client, scopes, at in (
        # What is known here comes before what other servers know.
        *((each.api, each.client, each.scopes, each.created_at) for each in agreed if each.api is None),
        *((each.api, each.client, each.scopes, each.created_at) for each in agreed if each.api),
        *((None, each.client_id, ("offline_access",), each.born) for each in lasting),
    ):
        since, told = found.get(client, (at, []))
        found[client] = (min(since, at), [*told, *await lines(api, scopes, tenant)])
    rows = [await _row(client, told, since, tenant) for client, (since, told) in found.items()]
    return sorted(rows, key=lambda row: -row.since)


async def _row(client_id: str, told: Iterable[Line], since: float, tenant: Tenant) -> Connected:
    client = await tenant.known.named(Client, tenant.id, client_id)
    # One that is gone can still be taken out of the list.
    seen = caller(client) if client else Caller(client_id, client_id)
    return Connected(seen, tuple(dict.fromkeys(told)), since)
