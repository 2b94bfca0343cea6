"""A house with people in it, anew for each test: two tenants, their applications, and what they call."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import msgspec

from sekisho.app import lost, urls
from sekisho.keys import secret
from sekisho.keys.password import Passwords
from sekisho.model.api import Api, Scope
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.connection import Connection
from sekisho.model.password import Password
from sekisho.model.record import Record
from sekisho.model.step import Save
from sekisho.model.tenant import TenantRecord
from sekisho.model.user import User
from sekisho.registry import system_apis
from sekisho.spec.password import Cost
from sekisho.store.known import Known
from sekisho.tenant import Directory, Tenant
from sekisho.web.door import Building, Door
from tests.attacks.double import listening
from tests.attacks.target import CROWDED, HOST, OTHER_HOST
from tests.tenants import NOW, TENANT, Clock, demo_directory

OTHER_TENANT = TENANT.replace("1", "2")
API, OTHER_API, OPAQUE_API = "https://api.example", "https://other-api.example", "https://opaque-api.example"
PASSWORD, OTHER_PASSWORD = "seven blue lanterns", "eleven green kettles"
AYA, BEN, BOB = "auth0|aya", "auth0|ben", "auth0|bob"
CHEAP = Cost(memory=7_168, passes=5)
# What hashing costs is nothing that these attacks are about, and neither are limits of requests.
POLICY = msgspec.structs.replace(
    CROWDED, password_memory_kib=CHEAP.memory, password_passes=CHEAP.passes, sign_in_address_burst=1_000
)
CALLBACKS: Mapping[str, str] = {
    "web": "https://app.example.com/cb",
    "second": "https://second.example.com/cb",
    "third": "https://third.example.net/cb",
    "spa": "https://spa.example.net/cb",
    "native": "http://127.0.0.1/cb",
}


class Counted(Passwords):
    """Passwords, and how many were looked at: what a guess costs us is what it tells."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at = 0

    async def matches(self, text: str, hashed: str) -> bool:
        """One more."""
        self.looked_at += 1
        return await super().matches(text, hashed)


@dataclass
class Street:
    """A server whose house is replaced between tests: starting a server takes longer than a test."""

    port: int = 0
    passwords: Counted = field(default_factory=Counted)
    hashes: dict[str, str] = field(default_factory=dict)
    door: Door | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.door is not None
        await self.door(scope, receive, send)


@dataclass(frozen=True)
class Household:
    """A house, and everything in it that a test may move."""

    port: int
    directory: Directory
    clock: Clock
    passwords: Counted

    @property
    def tenant(self) -> Tenant:
        """The tenant that is attacked, as it is now."""
        found = self.directory.named("demo")
        assert found is not None
        return found

    def web(self, host: str = HOST, **headers: str) -> httpx.Client:
        """A stranger's client, which goes nowhere by itself."""
        place = f"http://127.0.0.1:{self.port}"
        return httpx.Client(
            base_url=place, headers={"host": host, **headers}, timeout=30, trust_env=False, verify=False
        )

    def change(self, *records: Record) -> None:
        """Somebody administers."""
        assert asyncio.run(self.tenant.change(*map(Save, records))) is None

    def client(self, client_id: str, **fields: object) -> None:
        """An application, changed."""
        found = asyncio.run(self.tenant.store.named(Client, TENANT, client_id))
        assert found is not None
        self.change(msgspec.structs.replace(found, **fields))

    def person(self, **fields: object) -> None:
        """Aya, changed."""
        found = asyncio.run(self.tenant.store.named(User, TENANT, AYA))
        assert found is not None
        self.change(msgspec.structs.replace(found, **fields))

    def decide(self, **policy: object) -> None:
        """The tenant has another policy."""
        record = self.tenant.record
        found = asyncio.run(self.tenant.store.record(TenantRecord, record.id, record.id))
        assert found is not None
        self.change(msgspec.structs.replace(found, policy=msgspec.structs.replace(found.policy, **policy)))


def secret_of(client_id: str) -> str:
    """What a confidential client proves itself by."""
    return f"{client_id}-s3cret-" * 5


