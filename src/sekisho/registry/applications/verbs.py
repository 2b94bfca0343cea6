"""Applications in Entra's words: created, changed, deleted. Client and API land in one unit."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from msgspec import UNSET, structs

from sekisho.change.actor import Actor
from sekisho.change.fields import written
from sekisho.change.unit import At, kept, land
from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.step import Note, Save, Step
from sekisho.registry import apis, client_methods, client_rules, clients
from sekisho.registry import keys as signing
from sekisho.registry.applications import api_side, client_side, keys, names
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.parts import MOST_ENTRIES, canonical, is_guid
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import VERSION_STALE
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Application:
    """A client, and the API that it is, if it is one."""

    client: Client
    api: Api | None = None

    @property
    def version(self) -> int:
        """It grows with either."""
        return self.client.version + (self.api.version if self.api else 0)


@dataclass(frozen=True, slots=True)
class Meant:
    """Which application is meant, by whom, at which versions."""

    id: str
    actor: Actor
    at: At = None


Change = Callable[[Application], Application]


async def find(tenant: Tenant, id: str) -> Application:
    """The application of this object id or this appId."""
    name = canonical(id)
    client = await tenant.store.record(Client, tenant.id, name) if is_guid(name) else None
    client = client or await clients.find(tenant, name)
    return Application(client, await apis.owned(tenant, client.client_id))


async def create(
    tenant: Tenant, asked: EntraApplicationFields, actor: Actor, *, wild: bool = False
) -> Application:
    """A new application. What an earlier one of its name was given does not come back to life."""
    client_id = str(uuid.uuid4())
    if asked.app_id is not UNSET:
        client_id = asked.app_id.lower()
        await names.is_free(tenant, client_id)
    blank = _blank(tenant, client_id)
    new = _changed(tenant, Application(blank), asked, wild=wild)
    new = replace(new, client=keys.settled(blank, new.client))
    _is_sound(new)
    detail = {"client_id": client_id, "name": new.client.name}
    note = actor.note(tenant.audit, tenant.id, "client_created", detail)

    async def attempt() -> tuple[Application, tuple[Step, ...]]:
        saved = await _saving(tenant, None, new.api, actor)
        return _after(Application(new.client), new), (Save(new.client), *saved, note)

    return await land(tenant, attempt)


async def change(
    tenant: Tenant, whose: Meant, asked: EntraApplicationFields, *, wild: bool = False
) -> Application:
    """An application, changed; what is not said stays."""
    had = await find(tenant, whose.id)
    detail = {"client_id": had.client.client_id, "fields": written(asked)}
    note = whose.actor.note(tenant.audit, tenant.id, "client_changed", detail)
    return await amend(tenant, whose, lambda had: _changed(tenant, had, asked, wild=wild), note)


async def amend(tenant: Tenant, whose: Meant, new: Change, note: Note) -> Application:
    """What becomes of an application, once it is on disk; what changes nothing writes nothing."""

    async def attempt() -> tuple[Application, tuple[Step, ...]]:
        had = await _meant(tenant, whose)
        made = new(had)
        client = keys.settled(had.client, made.client)
        if (client, made.api) == (had.client, had.api):
            return had, ()
        client_rules.registration_stays(had.client, client)
        made = Application(structs.replace(client, updated_at=tenant.now()), made.api)
        _is_sound(made)
        saved = await _saving(tenant, had.api, made.api, whose.actor)
        return _after(had, made), (Save(made.client), *saved, note)

    return await land(tenant, attempt)


async def delete(tenant: Tenant, whose: Meant) -> None:
    """The application, what it may ask for, the API that it is, and what others could ask of it."""
    had = await _meant(tenant, whose)
    at = None if whose.at is None else frozenset((had.client.version,))
    await clients.delete(tenant, had.client.client_id, whose.actor, at)


def _blank(tenant: Tenant, client_id: str) -> Client:
    return Client(
        tenant=tenant.id,
        id=str(uuid.uuid4()),
        client_id=client_id,
        name="",
        is_first_party=False,
        grant_types=client_side.GRANTS,
        front_channel=(),
        assertion_audience="lenient",
        assertion_reuse=True,
        created_at=tenant.now(),
        updated_at=tenant.now(),
    )


async def _meant(tenant: Tenant, whose: Meant) -> Application:
    """The application, for somebody who may do all that it may, at the version that is meant."""
    found = await find(tenant, whose.id)
    if whose.at is not None and found.version not in whose.at:
        raise Refused(VERSION_STALE, debug=f"it is at version {found.version}")
    await client_rules.may_be_changed(tenant, found.client, whose.actor.scopes)
    return found


def _changed(tenant: Tenant, had: Application, asked: EntraApplicationFields, *, wild: bool) -> Application:
    """The application with what is said of it. It becomes an API by the first thing that only an API has."""
    now = tenant.now()
    client = client_side.changed(had.client, asked, wild=wild)
    if asked.key_credentials is not UNSET:
        client = keys.replaced(client, asked.key_credentials or (), now)
    before = had.api or api_side.blank(client, now)
    api = api_side.changed(before, asked, client)
    if asked.token_encryption_key_id is not UNSET:
        api = structs.replace(api, encryption=keys.encryption(client, asked.token_encryption_key_id))
    api_side.uris_are_free(tenant, api)
    return Application(client, None if had.api is None and api == before else api)


def _is_sound(application: Application) -> None:
    """What is said of both agrees, and is not too much."""
    client, api = application.client, application.api
    client_methods.is_sound(client)
    if api and api.encryption and all(each.der != api.encryption.der for each in client.credentials):
        raise metadata.problem("keyCredentials", "Tokens are encrypted to this one: tokenEncryptionKeyId")
    if _entries(client, api) > MOST_ENTRIES:
        raise metadata.problem("displayName", f"More than {MOST_ENTRIES} entries in all lists together")


def _entries(client: Client, api: Api | None) -> int:
    """How many all its lists have together."""
    lists: list[int] = [
        *(len(each) for each in (client.reply_urls, client.credentials, client.secrets, client.federated)),
        *(1 + len(each.access) for each in client.required),
        len(client.id_token_claims),
    ]
    if api:
        own = (api.identifiers, api.scopes, api.app_roles, api.known_clients, api.access_token_claims)
        lists += [*map(len, own), *(1 + len(each.scopes) for each in api.pre_authorized)]
    return sum(lists)


async def _saving(tenant: Tenant, had: Api | None, new: Api | None, actor: Actor) -> tuple[Step, ...]:
    """The steps of the API, where it changes."""
    if new is None or new == had:
        return ()
    save = Save(structs.replace(new, updated_at=tenant.now()))
    if had is None:
        return *await signing.wanted(tenant, new.signing_alg, actor), save
    return save, *await api_side.lost(tenant, had, new)


def _after(had: Application, made: Application) -> Application:
    """The application as it stands after it was saved."""
    api = made.api
    return Application(kept(made.client), kept(api) if api and api != had.api else api)
