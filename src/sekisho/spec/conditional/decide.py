"""Which policies hold, and what they still demand. The strictest one that holds wins."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Literal

from sekisho.model.access_policy import ALL, AccessPolicy, Which
from sekisho.spec.conditional.facts import Facts

# Why a policy does not hold.
Miss = Literal["", "disabled", "context", "user", "client", "api", "network"]
Demand = Literal["block", "second_factor", "context", "max_age"]
ON = "enabled"
REPORT = "enabledForReportingButNotEnforced"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one policy: why it does not hold, or what it demands that is not there."""

    policy: AccessPolicy
    miss: Miss = ""
    unmet: tuple[Demand, ...] = ()

    @property
    def counts(self) -> bool:
        """It is not only watched."""
        return self.policy.state == ON and not self.miss


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all policies together come to."""

    findings: tuple[Finding, ...] = ()

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """Those that stand in the way."""
        return tuple(each for each in self.findings if each.counts and each.unmet)

    def demands(self, what: Demand) -> bool:
        """Something of this kind is missing."""
        return any(what in each.unmet for each in self.unmet)

    @property
    def contexts(self) -> tuple[str, ...]:
        """The authentication contexts that are asked for and missing."""
        return tuple(
            dict.fromkeys(each.policy.context for each in self.unmet if "context" in each.unmet)
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """The policies that stand in the way, as a claims challenge names them."""
        return tuple(each.policy.id for each in self.unmet)


NOTHING = Verdict()


def decide(policies: Iterable[AccessPolicy], facts: Facts) -> Verdict:
    """Each policy by itself."""
    return Verdict(tuple(_found(each, facts) for each in policies))


def _found(policy: AccessPolicy, facts: Facts) -> Finding:
    if policy.id not in facts.named or policy.state not in (ON, REPORT):
        for miss, holds in CONDITIONS:
            if not holds(policy, facts):
                return Finding(policy, miss)
    return Finding(policy, "", tuple(what for what, is_unmet in DEMANDS if is_unmet(policy, facts)))


def is_on(policy: AccessPolicy, _: Facts) -> bool:
    """It is switched on, or watched."""
    return policy.state in (ON, REPORT)


def context_is_asked_for(policy: AccessPolicy, facts: Facts) -> bool:
    """One for authentication contexts holds where one of them is asked for."""
    return not policy.contexts or not facts.asked.isdisjoint(policy.contexts)


def user_is_meant(policy: AccessPolicy, facts: Facts) -> bool:
    """By themselves or by a group; whoever is left out by either is left out."""
    if facts.user in policy.users.exclude or facts.groups.intersection(policy.groups.exclude):
        return False
    is_named = ALL in policy.users.include or facts.user in policy.users.include
    return is_named or not facts.groups.isdisjoint(policy.groups.include)


def client_is_meant(policy: AccessPolicy, facts: Facts) -> bool:
    """The application that asks."""
    return policy.clients.takes(facts.client)


def api_is_meant(policy: AccessPolicy, facts: Facts) -> bool:
    """One of the APIs that it asks for; where none is asked for, a policy for every API holds, too."""
    if not facts.apis:
        return ALL in policy.apis.include
    return any(policy.apis.takes(api) for api in facts.apis)


def network_is_meant(policy: AccessPolicy, facts: Facts) -> bool:
    """The address is in a network that is meant; one that is not known is in none, and left out of none."""
    if policy.networks == Which(include=(ALL,)):
        return True
    if any(_is_in(facts.address, each) for each in policy.networks.exclude):
        return False
    return ALL in policy.networks.include or any(_is_in(facts.address, n) for n in policy.networks.include)


def _is_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


CONDITIONS: tuple[tuple[Miss, Callable[[AccessPolicy, Facts], bool]], ...] = (
    ("disabled", is_on),
    ("context", context_is_asked_for),
    ("user", user_is_meant),
    ("client", client_is_meant),
    ("api", api_is_meant),
    ("network", network_is_meant),
)


def lacks_second_factor(policy: AccessPolicy, facts: Facts) -> bool:
    """More than a password is needed."""
    return policy.second_factor and not facts.has_second_factor


def lacks_context(policy: AccessPolicy, facts: Facts) -> bool:
    """The sign-in did not satisfy the authentication context."""
    return bool(policy.context) and policy.context not in facts.proved


def is_too_old(policy: AccessPolicy, facts: Facts) -> bool:
    """The sign-in is older than the policy lets it be; one of an unknown age is too old."""
    return policy.max_age is not None and facts.now - facts.auth_time >= policy.max_age


DEMANDS: tuple[tuple[Demand, Callable[[AccessPolicy, Facts], bool]], ...] = (
    ("block", lambda policy, _: policy.block),
    ("second_factor", lacks_second_factor),
    ("context", lacks_context),
    ("max_age", is_too_old),
)
