"""How a client proves itself: one file per method, one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sekisho.keys import secret
from sekisho.model.client import Client
from sekisho.oauth.client_auth import basic, none, post
from sekisho.spec.http import Ask


@dataclass(frozen=True, slots=True)
class Method:
    """`claim` reads who asks and with which proof, or None; `prove` passes or refuses."""

    claim: Callable[[Ask], tuple[str, str] | None]
    prove: Callable[[str, Client, float], None]


METHODS: Mapping[str, Method] = {
    "client_secret_basic": Method(basic.claim, secret.prove),
    "client_secret_post": Method(post.claim, secret.prove),
    "none": Method(none.claim, none.prove),
}
