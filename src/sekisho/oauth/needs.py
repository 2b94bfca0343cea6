"""What a request comes down to, and what a person agrees to (OpenID Connect Core 1.0 section 3.1.2.4)."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sekisho.model.api import USERINFO, Api
from sekisho.model.artifact import Owner, Session
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.flow import Need
from sekisho.people import consents
from sekisho.spec import claims
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Pairs
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


@dataclass(frozen=True, slots=True)
class Settled:
    """A request that everybody agreed to, what it comes down to, whose session, and what the answer uses up.

    `at` is when all this began to be read: what is revoked from then on, the answer does not outlive.
    """

    request: AuthorizationRequest
    client: Client
    wish: Wish
    session: Session
    uses: tuple[Step, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Giving:
    """What is settled, and whom it is about; `id` is the grant that the answer descends from."""

    settled: Settled
    user: User
    issuer: str
    id: str

    @property
    def owner(self) -> Owner:
        """Whose everything of the answer is."""
        client, session = self.settled.client, self.settled.session
        return Owner(
            tenant=client.tenant,
            grant=self.id,
            session=session.id,
            user=self.user.user_id,
            client=client.client_id,
        )

    @property
    def granted(self) -> Granted:
        """What tokens beside or without a code say."""
        session, api = self.settled.session, self.settled.wish.api
        return Granted(
            id=self.id,
            grant_type="implicit",
            client=self.settled.client,
            api=api,
            audience=whose.audience_of(api.identifier, self.issuer),
            issuer=self.issuer,
            subject=self.user.user_id,
            scopes=self.settled.wish.scopes,
            lifetime=api.token_lifetime,
            at=self.settled.at,
            user=self.user,
            sign_in=SignIn(
                auth_time=session.auth_time,
                amr=session.amr,
                acr=session.acr,
                nonce=self.settled.request.nonce,
                session=session.id,
            ),
            part="front",
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What was put into the answer so far, and what has to be on disk before it is sent."""

    params: Pairs = ()
    steps: tuple[Step, ...] = ()

    def value(self, name: str) -> str:
        """A parameter that is there already, or nothing."""
        return next((value for known, value in self.params if known == name), "")


async def wish(
    request: AuthorizationRequest, client: Client, session: Session | None, tenant: Tenant
) -> Wish:
    """The API is there, unknown scopes fall away, and what was agreed to before is not asked again."""
    api = await whose.api_of(request.audience, tenant)
    if api is None:
        wanted = request.audience or tenant.policy.default_audience
        seen = contrast("audience", "an identifier of an API", wanted)
        raise Refused(AUDIENCE_REFUSED, words={"audience": request.audience[:200]}, seen=seen)
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
