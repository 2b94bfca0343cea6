"""Letters: who may have them sent, in which language, and the step that promises one."""

import math
from dataclasses import dataclass

from sekisho.change.actor import Actor
from sekisho.keys.delivery import sealed
from sekisho.limits import Allowed, Bucket, Wait
from sekisho.limits.network import network
from sekisho.mail.letter import KIND, Letter
from sekisho.model.artifact import id_of
from sekisho.model.delivery import Delivery
from sekisho.model.step import Note, Send
from sekisho.model.user import User
from sekisho.spec import login
from sekisho.spec.contrast import contrast
from sekisho.spec.mail.line import address_is_plain, one_line
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.mail import MAIL_LIMITED, MAIL_OFF
from sekisho.tenant import Tenant

# Mails to one account, whoever asks for them: so many at once, then one in ten minutes.
TO_ACCOUNT = Bucket(1 / 600, 5)
# Letters that are asked for from one network address.
FROM_ADDRESS = Bucket(1 / 30, 50)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a letter, below which of our addresses its link is, and what the asking page speaks."""

    actor: Actor
    root: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a name stands for: `account` is what is counted, also where nobody has that name."""

    user: User | None
    account: str


def is_open(tenant: Tenant) -> None:
    """Mail can be sent."""
    if not tenant.tools.post.is_open:
        raise Refused(MAIL_OFF, seen=contrast("smtp_url", "a mail server", ""))


async def pay(tenant: Tenant, address: str) -> None:
    """One letter that is asked for from this address; it tells nothing of the name that it is asked for."""
    key = f"mail_from {tenant.id} {network(address)}"
    found = await tenant.tools.limits.spend(key, FROM_ADDRESS, tenant.now())
    if isinstance(found, Wait):
        headers = {"retry-after": str(max(1, math.ceil(found.seconds)))}
        raise Refused(MAIL_LIMITED, headers=headers)


async def reached(tenant: Tenant, name: str) -> Reached:
    """One read, whoever it is. A letter goes to the address that is kept, never to the one that was typed."""
    try:
        known_as = login.canonical(name)
    except Refused:
        return Reached(None, "name ")
    user = await tenant.store.named(User, tenant.id, known_as)
    return Reached(user, user.id if user else f"name {known_as}")


async def why_not(tenant: Tenant, to: Reached, connection: str) -> str:
    """Why nothing is sent; empty where a letter is. It is counted before, and for nobody as for anybody."""
    room = await tenant.tools.limits.spend(f"mail_to {tenant.id} {to.account}", TO_ACCOUNT, tenant.now())
    user = to.user
    if not isinstance(room, Allowed):
        return "limit"
    if user is None or connection not in ("", user.connection):
        return "unknown"
    if user.blocked:
        return "blocked"
    return "" if address_is_plain(user.email) else "no_address"


def withheld(tenant: Tenant, why: str, to: Reached, asker: Asker) -> Note:
    """The audit tells what the answer does not."""
    told = {"why": why, **({"user_id": to.user.user_id} if to.user else {})}
    return asker.actor.note(tenant.audit, tenant.id, "mail_withheld", told)


def language_of(user: User, asked: str, tenant: Tenant) -> str:
    """The person's own language, else that of the page, else the tenant's first."""
    offered = tenant.policy.languages
    wishes = (user.locale, *asked.split(","))
    tags = (wish.strip().replace("_", "-").partition("-")[0].partition(";")[0].lower() for wish in wishes)
    return next((tag for tag in tags if tag in offered), offered[0])


def house_of(tenant: Tenant) -> str:
    """Who writes."""
    return one_line(tenant.policy.friendly_name or tenant.record.name or tenant.record.slug)


def promised(tenant: Tenant, letter: Letter) -> Send:
    """The step that has it delivered once its unit has landed; what it opens is sealed until then."""
    now = tenant.now()
    one = Delivery(id=id_of(now), tenant=tenant.id, kind=KIND, target=letter.to, body=b"", next_at=now)
    return Send(sealed(one, letter.encoded(), tenant.tools.sealer))
