"""The scopes of the management API: every one that some address of it asks for."""

from collections.abc import Mapping

MANAGEMENT_SCOPES: Mapping[str, str] = {
    "read:clients": "Read clients",
    "create:clients": "Create clients",
    "update:clients": "Change clients",
    "delete:clients": "Delete clients",
    "read:client_keys": "Read clients with their keys",
    "update:client_keys": "Change the keys of clients",
    "read:client_credentials": "Read the credentials of clients",
    "create:client_credentials": "Create credentials of clients",
    "update:client_credentials": "Change the credentials of clients",
    "delete:client_credentials": "Delete credentials of clients",
    "read:client_summary": "Read the names of clients",
    "update:client_token_vault_privileged_access": "Change the vault access of clients",
    "read:resource_servers": "Read APIs",
    "create:resource_servers": "Create APIs",
    "update:resource_servers": "Change APIs",
    "delete:resource_servers": "Delete APIs",
    "read:client_grants": "Read what clients may ask of APIs",
    "create:client_grants": "Let clients ask something of APIs",
    "update:client_grants": "Change what clients may ask of APIs",
    "delete:client_grants": "Let clients ask nothing more of APIs",
    "read:signing_keys": "Read signing keys",
    "create:signing_keys": "Rotate signing keys, together with update:signing_keys",
    "update:signing_keys": "Rotate and revoke signing keys",
    "read:logs": "Read the logs",
    "read:logs_users": "Read the logs of users",
    "read:stats": "Read the statistics",
    "read:tenant_settings": "Read the settings of the tenant",
    "update:tenant_settings": "Change the settings of the tenant",
}
