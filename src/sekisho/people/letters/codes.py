"""Passwordless sign-in: six digits go to the address of a person, and whoever shows them is that person."""

import hmac
import secrets
from hashlib import sha256

from msgspec.structs import replace

from sekisho.limits import Bucket, Wait
from sekisho.mail.letter import Letter
from sekisho.model.artifact import OneTimeCode, Owner, id_of
from sekisho.model.client import Client
from sekisho.model.step import Put, Step, Swap
from sekisho.model.user import User
from sekisho.people import lockout
from sekisho.people.letters import sending
from sekisho.people.letters.sending import Asker, Reached
from sekisho.people.passwords import NOBODY
from sekisho.spec.contrast import contrast
from sekisho.spec.mail.line import one_line
from sekisho.spec.policy import PASSWORDLESS
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.mail import CODE_WRONG, PASSWORDLESS_OFF
from sekisho.spec.refusals.people import USER_BLOCKED
from sekisho.tenant import Tenant

LIFETIME = 300
DIGITS = 6
MOST = 20  # more than are ever live at once: so many mails go to nobody
# Guesses at one code; with them it ends. What an account and an address have besides is the lockout's.
OF_CODE = Bucket(1 / (2 * LIFETIME), 5)


def may_sign_in(client: Client, tenant: Tenant) -> None:
    """The tenant has it, the client is registered for it, and is the tenant's own."""
    grants = {"tenant": tenant.policy.grant_types, "client": client.grant_types}
    for whose, allowed in grants.items():
        if PASSWORDLESS not in allowed:
            raise Refused(PASSWORDLESS_OFF, seen=contrast(f"grant_types of the {whose}", PASSWORDLESS, ""))
    if not client.is_first_party:
        raise Refused(PASSWORDLESS_OFF, seen=contrast("is_first_party", "true", "false"))


async def begin(tenant: Tenant, client: Client, name: str, asker: Asker, link: str = "") -> None:
    """A mail with a code, or with a link that ends with it. Nobody but the audit learns whether one went."""
    may_sign_in(client, tenant)
    sending.is_open(tenant)
    await sending.pay(tenant, asker.actor.address)
    to = await sending.reached(tenant, name)
    why = await sending.why_not(tenant, to, "") or _unverified(to)
    steps = _promise(tenant, (to.user, client), asker, link) if to.user and not why else ()
    # Both ways write one unit, and wait for it.
    await tenant.store.write(*(steps or (sending.withheld(tenant, why, to, asker),)))


def _unverified(to: Reached) -> str:
    """Whoever made an account with somebody else's address would know its password, too."""
    return "" if to.user and to.user.claims.get("email_verified") is True else "unverified"


def _promise(tenant: Tenant, whose: tuple[User, Client], asker: Asker, link: str) -> tuple[Step, ...]:
    now, text, (user, client) = tenant.now(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", whose
    id = id_of(now)
    code = OneTimeCode(
        id=id,
        owner=Owner(tenant=tenant.id, user=user.user_id, client=client.client_id),
        born=now,
        expires_at=now + LIFETIME,
        email=user.email,
        mac=_mac(tenant, id, text),
    )
    letter = Letter(
        name="link" if link else "code",
        to=user.email,
        language=sending.language_of(user, asker.language, tenant),
        house=sending.house_of(tenant),
        expires_at=code.expires_at,
        words={"account": one_line(user.email), "app": one_line(client.name or client.client_id)},
        link=f"{link}{text}" if link else "",
        code="" if link else text,
    )
    send = sending.promised(tenant, letter)
    detail = {"user_id": user.user_id, "client_id": client.client_id, "delivery": send.delivery.id}
    note = asker.actor.note(tenant.audit, tenant.id, "code_mailed", detail)
    return Put(code, secrets.token_urlsafe(32)), send, note


async def verify(tenant: Tenant, client: Client, name: str, text: str, address: str) -> tuple[User, Swap]:
    """Who the newest code of this client and name was sent to, and the step that uses it up.

    An attempt is paid for before anything is looked at, so that guesses at the same moment are no more.
    """
    may_sign_in(client, tenant)
    to = await sending.reached(tenant, name)
    paid = await lockout.stakes(tenant, f"code {to.account}", address)
    user = to.user
    owner = Owner(tenant=tenant.id, user=user.user_id if user else NOBODY, client=client.client_id)
    found = await tenant.store.find(OneTimeCode, owner, None, MOST)
    newest = max(found, key=lambda each: each.born, default=None)
    if newest is None or user is None or not await _matches(tenant, newest, user, text):
        raise Refused(CODE_WRONG, debug="it is wrong, was used, is over, or was sent for somebody else")
    await lockout.give_back(tenant, paid)
    if user.blocked:
        raise Refused(USER_BLOCKED, debug=user.user_id, seen=contrast("blocked", "false", "true"))
    return user, Swap(replace(newest, used=True))


async def _matches(tenant: Tenant, code: OneTimeCode, user: User, text: str) -> bool:
    guess = await tenant.tools.limits.spend(f"code {tenant.id} {code.id}", OF_CODE, tenant.now())
    is_same = hmac.compare_digest(code.mac, _mac(tenant, code.id, text))
    return is_same and not isinstance(guess, Wait) and not code.used and code.email == user.email


def _mac(tenant: Tenant, id: str, text: str) -> bytes:
    """What is kept of a code: who has read it all tries a million only with our key."""
    told = f"one-time code\n{tenant.id}\n{id}\n{text}".encode(errors="replace")
    return hmac.digest(tenant.tools.sealer.mac_key, told, sha256)
