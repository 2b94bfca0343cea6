"""A decision: what a grant gives. Only a grant makes one, only `tokens.issue` accepts one."""

import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from sekisho.model.api import Api
from sekisho.model.artifact import Refresh
from sekisho.model.client import Client
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.spec.authorization import WireDialect
from sekisho.spec.exchange.token_type import SamlKind
from sekisho.spec.jose import encode


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """How the person signed in, as an ID token says it (OpenID Connect Core 1.0 section 2)."""

    auth_time: float
    amr: tuple[str, ...] = ()
    acr: str = ""
    nonce: str | None = None
    session: str = ""
    address: str = ""
    contexts: tuple[str, ...] = ()


def half_hash(text: str) -> str:
    """The left half of the SHA-256, as `at_hash` and `c_hash` have it. OpenID Connect Core 1.0 3.1.3.6."""
    return encode(hashlib.sha256(text.encode()).digest()[:16]).decode()


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What an ID token comes with."""

    access_token: str = ""
    code: str = ""

    @property
    def hashes(self) -> dict[str, str]:
        """What binds them to it (OpenID Connect Core 1.0 sections 3.1.3.6, 3.2.2.9 and 3.3.2.11)."""
        both = (("at_hash", self.access_token), ("c_hash", self.code))
        return {name: half_hash(text) for name, text in both if text}


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """A SAML assertion in the place of an access token: of which version, for whom, to be shown where."""

    kind: SamlKind
    audience: str
    recipient: str = ""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets what from whom, since when and for how long; `spends` is what the decision uses up."""

    id: str
    grant_type: str
    client: Client
    api: Api
    audience: str
    issuer: str
    subject: str
    scopes: tuple[str, ...]
    lifetime: int
    at: float
    spends: tuple[Step, ...] = ()
    # A person's grant: whose, how they signed in, and the family of refresh tokens that goes with it.
    user: User | None = None
    sign_in: SignIn | None = None
    refresh: Refresh | None = None
    # By Auth0's older pipeline: spec/pipeline.py.
    is_legacy: bool = False
    # What rules of the tenant say, by the kind of token that it goes into: tokens/custom.py.
    custom: Mapping[str, Mapping[str, object]] = {}
    # Tells the access tokens of one grant apart.
    part: str = "1"
    # Who acts for the person, from the one they signed in to (RFC 8693 section 4.1); whether tokens say it.
    actors: tuple[str, ...] = ()
    # What the answer calls an exchanged token (RFC 8693 section 2.2.1); empty for any other.
    issued_type: str = ""
    # What else the answer says.
    told: Mapping[str, str] = {}
    # In Entra's words: of the request, which says what an ID token is like, and what its tokens say beside.
    dialect: WireDialect = ""
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    # How the client proved itself: not at all, by a secret, by a signature.
    proof: Literal["0", "1", "2"] = "0"
    # The client understands challenges (`cp1`).
    is_capable: bool = False
    assertion: Assertion | None = None

    @property
    def kind(self) -> str:
        """The kind of token that is granted: one of the keys of `tokens.MINTS`."""
        return self.assertion.kind if self.assertion else "access_token"

    @property
    def detail(self) -> dict[str, str]:
        """What the audit keeps of it."""
        return {
            "grant_type": self.grant_type,
            "alg": "opaque" if self.api.dialect == "opaque" else self.api.signing_alg,
            "audience": self.audience,
            "scope": " ".join(self.scopes),
            **({"act": " ".join(self.actors)} if self.actors else {}),
            **({"token": self.assertion.kind} if self.assertion else {}),
        }
