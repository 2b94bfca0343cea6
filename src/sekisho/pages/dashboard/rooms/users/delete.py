"""The end of a user, once it was typed who is meant."""

from sekisho.model.artifact import Session
from sekisho.model.consent import Consent
from sekisho.pages.dashboard import arming, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.users import one, wording
from sekisho.pages.dashboard.rooms.users.one import Subject
from sekisho.people import signed_in, users
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

MANY = 100  # sessions that are counted


async def asks(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: whether they shall be gone."""
    subject = await one.subject(ask, who, tenant)
    form = arming.asks(locked=subject.above or not who.may("delete:users"))
    return await _page(form, subject, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: gone, with everything that was given to them."""
    subject = await one.changeable(ask, who, tenant)
    user = subject.user
    if not arming.is_armed(ask.form, subject.face.label):
        return await _page(arming.unarmed(ask.form), subject, (ask, who, tenant))
    try:
        await users.delete(tenant, user.id, who.actor(ask), (user.version,))
    except Refused as refused:
        form = wording.at("", refused, {})
        return frame.refused(await _page(form, subject, (ask, who, tenant)), refused)
    return frame.done("user_deleted", "/users", ask)


async def _page(form: Form, subject: Subject, visit: Visit) -> Answer:
    _, _, tenant = visit
    user = subject.user
    context = {
        "form": form,
        "sessions": len(await signed_in.of_user(tenant, Session, user, None, MANY)),
        "agreements": await tenant.store.count(Consent, tenant.id, {"user_id": user.user_id}),
    }
    return one.page("user_delete", context, subject, visit)
