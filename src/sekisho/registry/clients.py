"""Clients: created, changed, deleted (RFC 7591 section 2, Auth0's names)."""

import re
import secrets
import string
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import applied, given, written
from sekisho.change.unit import At, kept, land, meant, whole
from sekisho.model.artifact import Owner
from sekisho.model.client import COMMAND_LINE, Client, ReplyKind, ReplyUrl
from sekisho.model.client_grant import ClientGrant
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase, Note, Save, Step
from sekisho.registry import apis, client_methods, client_rules, client_secrets, tenants
from sekisho.registry.client_fields import ClientFields, exchanged, refreshed
from sekisho.registry.client_secrets import Made, RotationFields
from sekisho.spec.policy import Policy
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


@dataclass(frozen=True, slots=True)
class Meant:
    """Which client is meant, by whom, at which versions."""

    client_id: str
    actor: Actor
    at: At = None


async def find(tenant: Tenant, client_id: str) -> Client:
    """The client of this name, from the store."""
    client = await tenant.store.named(Client, tenant.id, client_id) if _ID.fullmatch(client_id) else None
    if client is None:
        raise Refused(CLIENT_ABSENT)
    return client


async def create(tenant: Tenant, asked: ClientFields, actor: Actor) -> Made:
    """A new client, with a secret unless it is public."""
    now, policy = tenant.now(), await _decided(tenant, asked)
    client_id = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    blank = Client(tenant=tenant.id, id=str(uuid.uuid4()), client_id=client_id, name="", created_at=now)
    # None lets the defaults follow from what else is said.
    values = {"token_endpoint_auth_method": None, "grant_types": None, **given(asked)}
    client = _changed(blank, values, policy, now)
    client_rules.pushing_was_allowed_first(blank, client, policy)
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
    policy = await _decided(tenant, asked)

    def new(client: Client) -> Made:
        changed = _changed(client, given(asked), policy, tenant.now())
        client_rules.registration_stays(client, changed)
        client_rules.pushing_was_allowed_first(client, changed, policy)
        is_same = changed.token_endpoint_auth_method == client.token_endpoint_auth_method
        if is_same and _has_proofs(changed):
            return Made(changed, None)
        return client_secrets.settled(changed, tenant)

    return await _made(tenant, Meant(client_id, actor, at), new, note)


async def rotate_secret(
    tenant: Tenant, client_id: str, asked: RotationFields, actor: Actor, at: At = None
) -> Made:
    """A new secret; the previous one stays good for a while, so that nothing stands still meanwhile."""
    note = actor.note(tenant.audit, tenant.id, "client_secret_rotated", {"client_id": client_id})
    whose = Meant(client_id, actor, at)
    return await _made(tenant, whose, lambda client: client_secrets.rotated(client, tenant, asked), note)


async def amend_credentials(
    tenant: Tenant, whose: Meant, new: Callable[[Client], Client], note: Note
) -> Client:
    """A client with other credentials."""

    def made(client: Client) -> Made:
        changed = new(client)
        client_rules.registration_stays(client, changed)
        return Made(changed, None)

    return (await _made(tenant, whose, made, note)).client


async def _made(tenant: Tenant, whose: Meant, new: Callable[[Client], Made], note: Note) -> Made:
    """What becomes of a client, once it is on disk; what changes nothing writes nothing."""

    async def attempt() -> tuple[Made, tuple[Step, ...]]:
        client = meant(await find(tenant, whose.client_id), whose.at)
        made = new(await client_rules.may_be_changed(tenant, client, whose.actor.scopes))
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
        await client_rules.may_be_changed(tenant, meant(client, at), actor.scopes)
        return None, (Erase(client), *await _left(tenant, client), note)

    await land(tenant, attempt)
    await tenant.store.revoke(Owner(tenant=tenant.id, client=client_id), tenant.now() + SETTLED)


def _has_proofs(client: Client) -> bool:
    """It has something to prove itself with, or needs nothing."""
    keys = (client.credentials, client.jwks, client.jwks_uri, client.federated)
    return client.is_public or bool(client.secrets) or any(keys)


async def _left(tenant: Tenant, client: Client) -> tuple[Step, ...]:
    """What ends with a client: what it may ask for, the roles it has, and the API that it is."""
    api = await apis.owned(tenant, client.client_id)
    own = api.identifier if api else None
    grants = await whole(tenant, ClientGrant, {"client_id": client.client_id})
    roles = await whole(tenant, RoleAssignment, {"principal": client.id})
    elsewhere = (
        *(Erase(each) for each in grants if each.audience != own),
        *(Erase(each) for each in roles if each.api != own),
    )
    return *elsewhere, *(await apis.left(tenant, api) if api else ())


async def _decided(tenant: Tenant, asked: ClientFields) -> Policy:
    """What the tenant decided by now, where the client depends on it: a moment ago it may have been else."""
    depends = asked.requires_pushing is True or asked.refresh is not UNSET
    return (await tenants.current(tenant)).policy if depends else tenant.policy


def _changed(client: Client, values: dict[str, Any], policy: Policy, now: float) -> Client:
    """The client with these values, within the rules."""
    terms = values.pop("refresh", UNSET)
    callbacks = values.pop("callbacks", UNSET)
    if "exchange" in values:
        values["exchange"] = exchanged(values["exchange"])
    texts = values.pop("client_metadata", UNSET)
    means = {name: values.pop(name) for name in METHOD if name in values}
    changed = client_methods.changed(applied(client, values), means, now)
    if terms is not UNSET:
        changed = replace(changed, refresh=refreshed(client.refresh, terms, policy))
    if texts is not UNSET:
        changed = replace(changed, client_metadata=_merged(client.client_metadata, texts))
    if callbacks is not UNSET:
        changed = replace(changed, reply_urls=_reply_urls(callbacks or (), changed))
    if values.get("grant_types", UNSET) is None:
        changed = replace(changed, grant_types=_usual_grants(changed))
    client_rules.is_sound(changed, client)
    return changed


def _usual_grants(client: Client) -> tuple[str, ...]:
    """What a client of its kind needs; tokens in addresses are for portals, which know nothing else."""
    if client.app_type == "portal":
        return ("authorization_code", "implicit")
    own_name = () if client.is_public else ("client_credentials",)
    return ("authorization_code", "refresh_token", *own_name)


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
