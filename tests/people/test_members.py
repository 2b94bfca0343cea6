"""Members: invited with a rank, ranked anew, removed; the last owner stays."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sekisho.change.actor import Actor
from sekisho.model.artifact import Invitation, Session
from sekisho.model.role import Role
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.people import administrators, assignments, invitations, members, powers, roles, users
from sekisho.people.factors.password import verify
from sekisho.people.roles import RoleFields
from sekisho.people.user_fields import UserFields
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.registry.system_apis import system
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS, BODY_INVALID
from sekisho.spec.refusals.people import (
    INVITATION_INVALID,
    LAST_OWNER,
    LOGIN_MALFORMED,
    RANK_TOO_LOW,
    SYSTEM_ROLE,
    USER_ABSENT,
)
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.people.folk import ADDRESS, ADMIN, OTHER, PASSWORD, later, somebody, town
from tests.tenants import NOW, TENANT

BOB = "bob@example.com"


async def realm() -> Tenant:
    """A town with a management API."""
    tenant = await town()
    assert await tenant.change(Save(system(TENANT, NOW))) is None
    return tenant


async def owner(tenant: Tenant, email: str = "owner@example.com") -> User:
    """An owner who can sign in."""
    user = await administrators.appoint(tenant, email, ADMIN)
    return await users.set_password(tenant, user.id, PASSWORD, ADMIN)


async def ranks(tenant: Tenant) -> dict[str, str]:
    """Who has which rank."""
    return {each.user.email: each.rank for each in await members.every(tenant)}


async def refusal(doing: Any) -> Reason:
    """Why something is refused."""
    with pytest.raises(Refused) as caught:
        await doing
    return caught.value.reason


async def test_a_member_is_one_once_the_link_was_opened():
    """The rank comes with the password that is chosen through the link, and not before."""
    tenant = await realm()
    user, ticket = await members.invite(tenant, "Bob@Example.com", "Editor", ADMIN)
    assert await ranks(tenant) == {}
    (waiting,) = await members.invited(tenant)
    assert (waiting.user, waiting.owner.user) == (user.id, user.user_id)
    await invitations.accept(tenant, ticket, OTHER, ADMIN)
    assert await ranks(tenant) == {BOB: "Editor"}
    assert await members.invited(tenant) == []
    assert await verify(tenant, BOB, OTHER, ADDRESS)
    scopes = await powers.scopes_of(tenant, await users.find(tenant, user.id))
    assert powers.rank_of(scopes) == "Editor"
    noted = {event.slug: event for event in await tenant.store.events(tenant.id, {}, Window())}
    assert noted["user_invited"].detail["names"] == list(waiting.roles)
    assert noted["invitation_accepted"].detail["names"] == list(waiting.roles)


async def test_an_account_that_somebody_else_made_is_no_member():
    """Whoever made the account of an address, or knows its password, has nothing of the invitation."""
    tenant = await realm()
    squatter = await somebody(tenant, email=BOB)
    before = await invitations.invite(tenant, squatter.id, ADMIN)
    _, ticket = await members.invite(tenant, BOB, "Owner", ADMIN)
    assert await verify(tenant, BOB, PASSWORD, ADDRESS)
    assert await ranks(tenant) == {}
    await invitations.accept(tenant, ticket, OTHER, ADMIN)
    assert await ranks(tenant) == {BOB: "Owner"}
    # What was there before is good for nothing.
    assert await refusal(verify(tenant, BOB, PASSWORD, ADDRESS)) is not None
    assert await refusal(invitations.accept(tenant, before, PASSWORD, ADMIN)) is INVITATION_INVALID


async def test_another_password_in_between_ends_the_invitation():
    """Whoever takes the account over first takes an account without a rank."""
    tenant = await realm()
    user = await somebody(tenant, email=BOB)
    _, ticket = await members.invite(tenant, BOB, "Owner", ADMIN)
    await users.set_password(tenant, user.id, OTHER, ADMIN)
    assert await refusal(invitations.accept(tenant, ticket, PASSWORD, ADMIN)) is INVITATION_INVALID
    assert await ranks(tenant) == {}


async def test_whose_link_is_over_gets_another():
    """A member can be let in again; the link sets a password, and the rank stays the one rank."""
    tenant = await realm()
    user = await administrators.appoint(tenant, BOB, ADMIN)
    ticket = await members.let_in(tenant, user, "Owner", ADMIN)
    again = await invitations.accept(tenant, ticket, OTHER, ADMIN)
    assert again.roles == user.roles
    assert await verify(tenant, BOB, OTHER, ADDRESS)


async def test_an_invitation_is_withdrawn():
    """From then on the link is none, and that is in the audit."""
    tenant = await realm()
    user, ticket = await members.invite(tenant, BOB, "Viewer", ADMIN)
    await members.withdraw(tenant, user.user_id, ADMIN)
    assert await members.invited(tenant) == []
    assert await refusal(invitations.accept(tenant, ticket, OTHER, ADMIN)) is INVITATION_INVALID
    (latest, *_) = await tenant.store.events(tenant.id, {}, Window())
    assert (latest.slug, latest.detail) == ("invitation_withdrawn", {"user_id": user.user_id})


@pytest.mark.parametrize(
    ("email", "rank", "why"),
    [
        ("bob", "Viewer", LOGIN_MALFORMED),
        (BOB, "King", BODY_INVALID),
        (BOB, "", BODY_INVALID),
        ("owner@example.com", "Viewer", ALREADY_EXISTS),
    ],
)
async def test_refuses_an_invitation_that_means_nothing(email: str, rank: str, why: Reason):
    """A member has an address and a rank, and is invited once."""
    tenant = await realm()
    await owner(tenant)
    assert await refusal(members.invite(tenant, email, rank, ADMIN)) is why
    assert await members.invited(tenant) == []


async def test_a_rank_is_changed():
    """One rank takes the place of the other, and other roles stay; then there is none."""
    tenant = await realm()
    await owner(tenant)
    bob = await administrators.appoint(tenant, BOB, ADMIN, "Viewer")
    other = await roles.create(tenant, RoleFields(name="clerk"), ADMIN)
    await assignments.assign(tenant, bob.id, [other.id], ADMIN)
    for rank in ("Owner", "Editor", "Viewer"):
        await members.change(tenant, bob.id, rank, ADMIN)
        assert (await ranks(tenant))[BOB] == rank
        assert (await members.find(tenant, bob.user_id)).rank == rank
    await members.change(tenant, bob.id, "Viewer", ADMIN)
    gone = await members.change(tenant, bob.id, members.NOTHING, ADMIN)
    assert gone.roles == (other.id,)
    assert await ranks(tenant) == {"owner@example.com": "Owner"}
    assert await refusal(members.find(tenant, bob.user_id)) is USER_ABSENT
    assert await refusal(members.find(tenant, BOB)) is USER_ABSENT
    assert await refusal(members.change(tenant, bob.id, "Owner", ADMIN)) is USER_ABSENT
    noted = await tenant.store.events(tenant.id, {}, Window(limit=99))
    told = [event.detail for event in noted if event.slug == "member_changed"]
    assert told[0] == {"user_id": bob.user_id, "from": "Viewer", "rank": ""}
    assert len(told) == 4


async def test_who_has_two_ranks_has_the_higher_one():
    """And loses both with one change."""
    tenant = await realm()
    await owner(tenant)
    bob = await administrators.appoint(tenant, BOB, ADMIN, "Viewer")
    await administrators.appoint(tenant, BOB, ADMIN, "Editor")
    assert (await ranks(tenant))[BOB] == "Editor"
    assert (await members.change(tenant, bob.id, "", ADMIN)).roles == ()


async def test_refuses_a_rank_that_is_none():
    """There are three ranks and none at all."""
    tenant = await realm()
    user = await owner(tenant)
    assert await refusal(members.change(tenant, user.id, "King", ADMIN)) is BODY_INVALID


async def test_who_rises_is_signed_out():
    """What somebody of a lower rank began in the name of this person does not rise with them."""
    tenant = await realm()
    await owner(tenant)
    bob = await administrators.appoint(tenant, BOB, ADMIN, "Viewer")
    kept = await invitations.invite(tenant, bob.id, ADMIN)
    later(tenant, 1)
    await members.change(tenant, bob.id, "Editor", ADMIN)
    assert await refusal(invitations.accept(tenant, kept, OTHER, ADMIN)) is INVITATION_INVALID
    later(tenant, 1)
    kept = await invitations.invite(tenant, bob.id, ADMIN)
    await members.change(tenant, bob.id, "Viewer", ADMIN)
    assert await tenant.store.get(Invitation, kept)
    assert await tenant.store.get(Session, kept) is None


@pytest.mark.parametrize("rank", ["Editor", "Viewer", members.NOTHING])
async def test_the_last_owner_stays(rank: str):
    """Somebody has to be able to change the tenant: whoever cannot sign in does not count."""
    tenant = await realm()
    last = await owner(tenant)
    blocked = await owner(tenant, "blocked@example.com")
    await users.block(tenant, blocked.id, ADMIN)
    await administrators.appoint(tenant, "without@example.com", ADMIN)
    assert await refusal(members.change(tenant, last.id, rank, ADMIN)) is LAST_OWNER
    assert await refusal(powers.another_stays(tenant, last)) is LAST_OWNER
    assert (await ranks(tenant))["owner@example.com"] == "Owner"
    await members.change(tenant, last.id, "Owner", ADMIN)
    await owner(tenant, "second@example.com")
    await powers.another_stays(tenant, last)
    await members.change(tenant, last.id, rank, ADMIN)
    assert (await ranks(tenant)).get("owner@example.com", "") == rank


async def test_of_two_owners_who_go_at_once_one_stays():
    """Both are asked to go at the same moment, by one another: one of them is the last owner by then."""
    tenant = await realm()
    both = [await owner(tenant), await owner(tenant, "second@example.com")]
    await powers.another_stays(tenant, await somebody(tenant))
    told = await asyncio.gather(
        *(members.change(tenant, each.id, "", Actor()) for each in both), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in told) == ["Refused", "User"]
    assert [each.reason for each in told if isinstance(each, Refused)] == [LAST_OWNER]
    assert len(await ranks(tenant)) == 1


async def test_two_owners_of_two_processes_do_not_both_go(pair: tuple[Tenant, Tenant]):
    """The same over two processes and a real database."""
    one, other = pair
    assert await one.change(Save(system(TENANT, NOW))) is None
    both = [await owner(one), await owner(one, "second@example.com")]
    told = await asyncio.gather(
        *(members.change(whose, each.id, "", Actor()) for whose, each in zip(pair, both, strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in told) == ["Refused", "User"]
    assert [each.reason for each in told if isinstance(each, Refused)] == [LAST_OWNER]
    assert len(await ranks(other)) == 1


SOMEBODY = Actor(user="auth0|somebody", scopes=frozenset(MANAGEMENT_SCOPES))
# How an owner ceases to be one, whoever asks for it in the dashboard or at the API.
GOING: dict[str, Callable[[Tenant, User, Role], Awaitable[Any]]] = {
    "another rank": lambda tenant, user, _: members.change(tenant, user.id, "Viewer", SOMEBODY),
    "no rank": lambda tenant, user, _: members.change(tenant, user.id, "", SOMEBODY),
    "blocked": lambda tenant, user, _: users.block(tenant, user.id, SOMEBODY),
    "deleted": lambda tenant, user, _: users.delete(tenant, user.id, SOMEBODY),
    "without the role": lambda tenant, user, role: assignments.unassign(tenant, user.id, [role.id], SOMEBODY),
}


async def able(tenant: Tenant) -> list[str]:
    """The owners who could sign in."""
    found = await members.every(tenant)
    return [each.user.email for each in found if each.rank == "Owner" and not each.user.blocked]


@pytest.mark.parametrize("way", GOING)
async def test_the_last_owner_stays_in_every_way(way: str):
    """By whichever verb: only whoever runs the installation takes the last one away."""
    tenant = await realm()
    last = await owner(tenant)
    role = (await powers.roles_of_ranks(tenant))["Owner"]
    assert await refusal(GOING[way](tenant, last, role)) is LAST_OWNER
    assert await able(tenant) == ["owner@example.com"]
    assert await users.find(tenant, last.id) == last
    await users.change(tenant, last.id, UserFields(nickname="x"), SOMEBODY)
    await users.block(tenant, last.id, ADMIN)
    await users.change(tenant, last.id, UserFields(nickname="y"), SOMEBODY)
    await owner(tenant, "second@example.com")
    await users.unblock(tenant, last.id, SOMEBODY)
    await GOING[way](tenant, await users.find(tenant, last.id), role)
    assert await able(tenant) == ["second@example.com"]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations_with_replacement(GOING, 2)), ids=str)
async def test_two_owners_do_not_both_go_in_different_ways(one: str, other: str, pair: tuple[Tenant, Tenant]):
    """At the same moment, in two processes, each of them in some way, on each database: one stays."""
    assert await pair[0].change(Save(system(TENANT, NOW))) is None
    both = [await owner(pair[0]), await owner(pair[0], "second@example.com")]
    role = (await powers.roles_of_ranks(pair[0]))["Owner"]
    for tenant in pair:
        await tenant.known.confirm()
    told = await asyncio.gather(
        *(GOING[way](tenant, user, role) for way, tenant, user in zip((one, other), pair, both, strict=True)),
        return_exceptions=True,
    )
    refused = [each for each in told if isinstance(each, BaseException)]
    assert [getattr(each, "reason", each) for each in refused] == [LAST_OWNER]
    assert len(await able(pair[1])) == 1


async def test_people_of_an_application_may_be_editors():
    """A role of the same name that carries nothing of ours is not taken for the rank."""
    tenant = await realm()
    await owner(tenant)
    theirs = await roles.create(tenant, RoleFields(name="Editor"), ADMIN)
    writer = await somebody(tenant)
    await assignments.assign(tenant, writer.id, [theirs.id], ADMIN)
    await administrators.appoint(tenant, BOB, ADMIN, "Editor")
    await administrators.appoint(tenant, "eve@example.com", ADMIN, "Editor")
    assert await ranks(tenant) == {
        "owner@example.com": "Owner",
        BOB: "Editor",
        "eve@example.com": "Editor",
    }
    assert await powers.scopes_of(tenant, await users.find(tenant, writer.id)) == frozenset()
    assert (await roles.find(tenant, theirs.id)).permissions == ()
    assert (await powers.roles_of_ranks(tenant))["Editor"].name == "Sekisho Editor"


async def test_the_role_of_a_rank_stays_what_it_is():
    """It is not renamed, not emptied and not deleted: that would make owners of nobody."""
    tenant = await realm()
    await owner(tenant)
    role = (await powers.roles_of_ranks(tenant))["Owner"]
    for doing in (
        roles.change(tenant, role.id, RoleFields(name="King"), ADMIN),
        roles.forbid(tenant, role.id, (), ADMIN),
        roles.delete(tenant, role.id, ADMIN),
    ):
        assert await refusal(doing) is SYSTEM_ROLE
    assert await roles.find(tenant, role.id) == role
    assert isinstance(role, Role)


async def test_a_right_is_gone_with_the_role():
    """What somebody may do is looked up when they do it."""
    tenant = await realm()
    await owner(tenant)
    bob = await administrators.appoint(tenant, BOB, ADMIN, "Editor")
    assert "update:users" in await powers.scopes_of(tenant, bob)
    await members.change(tenant, bob.id, "", ADMIN)
    bob = await users.find(tenant, bob.id)
    assert await powers.scopes_of(tenant, bob) == frozenset()


@pytest.mark.parametrize("whose", ["Owner", "Editor", "Viewer"])
@pytest.mark.parametrize("rank", ["Owner", "Editor", "Viewer"])
async def test_nobody_changes_who_may_do_more(rank: str, whose: str):
    """A person is changed, and a rank is given, by whoever may do all that goes with it, and nobody else."""
    tenant = await realm()
    doer = await administrators.appoint(tenant, f"{rank}@example.com", ADMIN, rank)
    bob = await administrators.appoint(tenant, BOB, ADMIN, whose)
    scopes = await powers.scopes_of(tenant, doer)
    role = (await powers.roles_of_ranks(tenant))[whose]
    order = list(powers.RANKS)
    if order.index(rank) <= order.index(whose):
        await powers.may_be_changed(tenant, bob, scopes)
        await powers.may_be_given(tenant, role, scopes)
    else:
        assert await refusal(powers.may_be_changed(tenant, bob, scopes)) is RANK_TOO_LOW
        assert await refusal(powers.may_be_given(tenant, role, scopes)) is RANK_TOO_LOW


async def test_everybody_may_change_who_may_nothing():
    """Who is no member, and a role that carries nothing of ours, are not above anybody."""
    tenant = await realm()
    await powers.may_be_changed(tenant, await somebody(tenant), ())
    clerk = await roles.create(tenant, RoleFields(name="clerk"), ADMIN)
    await powers.may_be_given(tenant, clerk, ())
