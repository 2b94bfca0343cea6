"""The keys of a tenant, by ring: who signs, who is recognised, what is published (RFC 7517 section 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Self

import msgspec

from sekisho.keys import certificate, jwk
from sekisho.keys.seal import Sealer, context
from sekisho.keys.signer import Signer, Verifier
from sekisho.model.signing_key import SigningKey

SEALED_AS = "signing_key"
STATES = ("current", "next", "retired")
ALGS = ("RS256", "PS256", "ES256", "EdDSA")


class NoKey(LookupError):
    """A ring has no current key of an algorithm: configuration promised what is not there."""


@dataclass(frozen=True, eq=False)
class Keys:
    """A tenant's keys as they stand. Nothing is opened or parsed before it is used for the first time."""

    rings: Mapping[str, tuple[SigningKey, ...]] = field(repr=False)
    _signers: Mapping[tuple[str, str], Signer] = field(repr=False)
    _verifiers: Mapping[tuple[str, str], Verifier] = field(repr=False)
    _named: Mapping[tuple[str, str], Signer] = field(repr=False)
    _documents: dict[str, bytes] = field(default_factory=dict, repr=False)
    _thumbprints: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, records: Iterable[SigningKey], sealer: Sealer) -> Self:
        """The keys of the records of one tenant."""
        rings: dict[str, tuple[SigningKey, ...]] = {}
        for record in sorted((each for each in records if each.state in STATES), key=_rank):
            rings[record.ring] = (*rings.get(record.ring, ()), record)
        listed = [record for ring in rings.values() for record in ring]
        current = [(record, _signer(record, sealer)) for record in listed if record.state == "current"]
        signers: dict[tuple[str, str], Signer] = {}
        for record, signer in current:
            signers.setdefault((record.ring, record.alg), signer)
        verifiers = {(record.ring, record.id): _verifier(record) for record in listed}
        named = {(record.ring, record.id): signer for record, signer in current}
        return cls(rings, signers, verifiers, named)

    def signer(self, ring: str, alg: str) -> Signer:
        """The ring's current key of an algorithm."""
        try:
            return self._signers[ring, alg]
        except KeyError:
            raise NoKey(f"The ring {ring} has no current key for {alg}") from None

    def named(self, ring: str, kid: str) -> Signer | None:
        """The key of this name, if it is current."""
        return self._named.get((ring, kid))

    def verifier(self, ring: str, kid: str) -> Verifier | None:
        """The next, current or retired key of this name, or whose certificate has this thumbprint."""
        found = self._verifiers.get((ring, kid))
        if found is not None or ring not in self.rings:
            return found
        return self._verifiers.get((ring, self._worn(ring).get(kid, "")))

    def thumbprint(self, ring: str, alg: str) -> str:
        """What names the certificate of the ring's current key of an algorithm: `x5t`."""
        kid = self.signer(ring, alg).kid
        return next(each for each, worn_by in self._worn(ring).items() if worn_by == kid)

    def certificates(self, ring: str, alg: str) -> tuple[bytes, ...]:
        """Those of the ring's keys of an algorithm: what signs now first, then what will, then what did."""
        return tuple(record.certificate for record in self.rings.get(ring, ()) if record.alg == alg)

    def signs(self, ring: str, alg: str) -> bool:
        """The ring has a current key of an algorithm."""
        return (ring, alg) in self._signers

    def algs(self, ring: str) -> tuple[str, ...]:
        """What the ring can sign with now."""
        return tuple(alg for alg in ALGS if (ring, alg) in self._signers)

    def jwks(self, ring: str) -> bytes:
        """The ring's JWK Set: what signs now first, then what will, then what did."""
        made = self._documents.get(ring)
        if made is None:
            records = self.rings.get(ring, ())
            made = msgspec.json.encode({"keys": [_published(record) for record in records]})
            if records:
                self._documents[ring] = made
        return made

    def _worn(self, ring: str) -> dict[str, str]:
        """Thumbprint to kid, computed once."""
        made = self._thumbprints.get(ring)
        if made is None:
            made = {certificate.x5t(record.certificate): record.id for record in self.rings[ring]}
            self._thumbprints[ring] = made
        return made


def place(record: SigningKey) -> str:
    """Where the private half of a key may be opened."""
    return context(record.tenant, SEALED_AS, record.id)


def _rank(record: SigningKey) -> tuple[int, int, float, str]:
    # Some clients take the first key of a set without looking: let it be the most probable one.
    age = -(record.current_since or record.published_at)
    return STATES.index(record.state), ALGS.index(record.alg), age, record.id


def _signer(record: SigningKey, sealer: Sealer) -> Signer:
    return Signer(record.id, record.alg, partial(sealer.open, record.sealed, place(record)))


def _verifier(record: SigningKey) -> Verifier:
    return Verifier(record.id, record.alg, partial(certificate.public_key, record.certificate))


def _published(record: SigningKey) -> dict[str, object]:
    der = record.certificate
    return {
        "kid": record.id,
        "use": "sig",
        "alg": record.alg,
        **jwk.members(certificate.public_key(der)),
        "x5t": certificate.x5t(der),
        "x5t#S256": certificate.x5t_s256(der),
        "x5c": [certificate.x5c(der)],
    }
