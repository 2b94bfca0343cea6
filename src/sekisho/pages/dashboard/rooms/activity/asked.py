"""What somebody looks for in the audit, as the form of the list says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.pages.dashboard import listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.activity.kinds import GROUPS, REFUSALS
from sekisho.people import users
from sekisho.registry.logs import Wanted
from sekisho.spec.http import Ask, one
from sekisho.spec.refusal import Refused
from sekisho.store import Where, Window
from sekisho.tenant import Tenant

PERIODS: Mapping[str, float] = {"1h": 3_600, "24h": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400}
_SLUG = re.compile(r"[a-z_]{1,64}")
# What an event says of itself is at most so long, and what a header may name a request by.
LONGEST = 128
_CORRELATION = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields as they were sent, and what they mean. `what` is a group or a slug.

    `client` and `user` are those of links, which stand beside whatever is typed.
    """

    what: str
    typed: str
    client: str
    user: str
    period: str
    before: str
    wanted: Wanted | None

    @property
    def is_narrow(self) -> bool:
        """Not everything is asked for."""
        return any((self.what, self.typed, self.client, self.user, self.period, self.before))


async def read(ask: Ask, who: Administrator, tenant: Tenant) -> Asked:
    """The query; what cannot be meant is as if it were not said."""
    what = _what(ask)
    typed, client, user = (listing.sought(ask, name, LONGEST) for name in ("q", "client", "user"))
    period = one(ask.query, "period") or ""
    period = period if period in PERIODS else ""
    before, until = _before(ask, who)
    since = (until or tenant.now()) - PERIODS[period] if period else 0.0
    meant = await _meant(typed, tenant)
    told = {name: value for name, value in (("client", client), ("user", user)) if value}
    wanted = None
    # Two applications at once, or a text that nothing can be called, is something that never happened.
    if meant is not None and all(meant.get(name, value) == value for name, value in told.items()):
        slugs = GROUPS.get(what, (what,) if what else ())
        wanted = Wanted(slugs=slugs, since=since, until=until, **{**told, **meant})
    return Asked(what, typed, client, user, period, before, wanted)


def _what(ask: Ask) -> str:
    if one(ask.query, "refused"):
        return REFUSALS
    told = one(ask.query, "what") or one(ask.query, "slug") or ""
    return told if _SLUG.fullmatch(told) else ""


def _before(ask: Ask, who: Administrator) -> tuple[str, float | None]:
    """A moment by the clock of whoever asks, as browsers send it."""
    told = one(ask.query, "before") or ""
    try:
        at = datetime.fromisoformat(told)
        return told, (at if at.tzinfo else at.replace(tzinfo=who.face.zone)).timestamp()
    except (ValueError, OverflowError):
        return "", None


async def _meant(typed: str, tenant: Tenant) -> Where | None:
    """An application or a user, by a name of theirs or by what the audit calls them; otherwise a request."""
    if not typed:
        return {}
    if await tenant.known.named(Client, tenant.id, typed) or await _is_told({"client": typed}, tenant):
        return {"client": typed}
    user = await _user(typed, tenant)
    if user or await _is_told({"user": typed}, tenant):
        return {"user": user.user_id if user else typed}
    return {"correlation": typed} if _CORRELATION.fullmatch(typed) else None


async def _user(name: str, tenant: Tenant) -> User | None:
    try:
        return await users.find(tenant, name)
    except Refused:
        return None


async def _is_told(where: Where, tenant: Tenant) -> bool:
    return bool(await tenant.store.events(tenant.id, where, Window(1)))
