"""Issuers whose word about people counts here, from the clients that may bring it; and whom they mean."""

from sekisho.model.client import Client
from sekisho.model.connection import TrustedIssuer
from sekisho.model.user import User
from sekisho.spec import login
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import GRANT_BLOCKED
from sekisho.spec.refusals.exchange import ISSUER_UNTRUSTED, SUBJECT_GONE
from sekisho.tenant import Tenant


async def issuer(name: str, client: Client, tenant: Tenant) -> TrustedIssuer:
    """One that the tenant trusts now, from this client. RFC 7522 and RFC 7523, section 3, item 1."""
    found = await tenant.known.named(TrustedIssuer, tenant.id, name)
    if found is None or not found.enabled or client.client_id not in found.clients:
        debug = "it is not known, switched off, or not for this client"
        raise Refused(ISSUER_UNTRUSTED, debug=debug, seen=contrast("iss", "a trusted issuer", name))
    return found


async def person(name: str, issuer: TrustedIssuer, tenant: Tenant) -> User:
    """The user whom it names in the way that the issuer names people; an address only if it is theirs."""
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
