"""A workload elsewhere proves a client by the token that its own issuer gave it (RFC 7521 section 4.2)."""

from sekisho.keys import client_key
from sekisho.model.client import Client, Federated
from sekisho.oauth.issuers import keys
from sekisho.spec import assertion
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange import vouched
from sekisho.spec.jose import SIGNATURES, Compact
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import ASSERTION_KEY_UNKNOWN, ASSERTION_SUBJECT
from sekisho.tenant import Tenant


def vouches(proof: str, client: Client) -> bool:
    """The client has credentials of this kind, and what is shown is nobody's word about themselves."""
    return bool(client.federated) and vouched.issuer(proof) != client.client_id


async def prove(proof: str, client: Client, tenant: Tenant) -> None:
    """Issuer, subject and audience are those of one credential, and the issuer's published key signed it.

    A workload shows the same token until it expires, so it may come again.
    """
    compact = assertion.read(proof, SIGNATURES)
    credential = _credential(compact, client)
    vouched.hold(proof, compact, credential.audiences, tenant.now())
    if tenant.accepts(credential.issuer) or tenant.issues(credential.issuer):
        raise Refused(ASSERTION_KEY_UNKNOWN, debug="tokens of our own vouch for no client")
    look = keys.of_issuer(credential.issuer, ASSERTION_KEY_UNKNOWN, tenant)
    client_key.prove(await keys.meant(look, compact, vouched.TERMS), compact, vouched.TERMS)


def _credential(compact: Compact, client: Client) -> Federated:
    """The one with exactly this issuer and subject."""
    who = (compact.payload.get("iss"), compact.payload.get("sub"))
    for each in client.federated:
        if (each.issuer, each.subject) == who:
            return each
    known = " ".join(f"{each.issuer} {each.subject}" for each in client.federated)
    seen = contrast("iss", known, " ".join(map(str, who)))
    raise Refused(ASSERTION_SUBJECT, debug=f"no credential for {who}", seen=seen)
