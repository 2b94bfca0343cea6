"""Roles and permissions: of one user, and of the roles themselves."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from sekisho.model.api import MANAGEMENT
from sekisho.model.role import Role
from sekisho.model.user import User
from sekisho.pages.dashboard.fields import Form
from sekisho.people import assignments, powers, roles, users
from sekisho.people.permissions import PermissionFields
from sekisho.people.roles import RoleFields
from sekisho.spec.http import Answer
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED, ROLE_ABSENT, SYSTEM_ROLE
from tests.dashboard.desk import AtDesk, at_desk, shown, text_of
from tests.tenants import AUDIENCE
from tests.visitor import location, person

AYA = "/users/auth0%7Caya/rights"
READ = {"resource_server_identifier": AUDIENCE, "permission_name": "read:things"}
HOSTILE = "\"'&x"


async def clerk(desk: AtDesk, name: str = "clerk", *carries: str) -> Role:
    """A role that carries something of the API."""
    role = await roles.create(desk.tenant, RoleFields(name=name), desk.actor_of(desk.user))
    asked = [
        PermissionFields(permission_name=scope, resource_server_identifier=AUDIENCE) for scope in carries
    ]
    return await roles.permit(desk.tenant, role.id, asked, desk.actor_of(desk.user))


async def aya(desk: AtDesk) -> User:
    """The person as they are kept."""
    return await users.find(desk.tenant, person().id)


def context(answer: Answer) -> Mapping[str, Any]:
    """What a page was given to show."""
    return shown(answer)


def problems(answer: Answer, name: str = "form") -> dict[str, str]:
    """What is wrong, by field."""
    form = shown(answer)[name]
    assert isinstance(form, Form)
    return {field: problem.key for field, problem in form.problems.items()}


async def test_a_role_is_given_and_taken() -> None:
    """By its name or its id; the page says what comes with it, and from where."""
    desk = await at_desk("Editor")
    role = await clerk(desk, "clerk", "read:things")
    answer = await desk.fills(AYA, deed="give", role="clerk")
    assert location(answer).endswith(f"{AYA}?done=role_given")
    assert (await aya(desk)).roles == (role.id,)
    text = await desk.text(AYA)
    assert "<code>read:things</code>" in text
    assert f'/dashboard/users/roles/{role.id}"' in text
    answer = await desk.fills(AYA, deed="take", role=role.id)
    assert location(answer).endswith("?done=role_taken")
    assert (await aya(desk)).roles == ()
    assert [event.user for event in await desk.happened()][-2:] == [desk.user.user_id] * 2


async def test_a_permission_is_given_and_taken() -> None:
    """Beside those of roles, which stay."""
    desk = await at_desk("Editor")
    role = await clerk(desk, "clerk", "read:things")
    await assignments.assign(desk.tenant, person().id, [role.id], desk.actor_of(desk.user))
    answer = await desk.fills(AYA, deed="permit", **READ)
    assert location(answer).endswith("?done=permission_given")
    (row,) = context(await desk.get(AYA))["rows"]
    assert (row.scope, row.is_own, row.roles) == ("read:things", True, (role,))
    answer = await desk.fills(AYA, deed="forbid", **READ)
    assert location(answer).endswith("?done=permission_taken")
    (row,) = context(await desk.get(AYA))["rows"]
    assert (row.is_own, row.roles) == (False, (role,))


@pytest.mark.parametrize(
    ("told", "field", "why"),
    [
        ({"deed": "give", "role": "nobody"}, "role", "why.role_absent.title"),
        ({"deed": "give", "role": "\0"}, "role", "why.role_absent.title"),
        ({"deed": "give", "role": "Owner"}, "role", "why.system_role.title"),
        ({"deed": "take", "role": "Owner"}, "role", "why.system_role.title"),
        ({"deed": "permit"}, "resource_server_identifier", "why.api_absent.title"),
        (
            {"deed": "permit", **READ, "resource_server_identifier": "https://elsewhere.example"},
            "resource_server_identifier",
            "why.api_absent.title",
        ),
        (
            {"deed": "permit", "resource_server_identifier": MANAGEMENT, "permission_name": "read:users"},
            "resource_server_identifier",
            "why.api_absent.title",
        ),
        (
            {"deed": "permit", **READ, "permission_name": "no:things"},
            "permission_name",
            "invalid.not_one_of_the_known_values",
        ),
    ],
)
async def test_what_is_wrong_stands_at_its_field(told: dict[str, str], field: str, why: str) -> None:
    """Nothing is given, and what was typed is still there."""
    desk = await at_desk()
    before = await aya(desk)
    answer = await desk.fills(AYA, **told)
    assert 400 <= answer.status < 500
    assert problems(answer) == {field: why}
    assert await aya(desk) == before
    assert 'lang="en"' not in text_of(answer, desk.tenant, "ja").partition("<main")[2]


async def test_what_is_no_deed_does_nothing() -> None:
    """There are four things to do here."""
    desk = await at_desk()
    with pytest.raises(Refused, match=NOT_FOUND.slug):
        await desk.fills(AYA, deed="crown", role="Owner")


async def test_a_rank_is_shown_and_left_to_members() -> None:
    """It is not offered, and its permissions are not listed one by one."""
    desk = await at_desk()
    await clerk(desk)
    address = f"/users/{quote(desk.user.user_id, safe='')}/rights"
    seen = context(await desk.get(address))
    assert [is_rank for _, is_rank in seen["held"]] == [True]
    assert seen["rows"] == []
    assert [role.name for role in seen["offered"]] == ["clerk"]
    assert 'href="/dashboard/settings/members"' in await desk.text(address)


async def test_a_viewer_is_offered_nothing() -> None:
    """Neither forms nor buttons."""
    desk = await at_desk("Viewer")
    role = await clerk(desk, "clerk", "read:things")
    await assignments.assign(desk.tenant, person().id, [role.id], desk.actor_of(desk.user))
    for path in (AYA, "/users/roles", f"/users/roles/{role.id}"):
        assert 'method="post"' not in (await desk.text(path)).replace(
            f'<form class="gap" method="post" action="/dashboard/users/roles/{role.id}">', ""
        )
    assert context(await desk.get(f"/users/roles/{role.id}"))["form"].locked


async def test_a_role_is_created_and_carries_something() -> None:
    """It is empty at first; permissions come and go, and everybody who has it follows."""
    desk = await at_desk()
    assert "No roles yet" not in await desk.text("/users/roles")
    answer = await desk.fills("/users/roles/new", name="clerk", description="Reads")
    path = location(answer).partition("/dashboard")[2].partition("?")[0]
    role = await roles.find(desk.tenant, path.rpartition("/")[2])
    assert (role.name, role.description, role.permissions) == ("clerk", "Reads", ())
    answer = await desk.fills(path, f"{path}/permissions", deed="permit", **READ)
    assert location(answer).endswith("?done=role_permitted")
    assert "<code>read:things</code>" in await desk.text(path)
    answer = await desk.fills(path, f"{path}/permissions", deed="forbid", **READ)
    assert location(answer).endswith("?done=role_forbidden")
    assert (await roles.find(desk.tenant, role.id)).permissions == ()
    answer = await desk.fills(path, name="scribe", description="")
    assert location(answer).endswith("?done=saved")
    changed = await roles.find(desk.tenant, role.id)
    assert (changed.name, changed.description) == ("scribe", "")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("x" * 51, {"name": "invalid.expected_str_of_length_at_most"}),
        ("<b>", {"name": "invalid.must_not_be_blank_or_contain_or_or_control_characters"}),
        ("clerk", {"name": "invalid.name_taken"}),
    ],
)
async def test_a_role_needs_a_name_of_its_own(name: str, wrong: dict[str, str]) -> None:
    """What is wrong with a name is said beside it, for a new role and for one that is there."""
    desk = await at_desk()
    await clerk(desk)
    other = await clerk(desk, "other")
    for address in ("/users/roles/new", f"/users/roles/{other.id}"):
        answer = await desk.fills(address, name=name)
        assert 400 <= answer.status < 500
        assert problems(answer) == wrong, address
        assert 'lang="en"' not in text_of(answer, desk.tenant, "ja").partition("<main")[2]
    assert await desk.tenant.store.count(Role, desk.tenant.id, {}) == 3


async def test_a_role_has_a_name() -> None:
    """Without one nothing is made and nothing is changed."""
    desk = await at_desk()
    role = await clerk(desk)
    for address in ("/users/roles/new", f"/users/roles/{role.id}"):
        assert problems(await desk.fills(address, name=" ")).keys() == {"name"}
    assert await roles.find(desk.tenant, role.id) == role


async def test_a_role_carries_only_what_is_there() -> None:
    """What is wrong with a permission is said beside it."""
    desk = await at_desk()
    path = f"/users/roles/{(await clerk(desk)).id}"
    more = {"deed": "permit", **READ}
    answer = await desk.fills(path, f"{path}/permissions", **{**more, "permission_name": "x"})
    assert problems(answer, "more") == {"permission_name": "invalid.not_one_of_the_known_values"}
    answer = await desk.fills(
        path, f"{path}/permissions", **{**more, "resource_server_identifier": MANAGEMENT}
    )
    assert problems(answer, "more") == {"resource_server_identifier": "why.api_absent.title"}
    assert (await desk.get(f"{path}/permissions")).status == 200


async def test_a_role_is_deleted_with_its_name_typed() -> None:
    """The page says how many lose it; without the name nothing happens."""
    desk = await at_desk()
    role = await clerk(desk)
    path = f"/users/roles/{role.id}/delete"
    await assignments.assign(desk.tenant, person().id, [role.id], desk.actor_of(desk.user))
    assert shown(await desk.get(path))["members"] == 1
    answer = await desk.fills(path, typed="clerc")
    assert problems(answer) == {"typed": "dash.not_its_name"}
    assert await roles.find(desk.tenant, role.id)
    answer = await desk.fills(path, typed="clerk")
    assert location(answer).endswith("/users/roles?done=role_deleted")
    with pytest.raises(Refused, match=ROLE_ABSENT.slug):
        await desk.get(f"/users/roles/{role.id}")


async def test_the_role_of_a_rank_is_locked() -> None:
    """It is shown, with the way to the members; nothing about it is changed here, whatever is sent."""
    desk = await at_desk()
    role = (await powers.roles_of_ranks(desk.tenant))["Owner"]
    path = f"/users/roles/{role.id}"
    assert context(await desk.get(path))["form"].locked
    text = await desk.text(path)
    assert 'id="save"' not in text
    assert f"{path}/delete" not in text
    assert 'href="/dashboard/settings/members"' in text
    answer = await desk.fills(path, name="King")
    assert problems(answer) == {"": "why.system_role.title"}
    for address, told in (
        (f"{path}/permissions", {"deed": "permit", **READ}),
        (f"{path}/permissions", {"deed": "forbid", **READ, "resource_server_identifier": "x"}),
        (f"{path}/delete", {"typed": "Owner"}),
    ):
        with pytest.raises(Refused, match=SYSTEM_ROLE.slug):
            await desk.fills(path, address, **told)
    assert await roles.find(desk.tenant, role.id) == role


@pytest.mark.parametrize("rank", ["Editor", "Viewer"])
async def test_roles_are_made_by_owners(rank: str) -> None:
    """Everybody else looks at them."""
    desk = await at_desk(rank)
    role = await clerk(desk)
    with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
        await desk.get("/users/roles/new")
    for address in ("", "/permissions", "/delete"):
        path = f"/users/roles/{role.id}{address}"
        with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
            await desk.fills(f"/users/roles/{role.id}", path, name="x", typed="clerk", deed="permit", **READ)
    assert await roles.find(desk.tenant, role.id) == role


async def test_names_of_roles_are_text() -> None:
    """A name is shown as letters."""
    desk = await at_desk()
    role = await clerk(desk, HOSTILE)
    for path in ("/users/roles", f"/users/roles/{role.id}", f"/users/roles/{role.id}/delete", AYA):
        text = await desk.text(path)
        assert "&#34;&#39;&amp;x" in text
        assert HOSTILE not in text
