"""Users: the list and its search, a new one, what is said about one, what is typed wrongly."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from sekisho.model.connection import DATABASE
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.pages.dashboard.fields import Form
from sekisho.people import assignments, invitations, roles, users
from sekisho.people.factors.password import verify
from sekisho.people.roles import RoleFields
from sekisho.people.user_fields import UserFields
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED, ROLE_ABSENT, USER_ABSENT
from tests.dashboard.desk import AtDesk, at_desk, shown, text_of
from tests.visitor import location, person

AYA = "/users/auth0%7Caya"
HOSTILE = "<script>alert(1)</script>\"'>&"
PASSWORD = "seven grey herons"


def form_of(answer: Answer) -> Form:
    """The form that a page shows."""
    form = shown(answer)["form"]
    assert isinstance(form, Form)
    return form


def context(answer: Answer) -> Mapping[str, Any]:
    """What a page was given to show."""
    return shown(answer)


def problems(answer: Answer) -> dict[str, str]:
    """What is wrong, by field."""
    return {name: problem.key for name, problem in form_of(answer).problems.items()}


async def aya(desk: AtDesk) -> User:
    """The person as they are kept."""
    return await users.find(desk.tenant, person().id)


async def filled(desk: AtDesk, **more: str) -> Answer:
    """The profile as a browser sends it, otherwise as told."""
    form = form_of(await desk.get(AYA))
    told = {name: form.text(name) for name, value in form.values.items() if not isinstance(value, bool)}
    ticked = {name: "on" for name, value in form.values.items() if value is True}
    return await desk.fills(AYA, "", **{**told, **ticked, **more})


async def crowd(desk: AtDesk, many: int) -> None:
    """So many people more."""
    for n in range(many):
        told = person(
            id=f"66666666-6666-4666-8666-{n:012d}",
            user_id=f"auth0|p{n:03d}",
            logins=(f"person{n:03d}@example.com",),
            claims={"email": f"person{n:03d}@example.com"},
        )
        assert await desk.tenant.change(Save(told)) is None


def found(answer: Answer) -> list[str]:
    """The login names of a list."""
    rows = shown(answer)["rows"]
    assert isinstance(rows, list)
    return [face.label for face, _ in rows]


async def test_everybody_is_listed_stretch_by_stretch() -> None:
    """25 at a time, with the way on and back to the first, and how many there are in all."""
    desk = await at_desk("Viewer")
    await crowd(desk, 60)
    seen: list[str] = []
    address, first = "/users", ""
    for many in (25, 25, 12):
        answer = await desk.get(address)
        stretch = context(answer)["stretch"]
        assert stretch.total == 62
        assert len(found(answer)) == many
        seen += found(answer)
        address, first = f"/users{stretch.next}", stretch.first
    assert address == "/users"
    assert len(set(seen)) == 62
    assert first == "?"


@pytest.mark.parametrize(
    ("sought", "names"),
    [
        ("person00", [f"person00{n}@example.com" for n in range(10)]),
        ("PERSON01", [f"person01{n}@example.com" for n in range(10)]),
        ("person011@example.com", ["person011@example.com"]),
        ("auth0|p011", ["person011@example.com"]),
        ("66666666-6666-4666-8666-000000000011", ["person011@example.com"]),
        ("kim", ["kim", "kimono@example.com"]),
        ("ki", []),
        ("auth0|nobody", []),
        ("erson", []),
        ("%_", []),
        ("nobody at all, by any name", []),
        ("\0\0", None),
    ],
)
async def test_somebody_is_found(sought: str, names: list[str] | None) -> None:
    """By a whole name or id, or by how an address begins; by nothing else."""
    desk = await at_desk()
    await crowd(desk, 30)
    for told in (UserFields(username="kim"), UserFields(email="kimono@example.com")):
        await users.create(desk.tenant, replace(told, connection=DATABASE), desk.actor_of(desk.user))
    answer = await desk.get(f"/users?q={quote(sought, safe='')}")
    if names is None:
        assert len(found(answer)) == 25
        return
    assert found(answer) == names
    if not names:
        assert "No user matches" in await desk.text(f"/users?q={quote(sought, safe='')}")


async def test_those_of_a_role_are_listed() -> None:
    """The page of a role leads to them; a role that is none has nobody."""
    desk = await at_desk()
    role = await roles.create(desk.tenant, RoleFields(name="clerk"), desk.actor_of(desk.user))
    assert found(await desk.get(f"/users?role={role.id}")) == []
    assert "Nobody has this role" in await desk.text(f"/users?role={role.id}")
    await assignments.assign(desk.tenant, person().id, [role.id], desk.actor_of(desk.user))
    assert found(await desk.get(f"/users?role={role.id}")) == ["aya@example.com"]
    with pytest.raises(Refused, match=ROLE_ABSENT.slug):
        await desk.get("/users?role=rol_0000000000000000")


async def test_names_that_others_chose_are_text() -> None:
    """Whatever somebody calls themselves is shown as letters, on every page about them."""
    desk = await at_desk()
    told = {"email": "aya@example.com", "name": HOSTILE, "nickname": HOSTILE}
    assert await desk.tenant.change(Save(replace(await aya(desk), claims=told))) is None
    for path in ("/users", AYA, *(f"{AYA}/{tab}" for tab in ("rights", "sessions", "delete"))):
        text = await desk.text(path)
        assert "<script>alert" not in text, path
    assert "&lt;script&gt;" in await desk.text("/users")


async def test_a_user_is_created_with_a_link() -> None:
    """The link is on the answer and nowhere else; whoever opens it chooses the password."""
    desk = await at_desk("Editor")
    answer = await desk.fills("/users/new", email="New@Example.com", name="New", way="link")
    assert answer.status == 200
    assert ("cache-control", "no-store") in answer.headers
    link = str(shown(answer)["link"])
    ticket = link.partition("?ticket=")[2]
    assert ticket in text_of(answer, desk.tenant)
    user = await users.find(desk.tenant, "new@example.com")
    assert user.claims == {"email": "new@example.com", "email_verified": False, "name": "New"}
    accepted = await invitations.accept(desk.tenant, ticket, PASSWORD, desk.actor_of(user))
    assert accepted.id == user.id
    assert ticket not in str(await desk.happened())
    assert ticket not in await desk.text(f"/users/{quote(user.user_id, safe='')}")


async def test_a_user_is_created_with_a_password() -> None:
    """It is typed here, and in no page and no audit."""
    desk = await at_desk()
    answer = await desk.fills("/users/new", username="kim", way="password", password=PASSWORD)
    user = await users.find(desk.tenant, "kim")
    assert location(answer).endswith(f"/users/{quote(user.user_id, safe='')}?done=user_created")
    assert await verify(desk.tenant, "kim", PASSWORD, "")
    assert PASSWORD not in str(await desk.happened())


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"email": "aya@example.com"}, {"email": "invalid.login_taken"}),
        ({"username": "a b"}, {"username": "invalid.login_malformed"}),
        ({"email": "a b@example.com"}, {"email": "invalid.login_malformed"}),
        ({}, {"email": "invalid.a_user_has_an_email_or_a_username"}),
        ({"email": "x"}, {"email": "invalid.expected_str_matching_regex"}),
        ({"username": "kim", "way": "password", "password": "kurz"}, {"password": "password.short"}),
        ({"username": "kim", "way": "password"}, {"password": "password.short"}),
        ({"username": "kim", "way": "password", "password": "password1"}, {"password": "password.guessable"}),
        (
            {"name": "Kimberley", "username": "kim", "way": "password", "password": "kimberley"},
            {"password": "password.personal"},
        ),
        ({"username": "kim", "way": "password", "password": "x" * 999}, {"password": "password.malformed"}),
    ],
)
async def test_what_is_wrong_stands_at_its_field(told: dict[str, str], wrong: dict[str, str]) -> None:
    """The form comes back as it was sent, but for the password, and nobody is made."""
    desk = await at_desk()
    answer = await desk.fills("/users/new", **told)
    assert 400 <= answer.status < 500
    assert problems(answer) == wrong
    assert form_of(answer).text("username") == told.get("username", "")
    for language in ("en", "ja"):
        text = text_of(answer, desk.tenant, language)
        assert told.get("password", "no such text") not in text
        assert 'lang="en"' not in text.partition("<main")[2]
    assert (await desk.tenant.store.count(User, desk.tenant.id, {})) == 2


async def test_a_profile_is_shown_and_saved() -> None:
    """What is changed is changed, and what nobody touched stays as it was said."""
    desk = await at_desk("Editor")
    before = await aya(desk)
    answer = await filled(
        desk,
        **{"nickname": "Ay", "locale": "ja-JP", "address.country": "Japan", "address.region": "Kyoto"},
        user_metadata='{"colour": "red",\r\n "deep": {"a": [1]}}',
        phone_number_verified="on",
    )
    assert location(answer).endswith(f"{AYA}?done=saved")
    after = await aya(desk)
    assert after.claims == {
        **before.claims,
        "nickname": "Ay",
        "locale": "ja-JP",
        "address": {"country": "Japan", "region": "Kyoto"},
        "phone_number_verified": True,
    }
    assert after.user_metadata == {"colour": "red", "deep": {"a": [1]}}
    assert (await filled(desk)).status == 303
    assert (await aya(desk)).version == after.version


async def test_what_is_emptied_is_gone() -> None:
    """An empty field takes a value away; members of metadata go with their names."""
    desk = await at_desk()
    await filled(desk, **{"address.country": "Japan"}, app_metadata='{"a": 1, "b": 2}', nickname="Ay")
    await filled(desk, **{"address.country": ""}, app_metadata='{"b": 3}', nickname=" ")
    after = await aya(desk)
    assert "address" not in after.claims
    assert "nickname" not in after.claims
    assert after.app_metadata == {"b": 3}
    await filled(desk, app_metadata="")
    assert (await aya(desk)).app_metadata == {}


async def test_a_new_address_is_not_verified() -> None:
    """The switch stays as it was sent, and the new address has to be verified again."""
    desk = await at_desk()
    assert (await aya(desk)).claims["email_verified"] is True
    await filled(desk, email="aya2@example.com")
    assert (await aya(desk)).claims["email_verified"] is False


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"email": "owner@example.com"}, {"email": "invalid.login_taken"}),
        ({"username": "owner@example.com"}, {"username": "invalid.expected_str_matching_regex"}),
        ({"username": "a|b"}, {"username": "invalid.login_malformed"}),
        ({"email": "a@example.com", "username": "a"}, {"": "why.identities_many.title"}),
        ({"phone_number": "030"}, {"phone_number": "invalid.expected_str_matching_regex"}),
        ({"picture": "javascript:alert(1)"}, {"picture": "invalid.expected_str_matching_regex"}),
        ({"user_metadata": "[1]"}, {"user_metadata": "invalid.has_to_be_a_json_object"}),
        ({"app_metadata": "{"}, {"app_metadata": "invalid.has_to_be_a_json_object"}),
        ({"app_metadata": '{"a": "%s"}' % ("x" * 17_000)}, {"app_metadata": "invalid.more_than_bytes"}),
        ({"address.country": "x" * 501}, {"address.country": "invalid.expected_str_of_length_at_most"}),
    ],
)
async def test_what_is_wrong_with_a_profile_stands_at_its_field(
    told: dict[str, str], wrong: dict[str, str]
) -> None:
    """Nothing is changed, and what was typed is still there."""
    desk = await at_desk()
    before = await aya(desk)
    answer = await filled(desk, **told)
    assert 400 <= answer.status < 500
    assert problems(answer) == wrong
    for name, value in told.items():
        assert form_of(answer).text(name) == value
    assert await aya(desk) == before
    assert 'lang="en"' not in text_of(answer, desk.tenant, "ja").partition("<main")[2]


async def test_somebody_else_was_faster() -> None:
    """Both values are shown, nothing is lost, and the next try puts the own one in its place."""
    desk = await at_desk()
    form = form_of(await desk.get(AYA))
    csrf = str(shown(await desk.get(AYA))["csrf"])
    told = {name: form.text(name) for name, value in form.values.items() if not isinstance(value, bool)}
    await users.change(desk.tenant, person().id, UserFields(nickname="First"), desk.actor_of(desk.user))
    late = {**told, "email_verified": "on", "nickname": "Second", "csrf": csrf, "version": str(form.version)}
    answer = await desk.post(AYA, late)
    assert answer.status == 412
    assert form_of(answer).now["nickname"] == "First"
    assert (await aya(desk)).claims["nickname"] == "First"
    again = await desk.post(AYA, {**late, "version": str(form_of(answer).version)})
    assert again.status == 303
    assert (await aya(desk)).claims["nickname"] == "Second"


async def test_what_somebody_did_last_is_shown() -> None:
    """The latest five events of this person, and the way to all of them."""
    desk = await at_desk()
    owner = f"/users/{quote(desk.user.user_id, safe='')}"
    assert shown(await desk.get(owner))["events"] == []
    for n in range(7):
        await desk.fills("/users/new", username=f"kim{n}", way="link")
    seen = shown(await desk.get(owner))["events"]
    assert isinstance(seen, list)
    assert [event.slug for event in seen] == ["user_invited", "user_created"] * 2 + ["user_invited"]
    assert f"/dashboard/activity?user={quote(desk.user.user_id, safe='')}" in await desk.text(owner)


async def test_a_viewer_looks_on() -> None:
    """Fields are locked, and what a viewer may not do is not offered."""
    desk = await at_desk("Viewer")
    text = await desk.text(AYA)
    assert form_of(await desk.get(AYA)).locked
    for id in ("save", "to-password", "to-block", "to-delete"):
        assert f'id="{id}"' not in text
    assert "/users/new" not in await desk.text("/users")
    for tab in ("password", "block", "delete"):
        text = (await desk.text(f"{AYA}/{tab}")).partition("<main")[2]
        assert "<button class" not in text.replace('<button class="btn ghost sm icon cp"', "")
    with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
        await desk.get("/users/new")


@pytest.mark.parametrize("name", ["aya@example.com", "aya", "auth0|nobody", "x", "4" * 36])
async def test_a_person_is_meant_by_an_id(name: str) -> None:
    """A login name passes from one person to another, so no address has one."""
    desk = await at_desk()
    for tab in ("", "/rights", "/sessions", "/applications", "/password", "/block", "/delete"):
        with pytest.raises(Refused, match=USER_ABSENT.slug):
            await desk.get(f"/users/{quote(name, safe='')}{tab}")
    assert (await desk.get(f"/users/{person().id}")).status == 200
