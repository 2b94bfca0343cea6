"""/api/v2/trusted-issuers: whose assertions about people are believed here."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, listed
from sekisho.api.view import Maybe, unless_empty
from sekisho.change import fields
from sekisho.keys import certificate
from sekisho.model.bearer import Bearer
from sekisho.model.connection import TrustedIssuer
from sekisho.registry import trusted_issuers
from sekisho.registry.trusted_issuers import TrustedIssuerFields
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

ISSUERS = Listing(TrustedIssuer, "trusted_issuers")


class KeysSeen(Struct):
    """The keys that were registered for it."""

    keys: Sequence[Mapping[str, Any]]


class TrustedIssuerSeen(Struct, kw_only=True):
    """An issuer, where its keys are, whom its `sub` names, and the clients that may show its assertions."""

    id: str
    issuer: str
    name: Maybe[str] = UNSET
    enabled: bool
    jwks: Maybe[KeysSeen] = UNSET
    jwks_uri: Maybe[str] = UNSET
    certificates: Maybe[Sequence[str]] = UNSET
    names: str
    clients: Sequence[str]
    created_at: str
    updated_at: str


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /trusted-issuers."""
    return await listed(ask, tenant, ISSUERS, _view)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /trusted-issuers."""
    asked = fields.creation(document.parse(ask.body), TrustedIssuerFields)
    made = await trusted_issuers.create(tenant, asked, actor(bearer, ask))
    return view.shown(_view(made), 201, version=made.version)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /trusted-issuers/{id}."""
    cut = view.cutter(ask)
    found = await trusted_issuers.find(tenant, ask.names["id"])
    return view.shown(cut(_view(found)), version=found.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /trusted-issuers/{id}."""
    asked = fields.amendment(document.parse(ask.body), TrustedIssuerFields)
    id, at = ask.names["id"], match.versions(ask)
    made = await trusted_issuers.change(tenant, id, asked, actor(bearer, ask), at)
    return view.shown(_view(made), version=made.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /trusted-issuers/{id}."""
    await trusted_issuers.delete(tenant, ask.names["id"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


def _view(issuer: TrustedIssuer) -> view.View:
    seen = TrustedIssuerSeen(
        id=issuer.id,
        issuer=issuer.issuer,
        name=unless_empty(issuer.name),
        enabled=issuer.enabled,
        jwks=KeysSeen(list(issuer.jwks)) if issuer.jwks else UNSET,
        jwks_uri=unless_empty(issuer.jwks_uri),
        certificates=[certificate.pem(each) for each in issuer.certificates] or UNSET,
        names=issuer.names,
        clients=list(issuer.clients),
        created_at=view.moment(issuer.created_at),
        updated_at=view.moment(issuer.updated_at),
    )
    return view.members(seen)
