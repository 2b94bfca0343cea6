"""Client secrets beside each other: one more with an end, one fewer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sekisho.model.client import Client, Secret
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.dashboard.rooms.applications import credentials
from sekisho.registry import clients
from sekisho.registry.applications import credentials as verbs
from sekisho.registry.applications.fields import PasswordPart
from sekisho.registry.applications.verbs import Meant
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CREDENTIAL_ABSENT
from sekisho.tenant import Tenant

NAME, DAYS = "displayName", "days"
KINDS: Mapping[str, Kind] = {NAME: "text", DAYS: "number"}
# For how many days a secret is good.
LIVES = (30, 90, 180, 365, 730)
USUAL = 180


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: what it is called, and for how long it is good."""
    client = await head.open_one(ask, who, tenant)
    return await _page(fields.shown({DAYS: USUAL}, client.version), client, (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: the new one, shown for the only time; those that are there stay good."""
    client, visit = await head.open_one(ask, who, tenant), (ask, who, tenant)
    typed = fields.typed(ask.form, KINDS)
    if typed[DAYS] not in LIVES:
        form = Form(typed, client.version, {DAYS: Problem("entra.days_unknown")})
        return arming.again(await _page(form, client, visit))
    ends = datetime.fromtimestamp(tenant.now(), UTC) + timedelta(days=typed[DAYS])
    try:
        part = fields.converted({NAME: typed[NAME], "endDateTime": ends}, PasswordPart)
        made = await verbs.add_password(tenant, Meant(client.id, who.actor(ask)), part)
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, {}, client.version)
        return frame.refused(await _page(form, client, visit), refused)
    now = await clients.find(tenant, client.client_id)
    return await credentials.page_of(now, visit, made.text)


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    client = await head.open_one(ask, who, tenant)
    secret = _found(client, ask)
    context = {
        "form": arming.asks(locked=False),
        "gone": secret,
        "crumb": Crumb("entra.remove_secret"),
    }
    return await head.page("application_secret_remove", context, client, (ask, who, tenant))


async def remove(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is no good any more."""
    client = await head.open_one(ask, who, tenant)
    gone = _found(client, ask)
    await verbs.remove_password(tenant, Meant(client.id, who.actor(ask)), gone.id)
    return frame.done("secret_removed", head.path(client, "credentials"), ask)


def _found(client: Client, ask: Ask) -> Secret:
    found = next((each for each in client.secrets if each.id == ask.names["secret"]), None)
    if found is None:
        raise Refused(CREDENTIAL_ABSENT)
    return found


async def _page(form: Form, client: Client, visit: Visit) -> Answer:
    context = {"form": form, "lives": LIVES, "crumb": Crumb("entra.new_secret")}
    return await head.page("application_secret_new", context, client, visit)
