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
    # One installation of a registered application, which registered itself.
    registration: Registration | None = None

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
