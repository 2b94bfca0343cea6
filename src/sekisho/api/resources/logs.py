"""/api/v2/logs: what happened, out of the audit."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from sekisho.api import log_types, paging, query, view, whom
from sekisho.api.operation import Parameter, Words
from sekisho.api.view import CUT, Maybe, unless_empty
from sekisho.model.api import MANAGEMENT
from sekisho.model.bearer import Bearer
from sekisho.model.event import Event
from sekisho.registry import logs
from sekisho.spec import scope as scopes
from sekisho.spec.http import Answer, Ask, one
from sekisho.store import Where
from sekisho.tenant import MANAGEMENT_PATH, Tenant

READ = ("read:logs", "read:logs_users")
MOST_PAGED = 1_000
NEWEST_FIRST = "date:-1"
Sort = Literal["date:-1"]
# What steps do not go with: they pass by everything, in the order of time.
PAGED_ONLY = (*paging.PAGES, "include_totals", "sort", "q", "search")
_TERM = re.compile(r'\s*(?:AND\s+)?([a-z_]+):(?:"([^"\\]{1,200})"|([^\s"\\()*?~]{1,200}))(?=\s|\Z)\s*')
_COLUMNS: Mapping[str, str] = {"client_id": "client", "user_id": "user"}
TAKES = (
    *paging.parameters(
        {
            "page": Words("Which page, from 0, newest first.", "ページ番号（0 から、新しい順）。"),
            "include_totals": Words(
                f"Pages come with their place and the total, {MOST_PAGED} at most.",
                f"ページの位置と総数（最大 {MOST_PAGED}）を含める。",
            ),
            "take": Words(
                f"How many after from, oldest first, {paging.MOST} at most; in place of pages and of q.",
                f"from より後の件数（古い順、最大 {paging.MOST}）。ページや q とは併用できない。",
            ),
            "from": Words(
                "The log_id of the last one seen; without it from the beginning on.",
                "最後に読んだ log_id。なければ最初から。",
            ),
        }
    ),
    Parameter("sort", Sort, Words(f"{NEWEST_FIRST}, and nothing else.", f"{NEWEST_FIRST} のみ。")),
    Parameter(
        "q",
        str,
        Words(
            "Terms like type:seccft, client_id:… or user_id:…, all of which hold.",
            "type:seccft、client_id:…、user_id:… などの条件（すべて満たすもの）。",
        ),
    ),
    Parameter("search", str, Words("The same as q.", "q と同じ。")),
    *CUT,
)


# Pages of one user need no search.
OF_USER = tuple(each for each in TAKES if each.name not in (*paging.STEPS, "q", "search"))


class LogSeen(Struct, kw_only=True):
    """Something that happened. `details` has our own name for it and what was remembered."""

    log_id: str
    mongo_id: str = field(name="_id")
    date: str
    type: str
    description: str
    client_id: Maybe[str]
    user_id: Maybe[str]
    ip: Maybe[str]
    audience: Maybe[str]
    scope: Maybe[str]
    details: Mapping[str, Any]


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /logs: pages from the newest back, or steps onwards from one that was seen."""
    return await (_steps if paging.in_steps(ask, PAGED_ONLY) else _page)(ask, tenant)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /logs/{id}."""
    cut = view.cutter(ask)
    return view.shown(cut(_view(await logs.find(tenant, ask.names["id"]), ask)))


async def of_user(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}/logs: pages of what a user did."""
    user = await whom.user(ask, tenant)
    return await _paged(ask, tenant, ({"user": user.user_id},))


async def _page(ask: Ask, tenant: Tenant) -> Answer:
    return await _paged(ask, tenant, _branches(ask))


async def _paged(ask: Ask, tenant: Tenant, branches: tuple[Where, ...]) -> Answer:
    cut = view.cutter(ask)
    if one(ask.query, "sort") not in (None, NEWEST_FIRST):
        raise query.invalid(f"Only {NEWEST_FIRST}: sort")
    place = paging.place(ask)
    end = place.start + place.limit
    found = await logs.newest(tenant, branches, MOST_PAGED + 1 if place.totals else min(end, MOST_PAGED + 1))
    if end > MOST_PAGED < len(found):
        raise query.invalid(f"Pages end after {MOST_PAGED}, go on with from and take: page")
    views = [cut(_view(event, ask)) for event in found[place.start : end]]
    return place.shown(views, "logs", min(len(found), MOST_PAGED))


async def _steps(ask: Ask, tenant: Tenant) -> Answer:
    cut = view.cutter(ask)
    seen = one(ask.query, "from") or ""
    if seen and not logs.ID.fullmatch(seen):
        raise query.invalid("Not a log_id: from")
    take = paging.step(ask)
    found = await logs.onwards(tenant, seen, take)
    answer = view.shown([cut(_view(event, ask)) for event in found])
    if not found:
        return answer
    next_one = f"{ask.root}/{MANAGEMENT_PATH}logs?from={found[-1].id}&take={take}"
    return view.with_headers(answer, ("link", f'<{next_one}>; rel="next"'))


def _branches(ask: Ask) -> tuple[Where, ...]:
    """What `q` looks for; a type stands for several of our events."""
    if one(ask.query, "q") and one(ask.query, "search"):
        raise query.invalid("q and search are the same")
    terms = _terms(one(ask.query, "q") or one(ask.query, "search") or "")
    type = terms.pop("type", None)
    where = {_COLUMNS[name]: value for name, value in terms.items()}
    if type is None:
        return (where,)
    return tuple({**where, "slug": slug} for slug in log_types.slugs_of(type))


def _terms(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        term = _TERM.match(text, place)
        if term is None or term[1] in found or term[1] not in ("type", *_COLUMNS):
            raise query.invalid("Only type, client_id and user_id, each once, as name:value: q")
        found[term[1]] = term[2] or term[3]
        place = term.end()
    return found


def _view(event: Event, ask: Ask) -> view.View:
    detail = {name: _outside(value, ask) for name, value in event.detail.items()}
    audience, scope = detail.get("audience", ""), detail.get("scope", "")
    seen = LogSeen(
        log_id=event.id,
        mongo_id=event.id,
        date=view.moment(event.at),
        type=log_types.type_of(event.slug),
        description=log_types.description_of(event.slug),
        client_id=unless_empty(event.client or ""),
        user_id=unless_empty(event.user or ""),
        ip=unless_empty(event.address),
        audience=unless_empty(str(audience)),
        scope=unless_empty(scopes.text(scope) if isinstance(scope, list) else str(scope)),
        details={**detail, "event": event.slug, "correlation_id": event.correlation},
    )
    return view.members(seen)


def _outside(value: object, ask: Ask) -> object:
    """What we call the management API among ourselves, nobody else does."""
    return f"{ask.root}/{MANAGEMENT_PATH}" if value == MANAGEMENT else value
