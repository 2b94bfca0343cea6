"""The password grants (RFC 6749 section 4.3, and Auth0's, which names a connection): off unless allowed."""

from sekisho.model.client import Client
from sekisho.model.connection import DATABASE
from sekisho.model.granted import Granted
from sekisho.oauth import straight
from sekisho.oauth.straight import Proved
from sekisho.people import directories
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant

AMR = ("pwd",)


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Of the tenant's own directory."""
    return await _granted(DATABASE, ask, client, tenant)


async def of_realm(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Of the directory that the application names."""
    directory = await directories.find(tenant, ask.need("realm"))
    return await _granted(directory.name, ask, client, tenant)


async def _granted(directory: str, ask: Ask, client: Client, tenant: Tenant) -> Granted:
    async def prove() -> Proved:
        name, text = ask.need("username"), ask.need("password")
        return Proved(await directories.verify(tenant, directory, name, text, ask.address), AMR)

    return await straight.granted("password", prove, ask, client, tenant)
