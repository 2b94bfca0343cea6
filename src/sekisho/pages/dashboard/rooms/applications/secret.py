"""A new secret for an application, while the one before stays good as long as that is needed."""

from collections.abc import Mapping

from sekisho.model.client import Client
from sekisho.pages.dashboard import fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.rooms.applications import credentials
from sekisho.registry import clients
from sekisho.registry.client_secrets import A_DAY, LONGEST_GRACE, RotationFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.metadata import SECRET_METHODS
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import SECRET_UNUSED
from sekisho.tenant import Tenant

OVERLAP = "previous_expires_in"
KINDS: Mapping[str, Kind] = {OVERLAP: "number"}
# By the keys of their texts below `applications.overlap_`.
OVERLAPS = (("none", 0), ("hour", 3_600), ("day", A_DAY), ("week", 7 * A_DAY), ("month", LONGEST_GRACE))


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks for how long the one before is needed."""
    client = await head.open_one(ask, who, tenant)
    if client.token_endpoint_auth_method not in SECRET_METHODS:
        raise Refused(SECRET_UNUSED)
    # The tokens of an installation end with its secret.
    usual = 0 if client.registration else A_DAY
    return await _page(fields.shown({OVERLAP: usual}, client.version), client, (ask, who, tenant))


async def rotate(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the new one, shown for the only time."""
    client, visit = await head.open_one(ask, who, tenant), (ask, who, tenant)
    try:
        asked = fields.asked(ask.form, KINDS, {}, RotationFields)
        at = fields.at(ask.form)
        made = await clients.rotate_secret(tenant, client.client_id, asked, who.actor(ask), at)
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, {}, client.version)
        return frame.refused(await _page(form, client, visit), refused)
    return await credentials.page_of(made.client, visit, made.secret or "")


async def _page(form: Form, client: Client, visit: Visit) -> Answer:
    context = {"form": form, "overlaps": OVERLAPS, "crumb": Crumb("applications.rotate")}
    return await head.page("application_rotate", context, client, visit)
