"""What an expression would say, before it is a rule."""

from dataclasses import dataclass

from sekisho.change import facts
from sekisho.model.client import Client
from sekisho.model.user import User
from sekisho.spec.claim_rule import expression
from sekisho.spec.claim_rule.expression import Unresolved
from sekisho.tenant import Tenant

# As at a sign-in that asked for everything that standard scopes give.
SCOPES = ("openid", "profile", "email")
_GRANT_TYPE = "authorization_code"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What it said, or why nothing; None without a problem leaves the claim out."""

    value: object = None
    problem: str = ""


async def try_out(tenant: Tenant, text: str, user: User | None, client: Client) -> Outcome:
    """Refused where it could be no rule; nothing is kept."""
    compiled = tenant.language.compiled(text)
    person = await facts.of_user(user, tenant) if user else None
    request = {"scopes": SCOPES, "audience": "", "grant_type": _GRANT_TYPE}
    try:
        known = tenant.language.told(person, facts.of_client(client), request)
        return Outcome(expression.value(compiled, known))
    except Unresolved as unresolved:
        return Outcome(problem=str(unresolved))
