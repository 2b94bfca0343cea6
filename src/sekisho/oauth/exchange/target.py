"""What an application may have of an API in a person's name, where nobody is there to be asked."""

from dataclasses import dataclass

from sekisho.model.api import ENTRA, Api
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.delegation import agreed
from sekisho.spec import scope
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange import audience
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import NOT_CONSENTED
from sekisho.spec.refusals.protocol import AUDIENCE_UNKNOWN, CLIENT_IS_PUBLIC
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Target:
    """The API, the name that its tokens go by, and the scopes of it."""

    api: Api
    audience: str
    scopes: tuple[str, ...]


async def wanted(ask: Ask, user: User, client: Client, tenant: Tenant) -> Target:
    """What is asked for and was agreed to; never nothing, and nothing of an API of the server itself."""
    name = audience.one(ask.form, tenant.policy.default_audience)
    api = await tenant.known.named(Api, tenant.id, name)
    if api is None or api.is_system or not await whose.is_in_use(api, tenant):
        seen = contrast("audience", "an identifier of an API", name)
        raise Refused(AUDIENCE_UNKNOWN, words={"audience": name}, seen=seen)
    have = await _agreed(user, client, api, tenant)
    asked = scope.parse(ask.get("scope"))
    scopes = scope.narrow(asked, tuple(each.value for each in api.scopes if each.value in have))
    if not scopes:
        seen = contrast("scope", scope.text(sorted(have)), scope.text(asked or ()))
        words = {"client": client.client_id, "resource": name}
        raise Refused(NOT_CONSENTED, words=words, seen=seen)
    return Target(api, name if api.dialect in ENTRA else api.identifier, scopes)


def client_proves_itself(client: Client) -> None:
    """Anybody can say a public client's id, so it goes on in nobody's name. RFC 8693 section 5."""
    if client.is_public:
        raise Refused(CLIENT_IS_PUBLIC, seen=contrast("token_endpoint_auth_method", "any but none", "none"))


async def _agreed(user: User, client: Client, api: Api, tenant: Tenant) -> frozenset[str]:
    have = await agreed.effective(user, client, api, tenant)
    return have | _trusted(client, api)


def _trusted(client: Client, api: Api) -> frozenset[str]:
    """The tenant's own application asks nobody at an API that says so; what takes an administrator, it does.

    Where a person is there `oauth/wishes/audience.py` says the same; an API in Entra's words always asks.
    """
    if not client.is_first_party or not api.skip_consent or api.dialect in ENTRA:
        return frozenset()
    return frozenset(each.value for each in api.scopes if each.enabled and each.kind == "User")
