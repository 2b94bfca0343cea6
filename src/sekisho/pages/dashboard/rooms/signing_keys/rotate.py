"""The next key of an algorithm signs from now on."""

from collections.abc import Mapping

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.signing_keys import seen
from sekisho.pages.dashboard.rooms.signing_keys.seen import ROOM, Turning
from sekisho.registry import keys
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"force": "switch"}


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    return _page(fields.shown({}), await _turning(ask, who, tenant), (ask, who, tenant))


async def rotate(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is done; `force` is for a key that leaked."""
    turning = await _turning(ask, who, tenant)
    forced = fields.typed(ask.form, KINDS)["force"]
    try:
        await keys.rotate(tenant, turning.alg, who.actor(ask), forced=forced)
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, {}, 0)
        return frame.refused(_page(form, turning, (ask, who, tenant)), refused)
    return frame.done("key_rotated", ROOM, ask)


async def _turning(ask: Ask, who: Administrator, tenant: Tenant) -> Turning:
    if not who.may("update:signing_keys"):
        raise Refused(ADMINISTRATION_DENIED, debug="to rotate needs update:signing_keys, too")
    found = await seen.turnings(tenant)
    turning = next((each for each in found if each.alg == ask.names["alg"]), None)
    if turning is None:
        raise Refused(NOT_FOUND)
    return turning


def _page(form: Form, turning: Turning, visit: Visit) -> Answer:
    now = visit[2].now()
    context = {"form": form, "turning": turning, "is_early": turning.ready_at > now}
    crumbs = (Crumb("dash.signing_keys", ROOM), Crumb("signing_keys.rotate"))
    return frame.page("signing_keys_rotate", context, crumbs, visit)
