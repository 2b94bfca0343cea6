"""A tenant on the memory engine with a clock that stands still: what most tests of verbs start from."""

import secrets
from dataclasses import dataclass
from functools import cache

from msgspec.structs import replace

from sekisho.events.audit import Audit
from sekisho.events.uses import UseBook
from sekisho.fetch.fetcher import Fetcher
from sekisho.keys import rotation, secret
from sekisho.keys.master import Master
from sekisho.keys.seal import Sealer
from sekisho.limits.leased import Leased
from sekisho.model.api import Api, Scope
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Save
from sekisho.model.tenant import TenantRecord
from sekisho.spec.http import Ask, Pairs
from sekisho.store.known import Known
from sekisho.store.memory import MemoryEngine, MemoryLimits
from sekisho.tenant import Directory, Tenant, Tools

NOW = 1_800_000_000.0
ORIGIN = "https://id.example.com"
AUDIENCE = "https://api.example.com"
SECRET = "s3cret-" * 8
TENANT = "11111111-1111-4111-8111-111111111111"
MASTER = Master((bytes(range(64, 96)),))


@dataclass
class Clock:
    """A clock that moves when told to."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@cache
def signing_keys(tenant: str, slug: str) -> tuple[SigningKey, ...]:
    """One current key of each algorithm; making RSA keys is slow, so they are made once."""
    ring = rotation.Ring(tenant, slug, "tokens")
    sealer = Sealer.of(MASTER)
    algs = ("RS256", "PS256", "ES256", "EdDSA")
    return tuple(rotation.born(ring, alg, "current", sealer, NOW - 3600) for alg in algs)


async def demo_tenant(clock: Clock | None = None) -> Tenant:
    """The tenant `demo` with its keys, one API and no client."""
    directory = await demo_directory(clock or Clock())
    tenant = directory.named("demo")
    assert tenant is not None
    return tenant


async def demo_directory(clock: Clock) -> Directory:
    """A directory that knows the tenant `demo` (the default one) and another one, `acme`."""
    store = MemoryEngine(MASTER.derive("pepper"), clock)
    audit = Audit(store, clock)
    sealer = Sealer.of(MASTER)
    limits = MemoryLimits()
    tools = Tools(
        *(store, Known(store), audit, limits, sealer, Fetcher(), clock, UseBook(store)), Leased(limits)
    )
    other = TENANT.replace("1", "2")
    for id, slug in ((TENANT, "demo"), (other, "acme")):
        record = TenantRecord(tenant=id, id=id, slug=slug, default=slug == "demo")
        assert await store.write(Save(record), *map(Save, signing_keys(id, slug))) is None
    await store.write(Save(api()))
    directory = Directory(tools, ORIGIN, development=False)
    await tools.known.confirm()
    await directory.load()
    return directory


def api(**fields: object) -> Api:
    """An API with two scopes."""
    scopes = tuple(Scope(id=value, value=value) for value in ("read:things", "write:things"))
    told = Api(tenant=TENANT, id="a" * 24, name="Things", identifiers=(AUDIENCE,), scopes=scopes)
    return replace(told, **fields)


def client(**fields: object) -> Client:
    """A confidential client that may use client credentials."""
    return replace(
        Client(
            tenant=TENANT,
            id="33333333-3333-4333-8333-333333333333",
            client_id="machine",
            name="Machine",
            grant_types=("client_credentials",),
            secrets=(secret.remember(SECRET, NOW),),
        ),
        **fields,
    )


def allowed(**fields: object) -> ClientGrant:
    """The machine may read and write things."""
    told = ClientGrant(tenant=TENANT, id="cgr_1", client_id="machine", audience=AUDIENCE)
    return replace(told, scopes=("read:things", "write:things"), **fields)


async def machine_tenant(clock: Clock | None = None, **fields: object) -> Tenant:
    """The demo tenant with the machine client and its grant."""
    tenant = await demo_tenant(clock)
    assert await tenant.change(Save(client(**fields)), Save(allowed())) is None
    return tenant


def ask(form: Pairs = (), **fields: object) -> Ask:
    """A POST with a form, as the door would hand it on."""
    asked = Ask(method="POST", path="/oauth/token", root=ORIGIN, form=form, id=secrets.token_hex(12))
    return replace(asked, **fields)


def asking(**extra: str) -> Ask:
    """A client credentials request of the machine."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "machine",
        "client_secret": SECRET,
        "audience": AUDIENCE,
    }
    return ask(tuple((form | extra).items()))
