"""Registered applications and their software statements: made, published, given out, revoked."""

import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, applied, given, written
from sekisho.change.unit import At, amend, kept, land
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Note, Save, Step
from sekisho.registry import keys, system_apis
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import (
    APPLICATION_ABSENT,
    APPLICATION_FIXED,
    APPLICATION_REVOKED,
    APPLICATION_UNPUBLISHED,
    STATEMENT_ABSENT,
)
from sekisho.spec.software.registration import domains_are_domains, scheme_of
from sekisho.tenant import Tenant

LONGEST_ID = 64
Label = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x20\x7f/]+\Z")]
Platform = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f<>]+\Z")]
Scope = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+\Z")]
# Loose ones, for the description; the rules say what is left.
Domain = Annotated[str, Meta(max_length=253, pattern=r"^[a-z0-9_.-]+\Z")]
Scheme = Annotated[str, Meta(max_length=66, pattern=r"^[A-Za-z][A-Za-z0-9+._-]+(:(//)?)?\Z")]


class ApplicationFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a registered application, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("name",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {"type": "DIRECT"}

    name: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    release: Perhaps[Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+\Z")]] = field(
        name="version", default=UNSET
    )
    channels: Perhaps[Annotated[tuple[Label, ...], Meta(max_length=1000)]] = UNSET
    platforms: Perhaps[Annotated[tuple[Platform, ...], Meta(max_length=100)]] = UNSET
    domains: Perhaps[Annotated[tuple[Domain, ...], Meta(max_length=1000)]] = UNSET
    custom_schemes: Perhaps[Annotated[tuple[Scheme, ...], Meta(max_length=100)]] = UNSET
    scopes: Perhaps[Annotated[tuple[Scope, ...], Meta(max_length=100)]] = UNSET


async def find(tenant: Tenant, id: str) -> RegisteredApplication:
    """The application with this id, from the store."""
    short = len(id) <= LONGEST_ID
    found = await tenant.store.record(RegisteredApplication, tenant.id, id) if short else None
    if found is None:
        raise Refused(APPLICATION_ABSENT)
    return found


async def create(tenant: Tenant, asked: ApplicationFields, actor: Actor) -> RegisteredApplication:
    """A draft; with the first of a tenant come the key of its statements and the API of its clients."""
    now, id = tenant.now(), str(uuid.uuid4())
    blank = RegisteredApplication(tenant=tenant.id, id=id, name="", created_at=now, updated_at=now)
    made = _changed(blank, given(asked))
    note = actor.note(tenant.audit, tenant.id, "application_created", {"application": id, "name": made.name})

    async def attempt() -> tuple[RegisteredApplication, tuple[Step, ...]]:
        keyed = await keys.wanted(tenant, keys.USUAL, actor, keys.STATEMENTS)
        return kept(made), (*keyed, *await system_apis.protected(tenant), Save(made), note)

    return await land(tenant, attempt)


async def change(
    tenant: Tenant, id: str, asked: ApplicationFields, actor: Actor, at: At = None
) -> RegisteredApplication:
    """A draft, changed."""

    def new(application: RegisteredApplication) -> RegisteredApplication:
        changed = _changed(application, given(asked))
        if changed != application and (application.published_at or application.revoked_at):
            raise Refused(APPLICATION_FIXED)
        return changed

    detail = {"application": id, "fields": written(asked)}
    return await _amended(
        tenant, id, new, actor.note(tenant.audit, tenant.id, "application_changed", detail), at
    )


async def publish(tenant: Tenant, id: str, actor: Actor, at: At = None) -> RegisteredApplication:
    """From now on there are statements, and nothing changes any more. A second time changes nothing."""

    def new(application: RegisteredApplication) -> RegisteredApplication:
        if application.revoked_at is not None:
            raise Refused(APPLICATION_REVOKED)
        return replace(application, published_at=application.published_at or tenant.now())

    note = actor.note(tenant.audit, tenant.id, "application_published", {"application": id})
    return await _amended(tenant, id, new, note, at)


async def revoke(tenant: Tenant, id: str, actor: Actor, at: At = None) -> RegisteredApplication:
    """It ends for ever, and with it its statements, its clients and their tokens."""

    def new(application: RegisteredApplication) -> RegisteredApplication:
        return replace(application, revoked_at=application.revoked_at or tenant.now())

    note = actor.note(tenant.audit, tenant.id, "application_revoked", {"application": id})
    return await _amended(tenant, id, new, note, at)


async def give_statement(tenant: Tenant, id: str, actor: Actor) -> SoftwareStatement:
    """One more statement, on disk before anybody signs it. Earlier ones stay good."""
    now, jti = tenant.now(), str(uuid.uuid4())
    made = SoftwareStatement(
        tenant=tenant.id, id=jti, application=id, created_at=float(int(now)), updated_at=now
    )
    note = actor.note(tenant.audit, tenant.id, "statement_given", {"application": id, "statement": jti})

    async def attempt() -> tuple[SoftwareStatement, tuple[Step, ...]]:
        application = await find(tenant, id)
        if application.revoked_at is not None:
            raise Refused(APPLICATION_REVOKED)
        if application.published_at is None:
            raise Refused(APPLICATION_UNPUBLISHED)
        return kept(made), (Save(made), note)

    return await land(tenant, attempt)


async def find_statement(tenant: Tenant, id: str, jti: str) -> SoftwareStatement:
    """A statement of this application that was given out."""
    short = len(jti) <= LONGEST_ID
    found = await tenant.store.record(SoftwareStatement, tenant.id, jti) if short else None
    if found is None or found.application != id:
        raise Refused(STATEMENT_ABSENT)
    return found


async def revoke_statement(
    tenant: Tenant, id: str, jti: str, actor: Actor, at: At = None
) -> SoftwareStatement:
    """One statement ends, with the clients that came by it; the others stay good."""
    detail = {"application": id, "statement": jti}
    note = actor.note(tenant.audit, tenant.id, "statement_revoked", detail)

    def new(statement: SoftwareStatement) -> SoftwareStatement:
        return replace(statement, revoked_at=statement.revoked_at or tenant.now())

    await find(tenant, id)
    return await amend(tenant, lambda: find_statement(tenant, id, jti), new, note, at)


async def _amended(
    tenant: Tenant,
    id: str,
    new: Callable[[RegisteredApplication], RegisteredApplication],
    note: Note,
    at: At,
) -> RegisteredApplication:
    return await amend(tenant, lambda: find(tenant, id), new, note, at)


def _changed(application: RegisteredApplication, values: dict[str, Any]) -> RegisteredApplication:
    """The application with these values, within the rules."""
    changed = applied(application, values)
    metadata.name_is_plain(changed.name)
    domains_are_domains(changed.domains)
    changed = replace(changed, custom_schemes=tuple(map(scheme_of, changed.custom_schemes)))
    for name in ("channels", "platforms", "domains", "custom_schemes", "scopes"):
        metadata.values_are_unique(name, getattr(changed, name))
    return changed
