"""What a token that somebody shows us says, once it was checked."""

import msgspec


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
    # It was read where revocations are known: nobody has to ask for them again.
    stands: bool = False
