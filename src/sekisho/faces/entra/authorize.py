"""GET and POST /{tenant}/oauth2/v2.0/authorize, and its older twin, in the words of the core."""

from sekisho.faces.entra.place import is_alias, tenant_of_path
from sekisho.oauth import authorize as core
from sekisho.oauth.asked import asked
from sekisho.spec.authorization import WireDialect
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import RESOURCE_PARAMETER, SINGLE_TENANT
from sekisho.tenant import Tenant

OFFLINE = "offline_access"
# What one of our parameters is called, which nobody sends here.
OURS = frozenset(("audience", "request_uri", "screen_hint", "login_ticket", "realm", "connection", "device"))
CREATE = "create"


async def authorize(ask: Ask, tenant: Tenant) -> Answer:
    """The newer endpoint: each scope names its resource."""
    tenant_of_path(ask, tenant)
    sent = ask.form if ask.method == "POST" else ask.query
    if one(sent, "resource"):
        raise Refused(RESOURCE_PARAMETER)
    return await _answered(_translated(sent), "entra_v2", ask, tenant)


async def older(ask: Ask, tenant: Tenant) -> Answer:
    """The older one: a resource of which everything is asked for."""
    tenant_of_path(ask, tenant)
    sent = ask.form if ask.method == "POST" else ask.query
    resource = one(sent, "resource")
    wanted = (one(sent, "scope") or "").split()
    words = [each for each in wanted if "/" not in each] or ["openid"]
    words += [OFFLINE, f"{resource}/.default"] if resource else []
    rest = tuple(pair for pair in _translated(sent) if pair[0] not in ("scope", "resource"))
    return await _answered((*rest, ("scope", " ".join(dict.fromkeys(words)))), "entra_v1", ask, tenant)


async def _answered(pairs: Pairs, dialect: WireDialect, ask: Ask, tenant: Tenant) -> Answer:
    told = await asked(pairs, tenant, dialect)
    if is_alias(ask) and told.client.sign_in_audience == "AzureADMyOrg":
        raise Refused(SINGLE_TENANT, words={"name": ask.names["t"]})
    return await core.answered(told, ask, tenant)


def _translated(sent: Pairs) -> Pairs:
    """Without parameters that mean something only at our own endpoint; a new account is our screen hint."""
    kept = tuple(pair for pair in sent if pair[0] not in OURS)
    prompts = (one(sent, "prompt") or "").split()
    if CREATE not in prompts:
        return kept
    rest = " ".join(each for each in prompts if each != CREATE)
    others = tuple(pair for pair in kept if pair[0] != "prompt")
    return (*others, ("screen_hint", "signup"), *((("prompt", rest),) if rest else ()))
