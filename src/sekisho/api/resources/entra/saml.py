"""/api/v2/applications/{id}/saml: what SAML assertions for an application are like, and what signs them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import UNSET, Struct

from sekisho.api import view
from sekisho.api.resources.entra.applications import meant
from sekisho.change import fields
from sekisho.change.fields import Perhaps
from sekisho.keys import certificate
from sekisho.model.bearer import Bearer
from sekisho.model.signing_key import SigningKey
from sekisho.registry.applications import saml, verbs
from sekisho.registry.applications.saml import SamlAttributePart, SamlFields
from sekisho.registry.applications.verbs import Application
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

STATES = ("current", "next", "retired", "revoked")


class SamlTurnFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`force` is for a certificate whose key leaked."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    force: Perhaps[bool] = UNSET


class SamlSeen(Struct, kw_only=True, rename="camel"):
    """What assertions are like. `recipient` follows from the reply URLs."""

    entity_id: str | None
    name_id_format: str
    name_id_source: str
    attributes: Sequence[SamlAttributePart] | None
    lifetime: int
    recipient: str | None


class SamlCertificateSeen(Struct, kw_only=True, rename="camel"):
    """A certificate: `current` signs, `next` will, `retired` did; metadata names these three."""

    key_id: str
    state: str
    thumbprint: str
    end_date_time: str
    key: str


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /applications/{id}/saml."""
    cut = view.cutter(ask)
    found = await verbs.find(tenant, ask.names["id"])
    return view.shown(cut(_view(found)), version=found.version)


async def put(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PUT /applications/{id}/saml: all of it."""
    asked = fields.amendment(document.parse(ask.body), SamlFields)
    made = await saml.put(tenant, meant(ask, bearer), asked)
    return view.shown(_view(made), version=made.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /applications/{id}/saml: with certificates of its own."""
    await saml.remove(tenant, meant(ask, bearer))
    return view.nothing()


async def certificates(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /applications/{id}/saml/certificates: none where those of the tenant sign."""
    cut = view.cutter(ask)
    found = await saml.certificates(tenant, await verbs.find(tenant, ask.names["id"]))
    return view.shown([cut(each) for each in _every(found)])


async def rotate(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /applications/{id}/saml/certificates/rotate: the first time, certificates of its own are made."""
    asked = fields.amendment(document.parse(ask.body or b"{}"), SamlTurnFields)
    found = await saml.rotate(tenant, meant(ask, bearer), forced=asked.force is True)
    return view.shown(_every(found))


def _view(application: Application) -> view.View:
    found = saml.settings(application)
    own = found.attributes
    parts = None if own is None else [SamlAttributePart(name=each.name, source=each.source) for each in own]
    seen = SamlSeen(
        entity_id=found.entity_id or None,
        name_id_format=found.name_id_format,
        name_id_source=found.name_id_source,
        attributes=parts,
        lifetime=found.lifetime,
        recipient=saml.recipient(application.client) or None,
    )
    return view.members(seen)


def _every(found: Iterable[SigningKey]) -> list[view.View]:
    ranked = sorted(found, key=lambda each: (STATES.index(each.state), -each.published_at))
    return [view.members(_certificate(each)) for each in ranked]


def _certificate(key: SigningKey) -> SamlCertificateSeen:
    return SamlCertificateSeen(
        key_id=key.id,
        state=key.state,
        thumbprint=certificate.thumbprint(key.certificate).upper(),
        end_date_time=view.moment(certificate.ends(key.certificate)),
        key=certificate.x5c(key.certificate),
    )
