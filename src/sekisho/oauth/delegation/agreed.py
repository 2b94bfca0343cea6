"""What a client may do in somebody's name: by an administrator's consent, their own, or the API's word."""

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.people import consents
from sekisho.tenant import Tenant


async def effective(
    user: User, client: Client, api: Api, tenant: Tenant, wanted: frozenset[str] | None = None
) -> frozenset[str]:
    """The scopes of an API that the client has of this person, as long as the API knows them.

    Where `wanted` says what matters, nothing more is read once that is covered.
    """
    enabled = {each.value for each in api.scopes if each.enabled}
    found = pre_authorized(client, api)
    for who in (None, user.user_id):
        if wanted is not None and wanted <= found:
            break
        consent = await consents.agreed(who, client, api.identifier, tenant)
        found |= frozenset(consent.scopes) if consent else frozenset()
    return found & enabled


def pre_authorized(client: Client, api: Api) -> frozenset[str]:
    """What the API says that this client always has."""
    ids = {id for each in api.pre_authorized if each.client == client.client_id for id in each.scopes}
    return frozenset(each.value for each in api.scopes if each.id in ids and each.enabled)


async def about_themselves(user: str, client: Client, tenant: Tenant) -> frozenset[str]:
    """What the client may know of a person at the server itself."""
    found: frozenset[str] = frozenset()
    for who in (None, user):
        consent = await consents.agreed(who, client, None, tenant)
        found |= frozenset(consent.scopes) if consent else frozenset()
    return found
