"""Trusted issuers: whose word about people counts here (RFC 7522, RFC 7523), made, changed and deleted."""

import re
import secrets
import string
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.fields import Perhaps, applied, given, written
from sekisho.change.unit import At, amend, kept, land, meant
from sekisho.keys import foreign
from sekisho.keys.foreign import KeyUnusable
from sekisho.model.connection import TrustedIssuer
from sekisho.model.step import Erase, Save, Step
from sekisho.registry.client_methods import KeySet
from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.exchange import TRUSTED_ISSUER_ABSENT, TRUSTED_ISSUERS_MANY
from sekisho.tenant import Tenant

ALPHABET = string.ascii_letters + string.digits
MOST = 50
LONGEST = 600
MOST_CERTIFICATES = 5
_ENTITY = re.compile(r"(?:https?://|urn:)[\x21-\x7e]+")
_ID = re.compile(r"tri_[A-Za-z0-9]{16}")
ClientId = Annotated[str, Meta(min_length=1, max_length=128)]


class TrustedIssuerFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a trusted issuer, in the wire's words; another `issuer` is another one."""

    NEEDS: ClassVar[tuple[str, ...]] = ("issuer",)
    ONCE: ClassVar[tuple[str, ...]] = ("issuer",)
    PROMISES: ClassVar[Mapping[str, object]] = {}

    issuer: Annotated[str, Meta(min_length=1, max_length=LONGEST)] | UnsetType = UNSET
    name: Perhaps[Annotated[str, Meta(max_length=100)]] = UNSET
    enabled: Perhaps[bool] = UNSET
    jwks: Perhaps[KeySet] = UNSET
    jwks_uri: Perhaps[str] = UNSET
    # In PEM: of whoever signs its SAML assertions.
    certificates: Perhaps[
        Annotated[tuple[Annotated[str, Meta(max_length=10_000)], ...], Meta(max_length=MOST_CERTIFICATES)]
    ] = UNSET
    names: Perhaps[Literal["user_id", "login", "email"]] = UNSET
    clients: Perhaps[Annotated[tuple[ClientId, ...], Meta(max_length=100)]] = UNSET


async def find(tenant: Tenant, id: str) -> TrustedIssuer:
    """The trusted issuer with this id."""
    found = await tenant.store.record(TrustedIssuer, tenant.id, id) if _ID.fullmatch(id) else None
    if found is None:
        raise Refused(TRUSTED_ISSUER_ABSENT)
    return found


async def create(tenant: Tenant, asked: TrustedIssuerFields, actor: Actor) -> TrustedIssuer:
    """A new one; it vouches for nobody until clients are named that may show its assertions."""
    now, id = tenant.now(), "tri_" + "".join(secrets.choice(ALPHABET) for _ in range(16))
    blank = TrustedIssuer(tenant=tenant.id, id=id, issuer="", created_at=now, updated_at=now)
    made = _changed(blank, asked, tenant)
    detail = {"trusted_issuer": id, "issuer": made.issuer}
    note = actor.note(tenant.audit, tenant.id, "trusted_issuer_created", detail)

    async def attempt() -> tuple[TrustedIssuer, tuple[Step, ...]]:
        if await tenant.store.count(TrustedIssuer, tenant.id, {}) >= MOST:
            raise Refused(TRUSTED_ISSUERS_MANY, words={"most": str(MOST)})
        return kept(made), (Save(made), note)

    return await land(tenant, attempt)


async def change(
    tenant: Tenant, id: str, asked: TrustedIssuerFields, actor: Actor, at: At = None
) -> TrustedIssuer:
    """Other keys, other clients, or nothing of it for now: that holds at once."""
    detail = {"trusted_issuer": id, "fields": written(asked)}
    note = actor.note(tenant.audit, tenant.id, "trusted_issuer_changed", detail)

    def changed(issuer: TrustedIssuer) -> TrustedIssuer:
        return _changed(issuer, asked, tenant)

    return await amend(tenant, lambda: find(tenant, id), changed, note, at)


async def delete(tenant: Tenant, id: str, actor: Actor, at: At = None) -> None:
    """Its assertions are refused from now on; tokens that were given for some end within the hour."""
    note = actor.note(tenant.audit, tenant.id, "trusted_issuer_deleted", {"trusted_issuer": id})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, (Erase(meant(await find(tenant, id), at)), note)

    await land(tenant, attempt)


def _changed(issuer: TrustedIssuer, asked: TrustedIssuerFields, tenant: Tenant) -> TrustedIssuer:
    values = given(asked)
    keys, pems = values.pop("jwks", UNSET), values.pop("certificates", UNSET)
    changed = applied(issuer, values)
    if keys is not UNSET:
        changed = replace(changed, jwks=() if keys is None else tuple(keys.keys))
    if pems is not UNSET:
        changed = replace(changed, certificates=tuple(map(_certificate, pems or ())))
    if changed.name:
        metadata.name_is_plain(changed.name)
    metadata.values_are_unique("clients", changed.clients)
    issuer_is_somebody_else(changed, tenant)
    keys_are_at_one_place(changed)
    return changed


def issuer_is_somebody_else(trusted: TrustedIssuer, tenant: Tenant) -> None:
    """An https address without a query (RFC 8414 section 2), or what SAML goes by; and none of our own."""
    issuer = trusted.issuer
    if trusted.certificates and not (trusted.jwks or trusted.jwks_uri):
        if not _ENTITY.fullmatch(issuer):
            raise metadata.problem("issuer", "Not an address or a URN")
    else:
        metadata.address_is_web("issuer", issuer)
        if "?" in issuer:
            raise metadata.problem("issuer", "An issuer has no query")
    if tenant.accepts(issuer) or tenant.accepts(f"{issuer}/") or tenant.issues(issuer):
        raise metadata.problem("issuer", "This is the tenant itself")


def keys_are_at_one_place(issuer: TrustedIssuer) -> None:
    """Keys that can be used, or where they are; without either its metadata says it. RFC 7591 section 2."""
    if issuer.jwks and issuer.jwks_uri:
        raise metadata.problem("jwks", "Excludes jwks_uri")
    if issuer.jwks_uri:
        metadata.address_is_web("jwks_uri", issuer.jwks_uri)
    for jwk in issuer.jwks:
        _is_usable(jwk)


def _is_usable(jwk: Mapping[str, Any]) -> None:
    try:
        foreign.from_jwk(jwk)
    except KeyUnusable as wrong:
        raise metadata.problem("jwks", str(wrong)[:200]) from wrong


def _certificate(pem: str) -> bytes:
    try:
        kind, der = foreign.from_pem(pem)
    except KeyUnusable as wrong:
        raise metadata.problem("certificates", str(wrong)[:200]) from wrong
    if kind != "x509_cert":
        raise metadata.problem("certificates", "A public key without its certificate")
    return der
