"""What a person has to agree to before a client gets it (OpenID Connect Core 1.0 section 3.1.2.4)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sekisho.model.api import USERINFO, Api
from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.oauth import whose
from sekisho.oauth.flow import Need
from sekisho.people import consents
from sekisho.spec import claims
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import AUDIENCE_REFUSED
from sekisho.tenant import Tenant

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request comes down to: the API, the scopes that exist, and what has to be agreed to."""

    api: Api
    scopes: tuple[str, ...]
    needs: tuple[Need, ...] = ()


async def wish(
    request: AuthorizationRequest, client: Client, session: Session | None, tenant: Tenant
) -> Wish:
    """The API is there, unknown scopes fall away, and what was agreed to before is not asked again."""
    api = await whose.api_of(request.audience, tenant)
    if api is None:
        raise Refused(AUDIENCE_REFUSED, words={"audience": request.audience[:200]})
    scopes = whose.scopes_of(request.scopes, api, client, tenant)
    if session is None or session.owner.user is None or _is_trusted(request, client, api):
        return Wish(api, scopes)
    found: list[Need] = []
    for need in everything(api, scopes):
        before = await consents.agreed(session.owner.user, client, need.api, tenant)
        missing = tuple(each for each in need.scopes if before is None or each not in before.scopes)
        if missing or before is None:
            found.append(Need(need.api, missing))
    return Wish(api, scopes, tuple(found))


def everything(api: Api, scopes: tuple[str, ...]) -> tuple[Need, ...]:
    """What is asked of the server itself, and of the API: a token says who it is, even without a scope."""
    own = Need(None, tuple(each for each in scopes if each in claims.SCOPES))
    if api.identifier == USERINFO:
        return (own,)
    others = Need(api.identifier, tuple(each for each in scopes if each not in claims.SCOPES))
    return (own, others) if own.scopes else (others,)


def _is_trusted(request: AuthorizationRequest, client: Client, api: Api) -> bool:
    """The tenant's own application asks nobody, at an API that says so, where its address proves itself."""
    if not client.is_first_party:
        return False
    return api.identifier == USERINFO or (api.skip_consent and _is_verifiable(request.redirect_uri))


def _is_verifiable(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme == "https" and (parts.hostname or "") not in LOOPBACK
