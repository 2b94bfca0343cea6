"""client_secret_jwt: an assertion under the client's secret (RFC 7523 section 3, OpenID Connect Core 9)."""

from sekisho.keys import client_key, secret
from sekisho.model.client import Client
from sekisho.model.step import PutOnce
from sekisho.spec import assertion
from sekisho.spec.assertion import KEYS, Expected
from sekisho.spec.http import Ask
from sekisho.spec.jose import HMACS
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import ASSERTION_REPLAYED
from sekisho.tenant import Tenant


def claim(ask: Ask) -> tuple[str, str] | None:
    """The client that an assertion with an HMAC speaks of."""
    text = assertion.carried(ask)
    if text is None or not assertion.is_keyed_by_secret(text):
        return None
    return ask.get("client_id") or assertion.subject(text), text


async def prove(proof: str, client: Client, ask: Ask, tenant: Tenant) -> None:
    """The claims hold, a live secret made the HMAC, and nobody used it before."""
    compact = assertion.read(proof, client_key.allowed(client, HMACS))
    addresses = assertion.addresses(ask, client.assertion_audience, tenant.id)
    now = tenant.now()
    assertion.hold(proof, compact, Expected(client.client_id, tenant.issuer(ask), addresses, KEYS, now))
    secret.prove_by_hmac(compact, client, tenant.tools.sealer, now)
    mark, until = assertion.once(compact)
    if await tenant.store.write(PutOnce(f"client_assertion\n{tenant.id}\n{client.id}\n{mark}", until)):
        raise Refused(ASSERTION_REPLAYED, debug=mark)
