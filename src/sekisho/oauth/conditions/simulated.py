"""Who would be asked for what, and why: all policies for somebody who might ask. Nothing comes of it."""

from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from sekisho.model.client import Client
from sekisho.model.granted import SignIn
from sekisho.model.user import User
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.spec.conditional.decide import Verdict, decide
from sekisho.spec.entra.challenge import Challenge
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

Outcome = Literal["allowed", "blocked", "second_factor", "sign_in", "context"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Somebody, by an application, for an API, from an address; and how they signed in, so long ago.

    `asked`: contexts that are asked for; `proved`: those that the sign-in satisfied.
    """

    user: User
    client: Client
    api: str
    address: str = ""
    amr: tuple[str, ...] = ("pwd",)
    age: int = 0
    asked: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulated:
    """What each policy finds, and what the application would be refused with, if at all."""

    verdict: Verdict
    refused: Refused | None

    @property
    def outcome(self) -> Outcome:
        """What it comes to."""
        if self.refused is None:
            return "allowed"
        if self.verdict.demands("block"):
            return "blocked"
        if self.verdict.demands("second_factor"):
            return "second_factor"
        return "sign_in" if self.verdict.demands("max_age") else "context"


async def simulate(guess: Guess, ask: Ask, tenant: Tenant) -> Simulated:
    """As where an application comes back in the person's name: at refresh, and in each exchange."""
    sign_in = SignIn(
        auth_time=tenant.now() - guess.age, amr=guess.amr, address=guess.address, contexts=guess.proved
    )
    opened = Opened(
        user=guess.user,
        sign_in=sign_in,
        client=guess.client,
        api=guess.api,
        wanted=Challenge(contexts=guess.asked),
    )
    there = replace(ask, address=guess.address)
    is_mender = await held.mends(guess.user, guess.client, tenant)
    facts = held.facts_of(opened, there, tenant, is_mender=is_mender)
    verdict = decide(tenant.terms, facts)
    return Simulated(verdict, held.refusal(verdict, facts, opened))
