"""The secrets of clients: made by the server, said once, two of them alive while one replaces the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, Struct
from msgspec.structs import replace

from sekisho.change.fields import Perhaps
from sekisho.keys import secret
from sekisho.keys.secret import MOST_LIVE
from sekisho.model.client import Client, Secret
from sekisho.spec.metadata import SECRET_METHODS
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import SECRET_UNUSED
from sekisho.tenant import Tenant

A_DAY = 86_400
LONGEST_GRACE = 30 * A_DAY
# The one method that needs the text of a secret, and not only its digest.
KEYED = "client_secret_jwt"


class RotationFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a secret is replaced: for how many seconds the previous one stays good."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    previous_expires_in: Perhaps[Annotated[int, Meta(ge=0, le=LONGEST_GRACE)]] = UNSET


@dataclass(frozen=True, slots=True)
class Made:
    """A client, and its secret if one was just made: nobody can say it a second time."""

    client: Client
    secret: str | None


def settled(client: Client, tenant: Tenant) -> Made:
    """A client has secrets if its method needs them, with their text only if it needs that."""
    if client.token_endpoint_auth_method not in SECRET_METHODS:
        return Made(replace(client, secrets=()), None)
    if client.token_endpoint_auth_method != KEYED:
        client = replace(client, secrets=tuple(replace(each, sealed=None) for each in client.secrets))
    # The text of a secret that was not sealed at once is gone, so that there has to be a new one.
    elif any(each.sealed is None for each in client.secrets):
        client = replace(client, secrets=())
    if client.secrets:
        return Made(client, None)
    text, new = _new(client, tenant)
    return Made(replace(client, secrets=(new,)), text)


def rotated(client: Client, tenant: Tenant, asked: RotationFields) -> Made:
    """The client with a new secret; the previous one stays good for a while, earlier ones end."""
    if client.token_endpoint_auth_method not in SECRET_METHODS:
        raise Refused(SECRET_UNUSED)
    usual = A_DAY
    if client.registration:
        # Its tokens end with the secret that they were asked for with.
        usual, registration = 0, client.registration
        client = replace(client, registration=replace(registration, generation=registration.generation + 1))
    grace = usual if asked.previous_expires_in in (UNSET, None) else asked.previous_expires_in
    until = tenant.now() + grace
    text, new = _new(client, tenant)
    # The newest is the last one.
    kept = tuple(_ending(each, until) for each in client.secrets[1 - MOST_LIVE :]) if grace else ()
    return Made(replace(client, secrets=(*kept, new)), text)


def _new(client: Client, tenant: Tenant) -> tuple[str, Secret]:
    text, new = secret.make(tenant.now())
    if client.token_endpoint_auth_method == KEYED:
        new = secret.sealed(new, text, tenant.id, tenant.tools.sealer)
    return text, new


def _ending(each: Secret, until: float) -> Secret:
    return replace(each, expires_at=until if each.expires_at is None else min(until, each.expires_at))
