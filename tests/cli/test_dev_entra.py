"""The demo tenant in Entra's words: applications that are always the same, secrets of this folder alone."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from sekisho.cli.dev import demo, shop
from sekisho.cli.folder import MASTER, MIDDLE, Card, EntraApplication, EntraTenant, Folder
from sekisho.cli.work import OPERATOR
from sekisho.house import House, open_house
from sekisho.keys import secret
from sekisho.keys.master import Master
from sekisho.model.client import Client
from sekisho.registry.applications import credentials, verbs
from sekisho.registry.applications.verbs import Meant
from sekisho.spec.refusal import Refused
from sekisho.store.sql import migrate
from sekisho.tenant import Tenant

CARD = Card(base_url="https://localhost:8001")
MIDDLE_ONE = Meant(shop.SHOP_API, OPERATOR)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder with an empty database."""
    made = Folder(tmp_path)
    Master.create(made.file(MASTER))
    return made


@pytest.fixture
async def house(folder: Folder) -> AsyncIterator[House]:
    """The installation in it."""
    settings = folder.settings(CARD.base_url)
    await asyncio.to_thread(migrate, settings.database_url)
    found = await open_house(settings)
    yield found
    await found.close()


async def told(house: House, folder: Folder, card: Card = CARD) -> EntraTenant:
    """What a start with this card tells."""
    found = (await demo.prepare(house, card, folder)).entra
    assert found
    return found


def middle(found: EntraTenant) -> EntraApplication:
    """The API in the middle of the chain."""
    return next(each for each in found.applications if each.client_id == shop.SHOP_API)


def tenant_of(house: House) -> Tenant:
    """The demo tenant."""
    tenant = house.directory.named("")
    assert tenant
    return tenant


async def application(house: House) -> Client:
    """The same one as it is kept."""
    return (await verbs.find(tenant_of(house), shop.SHOP_API)).client


async def is_good(house: House, text: str | None) -> bool:
    """Whether it proves the application."""
    try:
        secret.prove(text or "", await application(house), tenant_of(house).now())
    except Refused:
        return False
    return True


async def test_tells_what_libraries_ask_for(house: House, folder: Folder):
    """An authority, four applications, a secret, a certificate with its key: for their owner only."""
    found = await told(house, folder)
    assert found.authority == "https://localhost:8001/demo"
    assert found.id == tenant_of(house).id
    assert [each.name for each in found.applications] == [
        *("Shop", "Shop API", "Orders API", "Microsoft Graph (sample)")
    ]
    one = middle(found)
    assert await is_good(house, one.client_secret)
    paths = [Path(each) for each in (one.certificate_file or "", one.key_file or "")]
    assert paths == [folder.file(each).resolve() for each in MIDDLE]
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in paths)
    public, key = (
        load_pem_x509_certificate(paths[0].read_bytes()),
        load_pem_private_key(paths[1].read_bytes(), None),
    )
    assert public.public_key() == key.public_key()
    (kept,) = (await application(house)).credentials
    assert kept.der == public.public_bytes(Encoding.DER)


async def test_a_second_start_keeps_everything(house: House, folder: Folder):
    """Same secret, same certificate; what somebody changed stays, what somebody deleted comes back."""
    first = await demo.prepare(house, CARD, folder)
    tenant = tenant_of(house)
    other = await credentials.add_password(tenant, MIDDLE_ONE, None)
    await verbs.delete(tenant, Meant(shop.ORDERS_API, OPERATOR))
    assert (await demo.prepare(house, first, folder)).entra == first.entra
    assert await is_good(house, other.text)
    assert (await verbs.find(tenant, shop.ORDERS_API)).api


async def test_a_lost_secret_is_made_anew(house: House, folder: Folder):
    """Nobody can say a lost one: it is good no more, and one that somebody added is."""
    first = await told(house, folder)
    other = await credentials.add_password(tenant_of(house), MIDDLE_ONE, None)
    second = await told(house, folder)
    assert middle(first).client_secret != middle(second).client_secret
    good = [await is_good(house, each) for each in (middle(second).client_secret, other.text)]
    assert good == [True, True]
    assert not await is_good(house, middle(first).client_secret)


async def test_a_lost_key_is_made_anew(house: House, folder: Folder):
    """Another certificate in the place of the one whose key is gone."""
    await told(house, folder)
    (before,) = (await application(house)).credentials
    folder.file(MIDDLE[1]).unlink()
    await told(house, folder)
    (after,) = (await application(house)).credentials
    assert after.der != before.der
