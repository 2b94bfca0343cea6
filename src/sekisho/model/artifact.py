"""Short-lived things that are known by a secret handle."""

import secrets
import uuid
from collections.abc import Mapping
from typing import Literal

import msgspec

from sekisho.spec.authorization import AuthorizationRequest, WireDialect
from sekisho.spec.exchange.token_type import SamlKind


def id_of(at: float) -> str:
    """A fresh id that sorts by time, so that what is made together is written together (RFC 9562 5.7)."""
    bits = max(0, int(at * 1000)) << 80 | secrets.randbits(80)
    return str(uuid.UUID(int=bits & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62))


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose something is; revoking any of these ends it."""

    tenant: str
    grant: str | None = None
    session: str | None = None
    user: str | None = None
    client: str | None = None


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is public and stable, `version` counts swaps.

    `born` is when the act began that it descends from.
    """

    id: str
    owner: Owner
    born: float
    expires_at: float
    version: int = 0


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time artifact that was used already: enough to revoke what its first use gave."""

    id: str
    owner: Owner
    at: float


class AccessToken(Artifact, frozen=True, kw_only=True):
    """An opaque access token."""

    audience: tuple[str, ...]
    issuer: str
    subject: str
    client_id: str
    scopes: tuple[str, ...]
    issued_at: float
    is_legacy: bool = False
    actors: tuple[str, ...] = ()
    # How the person signed in: model/bearer.py.
    memory: str = ""


class Invitation(Artifact, frozen=True, kw_only=True):
    """A link by which somebody sets the password of a user (their GUID), once, and gets these roles.

    `email`: the address of the user when there are roles, which they are for.
    """

    user: str
    email: str = ""
    roles: tuple[str, ...] = ()


class PasswordReset(Artifact, frozen=True, kw_only=True):
    """A link that went to the address of a user (their GUID), who sets another password by it, once."""

    user: str
    email: str


class OneTimeCode(Artifact, frozen=True, kw_only=True):
    """A short code that went to the address of a user for a client; only the newest of both counts, once."""

    email: str
    mac: bytes
    used: bool = False


class Session(Artifact, frozen=True, kw_only=True):
    """A person who is signed in, in one browser; `id` is the `sid` of ID tokens, its handle the cookie."""

    auth_time: float
    amr: tuple[str, ...]
    acr: str = ""
    seen_at: float
    address: str = ""
    agent: str = ""
    # Who was given something in this session, by client id, and when first.
    clients: Mapping[str, float] = {}


class FactorTicket(Artifact, frozen=True, kw_only=True):
    """Somebody showed an application their password or code, and has to show a second factor to it, too.

    `request` is what it asked for. `sealed` and `digests` are a factor that is set up with it: it is kept
    when a code of it was shown.
    """

    request: AuthorizationRequest
    grant_type: str
    issuer: str
    audience: str
    auth_time: float
    amr: tuple[str, ...]
    address: str = ""
    sealed: bytes = b""
    digests: tuple[bytes, ...] = ()


class LoginTicket(Artifact, frozen=True, kw_only=True):
    """Somebody showed their password to a page of a client, which signs them in with this, once.

    Its handle is what the page was told and what the browser keeps, together: neither half opens anything.
    """

    connection: str
    amr: tuple[str, ...]


class Console(Artifact, frozen=True, kw_only=True):
    """An administrator at work, in one browser: it ends with the session that it came from."""

    auth_time: float


class Flow(Artifact, frozen=True, kw_only=True):
    """One authorization request on its way through pages; `id` is in the address, the handle in a cookie.

    `done` holds the steps that happened: none of them is asked for twice.
    """

    request: AuthorizationRequest
    done: tuple[str, ...] = ()
    session: str = ""
    user: str = ""


class PushedRequest(Artifact, frozen=True, kw_only=True):
    """An authorization request that a client pushed; `opened` is the flow that has it, and no other can."""

    client_id: str
    pairs: tuple[tuple[str, str], ...]
    opened: str = ""


class Code(Artifact, frozen=True, kw_only=True):
    """An authorization code; its `id` is the grant that everything descends from."""

    request: AuthorizationRequest
    issuer: str
    user: str
    scopes: tuple[str, ...]
    audience: str
    session: str
    auth_time: float
    amr: tuple[str, ...]
    acr: str = ""
    address: str = ""
    contexts: tuple[str, ...] = ()


class Refresh(Artifact, frozen=True, kw_only=True):
    """A family of refresh tokens: one row, whatever its generation, which is the version (RFC 9700 4.14.2).

    `id` is the grant, and the handle under which it is kept: what proves a token is its MAC.
    """

    client_id: str
    user: str
    issuer: str
    scopes: tuple[str, ...]
    audience: str
    salt: str
    generation: int = 0
    rotates: bool
    rotated_at: float
    idle_at: float | None
    absolute_at: float | None
    session: str
    auth_time: float
    amr: tuple[str, ...] = ()
    acr: str = ""
    nonce: str | None = None
    is_legacy: bool = False
    address: str = ""
    contexts: tuple[str, ...] = ()
    # In whose words it is asked for and answered, which scopes were asked for in them, and at what kind of
    # reply URL it began ("" where at none).
    dialect: WireDialect = ""
    words: tuple[str, ...] = ()
    began_at: str = ""
    # Who acts for the person, from the one they signed in to (RFC 8693 section 4.1).
    actors: tuple[str, ...] = ()
    # The kind of token that it is redeemed for where nothing else is said: "" is an access token.
    token_type: SamlKind | Literal[""] = ""
