"""The verbs for what proves an application: secrets, certificates, federated credentials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sekisho.model.client import Client, Credential, Federated, Secret
from sekisho.registry.applications import keys, verbs
from sekisho.registry.applications.fields import FederatedFields, PasswordPart
from sekisho.registry.applications.parts import KeyPart
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that was just made: nobody can say its text a second time."""

    secret: Secret
    text: str


Change = Callable[[Client], Client]


async def add_password(tenant: Tenant, whose: Meant, part: PasswordPart | None) -> Made:
    """One more secret; those that are there stay good."""
    texts: list[str] = []

    def more(had: Client) -> Client:
        new, text = keys.with_password(had, part, tenant.now())
        texts[:] = [text]
        return new

    made = await _amend(tenant, whose, more, "client_secret_added", {})
    return Made(made.client.secrets[-1], texts[0])


async def remove_password(tenant: Tenant, whose: Meant, key_id: str) -> None:
    """One secret fewer."""

    def fewer(had: Client) -> Client:
        return keys.without_password(had, key_id)

    await _amend(tenant, whose, fewer, "client_secret_removed", {"key": key_id.lower()})


async def add_key(tenant: Tenant, whose: Meant, part: KeyPart) -> tuple[Application, Credential]:
    """One more certificate."""
    new = keys.born(part, tenant.now())
    detail = {"credential": new.id, "credential_type": new.kind, "kid": new.kid}
    made = await _amend(tenant, whose, lambda had: keys.added(had, new), "credential_created", detail)
    return made, new


async def remove_key(tenant: Tenant, whose: Meant, key_id: str) -> None:
    """One certificate fewer."""
    detail = {"credential": key_id.lower()}
    await _amend(tenant, whose, lambda had: keys.removed(had, key_id), "credential_deleted", detail)


async def trust(tenant: Tenant, whose: Meant, asked: FederatedFields) -> tuple[Application, Federated]:
    """Tokens of another issuer prove the application, too."""
    detail = {"credential": asked.name, "credential_type": "federated", "issuer": asked.issuer}
    made = await _amend(tenant, whose, lambda had: keys.federated(had, asked), "credential_created", detail)
    return made, made.client.federated[-1]


async def distrust(tenant: Tenant, whose: Meant, id: str) -> None:
    """They do not any more."""
    detail = {"credential": id, "credential_type": "federated"}
    await _amend(tenant, whose, lambda had: keys.without_federated(had, id), "credential_deleted", detail)


async def _amend(
    tenant: Tenant, whose: Meant, new: Change, slug: str, detail: Mapping[str, object]
) -> Application:
    """The application with other credentials, and what is remembered of it."""
    had = await verbs.find(tenant, whose.id)
    note = whose.actor.note(tenant.audit, tenant.id, slug, {"client_id": had.client.client_id, **detail})
    return await verbs.amend(tenant, whose, lambda had: replace(had, client=new(had.client)), note)
