"""Keys and certificates of an application: one is added as PEM, one is deleted."""

from collections.abc import Mapping, Sequence

from sekisho.keys import foreign
from sekisho.keys.foreign import KeyUnusable
from sekisho.model.client import Client, Credential
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import client_credentials, credentials
from sekisho.registry.client_credentials import Place
from sekisho.registry.credentials import CredentialFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.jose import SIGNATURES
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {
    "pem": "text",
    "name": "text",
    "alg": "text",
    "kid": "text",
    "parse_expiry_from_cert": "switch",
}
BLANK: Mapping[str, object] = dict.fromkeys(KINDS)
ALGS: Sequence[str] = sorted(SIGNATURES)


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the form."""
    client = await head.open_one(ask, who, tenant)
    return await _adding(fields.shown(BLANK, client.version), client, (ask, who, tenant))


async def add(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: whatever the PEM holds, a public key or a certificate."""
    client = await head.open_one(ask, who, tenant)
    try:
        told = {name: value for name, value in fields.typed(ask.form, KINDS).items() if value}
        told["credential_type"] = _kind(str(told.get("pem", "")))
        asked = fields.converted({"pem": "", **told}, CredentialFields)
        at = fields.at(ask.form)
        await client_credentials.create(tenant, client.client_id, asked, who.actor(ask), at)
    except Refused as refused:
        # A private key that came here by mistake is not shown again.
        sent = tuple(pair for pair in ask.form if "PRIVATE KEY" not in pair[1])
        form = fields.again(refused, sent, KINDS, BLANK, client.version)
        return frame.refused(await _adding(form, client, (ask, who, tenant)), refused)
    return frame.done("credential_added", head.path(client, "credentials"), ask)


async def doubt(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: asks."""
    client = await head.open_one(ask, who, tenant)
    return await _asking(arming.asks(locked=False), client, (ask, who, tenant))


async def delete(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: it is gone."""
    client = await head.open_one(ask, who, tenant)
    place = Place(client.client_id, ask.names["credential"])
    try:
        await client_credentials.delete(tenant, place, who.actor(ask))
    except Refused as refused:
        form = fields.again(refused, ask.form, {}, {}, client.version)
        return frame.refused(await _asking(form, client, (ask, who, tenant)), refused)
    return frame.done("credential_deleted", head.path(client, "credentials"), ask)


def _kind(pem: str) -> str:
    """What it is, as far as anybody can tell; the verb says what is wrong with it."""
    try:
        return foreign.from_pem(pem)[0]
    except KeyUnusable:
        return "public_key"


async def _adding(form: Form, client: Client, visit: Visit) -> Answer:
    context = {"form": form, "algs": ALGS, "crumb": Crumb("applications.add_key")}
    return await head.page("application_key_new", context, client, visit)


async def _asking(form: Form, client: Client, visit: Visit) -> Answer:
    found: Credential = credentials.found(client, visit[0].names["credential"])
    context = {"form": form, "credential": found, "crumb": Crumb("applications.delete_key")}
    return await head.page("application_key_delete", context, client, visit)
