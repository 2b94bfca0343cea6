"""A protected API: what a token is for."""

from typing import Literal

import msgspec

from sekisho.model.record import Record

# The one name of the management API inside; outside it is `<base>/api/v2/`, at whichever address.
MANAGEMENT = "urn:sekisho:management"

# The API that people are asked about: /userinfo, for tokens that are for no other API.
USERINFO = "urn:sekisho:userinfo"
# What installations of registered applications call, at whichever address.
PROTECTED = "urn:sekisho:adobe-pass"

SigningAlg = Literal["RS256", "PS256", "ES256", "EdDSA"]
Dialect = Literal["access_token", "rfc9068_profile", "opaque", "adobe_pass"]


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A delegated permission; `kind` says who may consent to it."""

    id: str
    value: str
    description: str = ""
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


class Api(Record, frozen=True, kw_only=True):
    """An API under one or several identifiers; the first one is the audience of its tokens."""

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

    @property
    def identifier(self) -> str:
        """The audience of this API's tokens."""
        return self.identifiers[0]