def clients(tenant: str = TENANT) -> Iterator[Client]:
    """The tenant's own applications, one of another party, two without credentials, and an API's own."""
    for number, (client_id, uri) in enumerate(CALLBACKS.items()):
        is_public = client_id in ("spa", "native")
        yield Client(
            tenant=tenant,
            id=f"55555555-5555-4555-8555-{tenant[0]}{number:011}",
            client_id=client_id,
            name=client_id.title(),
            app_type=client_id if is_public else "regular_web",
            is_first_party=client_id not in ("third", "spa"),
            grant_types=("authorization_code", "refresh_token"),
            reply_urls=(ReplyUrl(uri, "public" if client_id == "native" else "web"),),
            allowed_logout_urls=(uri.replace("/cb", "/bye"),),
            token_endpoint_auth_method="none" if is_public else "client_secret_post",
            secrets=() if is_public else (secret.remember(secret_of(client_id), NOW),),
        )
    for number, audience in enumerate((API, OTHER_API, OPAQUE_API)):
        yield Client(
            tenant=tenant,
            id=f"66666666-6666-4666-8666-{tenant[0]}{number:011}",
            client_id=f"gate-{number}",
            name="Gate",
            app_type="resource_server",
            resource_server_identifier=audience,
            secrets=(secret.remember(secret_of(f"gate-{number}"), NOW),),
        )


def apis(tenant: str = TENANT) -> Iterator[Api]:
    """Three APIs; the last one's tokens are opaque."""
    for audience, dialect in ((API, "access_token"), (OTHER_API, "access_token"), (OPAQUE_API, "opaque")):
        yield Api(
            tenant=tenant,
            id=f"{tenant[0]}{audience[8:].encode().hex()}"[:24],
            name=audience,
            identifiers=(audience,),
            scopes=tuple(Scope(id=each, value=each) for each in ("read:things", "write:things")),
            dialect="opaque" if dialect == "opaque" else "access_token",
            allow_offline_access=True,
        )


def people() -> Iterator[tuple[User, str]]:
    """Two who live here, one of whom has two names, and one elsewhere."""
    for number, (user_id, tenant, text) in enumerate(
        ((AYA, TENANT, PASSWORD), (BEN, TENANT, OTHER_PASSWORD), (BOB, OTHER_TENANT, PASSWORD))
    ):
        name = user_id.partition("|")[2]
        told = {"name": name.title(), "email": f"{name}@example.com", "email_verified": True}
        user = User(
            tenant=tenant,
            id=f"44444444-4444-4444-8444-44444444444{number}",
            user_id=user_id,
            connection="Username-Password-Authentication",
            username="ayachan" if name == "aya" else "",
            logins=(f"{name}@example.com", *(("ayachan",) if name == "aya" else ())),
            claims=told,
        )
        yield user, text


async def furnished(street: Street, clock: Clock) -> Directory:
    """Everything in its place."""
    built = await demo_directory(clock)
    demo = built.named("demo")
    assert demo is not None
    tools = replace(demo.tools, passwords=street.passwords, known=Known(demo.tools.store))
    directory = Directory(tools, built.addresses.origin, development=False)
    await tools.known.confirm()
    await directory.load()
    found: list[Record] = []
    for slug, id, domains in (("demo", TENANT, ()), ("acme", OTHER_TENANT, (OTHER_HOST,))):
        tenant = directory.named(slug)
        assert tenant is not None
        found += [
            msgspec.structs.replace(tenant.record, domains=domains, policy=POLICY, version=1),
            Connection(tenant=id, id=f"con_{slug}"),
            system_apis.system(id, NOW),
            *clients(id),
            *apis(id),
        ]
    for user, text in people():
        hashed = street.hashes.get(text) or await street.passwords.hash(text, CHEAP)
        street.hashes[text] = hashed
        found += [user, Password(tenant=user.tenant, id=user.id, hash=hashed, changed_at=0)]
    assert await tools.store.write(*map(Save, found)) is None
    await tools.known.written(tuple(map(Save, found)))
    return directory


@contextmanager
def opened() -> Iterator[Street]:
    """A server that listens, without a house yet."""
    street = Street()
    with listening(street) as port:
        street.port = port
        yield street
    street.passwords.close()


def moved_in(street: Street) -> Household:
    """A new house on the street."""
    clock = Clock()
    directory = asyncio.run(furnished(street, clock))
    street.door = Door(Building(directory, urls(), {}, lost))
    street.passwords.looked_at = 0
    return Household(street.port, directory, clock, street.passwords)
