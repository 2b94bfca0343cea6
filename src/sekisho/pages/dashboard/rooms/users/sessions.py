"""Where one user is signed in: each browser, and the way out of it."""

from dataclasses import dataclass

from sekisho.model.artifact import Session
from sekisho.pages.account.device import device
from sekisho.pages.dashboard import frame, listing
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.users import one
from sekisho.people import signed_in
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import SESSION_ABSENT
from sekisho.tenant import Tenant

ALL = "all"


@dataclass(frozen=True, slots=True)
class Place:
    """A session; `name` is empty where nobody knows what kind of browser it is."""

    session: Session
    name: str
    icon: str
    is_yours: bool


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: a stretch of them."""
    subject, after = await one.subject(ask, who, tenant), listing.cursor(ask)
    found = await signed_in.of_user(tenant, Session, subject.user, after, listing.MOST + 1)
    more = found[listing.MOST - 1].id if len(found) > listing.MOST else ""
    context = {
        "places": [_place(each, who) for each in found[: listing.MOST]],
        "first": listing.again(ask, "") if after else "",
        "next": listing.again(ask, more) if more else "",
        "may_end": who.may("delete:sessions") and not subject.above,
    }
    return one.page("user_sessions", context, subject, (ask, who, tenant))


async def end(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: signed out there, or everywhere; nothing that came of it can be refreshed any more."""
    subject, wanted = await one.changeable(ask, who, tenant), ask.need("session")
    if wanted == ALL:
        await signed_in.end_sessions(tenant, subject.user, who.actor(ask))
        await signed_in.end_families(tenant, subject.user, who.actor(ask))
        return frame.done("sessions_ended", f"{subject.path}/sessions", ask)
    found = await signed_in.session(tenant, wanted)
    if found.owner.user != subject.user.user_id:
        raise Refused(SESSION_ABSENT, debug="it is somebody else's")
    await signed_in.revoke_session(tenant, found.id, who.actor(ask))
    return frame.done("session_ended", f"{subject.path}/sessions", ask)


def _place(session: Session, who: Administrator) -> Place:
    known = device(session.agent)
    return Place(session, known.name, known.icon, session.id == who.console.owner.session)
