"""What a token that somebody shows us says, once it was checked."""

import msgspec

from sekisho.model.granted import SignIn


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Who may do what, on whose word; `grant` is what a revocation of the token names."""

    subject: str
    client_id: str
    audience: tuple[str, ...]
    scopes: tuple[str, ...]
    issuer: str
    grant: str
    jti: str
    issued_at: float
    expires_at: float
    generation: int = 0
    # By Auth0's older pipeline: spec/pipeline.py.
    is_legacy: bool = False
    # What an exchange of it goes on with: how the person signed in, and who acts for them already.
    sign_in: SignIn | None = None
    actors: tuple[str, ...] = ()
    # Whom the person lets act for them, where the token says it (RFC 8693 section 4.4).
    may_act: str | None = None
    # It was read where revocations are known: nobody has to ask for them again.
    stands: bool = False
