"""The second factor of one user: what there is of it, and the way out for who has lost it."""

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms.users import one
from sekisho.people.factors import recovery, totp
from sekisho.people.second_factor import held, removal
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant


async def asks(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what they have, and whether it shall be taken away."""
    subject = await one.subject(ask, who, tenant)
    found = await held.of_user(tenant, subject.user)
    locked = subject.above or not who.may("delete:authentication_methods")
    context = {
        "form": fields.shown({}, locked=locked),
        "app": found.get(totp.KIND),
        "codes": found.get(recovery.KIND),
        "most": recovery.MANY,
        "locked": locked,
    }
    return one.page("user_second_factor", context, subject, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is taken away; whoever has to have one sets it up at the next sign-in."""
    subject = await one.changeable(ask, who, tenant)
    await removal.remove(tenant, subject.user.id, who.actor(ask))
    return frame.done("second_factor_reset", subject.path, ask)
