"""Who visits, what the portal says of them, and how somebody is sent to sign in first."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from sekisho.change.actor import Actor
from sekisho.faces.power_pages.says import in_words_of
from sekisho.model.user import User
from sekisho.people import sessions
from sekisho.people.second_factor.held import is_owed
from sekisho.registry.portal import signing
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.portal import request as rules
from sekisho.spec.portal import setting
from sekisho.spec.portal.request import PortalRequest
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import PERSON_BLOCKED
from sekisho.spec.refusals.portal import PORTAL_OFF, PORTAL_WAY_OFF
from sekisho.tenant import Tenant
from sekisho.tokens import portal
from sekisho.tokens.portal import Portal

SIGN_IN = "/SignIn"
# Why somebody with a session is nobody here; anything else is no answer to who it is.
NOBODY = (PERSON_BLOCKED,)


@dataclass(frozen=True, slots=True)
class Given:
    """A token, and for how many seconds it is good."""

    text: str
    lifetime: int


async def is_on(tenant: Tenant, way: str = "") -> None:
    """The portal gives tokens, and this way: the setting of this name switches it off."""
    for name, reason in ((setting.ENABLED, PORTAL_OFF), (way, PORTAL_WAY_OFF)):
        if name and not setting.is_on(await signing.value(tenant, name)):
            raise in_words_of(Refused(reason, seen=contrast(name, "true", "false")), None, tenant)


async def visitor(ask: Ask, tenant: Tenant) -> User | None:
    """Who is signed in here; nobody who is gone or blocked."""
    try:
        session = await sessions.current(ask, tenant)
        user = await sessions.person(session, tenant) if session else None
        # Who did not show all that they have to is not in yet.
        return None if session and user and is_owed(user, session.amr, tenant) else user
    except Refused as refused:
        if refused.reason not in NOBODY:
            raise in_words_of(refused, None, tenant) from None
        return None


def to_sign_in(ask: Ask) -> Answer:
    """A person is led to the sign-in page and back; a script is told in a header, with a good status."""
    query = f"?{urlencode(ask.query, quote_via=quote)}" if ask.query else ""
    back = f"{urlsplit(ask.root).path}{ask.path}{query}"
    address = f"{ask.root}{SIGN_IN}?{urlencode((('ReturnUrl', back),), quote_via=quote)}"
    if ask.headers.get("x-requested-with", "").lower() == "xmlhttprequest":
        told = json.dumps({"status": 401, "headers": {"location": address}}, separators=(",", ":"))
        return Answer(body=b"", kind="text/plain", headers=(*NO_STORE, ("x-responded-json", told)))
    return Answer(status=302, headers=(("location", address), *NO_STORE))


async def held(request: PortalRequest, tenant: Tenant, *, redirects: bool) -> None:
    """The rules, in the order in which their errors are seen."""
    if redirects or setting.is_wanted(await signing.value(tenant, setting.CLIENT_REQUIRED)):
        rules.client_is_named(request)
    rules.client_is_registered(request, setting.listed(await signing.value(tenant, setting.CLIENTS)))
    if redirects:
        rules.redirect_is_named(request)
    listed = await signing.value(tenant, setting.redirects_of(request.client_id or ""))
    rules.redirect_is_registered(request, setting.listed(listed))
    rules.response_type_is_token(request)
    rules.echoes_are_short(request)


async def given(request: PortalRequest, user: User, ask: Ask, tenant: Tenant) -> Given:
    """A token about this person, signed with the portal's key; that it was given is remembered."""
    actor = Actor(user=user.user_id, address=ask.address, correlation=ask.correlation)
    signer, _ = await signing.current(tenant, actor)
    client_id = request.client_id or ""
    as_text = await signing.value(tenant, setting.engagement_of(client_id))
    lifetime = setting.lifetime(await signing.value(tenant, setting.LIFETIME))
    said = Portal(
        tenant=tenant.id,
        host=urlsplit(ask.root).netloc,
        client_id=client_id,
        nonce=request.nonce or "",
        at=int(tenant.now()),
        lifetime=lifetime,
        engagement_as_text=setting.is_wanted(as_text),
    )
    detail = {"client_id": client_id, "lifetime": lifetime}
    facts = {"user": user.user_id, "address": ask.address, "correlation": ask.correlation}
    tenant.audit.batch(tenant.audit.event(tenant.id, "portal_token_issued", detail=detail, **facts))
    return Given(portal.mint(user, said, signer), lifetime)
