"""Keys and certificates of an application: one is added as PEM, one is deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sekisho.keys import foreign
from sekisho.keys.foreign import KeyUnusable
from sekisho.model.client import Client, Credential
from sekisho.pages.dashboard import arming, fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import client_credentials, credentials
from sekisho.registry.applications import credentials as verbs
from sekisho.registry.applications import keys
from sekisho.registry.applications.parts import KeyPart
from sekisho.registry.applications.verbs import Meant
from sekisho.registry.client_credentials import Place
from sekisho.registry.credentials import CredentialFields
from sekisho.spec import metadata
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
    "usage": "text",
}
# What a certificate counts for at once; nothing: it counts for assertions where it is ticked.
USAGES = ("Verify", "Encrypt")
BLANK: Mapping[str, object] = dict.fromkeys(KINDS)
ALGS: Sequence[str] = sorted(SIGNATURES)


async def ask_for(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: the form."""
    client = await head.open_one(ask, who, tenant)
    return await _adding(fields.shown(BLANK, client.version), client, (ask, who, tenant))


async def add(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: whatever the PEM holds, a public key or a certificate."""
    client = await head.open_one(ask, who, tenant)
    told = {name: value for name, value in fields.typed(ask.form, KINDS).items() if value}
    counts = told.pop("usage", "")
    try:
        if counts:
            await _count(counts, told, client, (ask, who, tenant))
            return frame.done("certificate_added", head.path(client, "credentials"), ask)
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
        if head.is_mixed(client):
            id = keys.key_id(client, credentials.found(client, place.credential).id)
            await verbs.remove_key(tenant, Meant(client.id, who.actor(ask)), id)
        else:
            await client_credentials.delete(tenant, place, who.actor(ask))
    except Refused as refused:
        form = _whole(fields.again(refused, ask.form, {}, {}, client.version))
        return frame.refused(await _asking(form, client, (ask, who, tenant)), refused)
    return frame.done("credential_deleted", head.path(client, "credentials"), ask)


async def _count(usage: str, told: Mapping[str, Any], client: Client, visit: Visit) -> None:
    """A certificate that counts at once, beside whatever proves the application already."""
    ask, who, tenant = visit
    members = {"type": "AsymmetricX509Cert", "usage": usage, "key": told.get("pem")}
    try:
        part = fields.converted({**members, "displayName": told.get("name")}, KeyPart)
        await verbs.add_key(tenant, Meant(client.id, who.actor(ask)), part)
    except Refused as refused:
        raise _at_pem(refused) from refused


def _at_pem(refused: Refused) -> Refused:
    """What is wrong with a member of a certificate, at the field that it was typed into."""
    name, said = refused.words.get("field", ""), refused.words.get("said", "")
    places = {"usage": "usage", "displayName": "name"}
    return metadata.problem(places.get(name.rpartition(".")[2], "pem"), said) if said else refused


def _whole(form: Form) -> Form:
    """The page that asks has no fields: what is wrong is wrong with all of it."""
    return replace(form, problems={"": next(iter(form.problems.values()))})


def _kind(pem: str) -> str:
    """What it is, as far as anybody can tell; the verb says what is wrong with it."""
    try:
        return foreign.from_pem(pem)[0]
    except KeyUnusable:
        return "public_key"


async def _adding(form: Form, client: Client, visit: Visit) -> Answer:
    context = {"form": form, "algs": ALGS, "usages": USAGES, "crumb": Crumb("applications.add_key")}
    return await head.page("application_key_new", context, client, visit)


async def _asking(form: Form, client: Client, visit: Visit) -> Answer:
    found: Credential = credentials.found(client, visit[0].names["credential"])
    context = {"form": form, "credential": found, "crumb": Crumb("applications.delete_key")}
    return await head.page("application_key_delete", context, client, visit)
