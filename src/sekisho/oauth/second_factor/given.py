"""What a person gave to an application of the tenant's own, by a password, a code, and what came after."""

from dataclasses import dataclass

from sekisho.model.api import Api
from sekisho.model.artifact import Code, FactorTicket, Owner, id_of
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.people.second_factor.held import is_owed
from sekisho.people.sessions import acr_of
from sekisho.spec.authorization import AuthorizationRequest
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import SECOND_FACTOR_ABSENT, SECOND_FACTOR_NEEDED
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Who it is, to which application, for what, by which grant; and what was used up so far.

    `code` is the one that is left out on this way: it says how the person proved themselves.
    """

    user: User
    client: Client
    api: Api
    code: Code
    grant_type: str
    spends: tuple[Step, ...] = ()

    @property
    def sign_in(self) -> SignIn:
        """How the person signed in."""
        code = self.code
        return SignIn(auth_time=code.auth_time, amr=code.amr, acr=code.acr, address=code.address)


def code_of(
    request: AuthorizationRequest, whose: tuple[User, Api], amr: tuple[str, ...], ask: Ask, tenant: Tenant
) -> Code:
    """What a family of refresh tokens begins with, where there was no code."""
    (user, api), now = whose, tenant.now()
    id = id_of(now)
    return Code(
        id=id,
        owner=Owner(tenant=user.tenant, grant=id, user=user.user_id, client=request.client_id),
        born=now,
        expires_at=now,
        request=request,
        issuer=tenant.issuer(ask),
        user=user.user_id,
        scopes=request.scopes,
        audience=api.identifier,
        session="",
        auth_time=now,
        amr=amr,
        acr=acr_of(amr),
        address=ask.address,
    )


def code_after(ticket: FactorTicket, user: User, amr: tuple[str, ...]) -> Code:
    """The same, for somebody who showed more: it began when the first thing was shown."""
    methods = tuple(dict.fromkeys((*ticket.amr, *amr)))
    return Code(
        id=ticket.id,
        owner=ticket.owner,
        born=ticket.born,
        expires_at=ticket.expires_at,
        request=ticket.request,
        issuer=ticket.issuer,
        user=user.user_id,
        scopes=ticket.request.scopes,
        audience=ticket.audience,
        session="",
        auth_time=ticket.auth_time,
        amr=methods,
        acr=acr_of(methods),
        address=ticket.address,
    )


async def owes(first: First, ask: Ask, tenant: Tenant) -> bool:
    """A second factor is missing; whatever else a policy demands is refused here."""
    opened = Opened(user=first.user, sign_in=first.sign_in, client=first.client, api=first.api.identifier)
    try:
        await held.hold(opened, ask, tenant)
    except Refused as refused:
        if refused.reason not in (SECOND_FACTOR_NEEDED, SECOND_FACTOR_ABSENT):
            raise
        return True
    return is_owed(first.user, first.code.amr, tenant)


async def granted(first: First, tenant: Tenant) -> Granted:
    """What a code would give that was asked for like this; nothing is kept but a refresh token."""
    now, code = tenant.now(), first.code
    family = whose.family_of(code, first.client, now, tenant)
    return Granted(
        id=code.id,
        grant_type=first.grant_type,
        client=first.client,
        api=first.api,
        audience=whose.audience_of(code.audience, code.issuer),
        issuer=code.issuer,
        subject=code.user,
        scopes=code.scopes,
        lifetime=first.api.token_lifetime,
        at=now,
        spends=(*first.spends, *await whose.beginning(family, code, now, tenant)),
        user=first.user,
        sign_in=first.sign_in,
        refresh=family,
        is_legacy=whose.is_legacy_code(code, first.client),
    )
