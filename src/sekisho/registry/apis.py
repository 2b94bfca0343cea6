"""APIs, which Auth0 calls resource servers: created, changed, deleted."""

import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, applied, given, written
from sekisho.change.unit import At, kept, land, meant, taken, whole
from sekisho.model.api import MANAGEMENT, PROTECTED, Api, Scope
from sekisho.model.client_grant import ClientGrant
from sekisho.model.consent import Consent
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase, Save, Step
from sekisho.registry import keys
from sekisho.spec import metadata
from sekisho.spec.metadata import ALGS_ELSEWHERE, DIALECTS_ELSEWHERE, LONGEST_IDENTIFIER
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, SYSTEM_API
from sekisho.store.nouns import EVERYBODY
from sekisho.tenant import Tenant

ALGS = ("RS256", "PS256", "ES256", "EdDSA")
DIALECTS = ("access_token", "rfc9068_profile", "opaque")
LONGEST_LIFETIME = 2_592_000
LONGEST_BYTES = 1_800  # of an identifier in UTF-8: it has to fit into an index
_ID = re.compile(r"[0-9a-f]{24}")

Lifetime = Annotated[int, Meta(ge=1, le=LONGEST_LIFETIME)]


class ScopeFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A permission, in the wire's words."""

    value: Annotated[str, Meta(max_length=280, pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+\Z")]
    description: Annotated[str, Meta(max_length=500)] | None = None


class ApiFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about an API, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("identifier",)
    ONCE: ClassVar[tuple[str, ...]] = ("identifier",)
    PROMISES: ClassVar[Mapping[str, object]] = {
        "allow_online_access": False,
        "authorization_details": None,
        "client_id": None,
        "consent_policy": None,
        "enforce_policies": False,
        "proof_of_possession": None,
        "signing_secret": None,
        "subject_type_authorization": {
            "user": {"policy": "allow_all"},
            "client": {"policy": "require_client_grant"},
        },
        "token_encryption": None,
    }

    identifier: (
        Annotated[str, Meta(max_length=LONGEST_IDENTIFIER, pattern=r"^[^\x00-\x20\x7f]+\Z")] | UnsetType
    ) = UNSET
    name: Annotated[str, Meta(max_length=255)] | UnsetType = UNSET
    scopes: Perhaps[Annotated[tuple[ScopeFields, ...], Meta(max_length=1000)]] = UNSET
    signing_alg: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": ALGS})]] = UNSET
    dialect: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": DIALECTS})]] = field(
        name="token_dialect", default=UNSET
    )
    token_lifetime: Perhaps[Lifetime] = UNSET
    token_lifetime_for_web: Perhaps[Lifetime] = UNSET
    allow_offline_access: Perhaps[bool] = UNSET
    skip_consent: Perhaps[bool] = field(name="skip_consent_for_verifiable_first_party_clients", default=UNSET)


async def find(tenant: Tenant, name: str) -> Api:
    """The API with this id or this identifier."""
    api = await tenant.store.record(Api, tenant.id, name) if _ID.fullmatch(name) else None
    api = api or await of_audience(tenant, name)
    if api is None:
        raise Refused(API_ABSENT)
    return api


async def of_audience(tenant: Tenant, audience: str) -> Api | None:
    """The API that an audience means; ours has as many as the tenant has addresses."""
    if len(audience) > LONGEST_IDENTIFIER or audience == MANAGEMENT:
        return None
    return await tenant.store.named(Api, tenant.id, internal(tenant, audience))


def internal(tenant: Tenant, audience: str) -> str:
    """The name inside of an audience."""
    return MANAGEMENT if tenant.is_management(audience) else audience


async def create(tenant: Tenant, asked: ApiFields, actor: Actor) -> Api:
    """A new API. What clients could ask of an earlier one of this name does not come back to life."""
    values = given(asked)
    identifier = values.pop("identifier")
    if len(identifier.encode()) > LONGEST_BYTES:
        raise metadata.problem("identifier", "String is too long")
    now = tenant.now()
    blank = Api(
        tenant=tenant.id,
        id=secrets.token_hex(12),
        name=identifier,
        identifiers=(identifier,),
        created_at=now,
        updated_at=now,
    )
    api = _changed(blank, values)
    if internal(tenant, identifier) in (MANAGEMENT, PROTECTED):
        raise taken(Save(api))
    note = actor.note(tenant.audit, tenant.id, "api_created", {"api": api.id, "identifier": identifier})

    async def attempt() -> tuple[Api, tuple[Step, ...]]:
        left = await whole(tenant, ClientGrant, {"audience": identifier})
        keyed = await keys.wanted(tenant, api.signing_alg, actor)
        return kept(api), (*map(Erase, left), *keyed, Save(api), note)

    return await land(tenant, attempt)


async def change(tenant: Tenant, name: str, asked: ApiFields, actor: Actor, at: At = None) -> Api:
    """An API, changed; a scope that it loses is lost to all clients in the same unit."""
    note = actor.note(tenant.audit, tenant.id, "api_changed", {"api": name, "fields": written(asked)})

    async def attempt() -> tuple[Api, tuple[Step, ...]]:
        api = meant(await find(tenant, name), at)
        new = _changed(api, given(asked))
        if api.is_system:
            _only_its_lifetime_changes(api, new)
        if new == api:
            return api, ()
        new = replace(new, updated_at=tenant.now())
        keyed = await keys.wanted(tenant, new.signing_alg, actor)
        return kept(new), (*keyed, Save(new), *await narrowed(tenant, api, new), note)

    return await land(tenant, attempt)


async def delete(tenant: Tenant, name: str, actor: Actor, at: At = None) -> None:
    """The API, and what clients could ask of it."""
    note = actor.note(tenant.audit, tenant.id, "api_deleted", {"api": name})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        api = meant(await find(tenant, name), at)
        if api.is_system:
            raise Refused(SYSTEM_API)
        return None, (*await left(tenant, api), note)

    await land(tenant, attempt)


async def owned(tenant: Tenant, client_id: str) -> Api | None:
    """The API of an Entra application, which is called by its client."""
    api = await tenant.store.named(Api, tenant.id, client_id)
    return api if api and api.owner_client == client_id else None


async def left(tenant: Tenant, api: Api) -> tuple[Step, ...]:
    """What ends with an API: itself, what clients could ask of it, who had which role of it, its keys."""
    grants = await whole(tenant, ClientGrant, {"audience": api.identifier})
    roles = await whole(tenant, RoleAssignment, {"api": api.identifier})
    signing = await keys.listed(tenant, api.saml_ring)
    return Erase(api), *map(Erase, grants), *map(Erase, roles), *map(Erase, signing)


def _only_its_lifetime_changes(api: Api, new: Api) -> None:
    """Of an API of the system; that for the web never exceeds it, so it may have to follow."""
    lifetime = new.token_lifetime
    for_web = min(api.token_lifetime_for_web, lifetime)
    if new != replace(api, token_lifetime=lifetime, token_lifetime_for_web=for_web):
        raise Refused(SYSTEM_API)


def _changed(api: Api, values: dict[str, Any]) -> Api:
    """The API with these values, within the rules."""
    metadata.is_offered("signing_alg", values.get("signing_alg"), ALGS_ELSEWHERE)
    metadata.is_offered("token_dialect", values.get("dialect"), DIALECTS_ELSEWHERE)
    scopes = values.pop("scopes", UNSET)
    changed = applied(api, values)
    if scopes is not UNSET:
        changed = replace(changed, scopes=scopes_of(api.scopes, scopes or ()))
    metadata.name_is_plain(changed.name)
    metadata.choice_is_known("signing_alg", (changed.signing_alg,), ALGS)
    if changed.dialect != api.dialect:
        metadata.choice_is_known("token_dialect", (changed.dialect,), DIALECTS)
    metadata.values_are_unique("scopes", [scope.value for scope in changed.scopes])
    if changed.token_lifetime_for_web > changed.token_lifetime:
        if values.get("token_lifetime_for_web"):
            raise metadata.problem("token_lifetime_for_web", "Must not exceed token_lifetime")
        changed = replace(changed, token_lifetime_for_web=changed.token_lifetime)
    return changed


def scopes_of(old: tuple[Scope, ...], wanted: tuple[ScopeFields, ...]) -> tuple[Scope, ...]:
    """A scope that stays keeps its id and everything that is not said here."""
    by_value = {scope.value: scope for scope in old}
    return tuple(
        replace(
            by_value.get(each.value) or Scope(id=str(uuid.uuid4()), value=each.value),
            description=each.description or "",
        )
        for each in wanted
    )


async def narrowed(tenant: Tenant, old: Api, new: Api) -> tuple[Step, ...]:
    """What clients lose with the scopes that the API loses: in their own name, and in everybody's.

    A later scope of the same name is another one, which no administrator agreed to.
    """
    stay = {scope.value for scope in new.scopes}
    if {scope.value for scope in old.scopes} <= stay:
        return ()
    given = await whole(tenant, Consent, {"tag": EVERYBODY})
    held: tuple[ClientGrant | Consent, ...] = (
        *await whole(tenant, ClientGrant, {"audience": old.identifier}),
        *(each for each in given if each.api == old.identifier),
    )
    rests = (tuple(each for each in one.scopes if each in stay) for one in held)
    return tuple(
        Save(replace(one, scopes=rest, updated_at=new.updated_at))
        for one, rest in zip(held, rests, strict=True)
        if rest != one.scopes
    )
