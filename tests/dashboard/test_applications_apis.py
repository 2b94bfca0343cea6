"""APIs of an application: what it may ask of them in its own name, added, changed, removed."""

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Save
from sekisho.pages.dashboard.listing import Stretch
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, CLIENT_ABOVE, GRANT_ABSENT
from sekisho.store import Window
from tests.dashboard.desk import AtDesk, at_desk, shown
from tests.dashboard.forms import form_of
from tests.tenants import AUDIENCE, TENANT, api, client
from tests.visitor import location

PAGE = "/applications/machine/apis"
ADD = f"{PAGE}/add"
THINGS = f"{ADD}?api={'a' * 24}"


async def with_machine(rank: str = "Owner", **fields: object) -> AtDesk:
    """A desk with a machine that may do nothing yet."""
    desk = await at_desk(rank)
    assert await desk.tenant.change(Save(client(**fields))) is None
    return desk


async def grants(desk: AtDesk) -> list[ClientGrant]:
    """What the machine may ask for."""
    return await desk.tenant.store.records(ClientGrant, TENANT, {"client_id": "machine"}, Window())


async def management(desk: AtDesk) -> Api:
    """Our own API."""
    found = await desk.tenant.store.named(Api, TENANT, MANAGEMENT)
    assert found is not None
    return found


async def gives(desk: AtDesk, *scopes: str) -> str:
    """Where the page of a grant for things is that was just made."""
    answer = await desk.fills(THINGS, ADD, api="a" * 24, scope=list(scopes))
    assert location(answer).endswith(f"/dashboard{PAGE}?done=api_added")
    return f"{PAGE}/{(await grants(desk))[-1].id}"


async def test_an_api_is_added() -> None:
    """First which one, then its permissions; what it has already is not offered again."""
    desk = await with_machine("Editor")
    assert f'href="?api={"a" * 24}"' in await desk.text(ADD)
    await gives(desk, "read:things")
    (grant,) = await grants(desk)
    assert (grant.audience, grant.scopes) == (AUDIENCE, ("read:things",))
    assert f'href="?api={"a" * 24}"' not in await desk.text(ADD)
    text = await desk.text(PAGE)
    for part in ("Things", AUDIENCE, "read:things", f"/dashboard{PAGE}/{grant.id}/delete"):
        assert part in text
    (event,) = [each for each in await desk.happened() if each.slug == "client_grant_created"]
    assert event.user == desk.user.user_id


async def test_our_own_api_is_called_by_its_address() -> None:
    """Nobody sees its name inside, and it is added like any other by whoever may do all of that."""
    desk = await with_machine()
    ours = await management(desk)
    answer = await desk.fills(f"{ADD}?api={ours.id}", ADD, api=ours.id, scope=["read:clients"])
    assert answer.status == 303
    assert [grant.audience for grant in await grants(desk)] == [MANAGEMENT]
    for address in (PAGE, ADD):
        text = await desk.text(address)
        assert "https://id.example.com/api/v2/" in text
        assert MANAGEMENT not in text


async def test_nobody_gives_what_they_do_not_have() -> None:
    """An editor lets no application do what only owners may. Reason: client_above."""
    desk = await with_machine("Editor")
    ours = await management(desk)
    form = f"{ADD}?api={ours.id}"
    answer = await desk.fills(form, ADD, api=ours.id, scope=["read:clients", "update:tenant_settings"])
    assert (answer.status, form_of(answer).problems[""].key) == (403, f"why.{CLIENT_ABOVE.slug}.title")
    assert await grants(desk) == []
    assert (await desk.fills(form, ADD, api=ours.id, scope=["read:clients"])).status == 303
    (grant,) = await grants(desk)
    answer = await desk.fills(f"{PAGE}/{grant.id}", scope=["read:clients", "create:roles"])
    assert (answer.status, form_of(answer).problems[""].key) == (403, f"why.{CLIENT_ABOVE.slug}.title")
    assert (await grants(desk))[0].scopes == ("read:clients",)


async def test_what_may_do_more_is_left_alone() -> None:
    """Not even a permission is taken from an application that may do more than the editor."""
    desk = await with_machine("Editor")
    above = ClientGrant(tenant=TENANT, id="cgr_9", client_id="machine", audience=MANAGEMENT)
    assert await desk.tenant.change(Save(replace(above, scopes=("update:tenant_settings",)))) is None
    text = await desk.text(PAGE)
    assert "may administer more than you may" in text
    assert "/delete" not in text
    csrf = str(shown(await desk.get(PAGE))["csrf"])
    for address in (f"{PAGE}/cgr_9", f"{PAGE}/cgr_9/delete", ADD):
        with pytest.raises(Refused, match=CLIENT_ABOVE.slug):
            await desk.post(address, {"csrf": csrf, "api": "a" * 24})
    assert len(await grants(desk)) == 1


