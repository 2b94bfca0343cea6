"""SAML 2.0 assertions as grants (RFC 7522 section 2.1): an issuer that is trusted vouches for a person."""

from binascii import Error

from sekisho.model.client import Client
from sekisho.model.connection import TrustedIssuer
from sekisho.model.granted import Granted
from sekisho.model.step import PutOnce
from sekisho.oauth.exchange import target, vouched
from sekisho.oauth.exchange.vouched import Vouched
from sekisho.oauth.issuers import trusted
from sekisho.saml import verify
from sekisho.saml.verify import NotSigned
from sekisho.saml.xml import Element, XmlUnusable
from sekisho.spec import jose
from sekisho.spec.http import Ask
from sekisho.spec.policy import SAML2_BEARER
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.exchange import SUBJECT_MALFORMED, SUBJECT_REPLAYED, SUBJECT_UNTRUSTED
from sekisho.spec.saml import shown
from sekisho.spec.saml.shown import AHEAD, Expected, Shown
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Everything that the assertion has to be is looked at before it is used up."""
    now = tenant.now()
    target.client_proves_itself(client)
    issuer, said = await _shown(ask.need("assertion"), client, tenant)
    shown.hold(said, Expected(issuer.issuer, vouched.names(ask, tenant), now))
    user = await trusted.person(said.name, issuer, tenant)
    granted = await vouched.granted(Vouched(SAML2_BEARER, user, now, AHEAD), ask, client, tenant)
    await _is_new(said, issuer, tenant)
    return granted


async def _shown(text: str, client: Client, tenant: Tenant) -> tuple[TrustedIssuer, Shown]:
    """What the issuer that it names has signed: nothing else in it is believed, nor read."""
    try:
        root = verify.read(_decoded(text))
        issuer = await trusted.issuer(verify.issuer_of(root), client, tenant)
        return issuer, _signed(root, issuer, tenant)
    except XmlUnusable as wrong:
        raise Refused(SUBJECT_MALFORMED, debug=str(wrong)) from wrong


def _signed(root: Element, issuer: TrustedIssuer, tenant: Tenant) -> Shown:
    try:
        return verify.signed_by(root, issuer.certificates, tenant.now())
    except NotSigned as wrong:
        raise Refused(SUBJECT_UNTRUSTED, debug=str(wrong)) from wrong


def _decoded(text: str) -> bytes:
    """base64url, with padding or without it. RFC 7522 section 2.1."""
    try:
        return jose.decode(text.rstrip("=").encode("ascii"))
    except (ValueError, Error) as wrong:
        raise XmlUnusable("it is not base64url") from wrong


async def _is_new(said: Shown, issuer: TrustedIssuer, tenant: Tenant) -> None:
    """An assertion is good once. RFC 7522 section 3, item 7."""
    mark, until = shown.once(said)
    if await tenant.store.write(PutOnce(f"saml_assertion\n{tenant.id}\n{issuer.id}\n{mark}", until)):
        raise Refused(SUBJECT_REPLAYED, debug=mark)
