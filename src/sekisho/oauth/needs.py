"""What a request comes down to, and what a person agrees to (OpenID Connect Core 1.0 section 3.1.2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.model.api import Api
from sekisho.model.artifact import Code, Owner, Session
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.steps import Need
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.http import Pairs
from sekisho.spec.pipeline import is_legacy
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request comes down to: the API, the scopes that exist, and what has to be agreed to.

    `every` is all that there is to agree to, agreed to before or not. `resource` is how the API was called.
    """

    api: Api
    scopes: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    every: tuple[Need, ...] = ()
    resource: str = ""
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """A request that everybody agreed to, what it comes down to, whose session, and what the answer uses up.

    `at` is when all this began to be read: what is revoked from then on, the answer does not outlive.
    `user` is whose session it is, where they were read since then.
    """

    request: AuthorizationRequest
    client: Client
    wish: Wish
    session: Session
    uses: tuple[Step, ...]
    at: float
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Giving:
    """What is settled, and whom it is about; `id` is the grant that the answer descends from.

    `custom` is what rules of the tenant say in its tokens.
    """

    settled: Settled
    user: User
    issuer: str
    id: str
    custom: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

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
    def is_legacy(self) -> bool:
        """By Auth0's older pipeline."""
        client = self.settled.client
        return is_legacy(conformant=client.oidc_conformant, audience=self.settled.request.audience)

    @property
    def words(self) -> frozenset[str]:
        """What the answer carries: what was asked for; in the older pipeline what comes with a token, too."""
        request = self.settled.request
        if not self.is_legacy or "token" not in request.words:
            return request.words
        more = [("id_token", request.is_openid), ("refresh_token", request.device)]
        return request.words.union(word for word, is_given in more if is_given)

    def code(self, tenant: Tenant) -> Code:
        """What a code stands for, and a family of refresh tokens begins with."""
        settled = self.settled
        return Code(
            id=self.id,
            owner=self.owner,
            born=settled.at,
            expires_at=settled.at + tenant.policy.code_lifetime,
            request=settled.request,
            issuer=self.issuer,
            user=self.user.user_id,
            scopes=settled.wish.scopes,
            audience=settled.wish.api.identifier,
            session=settled.session.id,
            auth_time=settled.session.auth_time,
            amr=settled.session.amr,
            acr=settled.session.acr,
            address=settled.session.address,
            contexts=settled.request.challenge.contexts,
        )

    @property
    def granted(self) -> Granted:
        """What tokens beside or without a code say."""
        api = self.settled.wish.api
        return Granted(
            id=self.id,
            grant_type="implicit",
            client=self.settled.client,
            api=api,
            audience=self.settled.wish.resource or whose.audience_of(api.identifier, self.issuer),
            issuer=self.issuer,
            subject=self.user.user_id,
            # What lasts is a refresh token's, and no token of the answer itself is one that lasts.
            scopes=tuple(each for each in self.settled.wish.scopes if each != whose.OFFLINE),
            lifetime=api.token_lifetime_for_web,
            at=self.settled.at,
            user=self.user,
            sign_in=self._sign_in,
            is_legacy=self.is_legacy,
            custom=self.custom,
            part="front",
            dialect=self.settled.request.dialect,
            roles=self.settled.wish.roles,
            groups=self.settled.wish.groups,
        )

    @property
    def _sign_in(self) -> SignIn:
        session, request = self.settled.session, self.settled.request
        return SignIn(
            auth_time=session.auth_time,
            amr=session.amr,
            acr=session.acr,
            nonce=request.nonce,
            session=session.id,
            address=session.address,
            contexts=request.challenge.contexts,
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What was put into the answer so far, and what has to be on disk before it is sent."""

    params: Pairs = ()
    steps: tuple[Step, ...] = ()

    def value(self, name: str) -> str:
        """A parameter that is there already, or nothing."""
        return next((value for known, value in self.params if known == name), "")
