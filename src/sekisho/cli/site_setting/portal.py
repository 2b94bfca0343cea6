"""Site settings and certificates of a portal, as the command line asks for them."""

from sekisho.change.unit import whole
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import Row
from sekisho.cli.work import OPERATOR, at_work, moment
from sekisho.keys import certificate
from sekisho.model.signing_key import SigningKey
from sekisho.model.tenant import SiteSetting
from sekisho.registry.portal import certificates as brought
from sekisho.registry.portal import site_settings
from sekisho.spec.portal import setting
from sekisho.tenant import Tenant


async def every(where: Where, whose: Whose) -> list[Row]:
    """All that are set, by name."""
    async with at_work(where, whose.tenant) as tenant:
        found = await whole(tenant, SiteSetting, {})
    return [_row(each) for each in sorted(found, key=lambda each: setting.canonical(each.name))]


async def put(where: Where, whose: Whose, name: str, value: str) -> Row:
    """One of them, as it is from now on."""
    async with at_work(where, whose.tenant) as tenant:
        return _row(await site_settings.put(tenant, name, value, OPERATOR))


async def unset(where: Where, whose: Whose, name: str) -> None:
    """Somebody who misspells a name is told so."""
    async with at_work(where, whose.tenant) as tenant:
        await site_settings.find(tenant, name)
        await site_settings.delete(tenant, name, OPERATOR)


async def certificates(where: Where, whose: Whose) -> list[Row]:
    """All that were brought along, the next to expire first."""
    async with at_work(where, whose.tenant) as tenant:
        wanted = await _wanted(tenant)
        found = [_certificate(each, wanted) for each in await brought.every(tenant)]
    return sorted(found, key=lambda row: (str(row["expires_at"]), str(row["thumbprint"])))


async def upload(where: Where, whose: Whose, raw: bytes, password: str) -> Row:
    """The certificate of a PFX."""
    async with at_work(where, whose.tenant) as tenant:
        made = await brought.upload(tenant, raw, password, OPERATOR)
        return _certificate(made, await _wanted(tenant))


async def delete(where: Where, whose: Whose, thumbprint: str) -> None:
    """One that no setting names."""
    async with at_work(where, whose.tenant) as tenant:
        await brought.delete(tenant, thumbprint, OPERATOR)


async def _wanted(tenant: Tenant) -> str:
    """The thumbprint that the setting names, read from the store: nothing here is kept in memory."""
    found = await tenant.store.named(SiteSetting, tenant.id, setting.canonical(setting.CERTIFICATE))
    return setting.thumbprint(found.value if found else None)


def _row(each: SiteSetting) -> Row:
    return {"name": each.name, "value": each.value, "updated_at": moment(each.updated_at)}


def _certificate(each: SigningKey, wanted: str) -> Row:
    thumbprint = certificate.thumbprint(each.certificate)
    ends = moment(certificate.ends(each.certificate))
    return {"thumbprint": thumbprint, "expires_at": ends, "signs": thumbprint == wanted}
