"""Where one user is signed in, what they let in, whether they may come in at all, and their end."""

import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Owner, Refresh, Session
from sekisho.model.consent import Consent
from sekisho.model.password import Password
from sekisho.model.step import Put, Save
from sekisho.model.user import User
from sekisho.pages.dashboard.administrator import RECENT
from sekisho.pages.dashboard.fields import Form
from sekisho.people import administrators, consents, invitations, users
from sekisho.people.factors.password import verify
from sekisho.people.second_factor import held
from sekisho.spec.http import Answer
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.management import GRANT_ABSENT
from sekisho.spec.refusals.people import INVITATION_INVALID, RANK_TOO_LOW, SESSION_ABSENT, USER_ABSENT
from tests.dashboard.desk import AtDesk, another, at_desk, shown, text_of
from tests.second_factors import enrolled
from tests.tenants import AUDIENCE, Clock
from tests.visitor import location, person, web_client

AYA = "/users/auth0%7Caya"
PASSWORD, OTHER = "seven grey herons", "nine brown otters"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def context(answer: Answer) -> Mapping[str, Any]:
    """What a page was given to show."""
    return shown(answer)


def problems(answer: Answer) -> dict[str, str]:
    """What is wrong, by field."""
    form = shown(answer)["form"]
    assert isinstance(form, Form)
    return {name: problem.key for name, problem in form.problems.items()}


async def session(desk: AtDesk, user: str = "auth0|aya") -> Session:
    """Somebody is signed in somewhere."""
    now, id = desk.tenant.now(), str(uuid.uuid4())
    made = Session(
        id=id,
        owner=Owner(tenant=desk.tenant.id, session=id, user=user),
        born=now,
        expires_at=now + 3_600,
        auth_time=now,
        amr=("pwd",),
        seen_at=now,
        address="192.0.2.7",
        agent=AGENT,
    )
    assert await desk.tenant.store.write(Put(made, secrets.token_hex(16))) is None
    return made


async def family(desk: AtDesk, session: str = "", client: str = "web") -> Refresh:
    """Something that lasts beyond a session."""
    now, id = desk.tenant.now(), str(uuid.uuid4())
    made = Refresh(
        id=id,
        owner=Owner(tenant=desk.tenant.id, grant=id, user="auth0|aya", client=client),
        born=now,
        expires_at=now + 3_600,
        client_id=client,
        user="auth0|aya",
        issuer="x",
        scopes=("offline_access",),
        audience=AUDIENCE,
        salt="s",
        rotates=True,
        rotated_at=now,
        idle_at=None,
        absolute_at=None,
        session=session,
        auth_time=now,
    )
    assert await desk.tenant.store.write(Put(made, id)) is None
    return made


async def signed_in(desk: AtDesk) -> list[str]:
    """Where the person is signed in."""
    whose = Owner(tenant=desk.tenant.id, user="auth0|aya")
    return [each.id for each in await desk.tenant.store.find(Session, whose, None, 99)]


async def can_sign_in(desk: AtDesk, user: User) -> None:
    """They have a password, so that they count as somebody who can come in."""
    kept = Password(tenant=desk.tenant.id, id=user.id, hash="x", changed_at=0)
    assert await desk.tenant.change(Save(kept)) is None


async def test_sessions_are_listed_and_ended_one_by_one() -> None:
    """With what the browser is and where it was seen; its refresh tokens end with it."""
    desk = await at_desk("Editor")
    assert "Not signed in anywhere" in await desk.text(f"{AYA}/sessions")
    first, second = await session(desk), await session(desk)
    kept, lost = await family(desk, first.id), await family(desk, second.id)
    text = await desk.text(f"{AYA}/sessions")
    assert "Linux, Firefox" in text
    assert "192.0.2.7" in text
    answer = await desk.fills(f"{AYA}/sessions", session=second.id)
    assert location(answer).endswith(f"{AYA}/sessions?done=session_ended")
    assert await signed_in(desk) == [first.id]
    assert await desk.tenant.store.get(Refresh, kept.id)
    assert await desk.tenant.store.get(Refresh, lost.id) is None


async def test_somebody_is_signed_out_everywhere() -> None:
    """All sessions and all refresh tokens end, also those beyond the first page."""
    desk = await at_desk("Editor")
    for _ in range(30):
        await session(desk)
    kept = await family(desk)
    seen = context(await desk.get(f"{AYA}/sessions"))
    assert len(seen["places"]) == 25
    assert len(context(await desk.get(f"{AYA}/sessions{seen['next']}"))["places"]) == 5
    answer = await desk.fills(f"{AYA}/sessions", session="all")
    assert location(answer).endswith("?done=sessions_ended")
    assert await signed_in(desk) == []
    assert await desk.tenant.store.get(Refresh, kept.id) is None


