"""Software with a statement, and installations that ask for credentials and tokens as devices do."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec.structs import replace

from sekisho.keys import rotation
from sekisho.keys.seal import Sealer
from sekisho.model.client import Client
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.signing_key import SigningKey
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Save
from sekisho.oauth import register as oauth_register
from sekisho.oauth import token as oauth_token
from sekisho.oauth.register import Registered
from sekisho.registry import registered_applications
from sekisho.registry.registrations import Device
from sekisho.spec.http import Pairs
from sekisho.tenant import Directory, Tenant
from sekisho.tokens import software_statement
from tests.registered import ACTOR, published
from tests.tenants import MASTER, NOW, ORIGIN, Clock, ask, demo_directory

SCOPE = "api:client:v2"
HERE = "192.0.2.1"


@dataclass
class Software:
    """A published application of a tenant and its first statement."""

    directory: Directory
    clock: Clock
    application: RegisteredApplication
    statement: SoftwareStatement
    text: str
    slug: str = "demo"

    @property
    def tenant(self) -> Tenant:
        """The tenant as it is now: it follows its keys and its settings."""
        return tenant_of(self.directory, self.slug)

    async def give(self) -> tuple[SoftwareStatement, str]:
        """One more statement of the same application."""
        made = await registered_applications.give_statement(self.tenant, self.application.id, ACTOR)
        return made, software_statement.mint(made, issuer_of(self.slug), self.tenant)

    async def install(self, text: str = "", **device: Any) -> Registered:
        """One installation, registered."""
        asked = ask(address=HERE, correlation="c-1")
        return await oauth_register.register(asked, text or self.text, Device(**device), self.tenant)

    async def token_of(self, installation: Registered, **more: str) -> dict[str, object]:
        """What the token endpoint answers this installation."""
        form = (*credentials(installation).items(), *more.items())
        body = (await oauth_token.token(ask(form), self.tenant)).json
        assert isinstance(body, dict)
        return body

    async def known(self, installation: Registered) -> Client | None:
        """The client as everybody sees it now."""
        return await self.tenant.known.named(Client, self.tenant.id, installation.made.client.client_id)

    async def decide(self, **settings: object) -> None:
        """What the tenant wants for devices."""
        record = self.tenant.record
        policy = replace(record.policy, adobe_pass=replace(record.policy.adobe_pass, **settings))
        assert await self.tenant.change(Save(replace(record, policy=policy))) is None


async def software(clock: Clock | None = None, **fields: Any) -> Software:
    """Software of the tenant demo."""
    clock = clock or Clock()
    return await software_in(await demo_directory(clock), clock, **fields)


async def software_in(directory: Directory, clock: Clock, slug: str = "demo", **fields: Any) -> Software:
    """Software of a tenant; its key of statements was made before."""
    tenant = tenant_of(directory, slug)
    if not tenant.keys.signs(software_statement.RING, software_statement.ALG):
        await tenant.change(Save(statement_key(tenant.id, slug)))
    application = await published(tenant_of(directory, slug), **fields)
    tenant = tenant_of(directory, slug)
    made = await registered_applications.give_statement(tenant, application.id, ACTOR)
    text = software_statement.mint(made, issuer_of(slug), tenant)
    return Software(directory, clock, application, made, text, slug)


def credentials(installation: Registered) -> dict[str, str]:
    """What an installation sends for a token."""
    made = installation.made
    proof = {"client_id": made.client.client_id, "client_secret": str(made.secret)}
    return {"grant_type": "client_credentials", **proof}


def pairs(members: dict[str, str]) -> Pairs:
    """A form."""
    return tuple(members.items())


def issuer_of(slug: str) -> str:
    """What a tenant of the tests calls itself."""
    return f"{ORIGIN}/" if slug == "demo" else f"{ORIGIN}/t/{slug}/"


def tenant_of(directory: Directory, slug: str) -> Tenant:
    """A tenant that is there."""
    tenant = directory.named(slug)
    assert tenant
    return tenant


@cache
def statement_key(tenant: str, slug: str) -> SigningKey:
    """The key of a tenant's statements; making RSA keys is slow, so it is made once."""
    ring = rotation.Ring(tenant, slug, software_statement.RING, pinned=True)
    return rotation.born(ring, software_statement.ALG, "current", Sealer.of(MASTER), NOW - 3600)
