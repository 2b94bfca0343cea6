"""JWT access tokens of installations of registered applications, in Adobe Pass's words."""

import msgspec

from sekisho.keys.signer import segment
from sekisho.model.granted import Granted
from sekisho.model.step import Put
from sekisho.spec import scope
from sekisho.tenant import Tenant

_encode = msgspec.json.Encoder().encode


def mint(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """Nothing but `alg` and `kid` in the header; `scopes` joined by commas beside `scope`.

    `generation` is that of the secret: once it is replaced, the token is no good any more.
    """
    issued, registration = int(granted.at), granted.client.registration
    claims = {
        "iss": granted.issuer,
        "sub": granted.subject,
        "aud": granted.audience,
        "nbf": issued,
        "iat": issued,
        "exp": issued + granted.lifetime,
        "jti": f"{granted.id}.1",
        "client_id": granted.client.client_id,
        "generation": registration.generation if registration else 0,
        "scope": scope.text(granted.scopes),
        "scopes": ",".join(granted.scopes),
    }
    signer = tenant.keys.signer("tokens", granted.api.signing_alg)
    return signer.compact(segment({"alg": signer.alg, "kid": signer.kid}), _encode(claims)), ()
