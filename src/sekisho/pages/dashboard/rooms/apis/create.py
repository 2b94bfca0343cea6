"""A new API: what it is called, and what its tokens are signed with."""

from collections.abc import Mapping
from dataclasses import replace

from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.dashboard.rooms.apis.seen import ROOM
from sekisho.registry import apis
from sekisho.registry.apis import ALGS, ApiFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {"name": "text", "identifier": "text", "signing_alg": "text"}
BLANK: Mapping[str, str] = {"name": "", "identifier": "", "signing_alg": ALGS[0]}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the empty form."""
    form = fields.shown(BLANK, locked=not who.may("create:resource_servers"))
    return _page(form, (ask, who, tenant))


async def make(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: here it is."""
    try:
        asked = fields.converted(fields.typed(ask.form, KINDS), ApiFields)
        api = await apis.create(tenant, asked, who.actor(ask))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, BLANK, 0)
        if refused.reason is ALREADY_EXISTS:
            form = replace(form, problems={"identifier": Problem("apis.taken")})
        return frame.refused(_page(form, (ask, who, tenant)), refused)
    return frame.done("api_created", f"{ROOM}/{api.id}/permissions", ask)


def _page(form: Form, visit: Visit) -> Answer:
    crumbs = (Crumb("dash.apis", ROOM), Crumb("apis.create"))
    return frame.page("api_new", {"form": form, "algs": ALGS}, crumbs, visit)
