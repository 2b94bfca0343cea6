"""Class 66: an administrator takes more by a machine of theirs, or at the right moment."""

import re
from collections.abc import Mapping
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import MANAGEMENT
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Save
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.pages.dashboard.row import Row
from sekisho.people import invitations, members, powers, roles, sessions, users
from sekisho.people.factors.password import verify
from sekisho.people.roles import RoleFields
from sekisho.registry import client_rules, clients
from sekisho.registry.client_fields import ClientFields
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABOVE
from sekisho.spec.refusals.people import INVITATION_INVALID, LAST_OWNER, RANK_TOO_LOW
from sekisho.tenant import Tenant
from tests.api.conftest import Desk
from tests.attacks.test_66_administrators import OTHER, PASSWORD, of, pair, sends
from tests.dashboard.desk import another, at_desk, shown
from tests.tenants import Clock
from tests.visitor import person

EDITORS = tuple(scope for scope in MANAGEMENT_SCOPES if powers.may("Editor", scope))
ALMOST = tuple(scope for scope in MANAGEMENT_SCOPES if scope != "update:tenant_settings")
ABOUT_ONE: tuple[tuple[str, object], ...] = (
    ("PATCH /users/{owner}", {"password": OTHER}),
    ("PATCH /users/{owner}", {"email": "mine@example.com"}),
    ("PATCH /users/{owner}", {"username": "mine"}),
    ("PATCH /users/{owner}", {"blocked": True}),
    ("PATCH /users/{owner}", {"app_metadata": {"a": 1}}),
    ("DELETE /users/{owner}", None),
    ("POST /users/{owner}/permissions", {"permissions": [
        {"permission_name": "read:things", "resource_server_identifier": "https://api.example.com"}]}),
    ("POST /users/{owner}/roles", {"roles": ["{clerk}"]}),
    ("DELETE /users/{owner}/roles", {"roles": ["{rank}"]}),
    ("POST /users/{other}/roles", {"roles": ["{rank}"]}),
    ("POST /roles/{rank}/users", {"users": ["{other}"]}),
)  # fmt: skip
ABOVE = [row for row in ROWS if row.method == "POST" and "/applications/{client_id}" in row.path]


def filled(told: object, words: Mapping[str, str]) -> object:
    """The body with the ids that are known by now."""
    if isinstance(told, dict):
        return {name: filled(value, words) for name, value in told.items()}
    if isinstance(told, list):
        return [filled(value, words) for value in told]
    return re.sub(r"{(\w+)}", lambda name: words[name[1]], told) if isinstance(told, str) else told


@pytest.mark.parametrize("scopes", [EDITORS, ALMOST], ids=["an editor's", "almost all"])
@pytest.mark.parametrize(("line", "body"), ABOUT_ONE, ids=str)
async def test_a_machine_takes_over_nobody_who_may_do_more(
    line: str, body: object, scopes: tuple[str, ...]
) -> None:
    """What an editor may not do to an owner in the dashboard, no machine that they allow does for them."""
    owner = await at_desk()
    tenant = owner.tenant
    await users.set_password(tenant, owner.user.id, PASSWORD, Actor())
    before = await users.find(tenant, owner.user.id)
    other = await users.find(tenant, person().id)
    clerk = await roles.create(tenant, RoleFields(name="clerk"), Actor())
    rank = (await powers.roles_of_ranks(tenant))["Owner"]
    ids = {"owner": quote(before.user_id), "other": other.user_id, "rank": rank.id, "clerk": clerk.id}
    clock = tenant.tools.clock
    assert isinstance(clock, Clock)
    machine = Desk(tenant, clock)
    answer = await machine.ask(str(filled(line, ids)), filled(body, ids), machine.token(*scopes))
    assert answer.status == 403, answer.json
    assert machine.refused
    if scopes == ALMOST:
        assert machine.refused.reason is RANK_TOO_LOW
    assert await users.find(tenant, before.id) == before
    assert await users.find(tenant, other.id) == other
    assert await verify(tenant, before.email, PASSWORD, "")


async def test_the_rule_for_machines_is_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a machine with an editor's scopes sets the password of an owner."""
    owner = await at_desk()
    tenant, clock = owner.tenant, owner.tenant.tools.clock
    assert isinstance(clock, Clock)
    machine = Desk(tenant, clock)
    line, told = f"PATCH /users/{quote(owner.user.user_id)}", {"password": OTHER}
    assert (await machine.ask(line, told, machine.token(*EDITORS))).status == 403

    async def nobody_asks(*_: object) -> None:
        """The rule, taken away."""

    monkeypatch.setattr(powers, "may_be_changed", nobody_asks)
    assert (await machine.ask(line, told, machine.token(*EDITORS))).status == 200
    assert await verify(tenant, "owner@example.com", OTHER, "")


async def lord(tenant: Tenant) -> str:
    """An application that may do everything."""
    told = ClientFields(name="Lord", app_type="non_interactive")
    client_id = (await clients.create(tenant, told, Actor())).client.client_id
    every = tuple(MANAGEMENT_SCOPES)
    grant = ClientGrant(
        tenant=tenant.id, id="cgr_lord", client_id=client_id, audience=MANAGEMENT, scopes=every
    )
    assert await tenant.change(Save(grant)) is None
    return client_id


