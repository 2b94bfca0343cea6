"""Assertions as grants (RFC 7523 section 2.1): an issuer that is trusted here vouches for a person."""

from sekisho.keys import client_key, foreign
from sekisho.keys.foreign import ForeignKey
from sekisho.model.client import Client
from sekisho.model.connection import TrustedIssuer
from sekisho.model.granted import Granted
from sekisho.model.step import PutOnce
from sekisho.oauth.exchange import target, vouched
from sekisho.oauth.exchange.vouched import Vouched
from sekisho.oauth.issuers import keys, trusted
from sekisho.spec import assertion
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange import grant_assertion
from sekisho.spec.exchange.grant_assertion import AHEAD, Expected
from sekisho.spec.http import Ask
from sekisho.spec.jose import Compact
from sekisho.spec.policy import JWT_BEARER
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.exchange import (
    ISSUER_UNTRUSTED,
    SUBJECT_REPLAYED,
    SUBJECT_UNTRUSTED,
    TOKEN_USE_UNKNOWN,
)
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Everything that the assertion has to be is looked at before it is used up."""
    now = tenant.now()
    _is_of_another_issuer(ask)
    target.client_proves_itself(client)
    compact = grant_assertion.read(ask.need("assertion"))
    issuer = await _issuer(compact, client, tenant)
    grant_assertion.hold(compact, Expected(vouched.names(ask, tenant), now))
    _is_signed(await _keys(issuer, compact, tenant), compact)
    user = await trusted.person(str(compact.payload["sub"]), issuer, tenant)
    granted = await vouched.granted(Vouched(JWT_BEARER, user, now, AHEAD), ask, client, tenant)
    await _is_new(compact, issuer, tenant)
    return granted


def _is_of_another_issuer(ask: Ask) -> None:
    """A token of our own is exchanged at the addresses of Entra, or by token exchange."""
    use = ask.get("requested_token_use")
    if use is not None:
        raise Refused(TOKEN_USE_UNKNOWN, seen=contrast("requested_token_use", "", use))


async def _issuer(compact: Compact, client: Client, tenant: Tenant) -> TrustedIssuer:
    """Trusted for what it signs with keys: one of SAML assertions alone publishes none that would count."""
    found = await trusted.issuer(str(compact.payload["iss"]), client, tenant)
    if found.certificates and not (found.jwks or found.jwks_uri):
        seen = contrast("iss", "an issuer of JWTs", found.issuer)
        raise Refused(ISSUER_UNTRUSTED, debug="it is trusted for SAML assertions", seen=seen)
    return found


async def _keys(issuer: TrustedIssuer, compact: Compact, tenant: Tenant) -> tuple[ForeignKey, ...]:
    """Those that stand with the issuer, those at its address, or those that it publishes."""
    if issuer.jwks:
        return tuple(foreign.from_jwk(each) for each in issuer.jwks)
    look = (
        keys.at(issuer.jwks_uri, SUBJECT_UNTRUSTED, tenant)
        if issuer.jwks_uri
        else keys.of_issuer(issuer.issuer, SUBJECT_UNTRUSTED, tenant)
    )
    return await keys.meant(look, compact, assertion.KEYS)


def _is_signed(found: tuple[ForeignKey, ...], compact: Compact) -> None:
    """By a key of that issuer. RFC 7523 section 3, item 9."""
    try:
        client_key.prove(found, compact, assertion.KEYS)
    except Refused as refused:
        raise Refused(SUBJECT_UNTRUSTED, debug=refused.debug, seen=refused.seen) from refused


async def _is_new(compact: Compact, issuer: TrustedIssuer, tenant: Tenant) -> None:
    """An assertion is good once. RFC 7523 section 3, item 7."""
    mark, until = grant_assertion.once(compact)
    if await tenant.store.write(PutOnce(f"grant_assertion\n{tenant.id}\n{issuer.id}\n{mark}", until)):
        raise Refused(SUBJECT_REPLAYED, debug=mark)
