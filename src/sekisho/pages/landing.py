"""The landing page: who answers here, and where to go."""

from sekisho.pages.demo.app import PATH, found
from sekisho.pages.demo.portal import PATH as PORTAL
from sekisho.pages.demo.portal import is_here
from sekisho.pages.sign import sign
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MANAGEMENT_PATH, Tenant


async def landing(ask: Ask, tenant: Tenant) -> Answer:
    """What a person and a developer want to know first; every address is one that is served."""
    context = {
        "sign": sign(tenant),
        "issuer": tenant.issuer(ask),
        "metadata": ".well-known/openid-configuration",
        "key_set": ".well-known/jwks.json",
        "token_endpoint": "oauth/token",
        "management": MANAGEMENT_PATH,
        "demo": PATH if await found(ask, tenant) else "",
        "portal": PORTAL if await is_here(ask, tenant) else "",
    }
    return Answer(page=("landing", context))
