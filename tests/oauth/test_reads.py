"""What a request reads that reaches disk: each thing once, however many rules want to know it."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import Api, AppRole
from sekisho.model.role import RoleAssignment, group_id
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.oauth.delegation import assigned
from sekisho.tenant import Tenant
from tests.entra import B, changed, entra_tenant, stock
from tests.entra import assigned as given
from tests.tenants import TENANT
from tests.visitor import Browser, people_tenant, person, told

ROLES = (AppRole(id="r-1", value="Reader", members=("User",)), AppRole(id="r-2", value="Writer"))


def counted(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, way: str, kind: type) -> list[Any]:
    """Each time from now on that the store is asked for a thing of this kind; it answers as before."""
    seen: list[Any] = []
    real = getattr(tenant.store, way)

    async def noticed(which: type, *more: Any) -> Any:
        if which is kind:
            seen.append(more)
        return await real(which, *more)

    monkeypatch.setattr(tenant.store, way, noticed)
    return seen


async def test_an_answer_without_a_page_reads_the_person_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is signed in is read for conditions, and not again for the answer."""
    browser = Browser(await people_tenant())
    assert await browser.code()
    seen = counted(browser.tenant, monkeypatch, "named", User)
    assert "code" in told(await browser.authorize(prompt="none"))
    assert len(seen) == 1


async def test_roles_of_a_person_and_their_groups_take_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many groups somebody is in: their own roles, and those that any group has of the API."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, app_roles=ROLES)
    api = replace(stock(), app_roles=ROLES)
    mine, other = (group_id(TENANT, role) for role in ("rol_3", "rol_99"))
    steps = (
        given(mine, B, "r-1", "Group"),
        given(other, B, "r-2", "Group"),
        given(mine, "x", "r-2", "Group"),
    )
    assert await tenant.change(*map(Save, steps)) is None
    seen = counted(tenant, monkeypatch, "records", RoleAssignment)
    assert await assigned.of_user(person(), api, tenant) == ()
    assert len(seen) == 1
    seen.clear()
    user = person(roles=tuple(f"rol_{each}" for each in range(20)))
    assert await assigned.of_user(user, api, tenant) == ("Reader",)
    assert len(seen) <= 3  # the last look finds that there are no more
    seen.clear()
    assert await assigned.of_user(user, stock(), tenant) == ()
    assert seen == []
