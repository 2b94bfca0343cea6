"""ID tokens (OpenID Connect Core 1.0 section 2)."""

from dataclasses import dataclass

import msgspec

from sekisho.model.bearer import recalled
from sekisho.model.granted import Beside, Granted
from sekisho.model.user import User
from sekisho.spec import claims, pipeline
from sekisho.spec.jose import read_compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import HINT_INVALID
from sekisho.tenant import Tenant

ALG = "RS256"
LIFETIME = 36_000
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an ID token of ours says that comes back."""

    subject: str
    client: str
    session: str
    issued_at: float
    expires_at: float


def mint(granted: Granted, beside: Beside, tenant: Tenant) -> str:
    """Who signed in, how and when, for the client; with what its scopes ask about the person."""
    user, sign_in = granted.user, granted.sign_in
    assert user, "an ID token is about somebody"  # noqa: S101
    assert sign_in, "who signed in"  # noqa: S101
    issued = int(granted.at)
    told: dict[str, object] = {
        **_about(user, granted, beside),
        "iss": granted.issuer,
        "sub": granted.subject,
        "aud": granted.client.client_id,
        "iat": issued,
        "exp": issued + LIFETIME,
        "auth_time": int(sign_in.auth_time),
        "amr": sign_in.amr,
        **beside.hashes,
    }
    told |= {
        name: value
        for name, value in (("sid", sign_in.session), ("nonce", sign_in.nonce), ("acr", sign_in.acr))
        if value
    }
    return tenant.keys.signer("tokens", ALG).sign(_encode(told), "JWT")


def _about(user: User, granted: Granted, beside: Beside) -> dict[str, object]:
    """What the scopes ask, unless the client hears it at /userinfo. OpenID Connect Core 1.0 section 5.4.

    And what the tenant's rules say: of standard claims where those are told, anything else always.
    """
    own = granted.custom.get("id_token", {})
    if granted.is_legacy:
        known = {**user.whole, "clientID": granted.client.client_id}
        return {**pipeline.attributes(known, granted.scopes), **own}
    is_alone = not beside.access_token and not beside.code
    is_told = is_alone or granted.client.scope_claims_in_id_token == "always"
    if is_told:
        return {**claims.of_scopes(user.standard, granted.scopes), **own}
    return {name: value for name, value in own.items() if name not in claims.SUPPORTED}


def hinted(text: str, tenant: Tenant) -> tuple[str, str, str]:
    """Subject, client and session of an ID token of ours, whether or not it has expired. Section 3.1.2.1."""
    said = ours(text, tenant)
    return said.subject, said.client, said.session


def ours(text: str, tenant: Tenant) -> Said:
    """What a text says that this tenant signed as an ID token."""
    try:
        token = read_compact(text, frozenset(("RS256", "PS256", "ES256", "EdDSA")))
    except Refused as refused:
        raise Refused(HINT_INVALID, debug=refused.debug) from refused
    verifier = tenant.keys.verifier("tokens", token.kid)
    if verifier is None or not verifier.signed(token):
        raise Refused(HINT_INVALID, debug="no key of ours signed this")
    facts = [token.payload.get(name) for name in ("iss", "sub", "aud")]
    # An access token of ours has a scope and no auth_time: it is no hint.
    if not all(isinstance(fact, str) for fact in facts) or "auth_time" not in token.payload:
        raise Refused(HINT_INVALID, debug="this is not an ID token")
    issuer, subject, client = map(str, facts)
    said = recalled(token.payload)
    if said is not None:
        # In Entra's words `sub` differs by application: whom it means, and whether it is one, it remembers.
        subject = said.user if said.kind == "i" else ""
    is_ours = bool(subject) and (tenant.issues(issuer) if said else tenant.accepts(issuer))
    if not is_ours:
        raise Refused(HINT_INVALID, debug="the issuer is not this tenant, or it is another kind of token")
    times = (token.payload.get(name) for name in ("iat", "exp"))
    # What says no time is good for nothing that asks for one.
    issued, ends = (float(at) if isinstance(at, int) else 0.0 for at in times)
    session = said.session if said else str(token.payload.get("sid", ""))
    return Said(subject=subject, client=client, session=session, issued_at=issued, expires_at=ends)
