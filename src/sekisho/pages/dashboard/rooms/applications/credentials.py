"""Credentials: how an application proves that it is itself (RFC 7591 section 2)."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from sekisho.keys import certificate
from sekisho.model.client import Client, Credential
from sekisho.pages.dashboard import fields, frame, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.applications import safety
from sekisho.registry import clients
from sekisho.registry.applications import keys
from sekisho.registry.client_fields import ClientFields
from sekisho.registry.client_methods import SIGNED, AuthenticationMethods, Chosen
from sekisho.registry.credentials import CredentialFields
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.metadata import ASSERTION_ALGS
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

METHOD = "token_endpoint_auth_method"
CHOSEN = "client_authentication_methods"
METHODS = ("client_secret_post", "client_secret_basic", "client_secret_jwt", SIGNED, "none")
ALGS = tuple(sorted(alg for algs in ASSERTION_ALGS.values() for alg in algs))
# Method and keys belong together: they are read by themselves.
OWN: Mapping[str, Kind] = {METHOD: "text", CHOSEN: "ticks"}
REST: Mapping[str, Kind] = {
    "token_endpoint_auth_signing_alg": "text",
    "jwks_uri": "text",
    "assertion_audience": "text",
    "assertion_reuse": "switch",
}


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    client = await clients.find(tenant, ask.names["client_id"])
    return await page_of(client, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be; a secret that came of it is shown, for the only time."""
    client, visit = await head.open_one(ask, who, tenant), (ask, who, tenant)
    try:
        asked = _asked(ask.form, client)
        made = await clients.change(tenant, client.client_id, asked, who.actor(ask), fields.at(ask.form))
    except Refused as refused:
        form = fields.again(refused, ask.form, {**OWN, **REST}, _said(client), client.version)
        return frame.refused(await _page(form, client, visit), refused)
    if made.secret:
        return await page_of(made.client, visit, made.secret)
    return frame.done("saved", head.path(client, "credentials"), ask)


async def page_of(client: Client, visit: Visit, secret: str = "") -> Answer:
    """The page of an application as it is; with a secret that was just made, for the only time."""
    _, who, tenant = visit
    is_locked = not who.may("update:client_credentials") or bool(await head.lock(client, who, tenant))
    form = fields.shown(_said(client), client.version, locked=is_locked or bool(client.registration))
    return await _page(form, client, visit, secret)


def _said(client: Client) -> Mapping[str, Any]:
    own = {name: getattr(client, name) for name in (METHOD, *REST)}
    return {**own, CHOSEN: _chosen(client)}


def _chosen(client: Client) -> list[str]:
    """The keys that count, in the order in which they are shown."""
    named = client.client_authentication_methods.get(SIGNED, ())
    return [each.id for each in client.credentials if each.id in named]


def _asked(form: Pairs, client: Client) -> ClientFields:
    """What is to be changed. Keys that are chosen are a method; without them it is said by its name.

    Where several ways prove it, each of them counts, and none is chosen here.
    """
    asked = fields.asked(form, REST, _said(client), ClientFields)
    if head.is_mixed(client):
        return asked
    typed, had = fields.typed(form, OWN), _chosen(client)
    ids = typed[CHOSEN] if typed[METHOD] == SIGNED else []
    if ids and ids != had:
        named = tuple(CredentialFields(id=each) for each in ids)
        methods = AuthenticationMethods(private_key_jwt=Chosen(credentials=named))
        return replace(asked, client_authentication_methods=methods)
    if had and not ids:
        return replace(asked, client_authentication_methods=None, token_endpoint_auth_method=typed[METHOD])
    if not had and typed[METHOD] != client.token_endpoint_auth_method:
        return replace(asked, token_endpoint_auth_method=typed[METHOD])
    return asked


def _of_certificate(credential: Credential, read: Callable[[bytes], str]) -> str:
    """What is read from a certificate; a bare key has nothing of it."""
    return read(credential.der) if credential.kind == "x509_cert" else ""


def _thumbprint(der: bytes) -> str:
    """SHA-1, as other consoles show it."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


async def _page(form: Form, client: Client, visit: Visit, secret: str = "") -> Answer:
    now = visit[2].now()
    context = {
        "form": form,
        "methods": METHODS,
        "algs": ALGS,
        "now": now,
        "is_expired": safety.is_without_secret(client, now),
        "chosen": _chosen(client),
        "thumbprints": {each.id: _of_certificate(each, _thumbprint) for each in client.credentials},
        "subjects": {each.id: _of_certificate(each, certificate.subject) for each in client.credentials},
        "encrypts": [each.id for each in client.credentials if keys.usage(each) == "Encrypt"],
        "is_mixed": head.is_mixed(client),
        "secret": secret,
    }
    return await head.page("application_credentials", context, client, visit)
