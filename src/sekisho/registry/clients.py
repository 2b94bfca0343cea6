"""Clients: created, changed, deleted (RFC 7591 section 2, Auth0's names)."""

import re
import secrets
import string
import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, applied, given, written
from sekisho.change.unit import At, kept, land, meant, whole
from sekisho.model.artifact import Owner
from sekisho.model.client import COMMAND_LINE, Client, ReplyKind, ReplyUrl
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Erase, Note, Save, Step
from sekisho.registry import client_methods, client_rules, client_secrets
from sekisho.registry.client_methods import (
    AssertionAudience,
    AuthenticationMethods,
    KeySet,
    Method,
    SigningAlg,
)
from sekisho.registry.client_secrets import Made, RotationFields
from sekisho.spec import metadata
from sekisho.spec.metadata import APP_TYPES, GRANT_TYPES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABSENT
from sekisho.tenant import Tenant

ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 32
# Another process may believe in a client for a second after it was deleted; a client id never comes back.
SETTLED = 2.0
_ID = re.compile(r"[A-Za-z0-9._~-]{1,128}")
# What says how a client authenticates.
METHOD = ("client_authentication_methods", "token_endpoint_auth_method", "jwks")
_KINDS: Mapping[str, ReplyKind] = {"spa": "spa", "native": "public"}

GrantTypes = Annotated[
    tuple[Annotated[str, Meta(extra_json_schema={"enum": sorted(GRANT_TYPES)})], ...], Meta(max_length=100)
]
Identifier = Annotated[str, Meta(max_length=metadata.LONGEST_IDENTIFIER, pattern=r"^[^\x00-\x20\x7f]*\Z")]
Urls = Annotated[tuple[str, ...], Meta(max_length=100)]


class ClientFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a client, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("name",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {
        "addons": {},
        "allowed_clients": [],
        "callback_url_template": False,
        "client_aliases": [],
        "compliance_level": "none",
        "cross_origin_authentication": False,
        "custom_login_page_on": True,
        "default_organization": None,
        "encryption_key": None,
        "is_token_endpoint_ip_header_trusted": False,
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36_000, "secret_encoded": False},
        "mobile": None,
        "native_social_login": None,
        "oidc_backchannel_logout": None,
        "oidc_logout": None,
        "organization_usage": "deny",
        "par_request_expiry": None,
        "redirection_policy": None,
        "refresh_token": None,
        "require_proof_of_possession": False,
        "require_pushed_authorization_requests": False,
        "session_transfer": None,
        "signed_request_object": {"required": False},
        "skip_non_verifiable_callback_uri_confirmation_prompt": None,
        "sso": False,
        "sso_disabled": False,
        "third_party_security_mode": None,
        "token_exchange": None,
        "token_quota": None,
        "token_vault_privileged_access": None,
    }

    name: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    description: Perhaps[Annotated[str, Meta(max_length=140)]] = UNSET
    app_type: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": sorted(APP_TYPES)})]] = UNSET
    logo_uri: Perhaps[str] = UNSET
    enabled: Perhaps[bool] = UNSET
    is_first_party: Perhaps[bool] = UNSET
    oidc_conformant: Perhaps[bool] = UNSET
    callbacks: Perhaps[Urls] = UNSET
    allowed_origins: Perhaps[Urls] = UNSET
    web_origins: Perhaps[Urls] = UNSET
    allowed_logout_urls: Perhaps[Urls] = UNSET
    initiate_login_uri: Perhaps[str] = UNSET
    grant_types: Perhaps[GrantTypes] = UNSET
    token_endpoint_auth_method: Perhaps[Method] = UNSET
    resource_server_identifier: Perhaps[Identifier] = UNSET
    client_authentication_methods: Perhaps[AuthenticationMethods] = UNSET
    token_endpoint_auth_signing_alg: Perhaps[SigningAlg] = UNSET
    jwks: Perhaps[KeySet] = UNSET
    jwks_uri: Perhaps[str] = UNSET
    assertion_audience: Perhaps[AssertionAudience] = UNSET
    assertion_reuse: Perhaps[bool] = UNSET
    client_metadata: Perhaps[dict[str, str | None]] = UNSET


async def find(tenant: Tenant, client_id: str) -> Client:
    """The client of this name, from the store."""
    client = await tenant.store.named(Client, tenant.id, client_id) if _ID.fullmatch(client_id) else None
    if client is None:
        raise Refused(CLIENT_ABSENT)
    return client


