"""POST /{tenant}/oauth2/v2.0/token, and its older twin: what a grant gave, in Entra's words."""

from collections.abc import Mapping

from msgspec.structs import replace

from sekisho.faces.entra import says
from sekisho.faces.entra.place import is_alias, tenant_of_path
from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.oauth import token as core
from sekisho.oauth.asked import client_of
from sekisho.oauth.authenticate import authenticate, named
from sekisho.oauth.delegation import given
from sekisho.oauth.qualified import GRANTS
from sekisho.spec import scope
from sekisho.spec.entra import challenge
from sekisho.spec.entra.scope import OPENID, is_the_same, read
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import RESOURCE_PARAMETER, SINGLE_TENANT, TENANT_ALIAS
from sekisho.tenant import Tenant
from sekisho.tokens import Issued
from sekisho.tokens.entra import whom

# What cannot be asked for where the path leaves the tenant open.
OF_ONE_TENANT = frozenset(("client_credentials", "password"))
OFFLINE = "offline_access"


async def token(ask: Ask, tenant: Tenant) -> Answer:
    """Who asks, by which grant, for which resource; answered with everything that clients look for."""
    tenant_of_path(ask, tenant)
    if ask.get("resource"):
        raise Refused(RESOURCE_PARAMETER)
    granted, issued = await _gave(ask, tenant)
    return Answer(json=_body(granted, issued, ask, tenant), kind=says.KIND, headers=says.headers(ask))


async def older(ask: Ask, tenant: Tenant) -> Answer:
    """The same of the older endpoint: one resource by its name, and numbers as texts."""
    tenant_of_path(ask, tenant)
    resource = ask.get("resource")
    granted, issued = await _gave(_translated(ask, resource), tenant)
    ends = int(granted.at) + granted.lifetime
    body: dict[str, object] = {
        **_body(granted, issued, ask, tenant),
        "expires_on": ends,
        "not_before": int(granted.at),
        "resource": resource or granted.audience,
    }
    if granted.user:
        body["scope"] = scope.text([each for each in granted.scopes if each != OFFLINE])
    told = {name: str(value) if isinstance(value, int) else value for name, value in body.items()}
    return Answer(json=told, kind=says.KIND, headers=says.headers(ask))


async def _gave(ask: Ask, tenant: Tenant) -> tuple[Granted, Issued]:
    ask.need("grant_type")
    client = await _identified(ask, tenant)
    grant = core.chosen(GRANTS, ask, client, tenant.policy)
    if is_alias(ask):
        _may_leave_it_open(ask, client)
    challenge.read(ask.get("claims"))
    return await core.gave(grant, client, ask, tenant)


async def _identified(ask: Ask, tenant: Tenant) -> Client:
    """The client, proved as far as it shows anything: what goes without a proof, the grant decides."""
    if given.proof_of(ask) == "0":
        return await client_of(ask.need("client_id"), tenant)
    try:
        return await authenticate(ask, tenant)
    except Refused as refused:
        raise await says.apart(refused, named(ask), tenant) from refused


def _may_leave_it_open(ask: Ask, client: Client) -> None:
    """An application in its own name needs a tenant; one that is for one tenant uses its address."""
    name = ask.names["t"]
    if ask.get("grant_type") in OF_ONE_TENANT:
        raise Refused(TENANT_ALIAS, words={"name": name})
    if client.sign_in_audience == "AzureADMyOrg":
        raise Refused(SINGLE_TENANT, words={"name": name})


def _translated(ask: Ask, resource: str | None) -> Ask:
    """A resource is asked for with everything that there is of it."""
    if resource is None:
        return ask
    own = [word for word in (ask.get("scope") or "").split() if word in OPENID]
    lasting = [OFFLINE] if ask.get("grant_type") != "client_credentials" else []
    words = " ".join((*own, *lasting, f"{resource}/.default"))
    rest: Pairs = tuple(pair for pair in ask.form if pair[0] not in ("scope", "resource"))
    return replace(ask, form=(*rest, ("scope", words)))


def _body(granted: Granted, issued: Issued, ask: Ask, tenant: Tenant) -> Mapping[str, object]:
    """Contract section 2.7: of an application in its own name no more than the token."""
    body: dict[str, object] = {
        "token_type": "Bearer",
        "expires_in": granted.lifetime,
        "ext_expires_in": granted.lifetime,
        "access_token": issued.body["access_token"],
    }
    if granted.user is None:
        return body
    body["scope"] = _scope(granted, one(ask.form, "scope") or "")
    if granted.assertion:
        body |= _of_assertion(granted)
    body |= {name: issued.body[name] for name in ("refresh_token", "id_token") if name in issued.body}
    if one(ask.form, "client_info") == "1":
        body["client_info"] = whom.mint(granted.user.id, tenant)
    return body


def _of_assertion(granted: Granted) -> Mapping[str, object]:
    """Contract section 7.2: what the older endpoint said of any token."""
    return {
        "ext_expires_in": 0,
        "expires_on": int(granted.at) + granted.lifetime,
        "resource": granted.audience,
        "issued_token_type": granted.issued_type,
    }


def _scope(granted: Granted, asked: str) -> str:
    """What was granted, written as it was asked for: clients look for it in their caches by that."""
    _, several = read(asked.split())
    # Where several resources are named, the token is for the first one.
    qualified = [each for each in several if is_the_same(each.resource, several[0].resource)]
    own = [each for each in granted.scopes if each in OPENID and each != OFFLINE]
    values = [each for each in granted.scopes if each not in OPENID]
    written = {each.value.casefold(): each.text for each in qualified}
    told = [written.get(value.casefold(), f"{granted.audience}/{value}") for value in values]
    defaults = [each.text for each in qualified if each.is_default]
    return " ".join((*told, *own, *defaults))
