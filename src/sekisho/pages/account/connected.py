"""Which applications a person let in, or an administrator did for them, and what they may do."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.model.artifact import Owner, Refresh
from sekisho.model.client import Client
from sekisho.model.consent import Consent
from sekisho.model.user import User
from sekisho.pages.caller import Caller, caller
from sekisho.pages.words import Line, lines
from sekisho.people import consents
from sekisho.tenant import Tenant

MOST = 200


@dataclass(frozen=True, slots=True)
class Connected:
    """An application, what it was allowed by the person and by an administrator, and since when."""

    caller: Caller
    lines: tuple[Line, ...]
    by_administrators: tuple[Line, ...]
    since: float


@dataclass(slots=True)
class _Found:
    """What is known of one application so far; a line that was said is not said again."""

    since: float
    mine: dict[Line, None] = field(default_factory=dict)
    others: dict[Line, None] = field(default_factory=dict)


async def of_user(user: User, tenant: Tenant) -> list[Connected]:
    """Whatever has an agreement or access that lasts; the latest first."""
    found: dict[str, _Found] = {}
    for each in _in_order(await consents.of_user(user.user_id, tenant)):
        told = found.setdefault(each.client, _Found(each.created_at))
        told.since = min(told.since, each.created_at)
        told.mine |= dict.fromkeys(await lines(each.api, each.scopes, tenant))
    for lasting in await tenant.store.find(Refresh, Owner(tenant=tenant.id, user=user.user_id), None, MOST):
        told = found.setdefault(lasting.client_id, _Found(lasting.born))
        told.since = min(told.since, lasting.born)
        told.mine |= dict.fromkeys(await lines(None, ("offline_access",), tenant))
    for each in _in_order(await consents.of_everybody(tenant)):
        told = found.setdefault(each.client, _Found(each.created_at))
        told.others |= dict.fromkeys(await lines(each.api, each.scopes, tenant))
    rows = [await _row(client, told, tenant) for client, told in found.items()]
    return sorted(rows, key=lambda row: -row.since)


def _in_order(agreed: list[Consent]) -> Iterator[Consent]:
    """What is known here comes before what other servers know."""
    yield from (each for each in agreed if each.api is None)
    yield from (each for each in agreed if each.api)


async def _row(client_id: str, told: _Found, tenant: Tenant) -> Connected:
    client = await tenant.known.named(Client, tenant.id, client_id)
    # One that is gone can still be taken out of the list.
    seen = caller(client) if client else Caller(client_id, client_id)
    return Connected(seen, tuple(told.mine), tuple(told.others), told.since)
