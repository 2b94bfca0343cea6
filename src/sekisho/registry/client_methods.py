"""How clients authenticate: one method, with the credentials or keys that it needs (RFC 7591 section 2)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct
from msgspec.structs import replace

from sekisho.change.fields import Perhaps
from sekisho.keys import foreign
from sekisho.keys.foreign import KeyUnusable
from sekisho.model.client import Client, Credential
from sekisho.registry import credentials
from sekisho.registry.credentials import CredentialFields
from sekisho.spec import metadata
from sekisho.spec.metadata import ASSERTION_ALGS, AUTH_METHODS, PUBLIC_APP_TYPES

SIGNED = "private_key_jwt"
USUAL = "client_secret_post"
MOST_KEYS = 20

AssertionAudience = Literal["issuer", "lenient"]
Method = Annotated[str, Meta(extra_json_schema={"enum": sorted(AUTH_METHODS)})]
SigningAlg = Annotated[
    str, Meta(extra_json_schema={"enum": sorted(alg for algs in ASSERTION_ALGS.values() for alg in algs)})
]


class KeySet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JWK Set (RFC 7517 section 5); its keys are checked one by one."""

    keys: Annotated[tuple[dict[str, Any], ...], Meta(max_length=MOST_KEYS)]


class Chosen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The credentials of a method: whole ones while the client is made, later their ids."""

    credentials: Annotated[tuple[CredentialFields, ...], Meta(min_length=1, max_length=credentials.MOST)]


class AuthenticationMethods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Methods that need credentials; it takes the place of token_endpoint_auth_method."""

    private_key_jwt: Perhaps[Chosen] = UNSET
    self_signed_tls_client_auth: Perhaps[dict[str, Any]] = UNSET
    tls_client_auth: Perhaps[dict[str, Any]] = UNSET


def changed(client: Client, values: dict[str, Any], now: float) -> Client:
    """The client with another way to authenticate, as far as the values speak of it."""
    methods = values.pop("client_authentication_methods", UNSET)
    said = values.pop("token_endpoint_auth_method", UNSET)
    keys = values.pop("jwks", UNSET)
    if keys is not UNSET:
        client = replace(client, jwks=() if keys is None else tuple(keys.keys))
    if methods is not UNSET:
        client = _with_credentials(client, methods, now)
        if methods is not None and said not in (UNSET, None, SIGNED):
            raise metadata.problem("token_endpoint_auth_method", "Excludes client_authentication_methods")
        said = None if methods is None and said is UNSET else said
    elif said == "none" and client.client_authentication_methods:
        raise metadata.problem("token_endpoint_auth_method", "Set client_authentication_methods to null too")
    elif said not in (UNSET, None, SIGNED):
        client = replace(client, client_authentication_methods={})
    if said is UNSET and (methods is UNSET or not client.client_authentication_methods):
        return client
    return replace(client, token_endpoint_auth_method=_method(client, said))


def is_sound(client: Client) -> None:
    """What is said about authentication agrees with itself."""
    method = client.token_endpoint_auth_method
    metadata.choice_is_known("token_endpoint_auth_method", (method,), AUTH_METHODS)
    if client.jwks and client.jwks_uri:
        raise metadata.problem("jwks", "Excludes jwks_uri")
    if client.jwks_uri:
        metadata.address_is_web("jwks_uri", client.jwks_uri)
    if client.token_endpoint_auth_signing_alg:
        algs = ASSERTION_ALGS.get(method, frozenset())
        metadata.choice_is_known(
            "token_endpoint_auth_signing_alg", (client.token_endpoint_auth_signing_alg,), algs
        )
    for jwk in client.jwks:
        try:
            foreign.from_jwk(jwk)
        except KeyUnusable as wrong:
            raise metadata.problem("jwks", str(wrong)[:200]) from wrong


def _method(client: Client, said: str | None) -> str:
    """Credentials that are chosen decide; then what was said; then what is usual for the application."""
    if client.client_authentication_methods:
        return SIGNED
    return said or ("none" if client.app_type in PUBLIC_APP_TYPES else USUAL)


def _with_credentials(client: Client, methods: AuthenticationMethods | None, now: float) -> Client:
    if methods is None:
        return replace(client, client_authentication_methods={})
    for name in ("self_signed_tls_client_auth", "tls_client_auth"):
        if getattr(methods, name):
            metadata.is_offered(f"client_authentication_methods.{name}", name, (name,))
    if not isinstance(methods.private_key_jwt, Chosen):
        raise metadata.problem("client_authentication_methods", "Names no method")
    named, new = [], []
    for each in methods.private_key_jwt.credentials:
        if not client.version:
            new.append(_born(each, now))
        elif isinstance(each.id, str):
            named.append(credentials.found(client, each.id).id)
        else:
            raise metadata.problem("client_authentication_methods", "Name credentials by their id")
    metadata.values_are_unique("client_authentication_methods", named)
    chosen: Mapping[str, tuple[str, ...]] = {SIGNED: (*named, *(each.id for each in new))}
    return replace(credentials.added(client, new), client_authentication_methods=chosen)


def _born(asked: CredentialFields, now: float) -> Credential:
    if isinstance(asked.id, str):
        raise metadata.problem("id", "The server makes it")
    return credentials.born(asked, now)
