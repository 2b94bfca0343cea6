"""What is wanted of the API that a request names as its audience (RFC 8707, Auth0's `audience`)."""

from urllib.parse import urlsplit

from sekisho.model.api import USERINFO, Api
from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.oauth import whose
from sekisho.oauth.needs import Wish
from sekisho.oauth.steps import Need
from sekisho.people import consents
from sekisho.spec import claims
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.contrast import contrast
from sekisho.spec.pipeline import is_legacy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import AUDIENCE_REFUSED
from sekisho.tenant import Tenant

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


async def wish(
    request: AuthorizationRequest, client: Client, session: Session | None, tenant: Tenant
) -> Wish:
    """The API is there, unknown scopes fall away, and what was agreed to before is not asked again."""
    legacy = is_legacy(conformant=client.oidc_conformant, audience=request.audience)
    api = await whose.api_of(request.audience, tenant, legacy=legacy)
    if api is None:
        wanted = request.audience or tenant.policy.default_audience
        seen = contrast("audience", "an identifier of an API", wanted)
        raise Refused(AUDIENCE_REFUSED, words={"audience": request.audience[:200]}, seen=seen)
    scopes = whose.scopes_of(request.scopes, api, client, tenant, legacy=legacy)
    every = everything(api, scopes)
    if session is None or session.owner.user is None or _is_trusted(request, client, api):
        return Wish(api, scopes, every=every)
    found: list[Need] = []
    for need in every:
        missing = await _missing(need, session.owner.user, client, tenant)
        if missing is not None:
            found.append(Need(need.api, missing))
    return Wish(api, scopes, tuple(found), every)


async def _missing(need: Need, user: str, client: Client, tenant: Tenant) -> tuple[str, ...] | None:
    """What neither the person nor an administrator agreed to; None where nothing is left to ask."""
    mine = await consents.agreed(user, client, need.api, tenant)
    missing = tuple(each for each in need.scopes if mine is None or each not in mine.scopes)
    if mine and not missing:
        return None
    everybody = await consents.agreed(None, client, need.api, tenant)
    if everybody:
        missing = tuple(each for each in missing if each not in everybody.scopes)
    return missing if missing or (mine is None and everybody is None) else None


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
