"""A retired key is recognised no more."""

from sekisho.model.signing_key import SigningKey
from sekisho.pages.dashboard import arming, fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.signing_keys import seen
from sekisho.pages.dashboard.rooms.signing_keys.seen import ROOM
from sekisho.registry import keys
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import KEY_ABSENT
from sekisho.tenant import Tenant


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    return _page(arming.asks(locked=False), await _key(ask, tenant), (ask, who, tenant))


async def revoke(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: tokens under this key end."""
    record = await _key(ask, tenant)
    try:
        await keys.revoke(tenant, record.id, who.actor(ask), (record.version,))
    except Refused as refused:
        form = fields.again(refused, ask.form, {}, {}, 0)
        return frame.refused(_page(form, record, (ask, who, tenant)), refused)
    return frame.done("key_revoked", ROOM, ask)


async def _key(ask: Ask, tenant: Tenant) -> SigningKey:
    """A key of tokens: those of other rings stay as they are."""
    record = await keys.find(tenant, ask.names["kid"])
    if record.ring != keys.TOKENS:
        raise Refused(KEY_ABSENT)
    return record


def _page(form: Form, record: SigningKey, visit: Visit) -> Answer:
    context = {"form": form, "key": record, "until": seen.until(record)}
    crumbs = (Crumb("dash.signing_keys", ROOM), Crumb("signing_keys.revoke"))
    return frame.page("signing_keys_revoke", context, crumbs, visit)
