"""Client assertions: what a JWT has to say that a client signs about itself (RFC 7521, RFC 7523)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from hashlib import sha256

from sekisho.spec import jose
from sekisho.spec.contrast import absent, contrast
from sekisho.spec.entra import place
from sekisho.spec.http import Ask
from sekisho.spec.jose import Compact, Members
from sekisho.spec.refusal import MISSING_PARAMETER, Reason, Refused
from sekisho.spec.refusals.protocol import (
    ASSERTION_ALGORITHM,
    ASSERTION_AUDIENCE,
    ASSERTION_EARLY,
    ASSERTION_EXPIRED,
    ASSERTION_JTI,
    ASSERTION_LIFETIME,
    ASSERTION_MALFORMED,
    ASSERTION_SUBJECT,
    ASSERTION_TYPE,
)

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# A DPoP proof or a request object that the same client signed is no assertion (RFC 8725 section 3.11).
MEDIA_TYPES = frozenset(("", "jwt", "client-authentication+jwt"))
TOKEN_ENDPOINT = "/oauth/token"
# FAPI 2.0 wants clocks that are 8 s ahead accepted and 60 s refused; Auth0 allows 10.
LEEWAY = 10
MOST_JTI = 64
MOST_THUMBPRINT = 64
_PARAMETERS = frozenset(("client_assertion", "client_assertion_type"))
_THUMBPRINTS = ("x5t", "x5t#S256")


@dataclass(frozen=True, slots=True)
class Terms:
    """How long an assertion may be, how many seconds ahead it may expire, whether it needs a jti."""

    longest: int
    ahead: int
    jti: bool


KEYS = Terms(longest=2_048, ahead=300, jti=True)
# Entra's clients send whole certificate chains, and sign for half an hour at once.
CERTIFICATES = Terms(longest=jose.MOST_CHARACTERS, ahead=3_600, jti=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an assertion is held against; without `addresses` it is for the issuer alone."""

    client_id: str
    issuer: str
    addresses: Collection[str]
    terms: Terms
    now: float


def carried(ask: Ask) -> str | None:
    """The assertion of a request; it comes with its type or not at all. RFC 7521 section 4.2."""
    for name, _ in ask.form:
        if name in _PARAMETERS:
            break
    else:
        return None
    text, kind = ask.get("client_assertion"), ask.get("client_assertion_type")
    if text is None and kind is None:
        return None
    if text is None or kind is None:
        missing = "client_assertion" if text is None else "client_assertion_type"
        raise Refused(MISSING_PARAMETER, words={"name": missing}, seen=absent(missing))
    if kind != TYPE:
        raise _off(ASSERTION_TYPE, "client_assertion_type", TYPE, kind)
    return text


def is_keyed_by_secret(text: str) -> bool:
    """It says that it is protected by HMAC. This picks a method and proves nothing."""
    alg = member(text, 0, "alg")
    return isinstance(alg, str) and alg in jose.HMACS


def subject(text: str) -> str:
    """The client that it says it is about, for look-ups only. RFC 7521 section 4.2."""
    said = member(text, 1, "sub")
    if not jose.is_text(said):
        raise _off(ASSERTION_SUBJECT, "sub", "a client_id", "")
    return str(said)


def read(text: str, algs: Collection[str]) -> Compact:
    """An assertion taken apart; padding counts as signed, as the client that sends it signs it."""
    alg = member(text, 0, "alg")
    if not isinstance(alg, str) or alg not in algs:
        raise _off(ASSERTION_ALGORITHM, "alg", " ".join(sorted(algs)), alg)
    bare = ".".join(map(_bare, text.split(".")))
    try:
        compact = jose.read_compact(bare, algs, HEADER)
    except Refused as refused:
        raise Refused(ASSERTION_MALFORMED, debug=refused.debug) from refused
    if bare == text:
        return compact
    if not thumbprints(compact):
        raise malformed("the segments are padded")
    return replace(compact, signing_input=text.rpartition(".")[0].encode("ascii"))


def type_is_of_an_assertion(header: Members) -> None:
    """Other JWTs that a client signs are no assertions. RFC 8725 section 3.11."""
    kind = str(header.get("typ", "")).lower().removeprefix("application/")
    if kind not in MEDIA_TYPES:
        raise malformed(f"typ {kind:.40} is not that of an assertion")


def key_is_registered(header: Members) -> None:
    """The key is one that the client registered, never one that comes along. RFC 8725 section 3.10."""
    for name in ("jwk", "jku", "x5u"):
        if name in header:
            raise malformed(f"the header has {name}; keys are registered beforehand")


def certificate_is_named(header: Members) -> None:
    """Thumbprints are short texts, and a chain comes with the thumbprint of its first certificate."""
    for name in _THUMBPRINTS:
        value = header.get(name, name)
        if not jose.is_text(value) or len(str(value)) > MOST_THUMBPRINT:
            raise malformed(f"{name} is not a text of 1 to {MOST_THUMBPRINT} characters")
    if "x5c" in header and not any(name in header for name in _THUMBPRINTS):
        raise malformed("the header has x5c and no thumbprint")


HEADER = (*jose.STRANGERS, type_is_of_an_assertion, key_is_registered, certificate_is_named)


