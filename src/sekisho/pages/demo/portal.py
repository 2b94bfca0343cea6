"""A page of a portal: its script gets tokens about whoever is signed in, and shows them to an API."""

from urllib.parse import urlsplit

from sekisho.pages.face import face
from sekisho.pages.sign import sign
from sekisho.people import sessions
from sekisho.registry.portal import signing
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.portal import setting
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.tenant import Tenant

PATH = "/portal/"
CLIENT = "demo-portal"


async def page(ask: Ask, tenant: Tenant) -> Answer:
    """The page. What comes back in its fragment is the script's business, and never reaches us."""
    if not await is_here(ask, tenant):
        raise Refused(NOT_FOUND)
    session = await sessions.current(ask, tenant)
    who = face(await sessions.person(session, tenant)) if session else None
    context = {
        "sign": sign(tenant),
        "face": who,
        "client": CLIENT,
        "page": ask.root + PATH,
        "path": urlsplit(ask.root).path + PATH,
        "host": urlsplit(ask.root).netloc,
        "lifetime": setting.lifetime(await signing.value(tenant, setting.LIFETIME)),
        "locale": who.locale if who else "",
        "calls": True,
    }
    return Answer(page=("portal", context), headers=NO_STORE)


async def is_here(ask: Ask, tenant: Tenant) -> bool:
    """In development, where the portal's settings send answers to this very page."""
    if not tenant.addresses.development:
        return False
    listed = setting.listed(await signing.value(tenant, setting.redirects_of(CLIENT)))
    return ask.root + PATH in listed
