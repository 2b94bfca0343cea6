"""Assertions as grants (RFC 7523 section 2.1): an issuer that is trusted here vouches for a person."""

from collections.abc import Collection

from sekisho.keys import client_key, foreign
from sekisho.keys.foreign import ForeignKey
from sekisho.model.client import Client
from sekisho.model.connection import TrustedIssuer
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import PutOnce
from sekisho.model.user import User
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.oauth.delegation import assigned, given
from sekisho.oauth.exchange import target
from sekisho.oauth.issuers import keys
from sekisho.spec import assertion, login
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange import grant_assertion
from sekisho.spec.exchange.grant_assertion import AHEAD, Expected
from sekisho.spec.http import Ask
from sekisho.spec.jose import Compact
from sekisho.spec.policy import JWT_BEARER
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import GRANT_BLOCKED
from sekisho.spec.refusals.exchange import (
    ISSUER_UNTRUSTED,
    SUBJECT_GONE,
    SUBJECT_REPLAYED,
    SUBJECT_UNTRUSTED,
    TOKEN_USE_UNKNOWN,
)
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Everything that the assertion has to be is looked at before it is used up."""
    now, use = tenant.now(), ask.get("requested_token_use")
    if use is not None:
        # A token of our own is exchanged at the addresses of Entra, or by token exchange.
        raise Refused(TOKEN_USE_UNKNOWN, seen=contrast("requested_token_use", "", use))
    target.client_proves_itself(client)
    compact = grant_assertion.read(ask.need("assertion"))
    issuer = await _issuer(compact, client, tenant)
    grant_assertion.hold(compact, Expected(_names(ask, tenant), now))
    _is_signed(await _keys(issuer, compact, tenant), compact)
    user = await _person(str(compact.payload["sub"]), issuer, tenant)
    found = await target.wanted(ask, user, client, tenant)
    api, roles = found.api, await assigned.of_user(user, found.api, tenant)
    # Who vouches for a person does not say how they signed in, nor when, nor from where.
    sign_in = SignIn(auth_time=0)
    await held.hold(Opened(user=user, sign_in=sign_in, client=client, api=api.identifier), ask, tenant)
    await _is_new(compact, issuer, tenant)
    return Granted(
        id=ask.id,
        grant_type=JWT_BEARER,
        client=client,
        api=api,
        audience=found.audience,
        issuer=tenant.issuer(ask),
        subject=user.user_id,
        scopes=found.scopes,
        lifetime=min(api.token_lifetime, AHEAD),
        at=now,
        user=user,
        sign_in=sign_in,
        roles=roles,
        groups=assigned.groups_told(user, api),
        proof=given.proof_of(ask),
    )


def _names(ask: Ask, tenant: Tenant) -> Collection[str]:
    """What the assertion may be for: our issuer, or the token endpoint. RFC 7523 section 3, item 3."""
    return (tenant.issuer(ask), ask.root + assertion.TOKEN_ENDPOINT)


async def _issuer(compact: Compact, client: Client, tenant: Tenant) -> TrustedIssuer:
    """One that the tenant trusts now, from this client. RFC 7523 section 3, item 1."""
    name = str(compact.payload["iss"])
    found = await tenant.known.named(TrustedIssuer, tenant.id, name)
    if found is None or not found.enabled or client.client_id not in found.clients:
        debug = "it is not known, switched off, or not for this client"
        raise Refused(ISSUER_UNTRUSTED, debug=debug, seen=contrast("iss", "a trusted issuer", name))
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


async def _person(name: str, issuer: TrustedIssuer, tenant: Tenant) -> User:
    """The user whom `sub` names in the way that the issuer names people; an address only if it is theirs."""
    try:
        key = name if issuer.names == "user_id" else login.canonical(name)
    except Refused as refused:
        raise Refused(SUBJECT_GONE, debug=refused.debug) from refused
    user = await tenant.store.named(User, tenant.id, key)
    if user is None or not _is_meant(user, key, issuer):
        raise Refused(SUBJECT_GONE, debug=f"no user by {issuer.names}")
    if user.blocked:
        raise Refused(GRANT_BLOCKED, seen=contrast("blocked", "false", "true"))
    return user


def _is_meant(user: User, key: str, issuer: TrustedIssuer) -> bool:
    """Somebody may have typed another one's address: it counts once it was verified."""
    if issuer.names == "user_id":
        return user.user_id == key
    is_address = bool(user.email) and login.canonical(user.email) == key
    if issuer.names == "login":
        return not is_address or user.claims.get("email_verified") is True
    return is_address and user.claims.get("email_verified") is True


async def _is_new(compact: Compact, issuer: TrustedIssuer, tenant: Tenant) -> None:
    """An assertion is good once. RFC 7523 section 3, item 7."""
    mark, until = grant_assertion.once(compact)
    if await tenant.store.write(PutOnce(f"grant_assertion\n{tenant.id}\n{issuer.id}\n{mark}", until)):
        raise Refused(SUBJECT_REPLAYED, debug=mark)