async def test_a_session_is_ended_on_the_page_of_its_person() -> None:
    """The session of somebody else stays, whatever is sent."""
    desk = await at_desk("Editor")
    other = await session(desk, "auth0|other")
    with pytest.raises(Refused, match=SESSION_ABSENT.slug):
        await desk.fills(f"{AYA}/sessions", session=other.id)
    with pytest.raises(Refused, match=MISSING_PARAMETER.slug):
        await desk.fills(f"{AYA}/sessions")
    whose = Owner(tenant=desk.tenant.id, user="auth0|other")
    assert len(await desk.tenant.store.find(Session, whose, None, 9)) == 1


async def test_what_somebody_let_in_is_withdrawn() -> None:
    """The application is listed with what it may do, and has nothing of this person afterwards."""
    desk = await at_desk("Editor")
    assert "No connected applications" in await desk.text(f"{AYA}/applications")
    agreed = consents.new("auth0|aya", web_client(), None, ("openid", "email"), desk.tenant.now())
    assert await desk.tenant.change(Save(agreed)) is None
    kept = await family(desk)
    text = await desk.text(f"{AYA}/applications")
    assert "See your email address" in text
    assert 'href="/dashboard/applications/web/settings"' in text
    with pytest.raises(Refused, match=GRANT_ABSENT.slug):
        await desk.fills(f"{AYA}/applications", client="another")
    answer = await desk.fills(f"{AYA}/applications", client="web")
    assert location(answer).endswith("?done=app_disconnected")
    assert await consents.of_user("auth0|aya", desk.tenant) == []
    assert await desk.tenant.store.get(Refresh, kept.id) is None
    assert (await desk.happened())[-1].slug == "consent_withdrawn"
    assert await desk.tenant.store.count(Consent, desk.tenant.id, {}) == 0


async def test_somebody_is_blocked_and_unblocked() -> None:
    """The page asks; whoever is blocked is signed out at once."""
    desk = await at_desk("Editor")
    await session(desk)
    assert "Block <b><bdi>aya@example.com</bdi></b>?" in await desk.text(f"{AYA}/block")
    answer = await desk.fills(f"{AYA}/block", decision="block")
    assert location(answer).endswith(f"{AYA}?done=user_blocked")
    assert (await users.find(desk.tenant, person().id)).blocked
    assert await signed_in(desk) == []
    assert "Unblock" in await desk.text(f"{AYA}/block")
    assert "Blocked" in await desk.text("/users?q=aya@example.com")
    answer = await desk.fills(f"{AYA}/block", decision="unblock")
    assert location(answer).endswith(f"{AYA}?done=user_unblocked")
    assert not (await users.find(desk.tenant, person().id)).blocked
    with pytest.raises(Refused, match=MISSING_PARAMETER.slug):
        await desk.fills(f"{AYA}/block")


async def test_a_password_is_set() -> None:
    """Everything that was given before ends, an older link among it."""
    desk = await at_desk("Editor")
    older = await invitations.invite(desk.tenant, person().id, desk.actor_of(desk.user))
    await session(desk)
    answer = await desk.fills(f"{AYA}/password", way="password", password=PASSWORD)
    assert location(answer).endswith(f"{AYA}?done=password_set")
    assert await verify(desk.tenant, "aya@example.com", PASSWORD, "")
    assert await signed_in(desk) == []
    with pytest.raises(Refused, match=INVITATION_INVALID.slug):
        await invitations.find(desk.tenant, older)
    assert PASSWORD not in str(await desk.happened())


@pytest.mark.parametrize(
    ("text", "key"), [("short", "password.short"), ("aya@example.com", "password.personal")]
)
async def test_a_poor_password_is_not_set(text: str, key: str) -> None:
    """What is wrong with it is said, and the password itself is on no page."""
    desk = await at_desk("Editor")
    answer = await desk.fills(f"{AYA}/password", way="password", password=text)
    assert answer.status == 400
    assert problems(answer) == {"password": key}
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', text_of(answer, desk.tenant))
    assert "value=" not in field
    assert await desk.tenant.store.record(Password, desk.tenant.id, person().id) is None


async def test_a_link_is_shown_once() -> None:
    """It is on the answer of the form and nowhere else, and sets the password once."""
    desk = await at_desk("Editor")
    answer = await desk.fills(f"{AYA}/password", way="link")
    assert (answer.status, ("cache-control", "no-store") in answer.headers) == (200, True)
    ticket = str(shown(answer)["link"]).partition("?ticket=")[2]
    assert ticket not in str(answer.headers)
    for path in (f"{AYA}/password", AYA):
        assert ticket not in await desk.text(path)
    assert ticket not in str(await desk.happened())
    await invitations.accept(desk.tenant, ticket, OTHER, desk.actor_of(desk.user))
    assert await verify(desk.tenant, "aya@example.com", OTHER, "")


