"""What pages of a link share: its ticket is kept in a cookie, and a password is chosen for somebody."""

from sekisho.model.user import User
from sekisho.pages import forms
from sekisho.pages.face import face
from sekisho.spec.browser import cookie
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.password import least
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import WEAK
from sekisho.tenant import Tenant


def kept(page: str, ticket: str, seconds: int, ask: Ask, tenant: Tenant) -> Answer:
    """On to the page itself: addresses stay in histories and logs, and travel in Referer."""
    spoken = forms.query(("ui_locales", one(ask.query, "ui_locales") or ""))
    header = cookie.kept(ask, _name(page, ask, tenant), ticket, seconds=seconds)
    return forms.redirect(f"{ask.root}/{page}{spoken}", (header,))


def handle(page: str, ask: Ask, tenant: Tenant) -> str:
    """The ticket of the link that was opened in this browser; empty where there was none."""
    return cookie.read(ask, _name(page, ask, tenant))


def gone(page: str, ask: Ask, tenant: Tenant) -> tuple[str, str]:
    """The header by which the browser forgets it."""
    return cookie.gone(ask, _name(page, ask, tenant))


def shown(page: str, user: User, ask: Ask, tenant: Tenant, problem: str = "") -> Answer:
    """The form in which a password is chosen, with what was wrong with the last one."""
    who = face(user)
    context = {
        "face": who,
        "least": least(tenant.policy.password_shortest),
        "problem": problem,
        "csrf": forms.of_flow(handle(page, ask, tenant), page, tenant).token,
        "locale": who.locale,
    }
    return Answer(page=(page, context))


def too_weak(refused: Refused, page: str, user: User, ask: Ask, tenant: Tenant) -> Answer:
    """The form again, where the password is none to take; whatever else was wrong is told as it is."""
    if refused.reason not in WEAK:
        raise refused
    facts = {"user": user.user_id, "address": ask.address, "correlation": ask.correlation}
    tenant.audit.refused(tenant.id, refused, **facts)
    answer = shown(page, user, ask, tenant, refused.reason.slug)
    return forms.with_headers(answer, (), refused.reason.status)


def _name(page: str, ask: Ask, tenant: Tenant) -> str:
    return cookie.name_of(page, tenant.record.slug, ask)
