"""Class 66: an administrator of the dashboard takes more of the administration than they were given."""

from collections.abc import Mapping
from urllib.parse import quote

import pytest

from sekisho.model.api import MANAGEMENT
from sekisho.model.artifact import Console
from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.pages.dashboard.row import Row
from sekisho.people import invitations, members, powers, roles, users
from sekisho.people.factors.password import verify
from sekisho.people.roles import RoleFields
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED, PASSWORD_WRONG, RANK_TOO_LOW, USER_UNKNOWN
from tests.dashboard.desk import AtDesk, another, at_desk, shown
from tests.visitor import person

PASSWORD, OTHER = "seven grey herons", "nine brown otters"
ABOUT_ONE = [row for row in ROWS if row.method == "POST" and row.path.startswith("/users/{user}")]
# Everything that a form about a user can say, and more.
SAID: Mapping[str, str] = {
    "nickname": "mine",
    "email": "mine@example.com",
    "password": PASSWORD,
    "way": "password",
    "decision": "block",
    "typed": "owner@example.com",
    "session": "all",
    "client": "web",
    "deed": "take",
    "role": "Owner",
}


def of(user: User) -> str:
    """The pages about somebody."""
    return f"/users/{quote(user.user_id, safe='')}"


async def pair(rank: str) -> tuple[AtDesk, AtDesk]:
    """An owner, and somebody of this rank who wants to be one."""
    owner = await at_desk()
    return owner, await another(owner.tenant, rank)


async def scopes(desk: AtDesk) -> frozenset[str]:
    """What somebody may do by now."""
    return await powers.scopes_of(desk.tenant, await users.find(desk.tenant, desk.user.id))


async def sends(desk: AtDesk, address: str, **told: str) -> None:
    """A form of their own browser, whatever the page would have offered."""
    csrf = str(shown(await desk.get("/users"))["csrf"])
    await desk.post(address, {"csrf": csrf, "version": "1", **told})


@pytest.mark.parametrize("row", ABOUT_ONE, ids=lambda row: row.path)
@pytest.mark.parametrize("by", ["user_id", "id"])
async def test_nobody_takes_over_who_may_do_more(row: Row, by: str) -> None:
    """Whatever an editor sends about an owner, by whichever id, is refused, and nothing of them changes."""
    owner, editor = await pair("Editor")
    before = await users.find(owner.tenant, owner.user.id)
    address = row.path.replace("{user}", quote(getattr(owner.user, by), safe=""))
    with pytest.raises(Refused, match=RANK_TOO_LOW.slug):
        await sends(editor, address, **SAID)
    assert await users.find(owner.tenant, owner.user.id) == before
    assert (await owner.get("/users")).status == 200
    with pytest.raises(Refused, match=PASSWORD_WRONG.slug):
        await verify(owner.tenant, "owner@example.com", PASSWORD, "")


async def test_the_guard_is_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an editor sets the password of an owner and is one."""
    owner, editor = await pair("Editor")

    async def nobody_asks(*_: object) -> None:
        """The rule, taken away."""

    monkeypatch.setattr(powers, "may_be_changed", nobody_asks)
    await sends(editor, f"{of(owner.user)}/password", way="password", password=PASSWORD)
    assert await verify(owner.tenant, "owner@example.com", PASSWORD, "")


async def test_nothing_of_it_is_offered() -> None:
    """The pages about an owner are locked for an editor, and say why."""
    owner, editor = await pair("Editor")
    for tab in ("", "/rights", "/sessions", "/applications", "/password", "/block", "/delete"):
        text = (await editor.text(f"{of(owner.user)}{tab}")).partition("<main")[2]
        assert "may do more in the dashboard than you" in text
        for id in ("save", "do", "give", "permit", "end-all", "to-password", "to-block", "to-delete"):
            assert f'id="{id}"' not in text, (tab, id)


async def test_equals_may_change_one_another() -> None:
    """An editor changes editors, viewers and everybody else: nothing is to be gained by that."""
    _, editor = await pair("Editor")
    viewer = await another(editor.tenant, "Viewer")
    for each in (viewer.user, person(), editor.user):
        assert (await editor.fills(of(each), nickname="x", email=each.email)).status == 303


@pytest.mark.parametrize("rank", ["Editor", "Viewer"])
@pytest.mark.parametrize("by", ["name", "id"])
@pytest.mark.parametrize("wanted", ["Owner", "Editor", "Viewer"])
async def test_nobody_gives_a_rank_as_a_role(rank: str, by: str, wanted: str) -> None:
    """Neither to themselves nor to somebody else, by whichever name of its role."""
    _, desk = await pair(rank)
    for each in powers.RANKS:
        await another(desk.tenant, each)
    role = (await powers.roles_of_ranks(desk.tenant))[wanted]
    had = await scopes(desk)
    for whose in (desk.user, person()):
        before = await users.find(desk.tenant, whose.id)
        told = {"deed": "give", "role": str(getattr(role, by))}
        if rank == "Viewer":
            with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
                await sends(desk, f"{of(whose)}/rights", **told)
        else:
            answer = await desk.fills(f"{of(whose)}/rights", **told)
            assert answer.status in (400, 403)
        assert await users.find(desk.tenant, whose.id) == before
    assert await scopes(desk) == had


async def test_a_role_that_carries_more_is_above_an_editor() -> None:
    """A role with scopes that an editor lacks is refused for that, whatever it is called."""
    _, editor = await pair("Editor")
    role = (await powers.roles_of_ranks(editor.tenant))["Owner"]
    with pytest.raises(Refused, match=RANK_TOO_LOW.slug):
        await powers.may_be_given(editor.tenant, role, await scopes(editor))


async def test_the_rule_about_roles_is_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an editor makes themselves an owner."""
    _, editor = await pair("Editor")

    async def nobody_asks(*_: object) -> None:
        """The rule, taken away."""

    def whatever(role: Role) -> Role:
        """The other one, too."""
        return role

    monkeypatch.setattr(powers, "may_be_given", nobody_asks)
    monkeypatch.setattr(roles, "is_ordinary", whatever)
    await sends(editor, f"{of(editor.user)}/rights", deed="give", role="Owner")
    assert powers.rank_of(await scopes(editor)) == "Owner"


