"""A sample of an API that pages of a portal call: it knows the portal's key, its name, and its own."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sekisho.change.actor import Actor
from sekisho.keys import foreign
from sekisho.pages.demo.portal import CLIENT
from sekisho.registry.portal import signing
from sekisho.spec import jose
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_AUDIENCE, TOKEN_INVALID, TOKEN_MISSING
from sekisho.tenant import Tenant

ALGS = frozenset((signing.ALG,))
TOLD = ("sub", "preferred_username", "given_name", "family_name", "email")


async def whoami(ask: Ask, tenant: Tenant) -> Answer:
    """What the token says about the visitor, if it holds. Nothing but the token is believed."""
    claims = await _let_in(ask, tenant)
    told = {name: claims.get(name, "") for name in TOLD}
    return Answer(json=told, headers=NO_STORE)


async def _let_in(ask: Ask, tenant: Tenant) -> Mapping[str, object]:
    """Signature, time, issuer, audience: as an API elsewhere checks them with the public key alone."""
    scheme, _, sent = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not sent:
        raise Refused(TOKEN_MISSING)
    token = jose.read_compact(sent.strip(), ALGS)
    _, record = await signing.current(tenant, Actor(address=ask.address, correlation=ask.correlation))
    key = foreign.from_der(record.certificate, "x509_cert", ALGS, "")
    if not key.verify(token.alg, token.signing_input, token.signature):
        raise Refused(TOKEN_INVALID, debug="the portal's key did not sign this")
    jose.times_hold(token.payload, tenant.now())
    if token.payload.get("iss") != urlsplit(ask.root).netloc:
        raise Refused(TOKEN_INVALID, debug="the issuer is not this portal")
    if token.payload.get("aud") != CLIENT:
        raise Refused(TOKEN_AUDIENCE, words={"audience": str(token.payload.get("aud"))[:200]})
    return token.payload
