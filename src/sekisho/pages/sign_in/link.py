"""GET /passwordless/verify_redirect: where a mailed link leads; nobody is signed in before they said so."""

from dataclasses import replace

from sekisho.model.client import Client
from sekisho.model.step import Note
from sekisho.oauth.asked import client_of
from sekisho.pages import forms
from sekisho.pages.caller import caller
from sekisho.people import sessions
from sekisho.people.letters import codes
from sekisho.spec import redirect_uri
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, one, parameters_are_single
from sekisho.spec.mail.line import one_line
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.mail import CODE_WRONG
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN
from sekisho.tenant import Tenant

PAGE, PATH = "link", "/passwordless/verify_redirect"
CONNECTION = "email"
AMR = ("otp",)
# What is for us; all else is the authorization request that the person came from.
OURS = ("connection", "email", "verification_code", "phone_number", "login_ticket")


async def show(ask: Ask, tenant: Tenant) -> Answer:
    """Who wants to sign in, and where: looking uses nothing up.

    Programs open the links of mails before people do, and anybody can send a link of their own account.
    """
    client, email, _ = await _said(ask, tenant)
    form = forms.of_browser(PAGE, ask, tenant)
    context = {
        "caller": caller(client),
        "email": one_line(email),
        "csrf": form.token,
        "leads_to": _leads_to(client, ask),
    }
    return Answer(page=("mail/link", context), headers=(*NO_STORE, *form.headers))


async def enter(ask: Ask, tenant: Tenant) -> Answer:
    """The code is used up for a session, in one unit; then on with the request of the application."""
    client, email, text = await _said(ask, tenant)
    forms.is_of_browser(PAGE, ask, tenant)
    began = tenant.now()
    user, spend = await codes.verify(tenant, client, email, text, ask.address)
    begun = replace(sessions.begin(user, AMR, ask, tenant, born=began), first=(spend,))
    facts = {"client": client.client_id, "address": ask.address, "correlation": ask.correlation}
    note = Note(tenant.audit.event(tenant.id, "user_signed_in", user=user.user_id, **facts))
    if lost := await tenant.store.write(*begun.steps, note):
        raise Refused(CODE_WRONG, debug=f"it was used at the same moment: {lost.why}")
    await sessions.leave_behind(ask, tenant)
    onward = forms.query(*((name, value) for name, value in ask.query if name not in OURS))
    return forms.redirect(f"{ask.root}/authorize{onward}", (begun.header,))


def _leads_to(client: Client, ask: Ask) -> str:
    """Where the answer goes, if that is an address of the client; otherwise the request is refused later."""
    registered = [(reply.url, reply.kind) for reply in client.reply_urls]
    try:
        uri = redirect_uri.chosen(one(ask.query, "redirect_uri"), registered, openid=True)
    except Refused:
        return ""
    return redirect_uri.target(uri)


async def _said(ask: Ask, tenant: Tenant) -> tuple[Client, str, str]:
    """The client, the address and the code of the link."""
    parameters_are_single(ask.query)
    client = await client_of(one(ask.query, "client_id"), tenant)
    codes.may_sign_in(client, tenant)
    connection = one(ask.query, "connection") or ""
    if connection != CONNECTION:
        raise Refused(CONNECTION_UNKNOWN, seen=contrast("connection", CONNECTION, connection))
    found = [one(ask.query, name) for name in ("email", "verification_code")]
    if None in found:
        raise Refused(MISSING_PARAMETER, words={"name": "email or verification_code"})
    email, text = (each or "" for each in found)
    return client, email, text
