"""What a client has to be, however it came about, and what its registration has decided for good."""

from collections.abc import Collection, Mapping

from sekisho.model.api import MANAGEMENT
from sekisho.model.client import DASHBOARD, Client
from sekisho.model.client_grant import ClientGrant
from sekisho.registry import client_methods
from sekisho.spec import metadata
from sekisho.spec.metadata import APP_TYPES, GRANT_TYPES
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABOVE, SYSTEM_CLIENT
from sekisho.spec.refusals.registration import REGISTRATION_DECIDES
from sekisho.tenant import Tenant

# What an administrator may say about an installation; all else follows from how it registered itself.
OPEN = frozenset(("name", "description", "logo_uri", "enabled", "client_metadata"))
CALLED: Mapping[str, str] = {"reply_urls": "callbacks"}


def is_sound(client: Client, before: Client | None = None) -> None:
    """What is said about it agrees with itself and with the documents. RFC 7591 section 2.

    Addresses that an application of its type had before, in Entra's words maybe, are as they are.
    """
    metadata.name_is_plain(client.name)
    metadata.choice_is_known("app_type", (client.app_type,), APP_TYPES)
    client_methods.is_sound(client)
    metadata.choice_is_known("grant_types", client.grant_types, GRANT_TYPES)
    # Where an installation is answered, its application's domains and schemes have decided.
    urls = () if client.registration else tuple(reply.url for reply in client.reply_urls)
    had = {each.url for each in before.reply_urls} if before and before.app_type == client.app_type else ()
    new = tuple(url for url in urls if url not in had)
    for field, values in (("callbacks", new), ("allowed_logout_urls", client.allowed_logout_urls)):
        metadata.redirects_are_sound(field, values, client.app_type)
    metadata.origins_are_origins("allowed_origins", client.allowed_origins)
    metadata.origins_are_origins("web_origins", client.web_origins)
    metadata.values_are_unique("callbacks", urls)
    metadata.values_are_unique("grant_types", client.grant_types)
    for field, url in (("logo_uri", client.logo_uri), ("initiate_login_uri", client.initiate_login_uri)):
        if url:
            metadata.address_is_web(field, url)
    metadata.texts_are_few(client.client_metadata)


def is_ours(client: Client) -> bool:
    """It belongs to the server itself."""
    return client.client_id == DASHBOARD


def nobody_touches_ours(client: Client) -> None:
    """Who could change where its answers go would be sent the administrators."""
    if is_ours(client):
        raise Refused(SYSTEM_CLIENT)


async def is_within(tenant: Tenant, client: Client, scopes: Collection[str] | None) -> bool:
    """A client may administer no more than these scopes; None are those of whoever runs the installation."""
    if scopes is None:
        return True
    grant = await tenant.store.named(ClientGrant, tenant.id, f"{client.client_id} {MANAGEMENT}")
    return grant is None or set(grant.scopes) <= set(scopes)


async def may_be_changed(tenant: Tenant, client: Client, scopes: Collection[str] | None) -> Client:
    """The client: nobody changes ours, nor one that may do more than they, whose secret makes them that."""
    nobody_touches_ours(client)
    if not await is_within(tenant, client, scopes):
        raise Refused(CLIENT_ABOVE, debug=client.client_id)
    return client


def pushing_was_allowed_first(client: Client, changed: Client, policy: Policy) -> None:
    """A client may only begin to need what its tenant takes; one that needed it before goes on to need it."""
    if changed.requires_pushing and not client.requires_pushing and not policy.pushing_allowed:
        text = "The tenant does not allow it: pushed_authorization_requests_supported"
        raise metadata.problem("require_pushed_authorization_requests", text)


def registration_stays(client: Client, changed: Client) -> None:
    """What a client's registration decided stays as it is; saying it again is no change."""
    if client.registration is None:
        return
    names = (name for name in client.__struct_fields__ if name not in OPEN)
    touched = [CALLED.get(name, name) for name in names if getattr(client, name) != getattr(changed, name)]
    if touched:
        raise Refused(REGISTRATION_DECIDES, words={"field": ", ".join(touched)})
