"""Class 33 in the dashboard: an owner of one tenant reaches for another one of the same installation."""

import re
from contextlib import suppress
from urllib.parse import quote

import pytest

from sekisho.model.connection import DATABASE, Connection
from sekisho.model.record import Record
from sekisho.model.step import Save
from sekisho.pages.dashboard import administrator
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.pages.dashboard.row import Row
from sekisho.registry import system_apis
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.attacks.test_66_administrators import SAID, sends
from tests.attacks.test_69_dashboard import EVIL, NAMES, planted
from tests.dashboard.desk import AtDesk, another, text_of
from tests.tenants import Clock, demo_directory


async def neighbour() -> tuple[AtDesk, Tenant]:
    """An owner of one tenant, and another tenant of the same installation with something of everything."""
    directory = await demo_directory(Clock())
    demo, acme = directory.named("demo"), directory.named("acme")
    assert demo
    assert acme
    own = (system_apis.system(acme.id, 0), Connection(tenant=acme.id, id="con_1", name=DATABASE))
    assert await acme.change(*map(Save, own)) is None
    assert await demo.change(*map(Save, planted())) is None
    return await another(acme, "Owner"), demo


async def kept(tenant: Tenant) -> list[Record | None]:
    """What was planted, as it is."""
    return [await tenant.store.record(type(each), tenant.id, each.id) for each in planted()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
async def test_nothing_of_another_tenant_is_seen_or_changed(row: Row) -> None:
    """An owner who knows the ids of everything there is told nothing of it, and leaves it as it was."""
    desk, demo = await neighbour()
    before = await kept(demo)
    line = re.sub(r"{(\w+)}", lambda name: quote(NAMES.get(name[1], "x"), safe=""), row.path)
    told = {**SAID, "role": NAMES["role"], "session": NAMES["user"], "typed": EVIL, "api": NAMES["api"]}
    # What is not there is refused; what has a page all the same, a list for one, has nothing of theirs on it.
    with suppress(Refused):
        if row.method == "POST":
            await sends(desk, line, **told)
        else:
            answer = await desk.get(f"{line}?q=evil")
            assert not answer.page or "evil@evil.example" not in text_of(answer, desk.tenant)
    assert await kept(demo) == before


async def test_a_dashboard_is_of_one_tenant() -> None:
    """What keeps a browser in at one tenant is worth nothing at another one, whatever the cookie's name."""
    desk, demo = await neighbour()
    (handle,) = desk.browser.cookies.values()
    browser = replace_tenant(desk, demo)
    assert (await browser.get("/users")).status == 303
    browser.browser.cookies = {name.replace("acme", "demo"): handle for name in desk.browser.cookies}
    assert (await browser.get("/users")).status == 303
    assert await administrator.of_browser(browser.browser.ask("/dashboard", {}), demo) is None


def replace_tenant(desk: AtDesk, tenant: Tenant) -> AtDesk:
    """The same browser at another tenant."""
    browser = type(desk.browser)(tenant)
    browser.cookies = dict(desk.browser.cookies)
    return AtDesk(browser, desk.user, desk.console)
