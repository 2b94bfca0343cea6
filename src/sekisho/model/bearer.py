"""What a token that somebody shows us says, once it was checked."""

from binascii import Error
from collections.abc import Mapping
from typing import Literal

import msgspec

from sekisho.model.granted import Granted, SignIn
from sekisho.spec.jose import decode, encode

# An access token about a person, one of a client about itself, an ID token.
Kind = Literal["a", "c", "i"]
# A token of ours is not longer: what it remembers must never be too long to be read again.
LONGEST = 16 * 1024


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
    # What the person is called at the API that it was given for, and nowhere else (`sub` in Entra's words).
    pairwise: str = ""
    # Whom the person lets act for them, where the token says it (RFC 8693 section 4.4).
    may_act: str | None = None
    # It was read where revocations are known: nobody has to ask for them again.
    stands: bool = False


class Memory(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a token in Entra's words remembers for us, in a claim that is opaque to everybody else (`aio`).

    Which kind of token it is, whom it is about by our own name, how they signed in, who acts for them.
    """

    kind: Kind
    user: str = ""
    auth_time: float = 0
    amr: tuple[str, ...] = ()
    acr: str = ""
    session: str = ""
    address: str = ""
    actors: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()

    @property
    def sign_in(self) -> SignIn:
        """How the person signed in."""
        return SignIn(
            auth_time=self.auth_time,
            amr=self.amr,
            acr=self.acr,
            session=self.session,
            address=self.address,
            contexts=self.contexts,
        )


def remembered(granted: Granted, kind: Kind) -> str:
    """The memory of what was granted, as a claim."""
    signed = granted.sign_in or SignIn(auth_time=0)
    said = Memory(
        kind=kind if granted.user else "c",
        user=granted.user.user_id if granted.user else "",
        auth_time=signed.auth_time,
        amr=signed.amr,
        acr=signed.acr,
        session=signed.session,
        address=signed.address,
        actors=granted.actors,
        contexts=signed.contexts,
    )
    return encode(msgspec.json.encode(said)).decode()


def recalled(claims: Mapping[str, object]) -> Memory | None:
    """What the claims of a token that we signed remember; None where it is not in Entra's words."""
    return memory(claims.get("aio")) if "ver" in claims else None


def memory(text: object) -> Memory | None:
    """What was remembered, if anything was."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    try:
        return msgspec.json.decode(decode(text.encode("ascii")), type=Memory)
    except (ValueError, Error):
        return None
