"""An application that asks for tokens."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from sekisho.model.record import Record

# Who tokens made on the command line are for; no client is called so.
COMMAND_LINE = "sekisho-cli"

ReplyKind = Literal["web", "spa", "public"]


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


class Client(Record, frozen=True, kw_only=True):
    """An application: `id` is its GUID, `client_id` what it calls itself on the wire."""

    client_id: str
    name: str
    description: str = ""
    app_type: str = "regular_web"
    logo_uri: str = ""
    enabled: bool = True
    is_first_party: bool = True
    oidc_conformant: bool = True
    reply_urls: tuple[ReplyUrl, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    web_origins: tuple[str, ...] = ()
    allowed_logout_urls: tuple[str, ...] = ()
    initiate_login_uri: str = ""
    grant_types: tuple[str, ...] = ()
    token_endpoint_auth_method: str = "client_secret_post"
    secrets: tuple[Secret, ...] = ()
    client_metadata: Mapping[str, str] = {}

    @property
    def is_public(self) -> bool:
        """It has no credentials of its own (RFC 6749 section 2.1)."""
        return self.token_endpoint_auth_method == "none"
