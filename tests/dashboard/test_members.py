"""Settings, Members: who administers the tenant, invited, ranked anew, removed; owners only."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from sekisho.model.password import Password
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.pages.dashboard.administrator import RECENT
from sekisho.pages.dashboard.fields import Form
from sekisho.people import invitations, members, users
from sekisho.spec.http import Answer
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED, INVITATION_INVALID, USER_ABSENT
from tests.dashboard.desk import AtDesk, another, at_desk, shown, text_of
from tests.tenants import Clock
from tests.visitor import location, person

PATH = "/settings/members"
PASSWORD = "seven grey herons"


def of(user: User) -> str:
    """The page of a member."""
    return f"{PATH}/{quote(user.user_id, safe='')}"


def context(answer: Answer) -> Mapping[str, Any]:
    """What a page was given to show."""
    return shown(answer)


def problems(answer: Answer) -> dict[str, str]:
    """What is wrong, by field."""
    form = shown(answer)["form"]
    assert isinstance(form, Form)
    return {name: problem.key for name, problem in form.problems.items()}


async def ranks(desk: AtDesk) -> dict[str, str]:
    """Who has which rank."""
    return {each.user.email: each.rank for each in await members.every(desk.tenant)}


async def can_sign_in(desk: AtDesk) -> None:
    """They have a password, so that they count as somebody who can come in."""
    kept = Password(tenant=desk.tenant.id, id=desk.user.id, hash="x", changed_at=0)
    assert await desk.tenant.change(Save(kept)) is None


async def test_members_are_listed_by_rank() -> None:
    """From the highest to the lowest, and one is told who of them one is."""
    desk = await at_desk()
    for rank in ("Viewer", "Editor"):
        await another(desk.tenant, rank)
    rows = context(await desk.get(PATH))["rows"]
    assert [(face.label, each.rank, you) for face, each, you in rows] == [
        ("owner@example.com", "Owner", True),
        ("editor@example.com", "Editor", False),
        ("viewer@example.com", "Viewer", False),
    ]
    assert "aya@example.com" not in await desk.text(PATH)


async def test_a_member_is_invited() -> None:
    """The link is on the answer and nowhere else; the rank comes with the password that is chosen there."""
    desk = await at_desk()
    answer = await desk.fills(PATH, email="New@Example.com", rank="Editor")
    assert (answer.status, ("cache-control", "no-store") in answer.headers) == (200, True)
    ticket = str(shown(answer)["link"]).partition("?ticket=")[2]
    assert ticket in text_of(answer, desk.tenant)
    assert await ranks(desk) == {"owner@example.com": "Owner"}
    text = await desk.text(PATH)
    assert "new@example.com" in text
    assert "Open until" in text
    assert ticket not in text
    assert ticket not in str(await desk.happened())
    await invitations.accept(desk.tenant, ticket, PASSWORD, desk.actor_of(desk.user))
    assert (await ranks(desk))["new@example.com"] == "Editor"
    assert "Open until" not in await desk.text(PATH)


async def test_an_invitation_is_withdrawn() -> None:
    """The link is good for nothing from then on."""
    desk = await at_desk()
    ticket = str(shown(await desk.fills(PATH, email="new@example.com", rank="Owner"))["link"])
    user = await users.find(desk.tenant, "new@example.com")
    answer = await desk.fills(PATH, f"{PATH}/withdraw", user=user.user_id)
    assert location(answer).endswith(f"{PATH}?done=invitation_withdrawn")
    with pytest.raises(Refused, match=INVITATION_INVALID.slug):
        await invitations.find(desk.tenant, ticket.partition("?ticket=")[2])
    assert (await desk.fills(PATH, f"{PATH}/withdraw", user="new@example.com")).status == 303


@pytest.mark.parametrize(
    ("email", "rank", "wrong"),
    [
        ("", "Viewer", {"email": "invalid.email_malformed"}),
        ("a b", "Viewer", {"email": "invalid.email_malformed"}),
        ("owner@example.com", "Viewer", {"email": "invalid.member_already"}),
        ("new@example.com", "", {"rank": "invalid.not_one_of_the_known_values"}),
        ("new@example.com", "King", {"rank": "invalid.not_one_of_the_known_values"}),
        ("new@example.com", "none", {"rank": "invalid.not_one_of_the_known_values"}),
    ],
)
async def test_what_is_wrong_stands_at_its_field(email: str, rank: str, wrong: dict[str, str]) -> None:
    """Nobody is invited, and nobody is made."""
    desk = await at_desk()
    answer = await desk.fills(PATH, email=email, rank=rank)
    assert 400 <= answer.status < 500
    assert problems(answer) == wrong
    assert await members.invited(desk.tenant) == []
    assert 'lang="en"' not in text_of(answer, desk.tenant, "ja").partition("<main")[2]


async def test_a_rank_is_changed_and_taken_at_the_next_request() -> None:
    """What somebody could do a moment ago is refused; without a rank nothing is shown any more."""
    desk = await at_desk()
    editor = await another(desk.tenant, "Editor")
    csrf = str(shown(await editor.get("/users/new"))["csrf"])
    answer = await desk.fills(of(editor.user), rank="Viewer")
    assert location(answer).endswith(f"{PATH}?done=member_changed")
    assert (await editor.get("/users")).status == 200
    with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
        await editor.post("/users/new", {"csrf": csrf, "username": "kim", "way": "link"})
    answer = await desk.fills(of(editor.user), rank="none")
    assert location(answer).endswith(f"{PATH}?done=member_removed")
    with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
        await editor.get("/users")
    with pytest.raises(Refused, match=USER_ABSENT.slug):
        await desk.get(of(editor.user))
    assert await users.find(desk.tenant, editor.user.id)


async def test_who_rises_signs_in_again() -> None:
    """A higher rank begins with a sign-in: what is open in some browser has none of it."""
    clock = Clock()
    desk = await at_desk("Owner", clock)
    viewer = await another(desk.tenant, "Viewer")
    clock.now += 1
    await desk.fills(of(viewer.user), rank="Owner")
    assert (await ranks(desk))["viewer@example.com"] == "Owner"
    assert "/authorize?" in location(await viewer.get("/users"))


async def test_the_last_owner_stays() -> None:
    """The page says whose rank it is; the change is refused until somebody else could take over."""
    desk = await at_desk()
    await can_sign_in(desk)
    assert "This is you" in await desk.text(of(desk.user))
    for rank in ("Editor", "Viewer", "none"):
        answer = await desk.fills(of(desk.user), rank=rank)
        assert answer.status == 409
        assert problems(answer) == {"": "why.last_owner.title"}
    with pytest.raises(Refused, match=MISSING_PARAMETER.slug):
        await desk.fills(of(desk.user))
    answer = await desk.fills(of(desk.user), rank="King")
    assert problems(answer) == {"rank": "invalid.not_one_of_the_known_values"}
    assert await ranks(desk) == {"owner@example.com": "Owner"}


@pytest.mark.parametrize("rank", ["Editor", "Viewer"])
async def test_members_are_the_owners_matter(rank: str) -> None:
    """Everybody else sees the list and no form, and is refused whatever they send."""
    desk = await at_desk()
    other = await another(desk.tenant, rank)
    text = (await other.text(PATH)).partition("<main")[2]
    assert "Only owners change who administers the tenant" in text
    assert 'method="post"' not in text
    assert 'id="do"' not in await other.text(of(desk.user))
    before = await ranks(desk)
    for address, told in (
        (PATH, {"email": "new@example.com", "rank": "Owner"}),
        (of(other.user), {"rank": "Owner"}),
        (of(desk.user), {"rank": "none"}),
        (f"{PATH}/withdraw", {"user": desk.user.user_id}),
    ):
        with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
            await other.fills(PATH, address, **told)
    assert await ranks(desk) == before
    assert await members.invited(desk.tenant) == []


async def test_members_need_a_recent_sign_in() -> None:
    """After ten minutes whoever sits here proves first who they are."""
    clock = Clock()
    desk = await at_desk("Owner", clock)
    viewer = await another(desk.tenant, "Viewer")
    csrf = str(shown(await desk.get(PATH))["csrf"])
    clock.now += RECENT + 1
    for address, told in ((PATH, {"email": "new@example.com"}), (of(viewer.user), {})):
        answer = await desk.post(address, {"csrf": csrf, "rank": "Owner", **told})
        assert "/authorize?" in location(answer)
    assert (await ranks(desk))["viewer@example.com"] == "Viewer"


async def test_who_is_no_member_has_no_page_here() -> None:
    """A rank is given by invitation alone."""
    desk = await at_desk()
    with pytest.raises(Refused, match=USER_ABSENT.slug):
        await desk.get(of(person()))
    with pytest.raises(Refused, match=USER_ABSENT.slug):
        await desk.fills(PATH, of(person()), rank="Owner")
    assert (await users.find(desk.tenant, person().id)).roles == ()