async def create(tenant: Tenant, asked: ClientFields, actor: Actor) -> Made:
    """A new client, with a secret unless it is public."""
    now = tenant.now()
    client_id = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    blank = Client(tenant=tenant.id, id=str(uuid.uuid4()), client_id=client_id, name="", created_at=now)
    # None lets the defaults follow from what else is said.
    client = _changed(blank, {"token_endpoint_auth_method": None, "grant_types": None, **given(asked)}, now)
    made = client_secrets.settled(replace(client, updated_at=now), tenant)
    note = actor.note(
        tenant.audit, tenant.id, "client_created", {"client_id": client_id, "name": client.name}
    )

    async def attempt() -> tuple[Made, tuple[Step, ...]]:
        return _saved(made), (Save(made.client), note)

    return await land(tenant, attempt)


async def change(tenant: Tenant, client_id: str, asked: ClientFields, actor: Actor, at: At = None) -> Made:
    """A client, changed. One that stops being public gets a secret, one that becomes public loses its own."""
    detail = {"client_id": client_id, "fields": written(asked)}
    note = actor.note(tenant.audit, tenant.id, "client_changed", detail)

    def new(client: Client) -> Made:
        changed = _changed(client, given(asked), tenant.now())
        client_rules.registration_stays(client, changed)
        return client_secrets.settled(changed, tenant)

    return await _made(tenant, client_id, new, note, at)


async def rotate_secret(
    tenant: Tenant, client_id: str, asked: RotationFields, actor: Actor, at: At = None
) -> Made:
    """A new secret; the previous one stays good for a while, so that nothing stands still meanwhile."""
    note = actor.note(tenant.audit, tenant.id, "client_secret_rotated", {"client_id": client_id})
    return await _made(
        tenant, client_id, lambda client: client_secrets.rotated(client, tenant, asked), note, at
    )


async def amend_credentials(
    tenant: Tenant, client_id: str, new: Callable[[Client], Client], note: Note, at: At = None
) -> Client:
    """A client with other credentials."""

    def made(client: Client) -> Made:
        changed = new(client)
        client_rules.registration_stays(client, changed)
        return Made(changed, None)

    return (await _made(tenant, client_id, made, note, at)).client


async def _made(tenant: Tenant, client_id: str, new: Callable[[Client], Made], note: Note, at: At) -> Made:
    """What becomes of a client, once it is on disk; what changes nothing writes nothing."""

    async def attempt() -> tuple[Made, tuple[Step, ...]]:
        client = meant(await find(tenant, client_id), at)
        made = new(client)
        if made.client == client:
            return made, ()
        made = Made(replace(made.client, updated_at=tenant.now()), made.secret)
        return _saved(made), (Save(made.client), note)

    return await land(tenant, attempt)


async def delete(tenant: Tenant, client_id: str, actor: Actor, at: At = None) -> None:
    """The client, what it may ask of APIs, all that was issued to it. An unknown one is gone already."""
    # The command line is nobody's client: its tokens do not end with a client of its name.
    if not _ID.fullmatch(client_id) or client_id == COMMAND_LINE:
        return
    note = actor.note(tenant.audit, tenant.id, "client_deleted", {"client_id": client_id})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        client = await tenant.store.named(Client, tenant.id, client_id)
        if client is None:
            return None, ()
        meant(client, at)
        grants = await whole(tenant, ClientGrant, {"client_id": client_id})
        return None, (Erase(client), *map(Erase, grants), note)

    await land(tenant, attempt)
    await tenant.store.revoke(Owner(tenant=tenant.id, client=client_id), tenant.now() + SETTLED)


def _changed(client: Client, values: dict[str, Any], now: float) -> Client:
    """The client with these values, within the rules."""
    callbacks = values.pop("callbacks", UNSET)
    texts = values.pop("client_metadata", UNSET)
    means = {name: values.pop(name) for name in METHOD if name in values}
    changed = client_methods.changed(applied(client, values), means, now)
    if texts is not UNSET:
        changed = replace(changed, client_metadata=_merged(client.client_metadata, texts))
    if callbacks is not UNSET:
        changed = replace(changed, reply_urls=_reply_urls(callbacks or (), changed))
    if values.get("grant_types", UNSET) is None:
        own_name = () if changed.is_public else ("client_credentials",)
        changed = replace(changed, grant_types=("authorization_code", "refresh_token", *own_name))
    client_rules.is_sound(changed)
    return changed


def _merged(old: Mapping[str, str], new: Mapping[str, str | None] | None) -> dict[str, str]:
    """Members merge; null takes one away, and null for all takes all."""
    merged = {**old, **new} if new is not None else {}
    return {name: text for name, text in merged.items() if text is not None}


def _reply_urls(urls: tuple[str, ...], client: Client) -> tuple[ReplyUrl, ...]:
    """An address that stays keeps its kind; a new one has that of the application."""
    kinds = {reply.url: reply.kind for reply in client.reply_urls}
    kind = _KINDS.get(client.app_type, "web")
    return tuple(ReplyUrl(url=url, kind=kinds.get(url, kind)) for url in urls)


def _saved(made: Made) -> Made:
    """The same, as it stands after it was saved."""
    return Made(kept(made.client), made.secret)
