"""Registered applications, their statements and installations, made by the verbs that everybody uses."""

from typing import Any

from sekisho import tokens
from sekisho.change.actor import Actor
from sekisho.change.fields import creation
from sekisho.model.api import PROTECTED
from sekisho.model.client import Client, Registration
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.oauth.installations.own import of_installation
from sekisho.registry import clients, registered_applications, registrations
from sekisho.registry.client_secrets import Made
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.registry.registrations import Device
from sekisho.tenant import Tenant
from sekisho.tokens import software_statement
from tests.tenants import ask

ACTOR = Actor(client="sekisho-cli")
TELEVISION = {
    "name": "Television",
    "version": "2.0",
    "channels": ["news"],
    "platforms": ["Android", "tvOS"],
    "domains": ["example.com"],
    "custom_schemes": ["com.example.television"],
    "scopes": ["api:client:v2"],
}


async def drafted(tenant: Tenant, **more: Any) -> RegisteredApplication:
    """An application that is not published yet."""
    asked = creation({**TELEVISION, **more}, ApplicationFields)
    return await registered_applications.create(tenant, asked, ACTOR)


async def published(tenant: Tenant, **more: Any) -> RegisteredApplication:
    """One that is."""
    made = await drafted(tenant, **more)
    return await registered_applications.publish(tenant, made.id, ACTOR)


async def stated(tenant: Tenant, application: RegisteredApplication) -> tuple[SoftwareStatement, str]:
    """A statement of it, and its text."""
    made = await registered_applications.give_statement(tenant, application.id, ACTOR)
    able = await tenant.able(software_statement.RING, software_statement.ALG)
    return made, software_statement.mint(made, tenant.issuer(ask()), able)


async def installed(tenant: Tenant, application: RegisteredApplication, **device: Any) -> Made:
    """An installation, which came by a statement of its own."""
    statement, _ = await stated(tenant, application)
    return await registrations.register(tenant, application, statement.id, Device(**device), ACTOR)


def came_by(made: Made) -> Registration:
    """How an installation came to be."""
    assert made.client.registration
    return made.client.registration


def secret_of(made: Made) -> str:
    """What it proves itself with."""
    assert made.secret
    return made.secret


async def token_of(tenant: Tenant, client_id: str, id: str = "a grant") -> str:
    """An access token for an installation, as the token endpoint would issue it."""
    client: Client = await clients.find(tenant, client_id)
    assert client.registration
    granted = await of_installation(client, client.registration, ask(id=id), tenant)
    assert granted.api.identifier == PROTECTED
    return str(tokens.issue(granted, tenant).body["access_token"])