async def test_permissions_are_changed() -> None:
    """What is ticked is what it may; sent as it stands, nothing changes."""
    desk = await with_machine()
    address = await gives(desk, "write:things", "read:things")
    (before,) = await grants(desk)
    assert form_of(await desk.get(address)).values["scope"] == ["read:things", "write:things"]
    assert (await desk.fills(address, scope=["read:things", "write:things"])).status == 303
    assert await grants(desk) == [before]
    assert location(await desk.fills(address, scope=["read:things"])).endswith(f"{PAGE}?done=saved")
    assert (await grants(desk))[0].scopes == ("read:things",)
    assert (await desk.fills(address)).status == 303
    assert (await grants(desk))[0].scopes == ()
    assert "No permissions" in await desk.text(PAGE)


@pytest.mark.parametrize("scope", ["delete:things", "read:clients", "<b>"])
async def test_a_permission_that_the_api_does_not_have_is_refused(scope: str) -> None:
    """At its field, and nothing is given."""
    desk = await with_machine()
    answer = await desk.fills(THINGS, ADD, api="a" * 24, scope=[scope])
    assert (answer.status, list(form_of(answer).problems)) == (400, ["scope"])
    assert await grants(desk) == []


async def test_an_api_is_added_once() -> None:
    """A second time it is there already, and that is said."""
    desk = await with_machine()
    await gives(desk, "read:things")
    answer = await desk.fills(THINGS, ADD, api="a" * 24, scope=[])
    assert (answer.status, form_of(answer).problems[""].key) == (409, "why.already_exists.title")


async def test_permissions_of_an_older_version_are_not_overwritten() -> None:
    """Somebody else was faster: what stands there now is shown."""
    desk = await with_machine()
    address = await gives(desk, "read:things", "write:things")
    older = str(form_of(await desk.get(address)).version)
    await desk.fills(address, scope=["read:things"])
    answer = await desk.fills(address, scope=["write:things"], version=older)
    assert (answer.status, form_of(answer).now["scope"]) == (412, ["read:things"])


async def test_an_api_is_removed() -> None:
    """The page that asks names what ends; afterwards the list is empty, and says so."""
    desk = await with_machine()
    address = f"{await gives(desk, 'read:things')}/delete"
    assert "Permissions that end with it: 1." in await desk.text(address)
    assert location(await desk.fills(address)).endswith("?done=api_removed")
    assert await grants(desk) == []
    assert "It may call no API as itself yet" in await desk.text(PAGE)


async def test_a_grant_of_another_application_is_not_found_here() -> None:
    """The address says whose it is, and that has to be true. Reason: grant_absent."""
    desk = await with_machine()
    id = (await gives(desk, "read:things")).rpartition("/")[2]
    csrf = str(shown(await desk.get(PAGE))["csrf"])
    for address in (f"/applications/web/apis/{id}", f"/applications/web/apis/{id}/delete"):
        with pytest.raises(Refused, match=GRANT_ABSENT.slug):
            await desk.get(address)
        with pytest.raises(Refused, match=GRANT_ABSENT.slug):
            await desk.post(address, {"csrf": csrf})
    assert len(await grants(desk)) == 1


async def test_an_api_that_is_not_there_is_not_added() -> None:
    """Whatever the form says. Reason: api_absent."""
    desk = await with_machine()
    csrf = str(shown(await desk.get(ADD))["csrf"])
    with pytest.raises(Refused, match=API_ABSENT.slug):
        await desk.post(ADD, {"csrf": csrf, "api": "b" * 24})
    with pytest.raises(Refused, match=API_ABSENT.slug):
        await desk.get(f"{ADD}?api=nothing")


async def test_what_gets_no_such_tokens_is_told_so() -> None:
    """A list of permissions that nobody can use would lie."""
    for fields, said in (
        ({"grant_types": ("authorization_code",)}, "does not have the grant type client_credentials"),
        ({"token_endpoint_auth_method": "none"}, "This application is public"),
        ({}, "It may call no API as itself yet"),
    ):
        desk = await with_machine(**fields)
        assert said in await desk.text(PAGE)


async def test_lists_go_on_after_a_stretch() -> None:
    """25 at a time: the APIs that it may call, and those that it could."""
    desk = await with_machine()
    steps = []
    for n in range(30):
        steps.append(Save(api(id=f"{n:024x}", name=f"Api {n}", identifiers=(f"urn:{n}",))))
        grant = ClientGrant(tenant=TENANT, id=f"cgr_{n:02}", client_id="machine", audience=f"urn:{n}")
        steps.append(Save(grant))
    assert await desk.tenant.change(*steps) is None
    for address, total in ((PAGE, 30), (ADD, 32)):
        first = shown(await desk.get(address))["stretch"]
        assert isinstance(first, Stretch)
        assert (len(first.found), first.total) == (25, total)
        then = shown(await desk.get(f"{address}{first.next}"))["stretch"]
        assert isinstance(then, Stretch)
        assert (len(then.found), then.next) == (total - 25, "")


async def test_a_grant_whose_api_is_gone_is_shown_by_its_audience() -> None:
    """It grants nothing, and can still be seen."""
    desk = await with_machine()
    left = ClientGrant(tenant=TENANT, id="cgr_left", client_id="machine", audience="urn:gone")
    assert await desk.tenant.change(Save(left)) is None
    assert "urn:gone" in await desk.text(PAGE)
    found = await desk.tenant.store.named(Client, TENANT, "machine")
    assert found is not None
