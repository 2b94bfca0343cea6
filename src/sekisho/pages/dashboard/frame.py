"""What stands around every page of the dashboard: where to go, who is here, what was done just now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from msgspec.structs import replace

from sekisho.pages import forms
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.reader import LANGUAGES
from sekisho.spec.browser import cookie
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

HOME = "/dashboard"
# What forms of the dashboard are bound to, beside the browser's own secret.
FORM = "dashboard"
A_YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class Place:
    """A room in the navigation: its address below /dashboard, its icon, and what one needs to see it."""

    path: str
    icon: str
    needs: str


# By their captions; a room's text is `dash.<name>`, where the name is its path with `_` for `-`.
ROOMS: Mapping[str, tuple[Place, ...]] = {
    "": (
        Place("", "overview", "read:stats"),
        Place("/activity", "activity", "read:logs"),
    ),
    "access": (
        Place("/applications", "app", "read:clients"),
        Place("/apis", "api", "read:resource_servers"),
        Place("/users", "users", "read:users"),
        Place("/policies", "policy", "read:access_policies"),
        Place("/claim-rules", "claim", "read:claim_rules"),
        Place("/registered-applications", "device", "read:registered_applications"),
        Place("/site-settings", "portal", "read:site_settings"),
    ),
    "tenant": (
        Place("/signing-keys", "key", "read:signing_keys"),
        Place("/settings", "settings", "read:tenant_settings"),
    ),
}


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to this page: a text or the key of one, and an address below /dashboard."""

    text: str
    path: str = ""
    is_key: bool = True


# Who looks at a page, and by which request: what its frame needs.
Visit = tuple[Ask, Administrator, Tenant]


def page(name: str, context: Mapping[str, object], crumbs: Sequence[Crumb], visit: Visit) -> Answer:
    """The page `dashboard/<name>` in its frame; the last crumb is where one is."""
    ask, who, tenant = visit
    known = {
        "rooms": {caption: [each for each in ROOMS[caption] if who.may(each.needs)] for caption in ROOMS},
        "here": ask.path.removeprefix(HOME),
        "home": urlsplit(ask.root).path + HOME,
        "crumbs": crumbs,
        "who": who,
        "zone": who.face.zone,
        "csrf": forms.of_flow(who.handle, FORM, tenant).token,
        "done": one(ask.query, "done") or "",
        "locale": who.face.locale,
        "query": tuple(pair for pair in ask.query if pair[0] != "done"),
    }
    return Answer(page=(f"dashboard/{name}", {**known, **context}), headers=_spoken(ask, tenant))


def done(what: str, path: str, ask: Ask) -> Answer:
    """What was asked for is done; the page at this path below /dashboard says so."""
    return forms.redirect(f"{ask.root}{HOME}{path}{forms.query(('done', what))}")


def refused(answer: Answer, why: Refused) -> Answer:
    """The page again, with what was wrong on it."""
    return replace(answer, status=why.reason.status, headers=(*answer.headers, *why.headers.items()))


def segment(id: str) -> str:
    """An id as one part of a path."""
    return quote(id, safe="")


def _spoken(ask: Ask, tenant: Tenant) -> Pairs:
    """A language that was chosen by a link is remembered, also where no script runs."""
    chosen = one(ask.query, "ui_locales") or ""
    if chosen not in LANGUAGES or chosen not in tenant.policy.languages:
        return ()
    header = cookie.kept(ask, "lang", chosen, seconds=A_YEAR)
    return ((header[0], header[1].replace("; HttpOnly", "")),)
