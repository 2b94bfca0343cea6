"""Token configuration: what tokens say beside what they always say, and what they are encrypted to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sekisho.model.client import OptionalClaim
from sekisho.pages.dashboard import fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.entra_applications import one
from sekisho.registry.applications import keys
from sekisho.registry.applications.fields import GROUPS
from sekisho.registry.applications.verbs import Application
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from sekisho.tokens.entra.extra import KNOWN

ID, ACCESS = "optionalClaims.idToken", "optionalClaims.accessToken"
GROUP, KEY = "groupMembershipClaims", "tokenEncryptionKeyId"
KINDS: Mapping[str, Kind] = {ID: "ticks", ACCESS: "ticks", GROUP: "text", KEY: "text"}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    application, visit = await one.found(ask, tenant), (ask, who, tenant)
    locked = await one.is_locked(application, visit)
    form = fields.shown(_said(application), application.version, locked=locked)
    return await _page(form, application, visit)


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be; a claim that stays is as it was in everything else that was said of it."""
    application, visit = await one.opened(ask, who, tenant), (ask, who, tenant)
    said = _said(application)
    told: dict[str, Any] = fields.told(ask.form, KINDS, said)
    for name, had in _claims(application).items():
        if name in told:
            told[name] = [_claim(each, had) for each in told[name]]
    try:
        await one.change(told, application, visit, fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, KINDS, said, application.version)
        return frame.refused(await _page(one.at_fields(form, KINDS, ""), application, visit), refused)
    return frame.done("saved", head.path(application.client, "token-configuration"), ask)


def _claims(application: Application) -> Mapping[str, Sequence[OptionalClaim]]:
    api = application.api
    return {ID: application.client.id_token_claims, ACCESS: api.access_token_claims if api else ()}


def _claim(name: str, had: Iterable[OptionalClaim]) -> dict[str, object]:
    found = next((each for each in had if each.name == name), OptionalClaim(name=name))
    return {
        "name": found.name,
        "source": found.source or None,
        "essential": found.essential,
        "additionalProperties": list(found.properties),
    }


def _offered(had: Iterable[OptionalClaim]) -> list[str]:
    """What there is something to say for, and what was asked for elsewhere."""
    return [*KNOWN, *(each.name for each in had if each.name not in KNOWN)]


def _said(application: Application) -> Mapping[str, Any]:
    client, api = application.client, application.api
    ticked = {
        name: [each for each in _offered(had) if any(one.name == each for one in had)]
        for name, had in _claims(application).items()
    }
    der = api.encryption.der if api and api.encryption else None
    used = (each for each in keys.certificates(client) if each.der == der)
    key = next((keys.key_id(client, each.id) for each in used), None)
    return {**ticked, GROUP: client.groups_claim or GROUPS[0], KEY: key}


async def _page(form: Form, application: Application, visit: Visit) -> Answer:
    client = application.client
    encrypts = [each for each in keys.certificates(client) if keys.usage(each) == "Encrypt"]
    context = {
        "form": form,
        "offered": {name: _offered(had) for name, had in _claims(application).items()},
        "groups": GROUPS,
        "certificates": [(keys.key_id(client, each.id), each) for each in encrypts],
    }
    return await head.page("application_tokens", context, client, visit)
