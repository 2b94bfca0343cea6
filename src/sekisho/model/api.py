"""A protected API: what a token is for."""

from typing import Literal

import msgspec

from sekisho.model.client import OptionalClaim
from sekisho.model.record import Record

# The one name of the management API inside; outside it is `<base>/api/v2/`, at whichever address.
MANAGEMENT = "urn:sekisho:management"

# The API that people are asked about: /userinfo, for tokens that are for no other API.
USERINFO = "urn:sekisho:userinfo"
# What installations of registered applications call, at whichever address.
PROTECTED = "urn:sekisho:adobe-pass"

SigningAlg = Literal["RS256", "PS256", "ES256", "EdDSA"]
Dialect = Literal["access_token", "rfc9068_profile", "opaque", "adobe_pass", "entra_v1", "entra_v2"]
# Of an API of an Entra application: the formats of its access tokens.
ENTRA: tuple[Dialect, ...] = ("entra_v1", "entra_v2")


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A delegated permission; `kind` says who may consent to it.

    `title` and `description` are for people who are asked about themselves, the other two for administrators.
    """

    id: str
    value: str
    title: str = ""
    description: str = ""
    admin_title: str = ""
    admin_description: str = ""
    kind: Literal["User", "Admin"] = "User"
    enabled: bool = True


class AppRole(msgspec.Struct, frozen=True, kw_only=True):
    """A permission that is assigned rather than consented to."""

    id: str
    value: str
    name: str = ""
    description: str = ""
    members: tuple[Literal["User", "Application"], ...] = ("Application",)
    enabled: bool = True


class PreAuthorized(msgspec.Struct, frozen=True, kw_only=True):
    """A client that always has these scopes (their ids) of an API: nobody is asked."""

    client: str
    scopes: tuple[str, ...]


class Encryption(msgspec.Struct, frozen=True, kw_only=True):
    """The key of an API to which its access tokens are encrypted: DER of a public key or certificate."""

    kid: str
    der: bytes
    alg: Literal["RSA-OAEP-256", "RSA-OAEP"] = "RSA-OAEP-256"
    enc: Literal["A256GCM", "A128CBC-HS256"] = "A256GCM"


NameIdFormat = Literal["persistent", "emailAddress", "unspecified", "transient"]
SamlSource = Literal["pairwise", "objectid", "upn", "mail", "displayname", "givenname", "surname"]


class SamlAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute of assertions: its name, and what of a person it says."""

    name: str
    source: SamlSource


class Saml(msgspec.Struct, frozen=True, kw_only=True):
    """What the SAML assertions for an API are like.

    `entity_id` is whom they are for, and one more name of the API; where there is none, the name that it was
    called by. `attributes` are said instead of the usual ones about a person.
    """

    entity_id: str = ""
    name_id_format: NameIdFormat = "persistent"
    name_id_source: SamlSource = "pairwise"
    attributes: tuple[SamlAttribute, ...] | None = None
    lifetime: int = 3_600


class Api(Record, frozen=True, kw_only=True):
    """An API under one or several identifiers; the first one is the audience of its tokens.

    That of an Entra application is called by the client_id of its `owner_client`, and by its identifier URIs.
    """

    name: str
    identifiers: tuple[str, ...]
    scopes: tuple[Scope, ...] = ()
    app_roles: tuple[AppRole, ...] = ()
    signing_alg: SigningAlg = "RS256"
    dialect: Dialect = "access_token"
    token_lifetime: int = 86_400
    token_lifetime_for_web: int = 7_200
    allow_offline_access: bool = False
    skip_consent: bool = True
    owner_client: str | None = None
    is_system: bool = False
    # What follows is said of the API of an Entra application.
    pre_authorized: tuple[PreAuthorized, ...] = ()
    # Clients whose people are asked for this API's application at the same time.
    known_clients: tuple[str, ...] = ()
    # Only people (and clients) who have a role of it, if only the one without rights, get tokens for it.
    assignment_required: bool = False
    access_token_claims: tuple[OptionalClaim, ...] = ()
    groups_claim: str = ""
    encryption: Encryption | None = None
    saml: Saml | None = None

    @property
    def saml_ring(self) -> str:
        """The ring of the certificates that sign its SAML assertions, where it has any of its own."""
        return f"saml:{self.id}"

    @property
    def identifier(self) -> str:
        """The audience of this API's tokens."""
        return self.identifiers[0]
