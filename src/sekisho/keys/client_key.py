"""The keys that a client signs its assertions with: which one is meant, and whether it signed (RFC 7523)."""

from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

from sekisho.keys import certificate, foreign
from sekisho.keys.foreign import ForeignKey, KeyUnusable
from sekisho.model.client import Client, Credential
from sekisho.spec import assertion, jose
from sekisho.spec.assertion import Terms
from sekisho.spec.contrast import contrast
from sekisho.spec.jose import Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import ASSERTION_ALGORITHM, ASSERTION_KEY_UNKNOWN, ASSERTION_SIGNATURE

MOST_KEYS = 50

S = TypeVar("S")


def registered(client: Client, now: float) -> tuple[ForeignKey, ...]:
    """The keys that stand with the client itself: credentials that are chosen and live, and its jwks."""
    live = (each for each in _chosen(client) if _is_live(each, now))
    return (*_usable(live, _from_credential), *_usable(client.jwks[:MOST_KEYS], foreign.from_jwk))


def published(body: bytes) -> tuple[ForeignKey, ...]:
    """The keys of a published JWK Set; those that we cannot use are passed over. RFC 7517 section 5."""
    try:
        keys = jose.members(body).get("keys")
    except ValueError as wrong:
        raise KeyUnusable(f"no JWK Set: {wrong}") from wrong
    if not isinstance(keys, list):
        raise KeyUnusable("no JWK Set: there is no list of keys")
    return tuple(_usable(keys[:MOST_KEYS], foreign.from_jwk))


def terms(client: Client, compact: Compact) -> Terms:
    """An assertion that names a certificate, of a client that has some, is held to terms of its own."""
    if assertion.thumbprints(compact) and any(each.kind == "x509_cert" for each in _chosen(client)):
        return assertion.CERTIFICATES
    return assertion.KEYS


def named(keys: Iterable[ForeignKey], compact: Compact, held_to: Terms) -> list[ForeignKey]:
    """The keys that the header may mean. Without a kid on both sides nothing contradicts. RFC 7515 4.1.4."""
    answering = [key for key in keys if key.kid == compact.kid or "" in (key.kid, compact.kid)]
    if held_to is assertion.CERTIFICATES:
        answering = [key for key in answering if key.certificate and _is_certified(key, compact)]
    # What comes along is never trusted: it is what was registered, or nothing.
    along = enclosed(compact)
    return [key for key in answering if along in (None, key.certificate)]


def prove(keys: Collection[ForeignKey], compact: Compact, held_to: Terms) -> None:
    """One of the keys that the header means made the signature. RFC 7523 section 3, item 9."""
    answering = named(keys, compact, held_to)
    if not answering:
        meant = {name: compact.header[name] for name in ("kid", "x5t", "x5t#S256") if name in compact.header}
        name = next(iter(meant), "kid")
        seen = contrast(name, " ".join(_names(keys, name)), str(meant.get(name, "")))
        debug = f"none of {len(keys)} live keys is that of {meant}"
        raise Refused(ASSERTION_KEY_UNKNOWN, debug=debug, seen=seen)
    able = [key for key in answering if compact.alg in key.algs]
    if not able:
        seen = contrast("alg", " ".join(sorted({alg for key in answering for alg in key.algs})), compact.alg)
        raise Refused(ASSERTION_ALGORITHM, debug=f"the key is not for {compact.alg}", seen=seen)
    if not any(key.verify(compact.alg, compact.signing_input, compact.signature) for key in able):
        raise Refused(ASSERTION_SIGNATURE, debug=f"tried {len(able)} of {len(keys)} keys")


def allowed(client: Client, known: Collection[str]) -> Collection[str]:
    """The algorithms of a method, or the one that the client registered (token_endpoint_auth_signing_alg)."""
    only = client.token_endpoint_auth_signing_alg
    return foreign.spellings(only).intersection(known) if only else known


def enclosed(compact: Compact) -> bytes | None:
    """The first certificate of x5c, if there is one. RFC 7515 section 4.1.6."""
    if "x5c" not in compact.header:
        return None
    chain = compact.header["x5c"]
    first = chain[0] if isinstance(chain, list) and chain else None
    if not isinstance(first, str):
        raise assertion.malformed("x5c is not a list of texts")
    try:
        # MSAL leaves the line breaks of the PEM file in.
        return b64decode("".join(first.split()), validate=True)
    except ValueError as wrong:
        raise assertion.malformed("x5c is not base64") from wrong


def _is_certified(key: ForeignKey, compact: Compact) -> bool:
    """Every thumbprint in the header is the one of its certificate. RFC 7515 sections 4.1.7 and 4.1.8."""
    own = {"x5t": certificate.x5t(key.certificate), "x5t#S256": certificate.x5t_s256(key.certificate)}
    return all(own[name] == value for name, value in assertion.thumbprints(compact).items())


def _names(keys: Iterable[ForeignKey], name: str) -> Iterator[str]:
    """What the keys go by in a member of the header."""
    for key in keys:
        own = {"kid": key.kid}
        if key.certificate:
            own |= {
                "x5t": certificate.x5t(key.certificate),
                "x5t#S256": certificate.x5t_s256(key.certificate),
            }
        if own.get(name):
            yield own[name]


def _chosen(client: Client) -> Iterator[Credential]:
    chosen = client.client_authentication_methods.get("private_key_jwt", ())
    return (each for each in client.credentials if each.id in chosen)


def _from_credential(credential: Credential) -> ForeignKey:
    return foreign.from_der(credential.der, credential.kind, frozenset(credential.algs), credential.kid)


def _is_live(credential: Credential, now: float) -> bool:
    begun = credential.starts_at is None or credential.starts_at <= now
    return begun and (credential.expires_at is None or credential.expires_at > now)


def _usable(sources: Iterable[S], reader: Callable[[S], ForeignKey]) -> Iterator[ForeignKey]:
    for source in sources:
        with suppress(KeyUnusable):
            yield reader(source)
