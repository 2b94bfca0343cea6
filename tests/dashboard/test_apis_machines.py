"""Machine to machine: which applications may call an API as themselves, and with which permissions."""

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.client import Registration
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Save
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABSENT, GRANT_ABSENT
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from tests.dashboard.desk import AtDesk, at_desk, shown
from tests.dashboard.test_apis import form_of
from tests.tenants import AUDIENCE, allowed, client
from tests.visitor import location

ID = "a" * 24
MACHINES = f"/apis/{ID}/machines"
NEW = f"/apis/{ID}/new-machine"
NAME = f"machine {AUDIENCE}"


async def at_work(rank: str = "Owner", *, given: bool = False) -> AtDesk:
    """A tenant with a machine, which was given something or not."""
    desk = await at_desk(rank)
    saves = (Save(client()), *((Save(allowed()),) if given else ()))
    assert await desk.tenant.change(*saves) is None
    return desk


async def grant_of(desk: AtDesk, name: str = NAME) -> ClientGrant | None:
    """The client grant as it is kept."""
    return await desk.tenant.store.named(ClientGrant, desk.tenant.id, name)


async def management(desk: AtDesk) -> Api:
    """The management API."""
    found = await desk.tenant.store.named(Api, desk.tenant.id, MANAGEMENT)
    assert found is not None
    return found


async def test_nobody_calls_it_yet() -> None:
    """An empty list says so, and offers the first one."""
    desk = await at_work()
    text = await desk.text(MACHINES)
    assert "No application may call it as itself yet" in text
    assert f'href="/dashboard{NEW}"' in text


async def test_an_application_is_chosen() -> None:
    """Of those that somebody made: the ones that cannot ask in their own name are marked."""
    desk = await at_work()
    came_by = Registration(application="a", statement="s")
    installed = client(id="6" * 8, client_id="tv", name="Television", registration=came_by)
    public = client(id="7" * 8, client_id="page", name="Page", token_endpoint_auth_method="none")
    assert await desk.tenant.change(Save(installed), Save(public)) is None
    text = await desk.text(NEW)
    assert f'href="/dashboard{NEW}/machine"' in text
    assert "Television" not in text
    assert f"{NEW}/page" not in text
    assert "Lacks the grant type" in text
    found = shown(await desk.get(f"{NEW}?q=MACH"))["rows"]
    assert [app.id for app, _ in found] == ["machine"]  # type: ignore[attr-defined]
    assert "Nothing matches" in await desk.text(f"{NEW}?q=nobody")


async def test_an_application_may_call_it() -> None:
    """With the permissions that were ticked, and no others."""
    desk = await at_work("Editor")
    answer = await desk.fills(f"{NEW}/machine", scope=["write:things"])
    assert location(answer).endswith(f"{MACHINES}?done=machine_allowed")
    grant = await grant_of(desk)
    assert grant is not None
    assert grant.scopes == ("write:things",)
    text = await desk.text(MACHINES)
    for part in ("Machine", "write:things", f"{MACHINES}/{grant.id}"):
        assert part in text


async def test_with_nothing_ticked_it_may_only_say_who_calls() -> None:
    """A client grant without a permission is one, too."""
    desk = await at_work()
    assert (await desk.fills(f"{NEW}/machine")).status == 303
    grant = await grant_of(desk)
    assert grant is not None
    assert grant.scopes == ()


async def test_what_an_application_may_already_is_shown_in_place_of_a_new_one() -> None:
    """There is one client grant for each application and API; a second one is refused."""
    desk = await at_work()
    seen = shown(await desk.get(f"{NEW}/machine"))
    assert await desk.tenant.change(Save(allowed())) is None
    assert location(await desk.get(f"{NEW}/machine")).endswith(f"{MACHINES}/cgr_1")
    answer = await desk.post(f"{NEW}/machine", {"csrf": str(seen["csrf"]), "version": "0"})
    assert (answer.status, form_of(answer).problems[""].key) == (409, "why.already_exists.title")


async def test_permissions_are_changed() -> None:
    """Saved as ticked; one that the API does not have is refused at its field."""
    desk = await at_work(given=True)
    line = f"{MACHINES}/cgr_1"
    assert (await desk.fills(line, scope=["read:things"])).status == 303
    grant = await grant_of(desk)
    assert grant is not None
    assert (grant.scopes, grant.version) == (("read:things",), 2)
    answer = await desk.fills(line, scope=["fly:things"])
    assert (answer.status, list(form_of(answer).problems)) == (400, ["scope"])
    stale = await desk.fills(line, scope=[], version="1")
    assert (stale.status, form_of(stale).now) == (412, {"scope": ["read:things"]})


