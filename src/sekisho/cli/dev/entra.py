"""The demo tenant in Entra's words: its applications, made once, and how the middle one proves itself."""

import asyncio
from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_pem_x509_certificate

from sekisho.cli.dev import authority, shop
from sekisho.cli.dev.shop import GRAPH, ORDERS_API, SHOP, SHOP_API
from sekisho.cli.folder import MIDDLE, Card, EntraApplication, EntraTenant, Folder
from sekisho.cli.work import OPERATOR
from sekisho.keys import certificate, secret
from sekisho.model.client import Client
from sekisho.registry.applications import credentials, verbs
from sekisho.registry.applications.fields import PasswordPart
from sekisho.registry.applications.parts import KeyPart
from sekisho.registry.applications.verbs import Meant
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

# What a secret and a certificate of ours are called, beside those that somebody adds.
MARK = "sekisho dev"
WHOSE = Meant(SHOP_API, OPERATOR)
KEY_BITS = 2_048


async def prepare(tenant: Tenant, card: Card, folder: Folder) -> EntraTenant:
    """Everything, each made where it is missing; what somebody changed stays changed."""
    for asked in (shop.graph(), shop.orders_api(), shop.shop_api(), shop.page()):
        if not await tenant.store.named(Client, tenant.id, str(asked.app_id)):
            await verbs.create(tenant, asked, OPERATOR)
    public, key = await _certificate(tenant, folder)
    applications = (
        EntraApplication(name="Shop", client_id=SHOP),
        EntraApplication(
            name="Shop API",
            client_id=SHOP_API,
            client_secret=await _secret(tenant, card),
            certificate_file=public,
            key_file=key,
            scope=f"api://{SHOP_API}/access_as_user",
        ),
        EntraApplication(name="Orders API", client_id=ORDERS_API, scope=f"api://{ORDERS_API}/Orders.Read"),
        EntraApplication(
            name="Microsoft Graph (sample)", client_id=GRAPH, scope="https://graph.microsoft.com/User.Read"
        ),
    )
    name = f"{card.base_url}/{tenant.record.slug}"
    return EntraTenant(id=tenant.id, authority=name, applications=applications)


async def _secret(tenant: Tenant, card: Card) -> str:
    """The one that the card knows, if it is good; otherwise a new one in the place of ours."""
    client = (await verbs.find(tenant, SHOP_API)).client
    there = card.entra.applications if card.entra else ()
    known = next((each.client_secret for each in there if each.client_id == SHOP_API), None)
    if known and _is_good(known, client, tenant.now()):
        return known
    for each in client.secrets:
        if each.name == MARK:
            await credentials.remove_password(tenant, WHOSE, each.id)
    return (await credentials.add_password(tenant, WHOSE, PasswordPart(display_name=MARK))).text


def _is_good(text: str, client: Client, now: float) -> bool:
    try:
        secret.prove(text, client, now)
    except Refused:
        return False
    return True


async def _certificate(tenant: Tenant, folder: Folder) -> tuple[str, str]:
    """Where certificate and key are; the application knows this certificate, and no older one of ours."""
    public, key = (folder.file(name) for name in MIDDLE)
    if not (public.exists() and key.exists()):
        made = await asyncio.to_thread(_pair, tenant.now())
        authority.keep(key, made[1])
        authority.keep(public, made[0])
    der = load_pem_x509_certificate(public.read_bytes()).public_bytes(Encoding.DER)
    there = (await verbs.find(tenant, SHOP_API)).client.credentials
    if all(each.der != der for each in there):
        for each in there:
            if each.name == MARK:
                await credentials.remove_key(tenant, WHOSE, each.id)
        text = b64encode(der).decode()
        part = KeyPart(display_name=MARK, type="AsymmetricX509Cert", usage="Verify", key=text)
        await credentials.add_key(tenant, WHOSE, part)
    return str(public.resolve()), str(key.resolve())


def _pair(now: float) -> tuple[bytes, bytes]:
    """A certificate and its key, as libraries read them."""
    key = rsa.generate_private_key(65_537, KEY_BITS)
    public = certificate.pem(certificate.issue(key, "Shop API", now))
    return public.encode(), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
