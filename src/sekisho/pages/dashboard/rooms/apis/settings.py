"""Settings of an API: its name, and what its tokens are like."""

from collections.abc import Mapping
from typing import Any

from sekisho.model.api import Api
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.rooms.apis import seen
from sekisho.pages.dashboard.rooms.apis.seen import Seen
from sekisho.registry import apis
from sekisho.registry.apis import ALGS, DIALECTS, ApiFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {
    "name": "text",
    "token_lifetime": "number",
    "token_lifetime_for_web": "number",
    "token_dialect": "text",
    "signing_alg": "text",
    "allow_offline_access": "switch",
    "skip_consent_for_verifiable_first_party_clients": "switch",
}
# All that changes of an API of the system.
OF_OURS: Mapping[str, Kind] = {"token_lifetime": "number"}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    found = await seen.named(ask, tenant)
    locked = not who.may("update:resource_servers")
    form = fields.shown(_said(found.api), found.api.version, locked=locked)
    return _page(form, found, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be."""
    found = await seen.named(ask, tenant)
    api, said = found.api, _said(found.api)
    kinds = OF_OURS if api.is_system else KINDS
    try:
        asked = fields.asked(ask.form, kinds, said, ApiFields)
        await apis.change(tenant, api.id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, kinds, said, api.version)
        return frame.refused(_page(form, found, (ask, who, tenant)), refused)
    return frame.done("saved", f"{found.path}/settings", ask)


def _said(api: Api) -> Mapping[str, Any]:
    own = {name: getattr(api, name) for name in KINDS if hasattr(api, name)}
    skips = {"skip_consent_for_verifiable_first_party_clients": api.skip_consent}
    return {**own, "token_dialect": api.dialect, **skips}


def _page(form: Form, found: Seen, visit: frame.Visit) -> Answer:
    dialects = dict.fromkeys((*DIALECTS, found.api.dialect))
    context = {"form": form, "algs": ALGS, "dialects": tuple(dialects)}
    return seen.page("api_settings", found, context, visit)
