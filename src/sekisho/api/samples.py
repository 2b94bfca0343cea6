"""What bodies look like: for the description of the API, each of them good as it stands."""

from collections.abc import Mapping

# A key that nobody has the private half of: it was thrown away.
PEM = (
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEws+2wbUQht6L7nqlT8qnqMxD+Q7d\n"
    "sJGhSqNzx5xpMHk0mmd2hOCPsTxAgEaNHWpQvvZezJ/rSJiXZiQy0vhtvQ==\n"
    "-----END PUBLIC KEY-----\n"
)

CLIENT: Mapping[str, object] = {
    "name": "Shop",
    "app_type": "regular_web",
    "callbacks": ["https://shop.example/cb"],
}
CLIENT_CHANGE: Mapping[str, object] = {"name": "Store", "client_metadata": {"team": "sales"}}
ROTATION: Mapping[str, object] = {"previous_expires_in": 3600}
CREDENTIAL: Mapping[str, object] = {
    "credential_type": "public_key",
    "name": "2026",
    "alg": "ES256",
    "pem": PEM,
}
CREDENTIAL_CHANGE: Mapping[str, object] = {"expires_at": "2030-01-01T00:00:00Z"}
API: Mapping[str, object] = {
    "identifier": "https://orders.example.com",
    "name": "Orders",
    "scopes": [{"value": "read:orders", "description": "Read orders"}],
}
API_CHANGE: Mapping[str, object] = {"token_lifetime": 7200}
GRANT: Mapping[str, object] = {
    "client_id": "CLIENT_ID",
    "audience": "https://orders.example.com",
    "scope": ["read:orders"],
}
GRANT_CHANGE: Mapping[str, object] = {"scope": []}
APPLICATION: Mapping[str, object] = {
    "name": "Television",
    "version": "1.0.0",
    "channels": ["news"],
    "platforms": ["Android", "tvOS"],
    "domains": ["example.com"],
    "custom_schemes": ["com.example.television"],
    "scopes": ["api:client:v2"],
}
APPLICATION_CHANGE: Mapping[str, object] = {"version": "1.1.0"}
PRUNING: Mapping[str, object] = {"unused_for_days": 365, "dry_run": True}
TURN: Mapping[str, object] = {"alg": "ES256", "force": True}
USER: Mapping[str, object] = {
    "connection": "Username-Password-Authentication",
    "email": "aya@example.com",
    "password": "seven blue lanterns",
    "given_name": "Aya",
}
USER_CHANGE: Mapping[str, object] = {"blocked": True}
CLAIM_RULE: Mapping[str, object] = {
    "name": "Favorite color",
    "claim": "https://app.example.com/favorite_color",
    "expression": "user.user_metadata.favorite_color",
    "tokens": ["id_token", "access_token"],
}
CLAIM_RULE_CHANGE: Mapping[str, object] = {"enabled": False}
TRUSTED_ISSUER: Mapping[str, object] = {
    "issuer": "https://login.partner.example/",
    "name": "Partner",
    "jwks_uri": "https://login.partner.example/jwks.json",
    "names": "email",
    "clients": ["CLIENT_ID"],
}
ACCESS_POLICY: Mapping[str, object] = {
    "displayName": "Second factor for payments",
    "state": "enabledForReportingButNotEnforced",
    "conditions": {
        "applications": {"includeAuthenticationContextClassReferences": ["c1"]},
        "users": {"includeUsers": ["All"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": ["203.0.113.0/24"]},
    },
    "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    "sessionControls": {"signInFrequency": {"value": 12, "type": "hours", "isEnabled": True}},
}
ACCESS_POLICY_CHANGE: Mapping[str, object] = {"state": "enabled"}
SIMULATION: Mapping[str, object] = {
    "userId": "USER_ID",
    "clientId": "CLIENT_ID",
    "api": "https://orders.example",
    "address": "198.51.100.7",
    "signedInWith": ["pwd"],
}
TRUSTED_ISSUER_CHANGE: Mapping[str, object] = {"enabled": False}
ROLE: Mapping[str, object] = {"name": "clerk", "description": "Reads orders"}
ROLE_CHANGE: Mapping[str, object] = {"description": "Reads and writes orders"}
ROLES: Mapping[str, object] = {"roles": ["ROLE_ID"]}
MEMBERS: Mapping[str, object] = {"users": ["auth0|USER_ID"]}
PERMISSIONS: Mapping[str, object] = {
    "permissions": [
        {"permission_name": "read:orders", "resource_server_identifier": "https://orders.example.com"}
    ]
}
SETTING: Mapping[str, object] = {"value": "900"}
CERTIFICATE: Mapping[str, object] = {"pfx": "MIIKPwIBAzCC", "password": "open sesame"}
SETTINGS: Mapping[str, object] = {"friendly_name": "Example Store", "enabled_locales": ["en", "ja"]}

# A certificate that nobody has the key of: it was thrown away.
CERTIFIED = (
    "MIICmTCCAYGgAwIBAgIBATANBgkqhkiG9w0BAQsFADAPMQ0wCwYDVQQDDARzaG9wMCAXDTI2MDEw"
    "MTAwMDAwMFoYDzIwOTkwMTAxMDAwMDAwWjAPMQ0wCwYDVQQDDARzaG9wMIIBIjANBgkqhkiG9w0B"
    "AQEFAAOCAQ8AMIIBCgKCAQEAvMNfwwQi/5Uvx1YfaAJtwXL8vw93S9z6JPReWKq7a4Mcs4FOVIJr"
    "kSp+WjRewnQYTWa3AjZjxNyiqdIAODOnyZPQyECOP9gFCBmVXUUpkEt1nVUfE2QJ23iAfvSKt6EA"
    "5gHom/cfgSYagFCHr2WUIJN+DfENbpyKhth1i/RulZcxHZiCBLbUjmd+5pGSiZL53br8Exn1U4RD"
    "bYzWK/8hiV2LSzoq9fIczipYM2VN3xl+v+2UWu2dMIpwIDK3tIE5hYV1UZFM2iBXnML8wGU/tloC"
    "6S6uWvJ/XnbWPRToWODH4GHLYe2U0eYIOI/TB5TNgleqVA09wXDe1lt+CLNoOwIDAQABMA0GCSqG"
    "SIb3DQEBCwUAA4IBAQB1u3iqRbbo5YBgAKIOtlGjupaMkaH8kWFAzv/7joMkpBDh6jXmOQG/8lBj"
    "juH5VKBtll9zJiy6jI6H3XyOmSV0wzHBRmmAn/tgPcrV1DTA1L4mNVVqvCKS+H0IdMUXLJTAx1Mp"
    "O0kLYKLipVuPa9OygVIcY44lALTw7Oq1bNG5bqcf4gasE6q6Px89PPHi5slxnsXbfY1or5ITIh5F"
    "8IGR1qmitQf5R5zMDany1MKFsI9oMhVKQ4dCcGPGfCB+UI5WyPUPUy78zqp2M37uEd4HbVGtQBB7"
    "MEcNANE26b1zIeyDtc2aOlCm0L5z6aVYySzuXFN45Fl2p2/xUyGH50bw"
)
ENTRA: Mapping[str, object] = {
    "displayName": "Orders",
    "signInAudience": "AzureADMyOrg",
    "api": {
        "requestedAccessTokenVersion": 2,
        "oauth2PermissionScopes": [
            {
                "id": "7b5f6a34-9f6e-4d53-8f0e-3f4d1f8f6c01",
                "value": "Orders.Read",
                "type": "User",
                "isEnabled": True,
                "adminConsentDisplayName": "Read orders",
                "adminConsentDescription": "Reads the orders of the person who is signed in",
            }
        ],
    },
    "web": {"redirectUris": ["https://shop.example/cb"]},
}
ENTRA_CHANGE: Mapping[str, object] = {"displayName": "Store", "isFallbackPublicClient": False}
PASSWORD: Mapping[str, object] = {
    "passwordCredential": {"displayName": "2026", "endDateTime": "2099-01-01T00:00:00Z"}
}
KEY_ID: Mapping[str, object] = {"keyId": "7b5f6a34-9f6e-4d53-8f0e-3f4d1f8f6c02"}
KEY: Mapping[str, object] = {
    "keyCredential": {"type": "AsymmetricX509Cert", "usage": "Verify", "key": CERTIFIED}
}
FEDERATED: Mapping[str, object] = {
    "name": "deployments",
    "issuer": "https://ci.example",
    "subject": "repository:shop:main",
    "audiences": ["api://AzureADTokenExchange"],
}
PERMISSION_GRANT: Mapping[str, object] = {
    "clientId": "CLIENT_ID",
    "consentType": "AllPrincipals",
    "resourceId": "APP_ID",
    "scope": "Orders.Read",
}
PERMISSION_GRANT_CHANGE: Mapping[str, object] = {"scope": "Orders.Read"}
ROLE_ASSIGNMENT: Mapping[str, object] = {
    "principalId": "7b5f6a34-9f6e-4d53-8f0e-3f4d1f8f6c03",
    "principalType": "User",
    "resourceId": "APP_ID",
}
SAML: Mapping[str, object] = {
    "entityId": "https://payroll.example/saml",
    "nameIdFormat": "emailAddress",
    "nameIdSource": "mail",
    "lifetime": 3_600,
}
SAML_TURN: Mapping[str, object] = {"force": False}
