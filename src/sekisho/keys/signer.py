"""Prepared signers and verifiers: what can be computed once is (RFC 7515 section 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import msgspec
from cryptography.exceptions import InvalidSignature

from sekisho.keys.algorithm import HALF, SIGN, VERIFY, load
from sekisho.keys.jwk import PublicKey
from sekisho.spec.jose import Compact, encode

RAW_BYTES: Mapping[str, int] = {"ES256": 2 * HALF, "EdDSA": 64}


@dataclass(frozen=True, eq=False)
class Signer:
    """A key that signs; `unlock` gives its PKCS#8 at first use, so that an unused key costs nothing."""

    kid: str
    alg: str
    unlock: Callable[[], bytes] = field(repr=False)
    _heads: dict[str, bytes] = field(default_factory=dict, repr=False)

    def sign(self, payload: bytes, typ: str) -> str:
        """A compact JWS with the header {alg, typ, kid}."""
        return self.compact(self._heads.get(typ) or self._head(typ), payload)

    def compact(self, head: bytes, payload: bytes) -> str:
        """A compact JWS under a ready header segment, for dialects whose header differs."""
        text = head + b"." + encode(payload)
        return (text + b"." + encode(self._sign(text))).decode("ascii")

    def bare(self, text: bytes) -> bytes:
        """The signature alone, for what is no JWS."""
        return self._sign(text)

    @cached_property
    def _sign(self) -> Callable[[bytes], bytes]:
        return partial(SIGN[self.alg], load(self.unlock()))

    def _head(self, typ: str) -> bytes:
        made = self._heads[typ] = segment({"alg": self.alg, "typ": typ, "kid": self.kid})
        return made


@dataclass(frozen=True, eq=False)
class Verifier:
    """A key that recognises signatures of its one algorithm; `public` is read at first use."""

    kid: str
    alg: str
    public: Callable[[], PublicKey] = field(repr=False)

    def verify(self, signing_input: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's."""
        if len(signature) != RAW_BYTES.get(self.alg, len(signature)):
            return False
        try:
            VERIFY[self.alg](self._public, signature, signing_input)
        except InvalidSignature:
            return False
        return True

    def signed(self, compact: Compact) -> bool:
        """Whether it names this key's algorithm (RFC 8725 section 3.1) and bears its signature."""
        return compact.alg == self.alg and self.verify(compact.signing_input, compact.signature)

    @cached_property
    def _public(self) -> PublicKey:
        return self.public()


def segment(header: Mapping[str, object]) -> bytes:
    """A header as the first segment of a compact JWS."""
    return encode(msgspec.json.encode(header))
