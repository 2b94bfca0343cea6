"""The demo application: one page, whose script does everything that a client does."""

from urllib.parse import urlsplit

from sekisho.model.client import Client
from sekisho.pages.caller import caller
from sekisho.pages.demo.journeys import AUDIENCE
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.store import Window
from sekisho.tenant import Tenant

PATH = "/demo/app"
SCOPE = "openid profile email offline_access read:journeys"
# In the metadata of a sample client: what we made, and may make anew.
MARK = "sekisho_sample"
WEB = "web"
SEVERAL = Window(limit=100)


async def app(ask: Ask, tenant: Tenant) -> Answer:
    """The page. What comes back in its address is the script's business, and no link repeats it."""
    client = await found(ask, tenant)
    if client is None:
        raise Refused(NOT_FOUND)
    context = {
        "query": (),
        "app": caller(client),
        "issuer": tenant.issuer(ask),
        "page": ask.root + PATH,
        "audience": AUDIENCE,
        "scope": SCOPE,
        "calls": True,
    }
    return Answer(page=("demo", context), headers=NO_STORE)


async def found(ask: Ask, tenant: Tenant) -> Client | None:
    """The demo application that is at home at this address, in development."""
    if not tenant.addresses.development:
        return None
    split = urlsplit(ask.root)
    origin = f"{split.scheme}://{split.netloc}"
    near = await tenant.store.records(Client, tenant.id, {"tag": origin}, SEVERAL)
    return next((each for each in near if each.client_metadata.get(MARK) == WEB), None)
