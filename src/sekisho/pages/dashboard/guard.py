"""What every page of the dashboard goes through first: who, from a form of ours, with which right."""

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from sekisho.pages import forms
from sekisho.pages.dashboard import administrator, entrance, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.row import Row
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]


def behind(row: Row) -> Endpoint:
    """The page as the list of URLs has it."""

    async def enter(ask: Ask, tenant: Tenant) -> Answer:
        who = await administrator.of_browser(ask, tenant)
        if who is None:
            return await entrance.knock(ask, tenant)
        if row.method == "POST":
            forms.is_of_flow(who.handle, frame.FORM, ask, tenant)
        _may(who, row)
        if row.recent and not who.is_recent(tenant.now()):
            # Back to the page that asks, which has the same address.
            return await entrance.knock(replace(ask, method="GET"), tenant, anew=True)
        answer = await row.page(ask, who, tenant)
        return replace(answer, headers=(*answer.headers, *NO_STORE)) if answer.page else answer

    return enter


def _may(who: Administrator, row: Row) -> None:
    if not who.may(row.needs):
        raise Refused(ADMINISTRATION_DENIED, debug=f"{row.method} {row.path} needs {row.needs}")
