"""An application that asks for tokens."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from sekisho.model.record import Record
from sekisho.spec import redirect_uri

# Who tokens made on the command line are for; no client is called so.
COMMAND_LINE = "sekisho-cli"
# Our own one: how administrators sign in to the dashboard.
DASHBOARD = "sekisho-dashboard"

ReplyKind = Literal["web", "spa", "public"]
# What `aud` of a client's assertion may be: the issuer and nothing else, or our addresses too.
AssertionAudience = Literal["issuer", "lenient"]

# What an answer in the front channel may carry, where `implicit` is among the grant types.
FrontChannel = Literal["id_token", "token"]
# Whose people may sign in, by Graph's words: of one tenant, or of any.
SignInAudience = Literal["AzureADMyOrg", "AzureADMultipleOrgs"]

# How a client may exchange tokens: saying that it acts for the person, without saying so, either way.
Exchange = Literal["none", "delegation", "impersonation", "both"]

# Which ID tokens of a client tell what scopes ask about a person (OpenID Connect Core 1.0 section 5.4).
ScopeClaims = Literal["always", "only_without_access_token"]


class ReplyUrl(msgspec.Struct, frozen=True):
    """An address that answers may be sent to, in the order it was registered."""

    url: str
    kind: ReplyKind = "web"


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A client secret: its SHA-256, and sealed in addition only while an HMAC method needs the text."""

    id: str
    digest: bytes
    hint: str
    created_at: float
    expires_at: float | None = None
    sealed: bytes | None = None
    name: str = ""


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A key that a client registered: a public key or a certificate in DER, and what it may sign with."""

    id: str
    kind: Literal["public_key", "x509_cert"]
    der: bytes
    algs: tuple[str, ...]
    kid: str = ""
    name: str = ""
    created_at: float
    updated_at: float = 0
    starts_at: float | None = None
    expires_at: float | None = None


class Access(msgspec.Struct, frozen=True):
    """A permission by its id: a delegated scope of an API, or a role of it."""

    id: str
    kind: Literal["Scope", "Role"] = "Scope"


class Required(msgspec.Struct, frozen=True, kw_only=True):
    """What an application says it needs of an API; `resource` is the client_id of that API's application."""

    resource: str
    access: tuple[Access, ...] = ()


class Federated(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of another issuer that prove this client, by who they are about and who they are for."""

    id: str
    name: str
    issuer: str
    subject: str
    audiences: tuple[str, ...]
    description: str = ""


class OptionalClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that tokens in Entra's words have only where it was asked for."""

    name: str
    source: str = ""
    essential: bool = False
    properties: tuple[str, ...] = ()


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """How a client came to be by itself: the application and the statement, and what it said of its device.

    `generation` counts its secrets: a token remembers the one that it was asked for with.
    """

    application: str
    statement: str
    device: Mapping[str, str] = {}
    generation: int = 1


class RefreshTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How a client's refresh tokens live: as the tenant says (None), for so many seconds, without end (0)."""

    rotates: bool = True
    leeway: int | None = None
    lifetime: int | None = None
    idle_lifetime: int | None = None


ANY_API = "*"


class Client(Record, frozen=True, kw_only=True):
    """An application: `id` is its GUID, `client_id` what it calls itself on the wire."""

    client_id: str
    name: str
    description: str = ""
    app_type: str = "regular_web"
    logo_uri: str = ""
    policy_uri: str = ""
    tos_uri: str = ""
    enabled: bool = True
    is_first_party: bool = True
    oidc_conformant: bool = True
    reply_urls: tuple[ReplyUrl, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    web_origins: tuple[str, ...] = ()
    allowed_logout_urls: tuple[str, ...] = ()
    # Its own pages may ask people for their passwords and send them here: from the web origins only.
    cross_origin_authentication: bool = False
    initiate_login_uri: str = ""
    grant_types: tuple[str, ...] = ()
    token_endpoint_auth_method: str = "client_secret_post"
    secrets: tuple[Secret, ...] = ()
    client_metadata: Mapping[str, str] = {}
    # The API that this client is: it may ask what tokens for it mean (RFC 7662). ANY_API: any of them.
    resource_server_identifier: str = ""
    # Assertions (RFC 7523). A method here is registered too, with the credentials that it may use.
    client_authentication_methods: Mapping[str, tuple[str, ...]] = {}
    credentials: tuple[Credential, ...] = ()
    jwks: tuple[Mapping[str, object], ...] = ()
    jwks_uri: str = ""
    token_endpoint_auth_signing_alg: str = ""
    assertion_audience: AssertionAudience = "issuer"
    # MSAL presents one assertion for nine minutes: with this, one that names a certificate may come again.
    assertion_reuse: bool = False
    # Requests come through /oauth/par, or not at all.
    requires_pushing: bool = False
    pushed_lifetime: int | None = None
    # Whether ID tokens tell what scopes ask about a person where /userinfo tells it, too.
    scope_claims_in_id_token: ScopeClaims = "always"
    refresh: RefreshTerms = RefreshTerms()
    # Whether it may show tokens of people for others (RFC 8693), and what those say of it.
    exchange: Exchange = "none"
    # One installation of a registered application, which registered itself.
    registration: Registration | None = None
    # What follows is said of an application in Entra's words: `api/resources/entra`.
    sign_in_audience: SignInAudience = "AzureADMyOrg"
    required: tuple[Required, ...] = ()
    federated: tuple[Federated, ...] = ()
    front_channel: tuple[FrontChannel, ...] = ("id_token", "token")
    id_token_claims: tuple[OptionalClaim, ...] = ()
    groups_claim: str = ""
    homepage_uri: str = ""
    support_uri: str = ""
    # Where a browser tells it that somebody signed out (OpenID Connect Front-Channel Logout 1.0).
    front_logout_uri: str = ""
    # Without a reply URL that says it: whether it may do without credentials.
    is_fallback_public: bool = False

    @property
    def is_public(self) -> bool:
        """It has no credentials of its own (RFC 6749 section 2.1)."""
        return self.token_endpoint_auth_method == "none"

    @property
    def origins(self) -> tuple[str, ...]:
        """Whose pages may call us for it: those that it named, and those that people come back to.

        An installation registered itself: what it named is no page that anybody vouched for.
        """
        replies = () if self.registration else (redirect_uri.origin(each.url) for each in self.reply_urls)
        named = (*self.allowed_origins, *self.web_origins, *filter(None, replies))
        return tuple(dict.fromkeys(named))

    @property
    def authentication_methods(self) -> tuple[str, ...]:
        """Every method that it is registered for, by the names of RFC 7591 section 2."""
        return (self.token_endpoint_auth_method, *self.client_authentication_methods)
