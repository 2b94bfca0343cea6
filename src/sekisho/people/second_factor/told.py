"""What a person is told by mail of what became of their second factor, if it was not them."""

from sekisho.change.actor import Actor
from sekisho.mail.letter import Letter
from sekisho.model.step import Step
from sekisho.model.user import User
from sekisho.people.letters import sending
from sekisho.spec.mail.line import address_is_plain, one_line
from sekisho.tenant import Tenant

A_DAY = 86_400
ADDED, REMOVED, RENEWED, RECOVERED = "factor_added", "factor_removed", "codes_renewed", "code_used"


def letters(tenant: Tenant, user: User, name: str, actor: Actor) -> tuple[Step, ...]:
    """One to their address, where mail is sent at all; it goes with the unit that it tells of."""
    if not tenant.tools.post.is_open or not address_is_plain(user.email):
        return ()
    letter = Letter(
        name=name,
        to=user.email,
        language=sending.language_of(user, "", tenant),
        house=sending.house_of(tenant),
        expires_at=tenant.now() + A_DAY,
        words={"account": one_line(user.email), "address": actor.address or "-"},
    )
    return (sending.promised(tenant, letter),)
