"""/api/v2/stats: how many people signed in, counted from the audit."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from sekisho.api import query, view
from sekisho.api.operation import Parameter, Words
from sekisho.model.bearer import Bearer
from sekisho.registry import logs
from sekisho.spec.http import Answer, Ask, one
from sekisho.tenant import Tenant

DAY = timedelta(days=1)
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
USUAL = 30
LONGEST = 92
SIGNED_IN, SIGNED_UP = "user_signed_in", "user_signed_up"
_DAY = re.compile(r"[0-9]{8}")
Day = Annotated[str, Meta(pattern=r"^[0-9]{8}$", examples=["20260131"])]
TAKES = (
    Parameter(
        "from",
        Day,
        Words(
            f"The first day, in UTC; {USUAL} days back unless said.",
            f"最初の日（UTC、既定は {USUAL} 日前から）。",
        ),
    ),
    Parameter(
        "to",
        Day,
        Words(
            f"The last day, at most {LONGEST} days; today unless said.",
            f"最後の日（既定は今日、最大 {LONGEST} 日間）。",
        ),
    ),
)


class DaySeen(Struct, kw_only=True):
    """What happened on a day (UTC)."""

    date: str
    logins: int
    signups: int
    leaked_passwords: int = 0
    created_at: str
    updated_at: str


async def active_users(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /stats/active-users: how many different people signed in within thirty days."""
    since = tenant.now() - timedelta(days=USUAL).total_seconds()
    return view.shown(await logs.people(tenant, SIGNED_IN, since))


async def daily(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /stats/daily: one row for each day."""
    today = datetime.fromtimestamp(tenant.now(), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = _day(ask, "to", today)
    first = _day(ask, "from", last - (USUAL - 1) * DAY)
    if not 0 <= (last - first).days < LONGEST:
        raise query.invalid(f"Expected up to {LONGEST} days in their order: from")
    days = [first + n * DAY for n in range((min(last, today) - first).days + 1)]
    moments = [day.timestamp() for day in (*days, *(day + DAY for day in days[-1:]))]
    logins = await logs.counted(tenant, SIGNED_IN, moments)
    signups = await logs.counted(tenant, SIGNED_UP, moments)
    counts = zip(days, logins, signups, strict=True)
    return view.shown([_row(day, (came, new), tenant.now()) for day, came, new in counts])


def _day(ask: Ask, name: str, default: datetime) -> datetime:
    text = one(ask.query, name)
    if text is None:
        return default
    try:
        day = datetime.strptime(text if _DAY.fullmatch(text) else "", "%Y%m%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise query.invalid(f"Expected a day as YYYYMMDD: {name}") from error
    if day < FIRST:
        raise query.invalid(f"Nothing happened before {FIRST:%Y%m%d}: {name}")
    return day


def _row(day: datetime, counts: tuple[int, int], now: float) -> view.View:
    seen = DaySeen(
        date=view.moment(day.timestamp()),
        logins=counts[0],
        signups=counts[1],
        created_at=view.moment(day.timestamp()),
        updated_at=view.moment(min((day + DAY).timestamp(), now)),
    )
    return view.members(seen)
