"""What the management API is about: one file per resource, one list of their addresses."""

from collections.abc import Awaitable, Callable

from sekisho.api.resources import client_grants, clients, resource_servers, tenant_settings
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]

ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/clients", clients.every),
    ("POST", "/clients", clients.create),
    ("GET", "/clients/{id}", clients.get),
    ("PATCH", "/clients/{id}", clients.change),
    ("DELETE", "/clients/{id}", clients.delete),
    ("GET", "/resource-servers", resource_servers.every),
    ("POST", "/resource-servers", resource_servers.create),
    ("GET", "/resource-servers/{id}", resource_servers.get),
    ("PATCH", "/resource-servers/{id}", resource_servers.change),
    ("DELETE", "/resource-servers/{id}", resource_servers.delete),
    ("GET", "/client-grants", client_grants.every),
    ("POST", "/client-grants", client_grants.create),
    ("GET", "/client-grants/{id}", client_grants.get),
    ("PATCH", "/client-grants/{id}", client_grants.change),
    ("DELETE", "/client-grants/{id}", client_grants.delete),
    ("GET", "/tenants/settings", tenant_settings.get),
    ("PATCH", "/tenants/settings", tenant_settings.change),
)