@pytest.mark.parametrize("scope", MANAGEMENT_SCOPES)
async def test_nobody_administers_by_a_permission_of_their_own(scope: str) -> None:
    """A scope of the management API is no permission that is given to somebody, not even by an owner."""
    owner, editor = await pair("Editor")
    told = {"deed": "permit", "resource_server_identifier": MANAGEMENT, "permission_name": scope}
    for desk in (owner, editor):
        answer = await desk.fills(f"{of(editor.user)}/rights", **told)
        assert answer.status == 404
    assert (await users.find(owner.tenant, editor.user.id)).permissions == ()


async def test_no_role_becomes_one_of_administrators() -> None:
    """An ordinary role that somebody has never carries a scope of the management API, whoever asks."""
    owner, editor = await pair("Editor")
    role = await roles.create(owner.tenant, RoleFields(name="clerk"), owner.actor_of(owner.user))
    path = f"/users/roles/{role.id}"
    told = {"deed": "permit", "resource_server_identifier": MANAGEMENT, "permission_name": "update:users"}
    with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
        await sends(editor, f"{path}/permissions", **told)
    assert (await owner.fills(path, f"{path}/permissions", **told)).status == 404
    assert (await roles.find(owner.tenant, role.id)).permissions == ()


@pytest.mark.parametrize("name", ["roles", "permissions", "blocked", "user_id", "connection", "id", "logins"])
async def test_a_profile_says_no_more_than_its_fields(name: str) -> None:
    """What a form has beside its fields is not taken."""
    _, editor = await pair("Editor")
    role = (await powers.roles_of_ranks(editor.tenant))["Owner"]
    await editor.fills(of(editor.user), email="editor@example.com", nickname="x", **{name: role.id})
    after = await users.find(editor.tenant, editor.user.id)
    assert after.claims["nickname"] == "x"
    assert getattr(after, name) == getattr(editor.user, name)


async def test_an_account_prepared_for_the_next_owner_is_of_no_use() -> None:
    """An editor who makes the account of the next owner, and a link to it, has nothing of the invitation."""
    owner, editor = await pair("Editor")
    await editor.fills("/users/new", email="next@example.com", way="password", password=PASSWORD)
    there = await users.find(owner.tenant, "next@example.com")
    answer = await editor.fills(f"{of(there)}/password", way="link")
    trap = str(shown(answer)["link"]).partition("?ticket=")[2]
    invited = await owner.fills("/settings/members", email="next@example.com", rank="Owner")
    ticket = str(shown(invited)["link"]).partition("?ticket=")[2]
    assert await powers.scopes_of(owner.tenant, await users.find(owner.tenant, there.id)) == frozenset()
    await invitations.accept(owner.tenant, ticket, OTHER, owner.actor_of(there))
    assert [each.rank for each in await members.every(owner.tenant) if each.user.id == there.id] == ["Owner"]
    with pytest.raises(Refused):
        await invitations.accept(owner.tenant, trap, PASSWORD, editor.actor_of(editor.user))
    with pytest.raises(Refused) as caught:
        await verify(owner.tenant, "next@example.com", PASSWORD, "")
    assert caught.value.reason in (PASSWORD_WRONG, USER_UNKNOWN)
    # From here on the account is above the editor.
    with pytest.raises(Refused, match=RANK_TOO_LOW.slug):
        await sends(editor, f"{of(there)}/password", way="link")


async def test_a_trap_that_shuts_first_catches_no_owner() -> None:
    """Whoever opens the older link before the invitation is accepted ends that invitation with it."""
    owner, editor = await pair("Editor")
    await editor.fills("/users/new", email="next@example.com", way="link")
    there = await users.find(owner.tenant, "next@example.com")
    trap = str(shown(await editor.fills(f"{of(there)}/password", way="link"))["link"]).partition("?ticket=")[
        2
    ]
    invited = await owner.fills("/settings/members", email="next@example.com", rank="Owner")
    ticket = str(shown(invited)["link"]).partition("?ticket=")[2]
    await invitations.accept(owner.tenant, trap, PASSWORD, editor.actor_of(there))
    with pytest.raises(Refused):
        await invitations.accept(owner.tenant, ticket, OTHER, owner.actor_of(there))
    assert await powers.scopes_of(owner.tenant, await users.find(owner.tenant, there.id)) == frozenset()


async def test_rights_end_with_the_role_and_with_a_block() -> None:
    """At the next request, in a browser that still has everything that it had."""
    owner, editor = await pair("Editor")
    await sends(editor, "/users/new", username="first", way="link")
    await members.change(owner.tenant, editor.user.id, "", owner.actor_of(owner.user))
    with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
        await editor.get("/users")
    again = await another(owner.tenant, "Editor")
    assert (await again.get("/users")).status == 200
    await users.block(owner.tenant, again.user.id, owner.actor_of(owner.user))
    answer = await again.get("/users")
    assert answer.status == 303
    assert await owner.tenant.store.find(Console, again.console.owner, None, 9) == []
