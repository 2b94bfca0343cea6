"""Links that let somebody set a password, once."""

import asyncio

import pytest

from sekisho.model.artifact import Invitation
from sekisho.people import invitations, users
from sekisho.people.factors.password import verify
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.people import INVITATION_INVALID, INVITATION_SPENT, PASSWORD_SHORT, USER_ABSENT
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.people.folk import ADDRESS, ADMIN, OTHER, PASSWORD, elsewhere, later, somebody, town


async def refusal(tenant: Tenant, handle: str, text: str = OTHER) -> Reason:
    """Why a link is not accepted."""
    with pytest.raises(Refused) as caught:
        await invitations.accept(tenant, handle, text, ADMIN)
    assert handle not in caught.value.debug or not handle
    return caught.value.reason


async def test_a_link_sets_a_password():
    """Whoever has the link sets the password, and nothing of the link or the password is in the audit."""
    tenant = await town()
    user = await somebody(tenant)
    handle = await invitations.invite(tenant, user.user_id, ADMIN)
    assert len(handle) == 43
    assert (await invitations.find(tenant, handle)).user == user.id
    there = await users.find(tenant, user.id)
    new = await invitations.accept(tenant, handle, OTHER, ADMIN)
    assert (new.id, new.version) == (user.id, there.version + 1)
    assert (await verify(tenant, "ann@example.com", OTHER, ADDRESS)) == new
    events = await tenant.store.events(tenant.id, {}, Window())
    assert [event.slug for event in events] == ["invitation_accepted", "user_invited", "user_created"]
    assert events[0].detail.keys() == {"user_id", "invitation"}
    for secret in (handle, OTHER, "argon2"):
        assert secret not in str(events)


async def test_a_link_is_used_once():
    """The second use of a link is refused and changes nothing."""
    tenant = await town()
    user = await somebody(tenant)
    handle = await invitations.invite(tenant, user.id, ADMIN)
    await invitations.accept(tenant, handle, OTHER, ADMIN)
    assert await refusal(tenant, handle, PASSWORD) is INVITATION_SPENT
    assert await verify(tenant, "ann@example.com", OTHER, ADDRESS)


async def test_a_poor_password_does_not_use_it_up():
    """A password that is refused leaves the link as it was."""
    tenant = await town()
    handle = await invitations.invite(tenant, (await somebody(tenant)).id, ADMIN)
    assert await refusal(tenant, handle, "short") is PASSWORD_SHORT
    assert await invitations.accept(tenant, handle, OTHER, ADMIN)


async def test_a_link_ends_after_a_day():
    """A link is good for a day."""
    tenant = await town()
    handle = await invitations.invite(tenant, (await somebody(tenant)).id, ADMIN)
    later(tenant, invitations.LIFETIME - 1)
    assert await invitations.find(tenant, handle)
    later(tenant, 1)
    assert await refusal(tenant, handle) is INVITATION_INVALID


@pytest.mark.parametrize("ends", [users.block, users.delete])
async def test_a_link_ends_with_its_user(ends):
    """Blocking and deleting a user end its links."""
    tenant = await town()
    user = await somebody(tenant)
    handle = await invitations.invite(tenant, user.id, ADMIN)
    await ends(tenant, user.user_id, ADMIN)
    assert await refusal(tenant, handle) is INVITATION_INVALID


async def test_other_links_end_with_the_first_one():
    """Once a password was set, an earlier link cannot set another one."""
    tenant = await town()
    user = await somebody(tenant)
    first, second = [await invitations.invite(tenant, user.id, ADMIN) for _ in range(2)]
    later(tenant, 1)
    await invitations.accept(tenant, second, OTHER, ADMIN)
    assert await refusal(tenant, first) is INVITATION_INVALID


@pytest.mark.parametrize("handle", ["", "x", "x" * 43, "x" * 9999, "\0"])
async def test_guessing_leads_nowhere(handle: str):
    """What was never given is no link."""
    assert await refusal(await town(), handle) is INVITATION_INVALID


async def test_a_link_of_another_tenant_is_none():
    """A link is good in its tenant only."""
    tenant = await town()
    handle = await invitations.invite(tenant, (await somebody(tenant)).id, ADMIN)
    assert await refusal(elsewhere(tenant), handle) is INVITATION_INVALID


async def test_nobody_is_not_invited():
    """Only somebody who is there gets a link."""
    with pytest.raises(Refused) as caught:
        await invitations.invite(await town(), "nobody", ADMIN)
    assert caught.value.reason is USER_ABSENT


async def test_a_link_has_one_winner(pair: tuple[Tenant, Tenant]):
    """Twelve uses of a link at once, over two processes: one sets its password, the others are refused."""
    user = await somebody(pair[0])
    handle = await invitations.invite(pair[0], user.id, ADMIN)
    texts = [f"seven grey herons {n}" for n in range(12)]
    uses = [invitations.accept(pair[n % 2], handle, text, ADMIN) for n, text in enumerate(texts)]
    done = await asyncio.gather(*uses, return_exceptions=True)
    (winner,) = [text for text, each in zip(texts, done, strict=True) if not isinstance(each, Exception)]
    lost = {each.reason for each in done if isinstance(each, Refused)}
    assert lost <= {INVITATION_SPENT, INVITATION_INVALID}
    assert sum(isinstance(each, Refused) for each in done) == 11
    assert (await verify(pair[1], "ann@example.com", winner, ADDRESS)).id == user.id
    found = await pair[0].store.get(Invitation, handle)
    assert not isinstance(found, Invitation)


async def test_an_invited_user_that_signs_in_meanwhile_still_has_one_password():
    """A link that was opened before another password was set by an administrator is no way back."""
    tenant = await town()
    user = await somebody(tenant)
    handle = await invitations.invite(tenant, user.id, ADMIN)
    later(tenant, 1)
    await users.set_password(tenant, user.id, OTHER, ADMIN)
    assert await refusal(tenant, handle, PASSWORD) is INVITATION_INVALID
