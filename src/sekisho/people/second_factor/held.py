"""What somebody has besides a password, and whether they are asked for it."""

from collections.abc import Collection, Mapping

from sekisho.model.password import Factor
from sekisho.model.user import User
from sekisho.spec.conditional.facts import MFA
from sekisho.store import Window
from sekisho.tenant import Tenant

# One of each kind, and room to spare.
FEW = Window(limit=10)


async def of_user(tenant: Tenant, user: User) -> Mapping[str, Factor]:
    """Each of a person's factors, by its kind."""
    found = await tenant.store.records(Factor, tenant.id, {"user_guid": user.id}, FEW)
    return {each.kind: each for each in found}


def is_owed(user: User, amr: Collection[str], tenant: Tenant) -> bool:
    """Somebody who came this far has to show a second factor, or to set one up, before anything is theirs."""
    wanted = tenant.policy.second_factor
    if MFA in amr or wanted == "never":
        return False
    return wanted == "always" or user.has_second_factor


def id_of(user: User, kind: str) -> str:
    """A person has one of each kind: whoever is second to set it up is told so by the store."""
    return f"{kind}|{user.id}"


def account(user: User) -> str:
    """What is counted when somebody guesses; it is not what their passwords are counted by."""
    return f"factor {user.id}"
