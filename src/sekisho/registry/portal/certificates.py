"""Certificates that administrators bring along for a portal: taken in, listed, thrown away."""

import asyncio

from sekisho.change.actor import Actor
from sekisho.change.unit import kept, land
from sekisho.keys import certificate, pfx
from sekisho.keys.pfx import Unusable
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Erase, Save, Step
from sekisho.registry import keys
from sekisho.registry.portal import signing
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import CERTIFICATE_BOUND, CERTIFICATE_UNKNOWN, CERTIFICATE_UNUSABLE
from sekisho.tenant import Tenant

LARGEST = 64 * 1024


async def upload(tenant: Tenant, raw: bytes, password: str, actor: Actor) -> SigningKey:
    """A certificate with its key, which signs when a setting says so; the same one again is no change."""
    if len(raw) > LARGEST:
        raise Refused(CERTIFICATE_UNUSABLE, words={"problem": f"it is larger than {LARGEST} bytes"})
    whose = (tenant.id, keys.CERTIFICATES)
    try:
        # Its maker decided how long opening takes.
        made = await asyncio.to_thread(pfx.kept, raw, password, whose, tenant.tools.sealer, tenant.now())
    except Unusable as wrong:
        raise Refused(CERTIFICATE_UNUSABLE, words={"problem": str(wrong)}) from wrong
    thumbprint = certificate.thumbprint(made.certificate)
    note = actor.note(tenant.audit, tenant.id, "certificate_uploaded", {"thumbprint": thumbprint})

    async def attempt() -> tuple[SigningKey, tuple[Step, ...]]:
        there = await tenant.store.record(SigningKey, tenant.id, made.id)
        return (there, ()) if there else (kept(made), (Save(made), note))

    return await land(tenant, attempt)


async def every(tenant: Tenant) -> list[SigningKey]:
    """All that were brought along."""
    return await keys.listed(tenant, keys.CERTIFICATES)


async def delete(tenant: Tenant, thumbprint: str, actor: Actor) -> None:
    """A certificate that no setting names is gone, with its key."""
    wanted = setting.thumbprint(thumbprint)
    note = actor.note(tenant.audit, tenant.id, "certificate_deleted", {"thumbprint": wanted})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        found = [each for each in await every(tenant) if certificate.thumbprint(each.certificate) == wanted]
        if not found:
            raise Refused(CERTIFICATE_UNKNOWN)
        if setting.thumbprint(await signing.value(tenant, setting.CERTIFICATE)) == wanted:
            raise Refused(CERTIFICATE_BOUND)
        return None, (*map(Erase, found), note)

    await land(tenant, attempt)
