"""Settings of the whole tenant: the table of their tabs."""

from sekisho.pages import forms
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.settings import advanced, general, languages, members
from sekisho.pages.dashboard.row import Row
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

TABS = (general.TAB, languages.TAB, advanced.TAB)


async def first(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET /settings: the first tab."""
    return forms.redirect(f"{ask.root}/dashboard{TABS[0].path}")


ROWS: tuple[Row, ...] = (
    Row("GET", "/settings", first, "read:tenant_settings"),
    *(Row("GET", tab.path, tab.show, "read:tenant_settings") for tab in TABS),
    *(Row("POST", tab.path, tab.save, "update:tenant_settings") for tab in TABS),
    Row("GET", members.PATH, members.show, "read:tenant_settings"),
    Row("POST", members.PATH, members.invite, members.CHANGE, recent=True),
    Row("POST", f"{members.PATH}/withdraw", members.withdraw, members.CHANGE),
    Row("GET", f"{members.PATH}/{{user}}", members.asks, "read:tenant_settings"),
    Row("POST", f"{members.PATH}/{{user}}", members.change, members.CHANGE, recent=True),
)
