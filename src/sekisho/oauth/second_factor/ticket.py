"""The ticket of somebody who has to show an application a second factor: ten minutes, once."""

import secrets
from collections.abc import Mapping

from msgspec.structs import replace

from sekisho.model.artifact import FactorTicket, Spent
from sekisho.model.client import Client
from sekisho.model.step import Put, Swap, Take
from sekisho.model.user import User
from sekisho.oauth.second_factor.given import First
from sekisho.people.second_factor import held
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import GRANT_BLOCKED
from sekisho.spec.refusals.factors import MFA_REQUIRED, MFA_TOKEN_EXPIRED, MFA_TOKEN_INVALID
from sekisho.spec.refusals.protocol import GRANT_LOST
from sekisho.tenant import Tenant

LIFETIME = 600
LONGEST = 64
# A little longer than it is good for: so long it can be told what is wrong with it.
KEPT = 2 * LIFETIME
OTP: Mapping[str, str] = {"type": "otp"}
RECOVERY: Mapping[str, str] = {"type": "recovery-code"}


async def asked(first: First, tenant: Tenant) -> Refused:
    """What was shown so far is used up for a ticket: the refusal that says what to do with it."""
    code, handle = first.code, secrets.token_urlsafe(32)
    ticket = FactorTicket(
        id=code.id,
        owner=code.owner,
        born=code.born,
        expires_at=tenant.now() + KEPT,
        request=code.request,
        grant_type=first.grant_type,
        issuer=code.issuer,
        audience=code.audience,
        auth_time=code.auth_time,
        amr=code.amr,
        address=code.address,
    )
    if lost := await tenant.store.write(*first.spends, Put(ticket, handle)):
        raise Refused(GRANT_LOST, debug=lost.why)
    enrolled = await held.of_user(tenant, first.user)
    needs = {"challenge": [OTP, RECOVERY]} if enrolled else {"enroll": [OTP]}
    refused = Refused(MFA_REQUIRED, debug=first.user.user_id)
    refused.extra = {"mfa_token": handle, "mfa_requirements": needs}
    return refused


async def found(text: str, tenant: Tenant) -> FactorTicket:
    """What an `mfa_token` stands for, as long as it does."""
    ticket = await tenant.store.get(FactorTicket, text) if 0 < len(text) <= LONGEST else None
    if ticket is None or isinstance(ticket, Spent) or ticket.owner.tenant != tenant.id:
        raise Refused(MFA_TOKEN_INVALID, debug="it was never given, was used, or everything ended")
    if tenant.now() >= ticket.auth_time + LIFETIME:
        raise Refused(MFA_TOKEN_EXPIRED)
    return ticket


async def of_client(text: str, client: Client, tenant: Tenant) -> FactorTicket:
    """The same, of this client: to another one it says nothing."""
    ticket = await found(text, tenant)
    if ticket.owner.client != client.client_id:
        raise Refused(MFA_TOKEN_INVALID, debug="it is another client's")
    return ticket


async def person(ticket: FactorTicket, tenant: Tenant) -> User:
    """Who showed something to have it: still there, and not blocked."""
    user = await tenant.store.named(User, tenant.id, ticket.owner.user or "")
    if user is None or user.blocked:
        raise Refused(GRANT_BLOCKED, debug="the user is gone or blocked")
    return user


def used(text: str) -> Take:
    """The step that uses it up."""
    return Take(FactorTicket, text)


async def begun(ticket: FactorTicket, sealed: bytes, digests: tuple[bytes, ...], tenant: Tenant) -> None:
    """A factor is being set up with it; whatever was begun with it before is forgotten."""
    if await tenant.store.write(Swap(replace(ticket, sealed=sealed, digests=digests))):
        raise Refused(MFA_TOKEN_INVALID, debug="another one was begun with it at the same moment")
