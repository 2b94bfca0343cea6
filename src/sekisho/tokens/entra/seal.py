"""How a token in Entra's words is signed: under the certificate's thumbprint as the name of its key."""

from collections.abc import Mapping

import msgspec

from sekisho.keys.signer import segment
from sekisho.tenant import Tenant

ALG = "RS256"
RING = "tokens"
_encode = msgspec.json.Encoder().encode


def signed(claims: Mapping[str, object], header: Mapping[str, object], tenant: Tenant) -> str:
    """The compact JWS."""
    return tenant.keys.signer(RING, ALG).compact(segment(header), _encode(claims))