@pytest.mark.parametrize("row", ABOVE, ids=lambda row: row.path)
async def test_nobody_becomes_a_machine_that_may_do_more(row: Row) -> None:
    """An editor changes nothing of an application of owners, whose secret would make them one."""
    owner, editor = await pair("Editor")
    client_id = await lord(owner.tenant)
    before = await clients.find(owner.tenant, client_id)
    path = row.path.replace("{client_id}", client_id).replace("{grant}", "cgr_lord")
    with pytest.raises(Refused, match=CLIENT_ABOVE.slug):
        await sends(editor, path.replace("{credential}", "cred_x"), name="x", typed="Lord", scope="")
    assert await clients.find(owner.tenant, client_id) == before
    assert await owner.tenant.store.record(ClientGrant, owner.tenant.id, "cgr_lord")


async def test_a_machine_that_may_do_more_is_not_told_off_at_its_api() -> None:
    """Neither are its scopes taken away where they are for: with fewer of them it would be an editor's."""
    owner, editor = await pair("Editor")
    client_id = await lord(owner.tenant)
    api = await powers.management(owner.tenant)
    for path, scope in ((f"/apis/{api.id}/machines/cgr_lord", "read:users"), (f"/apis/{'a' * 24}", "")):
        at = path if scope else f"{path}/new-machine/{client_id}"
        answer = await editor.post(
            at, {"csrf": str(shown(await editor.get("/users"))["csrf"]), "version": "1", "scope": scope}
        )
        assert answer.status == 403
    with pytest.raises(Refused, match=CLIENT_ABOVE.slug):
        await sends(editor, f"/apis/{api.id}/machines/cgr_lord/remove")
    client = await clients.find(owner.tenant, client_id)
    assert not await client_rules.is_within(owner.tenant, client, EDITORS)


async def test_the_address_of_the_next_owner_is_not_changed_underway() -> None:
    """Whoever had the address of an invited person could ask for another password once they are an owner."""
    owner, editor = await pair("Editor")
    invited = await owner.fills("/settings/members", email="next@example.com", rank="Owner")
    ticket = str(shown(invited)["link"]).partition("?ticket=")[2]
    there = await users.find(owner.tenant, "next@example.com")
    assert (await editor.fills(of(there), email="mine@example.com")).status == 303
    with pytest.raises(Refused, match=INVITATION_INVALID.slug):
        await invitations.accept(owner.tenant, ticket, OTHER, Actor())
    assert await powers.scopes_of(owner.tenant, await users.find(owner.tenant, there.id)) == frozenset()
    assert (await editor.fills(of(there), email="next@example.com")).status == 303
    await invitations.accept(owner.tenant, ticket, OTHER, Actor())


async def test_no_link_is_given_while_somebody_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to a password that an editor asks for in that very moment opens nothing afterwards."""
    owner = await at_desk()
    tenant, viewer = owner.tenant, (await another(owner.tenant, "Viewer")).user
    who, ends, links = Actor(scopes=frozenset(EDITORS)), users.end, list[str]()

    async def end_and_be_overtaken(whose: Tenant, user_id: str, later: float = 0) -> None:
        await ends(whose, user_id, later)
        if not links:
            clock = tenant.tools.clock
            assert isinstance(clock, Clock)
            clock.now += 1
            links.append(await invitations.invite(tenant, viewer.id, who))
            clock.now += 1

    monkeypatch.setattr(users, "end", end_and_be_overtaken)
    await members.change(tenant, viewer.id, "Owner", owner.actor_of(owner.user))
    assert powers.rank_of(await powers.scopes_of(tenant, await users.find(tenant, viewer.id))) == "Owner"
    (link,) = links
    with pytest.raises(Refused, match=INVITATION_INVALID.slug):
        await invitations.accept(tenant, link, OTHER, Actor())
    with pytest.raises(Refused, match=RANK_TOO_LOW.slug):
        await invitations.invite(tenant, viewer.id, who)


@pytest.mark.parametrize("way", ["password", "session", "deleted", "rank"])
async def test_an_open_dashboard_closes(way: str) -> None:
    """Another password, the end of the session, the end of the person: the next request has to sign in."""
    owner, editor = await pair("Editor")
    tenant, user = owner.tenant, editor.user
    assert (await editor.get("/users")).status == 200
    if way == "password":
        await users.set_password(tenant, user.id, PASSWORD, Actor())
    elif way == "session":
        begun = sessions.begin(user, ("pwd",), editor.browser.ask("/", {}), tenant).session
        await sessions.end(replace(begun, id=str(editor.console.owner.session)), tenant)
    elif way == "deleted":
        await users.delete(tenant, user.id, Actor())
    else:
        await members.change(tenant, user.id, "Owner", owner.actor_of(owner.user))
    assert (await editor.get("/users")).status == 303


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("PATCH /users/{owner}", {"blocked": True}),
        ("DELETE /users/{owner}", None),
        ("DELETE /users/{owner}/roles", {"roles": ["{rank}"]}),
    ],
    ids=str,
)
async def test_no_machine_takes_the_last_owner_away(line: str, body: object) -> None:
    """Not even one that may do everything: somebody has to be able to change the tenant."""
    owner = await at_desk()
    tenant, clock = owner.tenant, owner.tenant.tools.clock
    assert isinstance(clock, Clock)
    await users.set_password(tenant, owner.user.id, PASSWORD, Actor())
    rank = (await powers.roles_of_ranks(tenant))["Owner"]
    ids, machine = {"owner": quote(owner.user.user_id), "rank": rank.id}, Desk(tenant, clock)
    answer = await machine.ask(str(filled(line, ids)), filled(body, ids))
    assert (answer.status, machine.refused and machine.refused.reason) == (409, LAST_OWNER)
    assert [each.rank for each in await members.every(tenant)] == ["Owner"]