def thumbprints(compact: Compact) -> dict[str, str]:
    """The certificate it names, without the padding that some clients leave on. RFC 7515 section 4.1.7."""
    return {name: str(compact.header[name]).rstrip("=") for name in _THUMBPRINTS if name in compact.header}


def hold(text: str, compact: Compact, expected: Expected) -> None:
    """Everything that has to hold before a key is looked for."""
    if len(text) > expected.terms.longest:
        raise malformed(f"{len(text)} characters, more than {expected.terms.longest}")
    for rule in CLAIMS:
        rule(compact.payload, expected)


def issuer_is_the_client(claims: Members, expected: Expected) -> None:
    """`iss` and `sub` are the client_id. RFC 7523 section 3, items 1 and 2 B."""
    for name in ("iss", "sub"):
        if claims.get(name) != expected.client_id:
            raise _off(ASSERTION_SUBJECT, name, expected.client_id, claims.get(name))


def audience_is_ours(claims: Members, expected: Expected) -> None:
    """The issuer as a single string (FAPI 2.0), or one of our addresses. RFC 7523 section 3, item 3."""
    said = claims.get("aud")
    if said == expected.issuer:
        return
    names = said if isinstance(said, list) else [said]
    if expected.addresses and not {expected.issuer, *expected.addresses}.isdisjoint(names):
        return
    ours = " ".join((expected.issuer, *sorted(expected.addresses)))
    raise _off(ASSERTION_AUDIENCE, "aud", ours, " ".join(map(str, names)) if said else "")


def life_is_short(claims: Members, expected: Expected) -> None:
    """It expires, not yet and soon. RFC 7523 section 3, item 4."""
    expires = claims.get("exp")
    if not isinstance(expires, int | float):
        raise _off(ASSERTION_LIFETIME, "exp", "a time that lies ahead", "")
    left = expires - expected.now
    if left <= -LEEWAY:
        raise _off(ASSERTION_EXPIRED, "exp", "a time that lies ahead", f"{-left:.0f} s ago")
    if left > expected.terms.ahead + LEEWAY:
        most = f"at most {expected.terms.ahead} s ahead"
        raise _off(ASSERTION_LIFETIME, "exp", most, f"{left:.0f} s ahead")


def life_has_begun(claims: Members, expected: Expected) -> None:
    """It is neither used nor issued before its time. RFC 7523 section 3, items 5 and 6."""
    for name in ("nbf", "iat"):
        begins = claims.get(name)
        if isinstance(begins, int | float) and begins > expected.now + LEEWAY:
            raise _off(ASSERTION_EARLY, name, "not ahead of now", f"{begins - expected.now:.0f} s ahead")


def name_is_short(claims: Members, expected: Expected) -> None:
    """A `jti` tells it from others; where it may be absent, its text does. RFC 7523 section 3, item 7."""
    name = claims.get("jti")
    if (name is None and expected.terms.jti) or (name is not None and len(str(name)) > MOST_JTI):
        came = "" if name is None else f"{len(str(name))} characters"
        raise _off(ASSERTION_JTI, "jti", f"1 to {MOST_JTI} characters", came)


CLAIMS: tuple[Callable[[Members, Expected], None], ...] = (
    issuer_is_the_client,
    audience_is_ours,
    life_is_short,
    life_has_begun,
    name_is_short,
)


def addresses(ask: Ask, audience: str, tenant: str) -> frozenset[str]:
    """What else an assertion may be for: nothing, or our addresses that clients take for our name."""
    if name := place.segment(ask.path):
        return place.assertion_audiences(f"{ask.root}/", tenant, name)
    if audience == "issuer":
        return frozenset()
    return frozenset((ask.root, ask.root + TOKEN_ENDPOINT, ask.root + ask.path))


def once(compact: Compact) -> tuple[str, float]:
    """What tells this assertion from others, and until when that has to be remembered."""
    name = compact.payload.get("jti")
    # Not the signature: whoever has one ECDSA signature can write another one of the same text.
    mark = f"sha256 {sha256(compact.signing_input).hexdigest()}" if name is None else f"jti {name}"
    return mark, float(str(compact.payload["exp"])) + LEEWAY


def malformed(why: str) -> Refused:
    """An assertion that cannot be read, whoever finds out."""
    return Refused(ASSERTION_MALFORMED, debug=why)


def _off(reason: Reason, name: str, expected: str, got: object) -> Refused:
    seen = contrast(name, expected, "" if got is None else str(got))
    return Refused(reason, debug=f"{name}: expected {seen.expected}, came {seen.got}", seen=seen)


def _bare(segment: str) -> str:
    bare = segment.rstrip("=")
    if segment not in (bare, bare + "=" * (-len(bare) % 4)):
        raise malformed("a segment is padded wrongly")
    return bare


def member(text: str, index: int, name: str) -> object:
    """A member of the header (0) or the payload (1), before anything was verified."""
    if len(text) > jose.MOST_CHARACTERS:
        raise malformed(f"{len(text)} characters, more than {jose.MOST_CHARACTERS}")
    try:
        segment = text.split(".")[index].rstrip("=").encode("ascii")
        return jose.members(jose.decode(segment)).get(name)
    except (ValueError, IndexError) as wrong:
        raise malformed(f"not a compact JWS: {wrong}") from wrong
