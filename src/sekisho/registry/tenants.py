"""Tenants: created with their first things, and their settings."""

import uuid
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, field
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, applied, given, written
from sekisho.change.unit import At, amend, taken
from sekisho.keys.rotation import Ring
from sekisho.model.connection import Connection
from sekisho.model.record import Record
from sekisho.model.step import Save, Step
from sekisho.model.tenant import TenantRecord
from sekisho.registry import keys, system_apis
from sekisho.spec import metadata
from sekisho.spec.address import domain_is_sound, slug_is_free
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import (
    ALREADY_EXISTS,
    DOMAIN_MALFORMED,
    SLUG_RESERVED,
    TENANT_ABSENT,
    VERSION_STALE,
)
from sekisho.store import EVERYWHERE
from sekisho.store.nouns import DEFAULT
from sekisho.tenant import Tenant, Tools

# What Auth0 lets a tenant switch on and this server does not have: each can be said, none can be changed.
FLAGS: Mapping[str, bool] = dict.fromkeys(
    (
        "allow_changing_enable_sso",
        "allow_legacy_delegation_grant_types",
        "allow_legacy_ro_grant_types",
        "allow_legacy_tokeninfo_endpoint",
        "change_pwd_flow_v1",
        "disable_clickjack_protection_headers",
        "enable_client_connections",
        "enable_dynamic_client_registration",
        "enable_idtoken_api2",
        "enable_legacy_profile",
        "enable_public_signup_user_exists_error",
        "no_disclose_enterprise_connections",
        "remove_alg_from_jwks",
        "revoke_refresh_token_grant",
    ),
    False,
)

MOST_CALLS = 1_000_000


class NewTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tenant is called and where it answers."""

    slug: str
    name: str = ""
    domains: tuple[str, ...] = ()
    default: bool = False


class AdobePassFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about installations of registered applications."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    reading: Perhaps[Literal["lenient", "strict"]] = field(name="device_info", default=UNSET)
    rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    allowance: Perhaps[Literal["refilled", "once"]] = UNSET
    registration_rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    registration_burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET


class TenantFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a tenant, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {
        "acr_values_supported": [],
        "authorization_response_iss_parameter_supported": False,
        "client_id_metadata_document_supported": False,
        "customize_mfa_in_postlogin_action": False,
        "default_token_quota": None,
        "dpop_strict_refresh_token_binding": False,
        "dynamic_client_registration_security_mode": None,
        "flags": FLAGS,
        "mtls": {"enable_endpoint_aliases": False},
        "pushed_authorization_requests_supported": False,
        "skip_non_verifiable_callback_uri_confirmation_prompt": None,
    }

    friendly_name: Perhaps[Annotated[str, Meta(max_length=255)]] = UNSET
    picture_url: Perhaps[str] = UNSET
    support_email: Perhaps[Annotated[str, Meta(max_length=254, pattern=r"^([^@\s<>]+@[^@\s<>]+)?\Z")]] = UNSET
    support_url: Perhaps[str] = UNSET
    default_audience: Perhaps[Annotated[str, Meta(max_length=metadata.LONGEST_IDENTIFIER)]] = UNSET
    languages: Perhaps[Annotated[tuple[Literal["en", "ja"], ...], Meta(min_length=1)]] = field(
        name="enabled_locales", default=UNSET
    )
    management_rate: Perhaps[Annotated[float, Meta(ge=1, le=MOST_CALLS)]] = UNSET
    management_burst: Perhaps[Annotated[int, Meta(ge=10, le=MOST_CALLS)]] = UNSET
    token_client_rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    token_client_burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    token_address_rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    token_address_burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    adobe_pass: Perhaps[AdobePassFields] = UNSET
    audit_days: Perhaps[Annotated[int, Meta(ge=0, le=3_650)]] = UNSET


async def create(tools: Tools, asked: NewTenant, actor: Actor) -> TenantRecord:
    """A tenant with everything that it needs to answer, in one unit."""
    await _may_be_created(tools, asked)
    id, now = str(uuid.uuid4()), tools.clock()
    record = TenantRecord(
        tenant=id,
        id=id,
        slug=asked.slug,
        name=asked.name or asked.slug,
        domains=asked.domains,
        default=asked.default,
        created_at=now,
        updated_at=now,
    )
    source = Connection(tenant=id, id=str(uuid.uuid4()), created_at=now, updated_at=now)
    ring = await keys.first(Ring(id, asked.slug, keys.TOKENS), tools.sealer, now)
    records: tuple[Record, ...] = (record, source, system_apis.system(id, now), *ring)
    note = actor.note(tools.audit, id, "tenant_created", {"slug": asked.slug})
    await _write(tools, (*map(Save, records), note))
    return replace(record, version=1)


async def current(tenant: Tenant) -> TenantRecord:
    """The tenant as the store has it now."""
    record = await tenant.store.record(TenantRecord, tenant.id, tenant.id)
    if record is None:
        raise Refused(TENANT_ABSENT)
    return record


async def change(tenant: Tenant, asked: TenantFields, actor: Actor, at: At = None) -> TenantRecord:
    """The settings, changed."""
    note = actor.note(tenant.audit, tenant.id, "tenant_changed", {"fields": written(asked)})
    return await amend(tenant, lambda: current(tenant), lambda record: _changed(record, asked), note, at)


def _changed(record: TenantRecord, asked: TenantFields) -> TenantRecord:
    values = given(asked)
    if isinstance(asked.adobe_pass, AdobePassFields):
        values["adobe_pass"] = applied(record.policy.adobe_pass, given(asked.adobe_pass))
    policy = applied(record.policy, values)
    metadata.values_are_unique("enabled_locales", policy.languages)
    for name, url in (("picture_url", policy.picture_url), ("support_url", policy.support_url)):
        if url:
            metadata.address_is_web(name, url)
    return replace(record, policy=policy)


async def _may_be_created(tools: Tools, asked: NewTenant) -> None:
    if not slug_is_free(asked.slug):
        raise Refused(SLUG_RESERVED, words={"slug": asked.slug[:64]})
    for domain in asked.domains:
        if domain != domain.lower() or not domain_is_sound(domain):
            raise Refused(DOMAIN_MALFORMED, words={"domain": domain[:128]})
    if asked.default and await tools.store.named(TenantRecord, EVERYWHERE, DEFAULT):
        raise Refused(ALREADY_EXISTS, words={"what": "The default tenant"})


async def _write(tools: Tools, steps: tuple[Step, ...]) -> None:
    lost = await tools.store.write(*steps)
    if lost is not None:
        raise taken(lost.step) if lost.why == "duplicate" else Refused(VERSION_STALE, debug=lost.why)
    await tools.known.written(steps)
