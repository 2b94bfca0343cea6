"""/api/v2/clients: the applications of a tenant."""

from sekisho.api import query, view
from sekisho.api.bearer import actor, caller, need
from sekisho.api.listing import Listing, fixed, listed, switch
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client
from sekisho.registry import clients, fields
from sekisho.registry.clients import ClientFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

READ = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")
READ_ALL = frozenset(("read:clients", "read:client_keys"))
UPDATE = (
    "update:clients",
    "update:client_keys",
    "update:client_credentials",
    "update:client_token_vault_privileged_access",
)
UPDATE_CREDENTIALS = frozenset(("update:client_keys", "update:client_credentials"))
CREDENTIALS = frozenset(("token_endpoint_auth_method",))
SUMMARY = frozenset(("client_id", "app_type", "name", "description"))


async def every(ask: Ask, tenant: Tenant) -> Answer:
    """GET /clients."""
    bearer = await caller(ask, tenant, *READ)
    return await listed(ask, tenant, CLIENTS, lambda client: _visible(client, bearer, tenant))


async def get(ask: Ask, tenant: Tenant) -> Answer:
    """GET /clients/{id}."""
    bearer = await caller(ask, tenant, *READ)
    query.only(ask, *view.CUT)
    cut = view.cutter(ask)
    client = await clients.find(tenant, ask.names["id"])
    return view.shown(cut(_visible(client, bearer, tenant)))


async def create(ask: Ask, tenant: Tenant) -> Answer:
    """POST /clients: the one answer that always says the secret."""
    bearer = await caller(ask, tenant, "create:clients")
    query.only(ask)
    asked = fields.creation(document.parse(ask.body), ClientFields)
    made = await clients.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(made.client, tenant) | _secret(made.secret), 201)


async def change(ask: Ask, tenant: Tenant) -> Answer:
    """PATCH /clients/{id}: a secret that this made is said to who may change keys."""
    bearer = await caller(ask, tenant, *UPDATE)
    query.only(ask)
    asked = fields.amendment(document.parse(ask.body), ClientFields)
    _may_write(bearer, asked)
    made = await clients.change(tenant, ask.names["id"], asked, actor(bearer, ask))
    secret = made.secret if "update:client_keys" in bearer.scopes else None
    return view.shown(_view(made.client, tenant) | _secret(secret))


async def delete(ask: Ask, tenant: Tenant) -> Answer:
    """DELETE /clients/{id}: also of one that is gone."""
    bearer = await caller(ask, tenant, "delete:clients")
    query.only(ask)
    await clients.delete(tenant, ask.names["id"], actor(bearer, ask))
    return view.nothing()


def _app_type(value: str, _tenant: Tenant) -> dict[str, str]:
    if "," in value:
        raise query.invalid("One app_type at a time")
    return {"app_type": value}


CLIENTS = Listing(
    Client,
    "clients",
    {"app_type": _app_type, "is_first_party": switch("is_first_party"), "is_global": fixed("false")},
)


def _may_write(bearer: Bearer, asked: ClientFields) -> None:
    """Who may only change credentials changes nothing else."""
    said = fields.written(asked)
    credentials_only = CREDENTIALS.issuperset(said) and UPDATE_CREDENTIALS.intersection(bearer.scopes)
    if said and not credentials_only:
        need(bearer, "update:clients")


def _visible(client: Client, bearer: Bearer, tenant: Tenant) -> view.View:
    """What the scopes let see; a projection only takes away from it."""
    whole = _view(client, tenant)
    if READ_ALL.intersection(bearer.scopes):
        return whole
    return {name: value for name, value in whole.items() if name in SUMMARY}


def _secret(text: str | None) -> view.View:
    return {} if text is None else {"client_secret": text}


def _view(client: Client, tenant: Tenant) -> view.View:
    return view.present(
        {
            "tenant": tenant.record.slug,
            "global": False,
            "client_id": client.client_id,
            "name": client.name,
            "description": client.description,
            "app_type": client.app_type,
            "logo_uri": client.logo_uri,
            "enabled": client.enabled,
            "is_first_party": client.is_first_party,
            "oidc_conformant": client.oidc_conformant,
            "callbacks": [reply.url for reply in client.reply_urls],
            "allowed_origins": list(client.allowed_origins),
            "web_origins": list(client.web_origins),
            "allowed_logout_urls": list(client.allowed_logout_urls),
            "initiate_login_uri": client.initiate_login_uri,
            "grant_types": list(client.grant_types),
            "token_endpoint_auth_method": client.token_endpoint_auth_method,
            "client_metadata": dict(client.client_metadata) or None,
        }
    )
