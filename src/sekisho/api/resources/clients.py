"""/api/v2/clients: the applications of a tenant."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct, field

from sekisho.api import match, query, view
from sekisho.api.bearer import actor, need
from sekisho.api.listing import Filter, Listing, choice, fixed, listed, switch
from sekisho.api.operation import Words
from sekisho.api.view import Maybe, unless_empty
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client
from sekisho.registry import clients
from sekisho.registry.client_fields import EXCHANGES, ClientFields, RefreshTokenFields, refreshing
from sekisho.registry.client_secrets import RotationFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

READ = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")
READ_ALL = frozenset(("read:clients", "read:client_keys"))
READ_CREDENTIALS = frozenset(("read:client_keys", "read:client_credentials"))
UPDATE = (
    "update:clients",
    "update:client_keys",
    "update:client_credentials",
    "update:client_token_vault_privileged_access",
)
UPDATE_CREDENTIALS = frozenset(("update:client_keys", "update:client_credentials"))
SUMMARY = frozenset(("client_id", "app_type", "name", "description"))
METHODS = "client_authentication_methods"
PROFILES = "allow_any_profile_of_type"
CREDENTIALS = frozenset(
    (
        *(METHODS, "token_endpoint_auth_method", "token_endpoint_auth_signing_alg"),
        *("jwks", "jwks_uri", "assertion_audience", "assertion_reuse"),
    )
)
# Whoever puts a key here is the client from then on.
KEYS = frozenset(("jwks", "jwks_uri"))
ALWAYS = (
    *("client_id", "name", "app_type", "enabled", "is_first_party", "oidc_conformant"),
    *("scope_claims_in_id_token", "cross_origin_authentication"),
)
LISTS = ("allowed_origins", "web_origins", "allowed_logout_urls", "grant_types")
IF_SAID = (
    *("description", "logo_uri", "initiate_login_uri", "client_metadata"),
    *("jwks_uri", "token_endpoint_auth_signing_alg", "resource_server_identifier"),
)
# Installations of registered applications are without number, and made by nobody here.
REGISTERED = Filter(
    Words(
        "true: clients that registered themselves, too. Only the others unless said.",
        "true の場合、自己登録したクライアントも含める（既定は含めない）。",
    ),
    lambda value, _: (
        ({},) if query.boolean(value, "include_registered") == "true" else ({"application": ""},)
    ),
    bool,
    usual="false",
)
CLIENTS = Listing(
    Client,
    "clients",
    {
        "app_type": choice(
            "app_type", Words("Only these types, separated by commas.", "対象の種別（カンマ区切り）。")
        ),
        "is_first_party": switch(
            "is_first_party",
            Words(
                "Only those of the tenant itself, or only the others.",
                "自社のものだけ、または他社のものだけ。",
            ),
        ),
        "include_registered": REGISTERED,
        "is_global": fixed(
            "is_global",
            "false",
            Words(
                "There is no global client: true finds nothing.",
                "グローバルクライアントはないため、true は空になる。",
            ),
        ),
    },
)


class Names(Struct):
    """The credentials of a method, by their ids."""

    credentials: list[dict[str, str]]


class KeysSeen(Struct):
    """The keys that a client brought itself."""

    keys: Sequence[Mapping[str, Any]]


class RegistrationSeen(Struct):
    """How a client came to register itself: nobody changes it."""

    application: str
    statement: str
    generation: int


class ClientSeen(Struct, kw_only=True):
    """A client. `client_secret` is in the answer that makes it, and in no other."""

    tenant: str
    is_global: bool = field(name="global", default=False)
    client_id: str
    client_secret: Maybe[str] = UNSET
    name: str
    description: Maybe[str] = UNSET
    app_type: str
    logo_uri: Maybe[str] = UNSET
    enabled: bool
    is_first_party: bool
    oidc_conformant: bool
    callbacks: Sequence[str]
    allowed_origins: Sequence[str]
    web_origins: Sequence[str]
    allowed_logout_urls: Sequence[str]
    cross_origin_authentication: bool
    initiate_login_uri: Maybe[str] = UNSET
    grant_types: Sequence[str]
    resource_server_identifier: Maybe[str] = UNSET
    token_endpoint_auth_method: Maybe[str] = UNSET
    client_authentication_methods: Maybe[Mapping[str, Names]] = UNSET
    token_endpoint_auth_signing_alg: Maybe[str] = UNSET
    jwks: Maybe[KeysSeen] = UNSET
    jwks_uri: Maybe[str] = UNSET
    assertion_audience: Maybe[str] = UNSET
    assertion_reuse: Maybe[bool] = UNSET
    require_pushed_authorization_requests: bool
    par_request_expiry: Maybe[int] = UNSET
    scope_claims_in_id_token: str
    refresh_token: RefreshTokenFields
    token_exchange: Maybe[Mapping[str, Sequence[str]]] = UNSET
    client_metadata: Maybe[Mapping[str, str]] = UNSET
    registration: Maybe[RegistrationSeen] = UNSET


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /clients."""
    return await listed(ask, tenant, CLIENTS, lambda client: _visible(client, bearer, tenant))


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /clients/{id}."""
    cut = view.cutter(ask)
    client = await clients.find(tenant, ask.names["id"])
    return view.shown(cut(_visible(client, bearer, tenant)), version=client.version)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /clients: the one answer that always says the secret."""
    asked = fields.creation(document.parse(ask.body), ClientFields)
    if METHODS in fields.written(asked):
        need(bearer, "create:client_credentials")
    made = await clients.create(tenant, asked, actor(bearer, ask))
    seen = _seen(made.client, tenant, made.secret)
    return view.shown(view.members(seen), 201, version=made.client.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /clients/{id}: a secret that this made is said to who may change keys."""
    asked = fields.amendment(document.parse(ask.body), ClientFields)
    _may_write(bearer, asked)
    made = await clients.change(tenant, ask.names["id"], asked, actor(bearer, ask), match.versions(ask))
    secret = made.secret if "update:client_keys" in bearer.scopes else None
    seen = _seen(made.client, tenant, secret)
    return view.shown(view.members(seen), version=made.client.version)


async def rotate_secret(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /clients/{id}/rotate-secret: says the new one; the previous one ends a day later, or as told."""
    asked = fields.amendment(document.parse(ask.body or b"{}"), RotationFields)
    id, at = ask.names["id"], match.versions(ask)
    made = await clients.rotate_secret(tenant, id, asked, actor(bearer, ask), at)
    seen = _seen(made.client, tenant, made.secret)
    return view.shown(view.members(seen), version=made.client.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /clients/{id}: also of one that is gone."""
    await clients.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


def _may_write(bearer: Bearer, asked: ClientFields) -> None:
    """Who may only change credentials changes nothing else, and who may not puts no key into a client."""
    said = fields.written(asked)
    if not KEYS.isdisjoint(said):
        need(bearer, *sorted(UPDATE_CREDENTIALS))
    credentials_only = CREDENTIALS.issuperset(said) and UPDATE_CREDENTIALS.intersection(bearer.scopes)
    if said and not credentials_only:
        need(bearer, "update:clients")


def _visible(client: Client, bearer: Bearer, tenant: Tenant) -> view.View:
    """What the scopes let see; a projection only takes away from it."""
    whole = view.members(_seen(client, tenant))
    seen = frozenset(whole) if READ_ALL.intersection(bearer.scopes) else SUMMARY
    if not READ_CREDENTIALS.intersection(bearer.scopes):
        seen -= {METHODS}
    elif "read:client_credentials" in bearer.scopes:
        seen |= {METHODS}
    return {name: value for name, value in whole.items() if name in seen}


def _seen(client: Client, tenant: Tenant, secret: str | None = None) -> ClientSeen:
    chosen = client.client_authentication_methods
    methods = {name: Names([{"id": id} for id in ids]) for name, ids in chosen.items()}
    said: dict[str, Any] = {
        **{name: getattr(client, name) for name in ALWAYS},
        **{name: list(getattr(client, name)) for name in LISTS},
        **{name: unless_empty(getattr(client, name)) for name in IF_SAID},
    }
    return ClientSeen(
        tenant=tenant.record.slug,
        client_secret=unless_empty(secret or ""),
        callbacks=[reply.url for reply in client.reply_urls],
        # One excludes the other, as whoever sends both back would find out.
        token_endpoint_auth_method=UNSET if chosen else client.token_endpoint_auth_method,
        client_authentication_methods=unless_empty(methods),
        jwks=KeysSeen(list(client.jwks)) if client.jwks else UNSET,
        assertion_audience=UNSET if client.assertion_audience == "issuer" else client.assertion_audience,
        assertion_reuse=client.assertion_reuse or UNSET,
        require_pushed_authorization_requests=client.requires_pushing,
        par_request_expiry=client.pushed_lifetime or UNSET,
        refresh_token=refreshing(client.refresh, tenant.policy),
        token_exchange=unless_empty({PROFILES: list(kinds)} if (kinds := EXCHANGES[client.exchange]) else {}),
        registration=_registration(client),
        **said,
    )


def _registration(client: Client) -> Maybe[RegistrationSeen]:
    came_by = client.registration
    if came_by is None:
        return UNSET
    return RegistrationSeen(came_by.application, came_by.statement, came_by.generation)
