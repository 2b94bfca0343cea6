"""What the SAML assertions for an application are like, and the certificates that sign them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, get_args

from msgspec import UNSET, Meta, Struct, structs

from sekisho.change.fields import Perhaps, applied, given
from sekisho.change.unit import land
from sekisho.model.api import Api, NameIdFormat, Saml, SamlAttribute, SamlSource
from sekisho.model.client import Client
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Step
from sekisho.registry import client_rules, keys
from sekisho.registry.applications import api_side, verbs
from sekisho.registry.applications.parts import is_guid
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.saml.sign import ALG
from sekisho.spec import metadata
from sekisho.spec.entra.scope import ENTITY
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import SAML_ABSENT
from sekisho.spec.saml.names import RESERVED
from sekisho.tenant import Tenant

FORMATS: tuple[NameIdFormat, ...] = get_args(NameIdFormat)
SOURCES: tuple[SamlSource, ...] = get_args(SamlSource)
MOST_ATTRIBUTES = 50
SHORTEST, LONGEST = 300, 86_400
_ENTITY = re.compile(r"[\x21-\x7e]{1,255}")
_ATTRIBUTE = re.compile(r"[\x21-\x7e]{1,255}")


class SamlAttributePart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """An attribute: its name, and what of a person it says."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    source: SamlSource


class SamlFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """All of it: what is not said goes back to its default. `attributes` stand in place of the usual ones."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    entity_id: Perhaps[Annotated[str, Meta(max_length=255)]] = UNSET
    name_id_format: Perhaps[NameIdFormat] = UNSET
    name_id_source: Perhaps[SamlSource] = UNSET
    attributes: Perhaps[Annotated[tuple[SamlAttributePart, ...], Meta(max_length=MOST_ATTRIBUTES)]] = UNSET
    lifetime: Perhaps[Annotated[int, Meta(ge=SHORTEST, le=LONGEST)]] = UNSET


def settings(application: Application) -> Saml:
    """What was said of an application."""
    if application.api is None or application.api.saml is None:
        raise Refused(SAML_ABSENT)
    return application.api.saml


def recipient(client: Client) -> str:
    """Where its assertions may be shown: the first of its reply URLs that is one address."""
    return next((each.url for each in client.reply_urls if "*" not in each.url), "")


async def put(tenant: Tenant, whose: Meant, asked: SamlFields) -> Application:
    """Assertions are like this from now on."""
    return await _settled(tenant, whose, _read(asked))


async def remove(tenant: Tenant, whose: Meant) -> None:
    """They are as usual again; certificates of the application's own rest until something is said again."""
    settings(await verbs.find(tenant, whose.id))
    await _settled(tenant, whose, None)


async def certificates(tenant: Tenant, application: Application) -> list[SigningKey]:
    """Those of its own, in whatever state; none where the tenant's sign."""
    return await keys.listed(tenant, application.api.saml_ring) if application.api else []


async def rotate(tenant: Tenant, whose: Meant, *, forced: bool = False) -> list[SigningKey]:
    """The next certificate signs, and another one is published; the first time both are made."""
    had = await verbs.find(tenant, whose.id)
    settings(had)
    await client_rules.may_be_changed(tenant, had.client, whose.actor.scopes)
    ring = had.api.saml_ring if had.api else ""
    if await keys.listed(tenant, ring):
        await keys.rotate(tenant, ALG, whose.actor, ring=ring, forced=forced)
        return await keys.listed(tenant, ring)

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, await keys.wanted(tenant, ALG, whose.actor, ring)

    await land(tenant, attempt)
    return await keys.listed(tenant, ring)


async def _settled(tenant: Tenant, whose: Meant, new: Saml | None) -> Application:
    had = await verbs.find(tenant, whose.id)
    detail = {"client_id": had.client.client_id, "fields": ["saml"]}
    note = whose.actor.note(tenant.audit, tenant.id, "client_changed", detail)

    def changed(had: Application) -> Application:
        api = structs.replace(had.api or api_side.blank(had.client, tenant.now()), saml=new)
        _is_its_own_name(tenant, api)
        return replace(had, api=api)

    return await verbs.amend(tenant, whose, changed, note)


def _read(asked: SamlFields) -> Saml:
    values = given(asked)
    parts = values.pop("attributes", None)
    made = applied(Saml(), values)
    if parts is not None:
        made = structs.replace(
            made, attributes=tuple(SamlAttribute(name=each.name, source=each.source) for each in parts)
        )
    names = [each.name for each in made.attributes or ()]
    metadata.values_are_unique("attributes", names)
    for name in names:
        if not _ATTRIBUTE.fullmatch(name):
            raise metadata.problem("attributes", f"Not a name without blanks: {name[:80]}")
        if name in RESERVED:
            raise metadata.problem("attributes", f"Assertions say this themselves: {name}")
    return made


def _is_its_own_name(tenant: Tenant, api: Api) -> None:
    """It is asked for by this name, too, so it is nobody else's: no appId, none of our own."""
    entity = api.saml.entity_id if api.saml else ""
    if not entity or entity in api.identifiers:
        return
    if not _ENTITY.fullmatch(entity) or entity.startswith(ENTITY):
        raise metadata.problem("entityId", f"Not a name without blanks: {entity[:80]}")
    if is_guid(entity):
        raise metadata.problem("entityId", "Looks like the appId of another application")
    api_side.is_none_of_ours(tenant, entity, api)
