"""private_key_jwt: an assertion under a key or a certificate of the client (RFC 7523 section 3)."""

from sekisho.keys import client_key
from sekisho.keys.foreign import ForeignKey
from sekisho.model.client import Client
from sekisho.model.step import PutOnce
from sekisho.oauth.issuers import federated, keys
from sekisho.spec import assertion
from sekisho.spec.assertion import CERTIFICATES, Expected, Terms
from sekisho.spec.entra import place
from sekisho.spec.http import Ask
from sekisho.spec.jose import SIGNATURES, Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import ASSERTION_KEY_UNKNOWN, ASSERTION_REPLAYED
from sekisho.tenant import Tenant


def claim(ask: Ask) -> tuple[str, str] | None:
    """The client that an assertion with a signature speaks of; that of somebody else names none here."""
    text = assertion.carried(ask)
    if text is None or assertion.is_keyed_by_secret(text):
        return None
    return ask.get("client_id") or assertion.subject(text), text


async def prove(proof: str, client: Client, ask: Ask, tenant: Tenant) -> None:
    """The claims hold, a registered key made the signature, and nobody used it before."""
    if federated.vouches(proof, client):
        await federated.prove(proof, client, tenant)
        return
    compact = assertion.read(proof, client_key.allowed(client, SIGNATURES))
    terms = client_key.terms(client, compact)
    addresses = assertion.addresses(ask, client.assertion_audience, tenant.id)
    now = tenant.now()
    # The claims come first: what would be refused anyway sends nobody out for keys.
    assertion.hold(proof, compact, Expected(client.client_id, tenant.issuer(ask), addresses, terms, now))
    client_key.prove(await _keys(compact, terms, client, tenant), compact, terms)
    if terms is CERTIFICATES and (client.assertion_reuse or place.segment(ask.path)):
        return
    mark, until = assertion.once(compact)
    if await tenant.store.write(PutOnce(f"client_assertion\n{tenant.id}\n{client.id}\n{mark}", until)):
        raise Refused(ASSERTION_REPLAYED, debug=mark)


async def _keys(compact: Compact, terms: Terms, client: Client, tenant: Tenant) -> tuple[ForeignKey, ...]:
    """Its own keys, or those at jwks_uri; asked for again where none is the one that is meant (rotation)."""
    own = client_key.registered(client, tenant.now())
    if not client.jwks_uri or client_key.named(own, compact, terms):
        return own
    return await keys.meant(keys.at(client.jwks_uri, ASSERTION_KEY_UNKNOWN, tenant), compact, terms)
