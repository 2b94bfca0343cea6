"""Short-lived things that are known by a secret handle."""

import msgspec


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


class Invitation(Artifact, frozen=True, kw_only=True):
    """A link by which somebody sets the password of a user (their GUID), once."""

    user: str
