"""Software statements: signed once, embedded in an application for ever (RFC 7591 section 2.3)."""

import msgspec

from sekisho.keys.signer import segment
from sekisho.model.software_statement import SoftwareStatement
from sekisho.spec import jose
from sekisho.spec.contrast import Contrast, contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import STATEMENT_INVALID
from sekisho.tenant import Tenant

RING = "statements"
ALG = "RS256"
CLOCK_SKEW = 5


def mint(statement: SoftwareStatement, issuer: str, tenant: Tenant) -> str:
    """The application is `sub`; there is no `exp`."""
    issued = int(statement.created_at)
    claims = {
        "iss": issuer,
        "sub": statement.application,
        "iat": issued,
        "nbf": issued,
        "jti": statement.id,
    }
    signer = tenant.keys.signer(RING, ALG)
    return signer.compact(segment({"alg": ALG, "kid": signer.kid}), msgspec.json.encode(claims))


def read(text: str, tenant: Tenant) -> SoftwareStatement:
    """What it says, if this tenant signed it; whether it still stands, whoever asks looks up."""
    try:
        token = jose.read_compact(text, frozenset((ALG,)))
    except Refused as refused:
        raise _invalid(refused.debug) from refused
    verifier = tenant.keys.verifier(RING, token.kid)
    if verifier is None or not verifier.signed(token):
        ours = " ".join(record.id for record in tenant.keys.rings.get(RING, ()))
        seen = contrast("kid", ours, token.kid)
        raise _invalid("no key of ours signed this as a software statement", seen)
    facts = [token.payload.get(name) for name in ("sub", "jti", "iss", "iat", "nbf")]
    application, id, issuer, issued, begins = facts
    if not (isinstance(application, str) and isinstance(id, str) and isinstance(issuer, str)):
        raise _invalid("sub, jti or iss is missing")
    if not (isinstance(issued, int) and isinstance(begins, int)) or begins > tenant.now() + CLOCK_SKEW:
        raise _invalid("iat or nbf is missing, or lies ahead")
    if not tenant.accepts(issuer):
        seen = contrast("iss", "an address of this tenant", issuer)
        raise _invalid("the issuer is not this tenant", seen)
    return SoftwareStatement(tenant=tenant.id, id=id, application=application, created_at=issued)


def _invalid(why: str, seen: Contrast | None = None) -> Refused:
    return Refused(STATEMENT_INVALID, debug=why, seen=seen)
