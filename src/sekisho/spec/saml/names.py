"""The names that SAML, XML signatures and WS-Federation go by on the wire, letter for letter."""

from collections.abc import Mapping

SAML2 = "urn:oasis:names:tc:SAML:2.0:assertion"
# Of version 1.1, too.
SAML1 = "urn:oasis:names:tc:SAML:1.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
FEDERATION = "http://docs.oasis-open.org/wsfed/federation/200706"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
# What it is to support both, as metadata says it.
PROTOCOL2 = "urn:oasis:names:tc:SAML:2.0:protocol"
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"

BEARER2 = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
BEARER1 = "urn:oasis:names:tc:SAML:1.0:cm:bearer"
FORMATS: Mapping[str, str] = {
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "emailAddress": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
}

PASSWORD2 = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
UNSPECIFIED2 = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
PASSWORD1 = "urn:oasis:names:tc:SAML:1.0:am:password"
UNSPECIFIED1 = "urn:oasis:names:tc:SAML:1.0:am:unspecified"

_MICROSOFT = "http://schemas.microsoft.com/identity/claims/"
_XMLSOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_WINDOWS = "http://schemas.microsoft.com/ws/2008/06/identity/"
TENANT = f"{_MICROSOFT}tenantid"
OBJECT = f"{_MICROSOFT}objectidentifier"
DISPLAY_NAME = f"{_MICROSOFT}displayname"
PROVIDER = f"{_MICROSOFT}identityprovider"
METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences"
GROUPS = f"{_WINDOWS}claims/groups"
GROUPS_LINK = "http://schemas.microsoft.com/claims/groups.link"
ROLES = f"{_WINDOWS}claims/role"
WIDS = f"{_WINDOWS}claims/wids"
NAME = f"{_XMLSOAP}name"
GIVEN_NAME = f"{_XMLSOAP}givenname"
SURNAME = f"{_XMLSOAP}surname"
EMAIL = f"{_XMLSOAP}emailaddress"
# What an assertion says for the server: nobody maps anything else to these.
RESERVED = frozenset((TENANT, OBJECT, PROVIDER, METHODS, GROUPS, GROUPS_LINK, ROLES, WIDS))
# What `authnmethodsreferences` says of a sign-in.
SHOWED_PASSWORD = f"{_WINDOWS}authenticationmethod/password"
SHOWED_SEVERAL = "http://schemas.microsoft.com/claims/multipleauthn"