async def test_a_client_grant_ends() -> None:
    """After a question; the application may not ask for anything any more."""
    desk = await at_work(given=True)
    line = f"{MACHINES}/cgr_1/remove"
    assert "Permissions that it loses: 2" in await desk.text(line)
    assert (await desk.fills(line)).status == 303
    assert await grant_of(desk) is None


async def test_a_client_grant_is_found_at_its_own_api_only() -> None:
    """The address of another API leads to no client grant, neither does a name that nobody has."""
    desk = await at_work(given=True)
    other = f"/apis/{(await management(desk)).id}"
    for address, reason in (
        (f"{other}/machines/cgr_1", GRANT_ABSENT),
        (f"{MACHINES}/cgr_none", GRANT_ABSENT),
        (f"{NEW}/nobody", CLIENT_ABSENT),
    ):
        with pytest.raises(Refused) as refused:
            await desk.get(address)
        assert refused.value.reason is reason


async def test_nobody_lets_a_machine_administer_more_than_they_may() -> None:
    """An editor gives what editors may; all else is not offered, and refused. Reason: client_above."""
    desk = await at_work("Editor")
    api = await management(desk)
    line = f"/apis/{api.id}/new-machine/machine"
    text = await desk.text(line)
    assert 'value="read:users"' in text
    assert 'value="update:tenant_settings"' not in text
    assert "Permissions that are not shown: " in text
    answer = await desk.fills(line, scope=["update:tenant_settings"])
    assert (answer.status, form_of(answer).problems[""].key) == (403, "why.client_above.title")
    assert await grant_of(desk, f"machine {MANAGEMENT}") is None
    assert (await desk.fills(line, scope=["read:users"])).status == 303
    assert await grant_of(desk, f"machine {MANAGEMENT}")


async def test_what_an_owner_gave_stays_as_it_is_for_an_editor() -> None:
    """A machine that may do more than they is shown, locked; it keeps what it has and gets nothing new."""
    desk = await at_work("Editor")
    api = await management(desk)
    given = replace(allowed(), audience=MANAGEMENT, scopes=("read:users", "update:tenant_settings"))
    assert await desk.tenant.change(Save(given)) is None
    line = f"/apis/{api.id}/machines/cgr_1"
    text = await desk.text(line)
    assert 'value="update:tenant_settings"' in text
    assert "The application may do more than the administrator" in text
    assert f"{line}/remove" not in text
    for scopes in (["read:clients", *given.scopes], [*given.scopes, "create:signing_keys"], []):
        answer = await desk.fills(line, scope=scopes)
        assert (answer.status, form_of(answer).problems[""].key) == (403, "why.client_above.title")
    with pytest.raises(Refused, match="client_above"):
        await desk.fills(f"{line}/remove")
    grant = await grant_of(desk, f"machine {MANAGEMENT}")
    assert grant is not None
    assert grant.scopes == given.scopes


async def test_an_owner_lets_a_machine_administer() -> None:
    """The management API is one like others: everything can be ticked by whoever may do everything."""
    desk = await at_work()
    api = await management(desk)
    line = f"/apis/{api.id}/new-machine/machine"
    assert "not shown" not in await desk.text(line)
    assert (await desk.fills(line, scope=["update:tenant_settings"])).status == 303
    grant = await grant_of(desk, f"machine {MANAGEMENT}")
    assert grant is not None
    assert grant.scopes == ("update:tenant_settings",)


async def test_a_viewer_changes_nothing() -> None:
    """Boxes are locked, buttons are absent, and whoever sends a form all the same is refused."""
    desk = await at_work("Viewer", given=True)
    assert NEW not in await desk.text(MACHINES)
    line = f"{MACHINES}/cgr_1"
    text = await desk.text(line)
    assert " disabled>" in text
    assert 'id="save"' not in text
    assert "/remove" not in text
    assert 'id="do"' not in await desk.text(f"{line}/remove")
    for address in (line, f"{line}/remove"):
        with pytest.raises(Refused) as refused:
            await desk.fills(address)
        assert refused.value.reason is ADMINISTRATION_DENIED


async def test_an_application_that_is_gone_is_shown_by_its_id() -> None:
    """The client grant of an application that does not exist any more can still be found, and removed."""
    desk = await at_work(given=True)
    gone = replace(allowed(), id="cgr_2", client_id="gone")
    assert await desk.tenant.change(Save(gone)) is None
    rows = shown(await desk.get(MACHINES))["rows"]
    assert [(app.id, app.name) for app, _ in rows] == [("machine", "Machine"), ("gone", "gone")]  # type: ignore[attr-defined]
