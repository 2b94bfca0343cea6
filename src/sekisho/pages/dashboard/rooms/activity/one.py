"""One event: a refusal explained, or what was done, by whom and to what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sekisho.model.client import Client
from sekisho.model.event import Event, moment
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.activity import seen
from sekisho.pages.dashboard.rooms.activity.decider import decider
from sekisho.pages.dashboard.rooms.activity.differing import Differing, differing
from sekisho.pages.dashboard.rooms.activity.seen import Names
from sekisho.pages.dashboard.rooms.activity.trail import trail
from sekisho.registry import logs
from sekisho.spec.contrast import WITHHELD, nearest
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusals import CATALOGUE
from sekisho.tenant import Tenant

CRUMB = Crumb("dash.activity", "/activity")
# The list is opened a moment after an event, so that those of the same request are on top.
MOMENT = 60.0
# Where the nearest of what is registered was remembered, and what is registered now.
REGISTERED: Mapping[str, Callable[[Client], Sequence[str]]] = {
    "redirect_mismatch": lambda client: tuple(each.url for each in client.reply_urls),
    "logout_mismatch": lambda client: client.allowed_logout_urls,
    "web_origin_unlisted": lambda client: client.web_origins,
    "grant_type_not_allowed": lambda client: client.grant_types,
}
# What has a place of its own on the page of a change.
_SHOWN = frozenset(("fields", "client_id"))


@dataclass(frozen=True, slots=True)
class Sides:
    """What a rule expected of a parameter and what came, and of what is registered now the nearest."""

    parameter: str
    expected: str
    got: str
    is_withheld: bool
    differ: Differing | None
    registered: Sequence[str]
    nearest: str


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the event of this id."""
    event = await logs.find(tenant, ask.names["event"])
    names = await seen.named((event,), tenant)
    context = {
        "line": seen.line(event, names),
        "event": event,
        "later": moment(event.at + MOMENT),
        "raw": msgspec.json.format(msgspec.json.encode(event)).decode(),
    }
    visit = (ask, who, tenant)
    return _refusal(event, names, context, visit) if event.slug in CATALOGUE else _deed(event, context, visit)


def _refusal(event: Event, names: Names, context: Mapping[str, object], visit: Visit) -> Answer:
    steps = trail(seen.text(event, "rule"))
    known = {
        "reason": CATALOGUE[event.slug],
        "said": seen.text(event, "text") or CATALOGUE[event.slug].text,
        "debug": seen.text(event, "debug"),
        "trace": seen.text(event, "trace"),
        "sides": _sides(event, names),
        "module": seen.text(event, "rule").rpartition(".")[0],
        "steps": steps,
        "stopped": next((n for n, step in enumerate(steps, 1) if step.state == "refused"), 0),
        "decider": decider(event, names, visit[1]),
    }
    crumbs = (CRUMB, Crumb("activity.refusal"))
    return frame.page("refusal", {**context, **known}, crumbs, visit)


def _deed(event: Event, context: Mapping[str, object], visit: Visit) -> Answer:
    told = event.detail.get("fields")
    known = {
        "fields": tuple(map(str, told)) if isinstance(told, (list, tuple)) else (),
        "members": {name: _plain(value) for name, value in event.detail.items() if name not in _SHOWN},
    }
    return frame.page("event", {**context, **known}, (CRUMB, Crumb("activity.event")), visit)


def _sides(event: Event, names: Names) -> Sides | None:
    parameter = seen.text(event, "parameter")
    if not parameter:
        return None
    client = names.clients.get(event.client or "")
    read = REGISTERED.get(event.slug)
    registered = tuple(read(client)) if read and client else ()
    expected, got = seen.text(event, "expected"), seen.text(event, "got")
    return Sides(
        parameter=parameter,
        expected=expected,
        got=got,
        is_withheld=got == WITHHELD,
        differ=differing(expected, got),
        registered=registered,
        nearest=nearest(got, registered) if got else "",
    )


def _plain(value: object) -> str:
    """A member of the details as one line: text as it is, whatever else as JSON."""
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
