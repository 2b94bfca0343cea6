"""How a client proves itself: one file per method, one table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sekisho.model.client import Client
from sekisho.oauth.client_auth import basic, client_secret_jwt, none, post, private_key_jwt
from sekisho.spec.http import Ask
from sekisho.spec.jose import HMACS, SIGNATURES
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Method:
    """`claim` reads who asks and with which proof, or None; `prove` passes or refuses."""

    claim: Callable[[Ask], tuple[str, str] | None]
    prove: Callable[[str, Client, Ask, Tenant], Awaitable[None]]


METHODS: Mapping[str, Method] = {
    "client_secret_basic": Method(basic.claim, basic.prove),
    "client_secret_post": Method(post.claim, post.prove),
    "client_secret_jwt": Method(client_secret_jwt.claim, client_secret_jwt.prove),
    "private_key_jwt": Method(private_key_jwt.claim, private_key_jwt.prove),
    "none": Method(none.claim, none.prove),
}
# Those that prove something: an endpoint that wants to be sure takes no other.
PROOFS: tuple[str, ...] = tuple(name for name in METHODS if name != "none")
# What the metadata says of the two methods with a JWT: token_endpoint_auth_signing_alg_values_supported.
SIGNING_ALGS: tuple[str, ...] = (*sorted(SIGNATURES), *sorted(HMACS))
