"""/api/v2/site-settings and /api/v2/certificates: how a portal behaves, and what it signs with."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, listed
from sekisho.change import fields
from sekisho.keys import certificate
from sekisho.model.bearer import Bearer
from sekisho.model.signing_key import SigningKey
from sekisho.model.tenant import SiteSetting
from sekisho.registry.portal import certificates, site_settings
from sekisho.registry.portal.site_settings import LONGEST_VALUE
from sekisho.spec import document
from sekisho.spec.http import Answer, Ask
from sekisho.spec.metadata import problem
from sekisho.tenant import Tenant

SETTINGS = Listing(SiteSetting, "site_settings")
Pfx = Annotated[str, Meta(min_length=1, max_length=90_000, pattern=r"^[A-Za-z0-9+/]+={0,2}\Z")]
NO_PROMISES: Mapping[str, object] = {}


class SettingFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a setting says."""

    NEEDS: ClassVar[tuple[str, ...]] = ("value",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = NO_PROMISES

    value: Annotated[str, Meta(max_length=LONGEST_VALUE, pattern=r"^[^\x00]*\Z")] | UnsetType = UNSET


class CertificateFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A PFX in Base64, and the password that opens it; neither is ever shown."""

    NEEDS: ClassVar[tuple[str, ...]] = ("pfx", "password")
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = NO_PROMISES

    pfx: Pfx | UnsetType = UNSET
    password: Annotated[str, Meta(max_length=1_000)] | UnsetType = UNSET


class SettingSeen(Struct, kw_only=True):
    """A setting of the portal; its name is found in whatever case."""

    name: str
    value: str


class CertificateSeen(Struct, kw_only=True):
    """A certificate that was brought along; a site setting names the one that signs, by its thumbprint."""

    thumbprint: str
    expires_at: str


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /site-settings."""
    return await listed(ask, tenant, SETTINGS, _view)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /site-settings/{name}."""
    cut = view.cutter(ask)
    found = await site_settings.find(tenant, ask.names["name"])
    return view.shown(cut(_view(found)), version=found.version)


async def put(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PUT /site-settings/{name}: it holds from now on."""
    asked = fields.creation(document.parse(ask.body), SettingFields)
    value, at = str(asked.value), match.versions(ask)
    made = await site_settings.put(tenant, ask.names["name"], value, actor(bearer, ask), at)
    return view.shown(_view(made), version=made.version)


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /site-settings/{name}: it has its default again."""
    await site_settings.delete(tenant, ask.names["name"], actor(bearer, ask), match.versions(ask))
    return view.nothing()


async def every_certificate(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /certificates."""
    cut = view.cutter(ask)
    return view.shown([cut(_certificate(each)) for each in await certificates.every(tenant)])


async def upload(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /certificates: a PFX is taken in."""
    asked = fields.creation(document.parse(ask.body), CertificateFields)
    try:
        raw = b64decode(str(asked.pfx), validate=True)
    except ValueError as wrong:
        raise problem("pfx", "is not Base64") from wrong
    made = await certificates.upload(tenant, raw, str(asked.password), actor(bearer, ask))
    return view.shown(_certificate(made), 201)


async def throw_away(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /certificates/{thumbprint}."""
    await certificates.delete(tenant, ask.names["thumbprint"], actor(bearer, ask))
    return view.nothing()


def _view(setting: SiteSetting) -> view.View:
    return view.members(SettingSeen(name=setting.name, value=setting.value))


def _certificate(record: SigningKey) -> view.View:
    der = record.certificate
    ends = view.moment(certificate.ends(der))
    return view.members(CertificateSeen(thumbprint=certificate.thumbprint(der), expires_at=ends))
