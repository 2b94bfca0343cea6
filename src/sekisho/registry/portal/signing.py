"""The key of a portal: its own pinned one, or the one whose certificate a site setting names."""

from sekisho.change.actor import Actor
from sekisho.change.unit import land
from sekisho.keys import certificate
from sekisho.keys.signer import Signer
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Step
from sekisho.model.tenant import SiteSetting
from sekisho.registry import keys
from sekisho.spec.contrast import contrast
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import CERTIFICATE_ABSENT
from sekisho.tenant import Tenant

ALG = "RS256"


async def value(tenant: Tenant, name: str) -> str | None:
    """What a site setting says now, from memory."""
    found = await tenant.known.named(SiteSetting, tenant.id, setting.canonical(name))
    return found.value if found else None


async def current(tenant: Tenant, actor: Actor) -> tuple[Signer, SigningKey]:
    """What signs portal tokens now."""
    wanted = setting.thumbprint(await value(tenant, setting.CERTIFICATE))
    return _uploaded(wanted, tenant) if wanted else await _pinned(tenant, actor)


async def standing(tenant: Tenant) -> SigningKey | None:
    """The same for whoever looks: nothing is made, and an uploaded one that has expired signs nothing."""
    wanted = setting.thumbprint(await value(tenant, setting.CERTIFICATE))
    found = await keys.listed(tenant, keys.CERTIFICATES if wanted else keys.PORTAL)
    return next((each for each in found if not wanted or _is_meant(each, wanted, tenant)), None)


async def _pinned(tenant: Tenant, actor: Actor) -> tuple[Signer, SigningKey]:
    """The portal's own, made when it is first wanted; validators load its public half once, so it stays."""
    if not tenant.keys.signs(keys.PORTAL, ALG):

        async def attempt() -> tuple[None, tuple[Step, ...]]:
            return None, await keys.wanted(tenant, ALG, actor, keys.PORTAL)

        await land(tenant, attempt)
        tenant = await tenant.able(keys.PORTAL, ALG)
    record = tenant.keys.rings[keys.PORTAL][0]
    return tenant.keys.signer(keys.PORTAL, ALG), record


def _uploaded(wanted: str, tenant: Tenant) -> tuple[Signer, SigningKey]:
    """An uploaded one that has not expired."""
    for record in tenant.keys.rings.get(keys.CERTIFICATES, ()):
        signer = tenant.keys.named(keys.CERTIFICATES, record.id)
        if signer and _is_meant(record, wanted, tenant):
            return signer, record
    seen = contrast(setting.CERTIFICATE, "an uploaded certificate that is valid now", wanted)
    raise Refused(CERTIFICATE_ABSENT, debug=f"thumbprint {wanted}", seen=seen)


def _is_meant(record: SigningKey, wanted: str, tenant: Tenant) -> bool:
    is_it = certificate.thumbprint(record.certificate) == wanted
    return is_it and not certificate.is_over(record.certificate, tenant.now())