async def test_a_user_is_deleted_with_the_address_typed() -> None:
    """The page says what ends with it; without the address nothing happens."""
    desk = await at_desk("Editor")
    await session(desk)
    assert "Sessions that end: 1." in await desk.text(f"{AYA}/delete")
    for typed in ("", "aya", "AYA@example.com"):
        assert problems(await desk.fills(f"{AYA}/delete", typed=typed)) == {"typed": "dash.not_its_name"}
    answer = await desk.fills(f"{AYA}/delete", typed="aya@example.com")
    assert location(answer).endswith("/users?done=user_deleted")
    with pytest.raises(Refused, match=USER_ABSENT.slug):
        await desk.get(AYA)
    assert await signed_in(desk) == []


@pytest.mark.parametrize("tab", ["password", "block", "delete"])
async def test_what_takes_an_account_over_needs_a_recent_sign_in(tab: str) -> None:
    """After ten minutes whoever sits here proves first who they are, and comes back to the question."""
    clock = Clock()
    desk = await at_desk("Owner", clock)
    form = {"csrf": str(shown(await desk.get(AYA))["csrf"]), "decision": "block", "typed": "aya@example.com"}
    clock.now += RECENT + 1
    answer = await desk.post(f"{AYA}/{tab}", form)
    assert "/authorize?" in location(answer)
    assert not (await users.find(desk.tenant, person().id)).blocked


async def test_nobody_locks_the_last_owner_out() -> None:
    """Neither a block nor the end of an account leaves nobody who could change the tenant."""
    desk = await at_desk()
    await can_sign_in(desk, desk.user)
    mine = f"/users/{quote(desk.user.user_id, safe='')}"
    assert "This is your own account" in await desk.text(f"{mine}/block")
    assert "This is your own account" in await desk.text(f"{mine}/delete")
    for tab, told in (("block", {"decision": "block"}), ("delete", {"typed": "owner@example.com"})):
        answer = await desk.fills(f"{mine}/{tab}", **told)
        assert answer.status == 409
        assert problems(answer) == {"": "why.last_owner.title"}
    other = await administrators.appoint(desk.tenant, "second@example.com", desk.actor_of(desk.user))
    await can_sign_in(desk, other)
    assert (await desk.fills(f"{mine}/block", decision="block")).status == 303


async def test_a_second_factor_is_reset() -> None:
    """The page says what there is; after the reset there is nothing, and nothing to reset."""
    desk = await at_desk("Editor")
    assert "has no second factor" in await desk.text(f"{AYA}/second-factor")
    assert "Not set up" in await desk.text(AYA)
    secret, _ = await enrolled(desk.tenant, person())
    page = await desk.text(f"{AYA}/second-factor")
    assert "10 of 10 left" in page
    assert secret not in page
    assert "Reset second factor" in page
    answer = await desk.fills(f"{AYA}/second-factor", decision="reset")
    assert location(answer).endswith(f"{AYA}?done=second_factor_reset")
    assert await held.of_user(desk.tenant, person()) == {}
    assert "second_factor_removed" in {event.slug for event in await desk.happened()}


async def test_a_second_factor_is_reset_by_who_may_and_recently_signed_in() -> None:
    """A viewer sees the page and resets nothing; neither does an editor an owner."""
    viewer = await at_desk("Viewer")
    await enrolled(viewer.tenant, person())
    assert "Reset second factor" not in await viewer.text(f"{AYA}/second-factor")
    editor = await another(viewer.tenant, "Editor")
    owner = await another(viewer.tenant, "Owner")
    await enrolled(viewer.tenant, owner.user)
    theirs = f"/users/{quote(owner.user.user_id, safe='')}/second-factor"
    assert "Reset second factor" not in await editor.text(theirs)
    with pytest.raises(Refused, match=RANK_TOO_LOW.slug):
        await editor.fills(theirs, decision="reset")
    assert len(await held.of_user(viewer.tenant, owner.user)) == 2


async def test_who_is_blocked_is_no_administrator_at_the_next_request() -> None:
    """The page that was open a moment ago leads to the sign-in now."""
    desk = await at_desk()
    editor = await another(desk.tenant, "Editor")
    assert (await editor.get("/users")).status == 200
    await desk.fills(f"/users/{quote(editor.user.user_id, safe='')}/block", decision="block")
    assert "/authorize?" in location(await editor.get("/users"))
    there = await users.find(desk.tenant, editor.user.id)
    # Also where nothing ended with it: the block alone is looked at each time.
    assert await desk.tenant.change(Save(replace(there, blocked=False))) is None
    assert "/authorize?" in location(await editor.get("/users"))
