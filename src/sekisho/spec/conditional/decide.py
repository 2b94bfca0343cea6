"""Which policies hold, and what they still demand. The strictest one that holds wins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal

from sekisho.spec.conditional.facts import Facts
from sekisho.spec.conditional.terms import ALL, Terms, Which

# Why a policy does not hold.
Miss = Literal["", "disabled", "context", "user", "client", "api", "network"]
Demand = Literal["block", "second_factor", "context", "max_age"]
ON = "enabled"
REPORT = "enabledForReportingButNotEnforced"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one policy: why it does not hold, or what it demands that is not there."""

    id: str
    terms: Terms
    miss: Miss = ""
    unmet: tuple[Demand, ...] = ()

    @property
    def counts(self) -> bool:
        """It is not only watched."""
        return self.terms.state == ON and not self.miss


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
            dict.fromkeys(each.terms.context for each in self.unmet if "context" in each.unmet)
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """The policies that stand in the way, as a claims challenge names them."""
        return tuple(each.id for each in self.unmet)


NOTHING = Verdict()


def decide(policies: Mapping[str, Terms], facts: Facts) -> Verdict:
    """Each policy by itself, by its id."""
    return Verdict(tuple(_found(id, terms, facts) for id, terms in policies.items()))


def _found(id: str, terms: Terms, facts: Facts) -> Finding:
    """One that is named holds whatever its conditions are, as long as it is switched on."""
    conditions = CONDITIONS[:1] if id in facts.named else CONDITIONS
    for miss, holds in conditions:
        if not holds(terms, facts):
            return Finding(id, terms, miss)
    return Finding(id, terms, "", tuple(what for what, is_unmet in DEMANDS if is_unmet(terms, facts)))


def is_on(terms: Terms, _: Facts) -> bool:
    """It is switched on, or watched."""
    return terms.state in (ON, REPORT)


def context_is_asked_for(terms: Terms, facts: Facts) -> bool:
    """One for authentication contexts holds where one of them is asked for."""
    return not terms.contexts or not facts.asked.isdisjoint(terms.contexts)


def user_is_meant(terms: Terms, facts: Facts) -> bool:
    """By themselves or by a group; whoever is left out by either is left out."""
    if facts.user in terms.users.exclude or facts.groups.intersection(terms.groups.exclude):
        return False
    is_named = ALL in terms.users.include or facts.user in terms.users.include
    return is_named or not facts.groups.isdisjoint(terms.groups.include)


def client_is_meant(terms: Terms, facts: Facts) -> bool:
    """The application that asks."""
    return terms.clients.takes(facts.client)


def api_is_meant(terms: Terms, facts: Facts) -> bool:
    """One of the APIs that it asks for; where none is asked for, a policy for every API holds, too."""
    if not facts.apis:
        return ALL in terms.apis.include
    return any(terms.apis.takes(api) for api in facts.apis)


def network_is_meant(terms: Terms, facts: Facts) -> bool:
    """The address is in a network that is meant; one that is not known is in none, and left out of none."""
    if terms.networks == Which(include=(ALL,)):
        return True
    if any(_is_in(facts.address, each) for each in terms.networks.exclude):
        return False
    return ALL in terms.networks.include or any(_is_in(facts.address, n) for n in terms.networks.include)


def _is_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False


CONDITIONS: tuple[tuple[Miss, Callable[[Terms, Facts], bool]], ...] = (
    ("disabled", is_on),
    ("context", context_is_asked_for),
    ("user", user_is_meant),
    ("client", client_is_meant),
    ("api", api_is_meant),
    ("network", network_is_meant),
)


def lacks_second_factor(terms: Terms, facts: Facts) -> bool:
    """More than a password is needed."""
    return terms.second_factor and not facts.has_second_factor


def lacks_context(terms: Terms, facts: Facts) -> bool:
    """The sign-in did not satisfy the authentication context."""
    return bool(terms.context) and terms.context not in facts.proved


def is_too_old(terms: Terms, facts: Facts) -> bool:
    """The sign-in is older than the policy lets it be; one of an unknown age is too old."""
    return terms.max_age is not None and facts.now - facts.auth_time >= terms.max_age


DEMANDS: tuple[tuple[Demand, Callable[[Terms, Facts], bool]], ...] = (
    ("block", lambda terms, _: terms.block),
    ("second_factor", lacks_second_factor),
    ("context", lacks_context),
    ("max_age", is_too_old),
)
