"""Which policies hold, and what they still demand. The strictest one that holds wins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

from sekisho.spec.conditional.facts import Facts
from sekisho.spec.conditional.terms import ALL, Terms, Which

# Why a policy does not hold.
Miss = Literal["", "disabled", "context", "user", "client", "api", "network"]
Demand = Literal["block", "second_factor", "context", "max_age"]
ON = "enabled"
REPORT = "enabledForReportingButNotEnforced"
# What of its conditions is not asked of a policy that a challenge names: it was met by another request.
ELSEWHERE: tuple[Miss, ...] = ("context", "client", "api")
# What nobody can do anything about.
OUTSIDE: tuple[Demand, ...] = ("block", "context")
IPV6 = 6


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

    @property
    def watched(self) -> tuple[Finding, ...]:
        """Those that would stand in the way, were they not only watched."""
        return tuple(each for each in self.findings if not each.miss and not each.counts and each.unmet)

    def demands(self, what: Demand) -> bool:
        """Something of this kind is missing."""
        return any(what in each.unmet for each in self.unmet)

    @property
    def contexts(self) -> tuple[str, ...]:
        """The authentication contexts that are asked for and missing."""
        return tuple(dict.fromkeys(each.terms.context for each in self.unmet if "context" in each.unmet))

    @property
    def max_age(self) -> int | None:
        """How old a sign-in may be for all of those that find it too old."""
        ages = (each.terms.max_age for each in self.unmet if "max_age" in each.unmet)
        return min((age for age in ages if age is not None), default=None)

    @property
    def ids(self) -> tuple[str, ...]:
        """The policies that stand in the way, as a claims challenge names them."""
        return tuple(each.id for each in self.unmet)


NOTHING = Verdict()


def decide(policies: Mapping[str, Terms], facts: Facts) -> Verdict:
    """Each policy by itself, by its id."""
    return Verdict(tuple(_found(id, terms, facts) for id, terms in policies.items()))


def contexts_of(policies: Mapping[str, Terms]) -> frozenset[str]:
    """The authentication contexts that there are: those that a policy is for. Any other proves nothing."""
    return frozenset(
        context for terms in policies.values() if terms.state == ON for context in terms.contexts
    )


def _found(id: str, terms: Terms, facts: Facts) -> Finding:
    """One that is named was unmet elsewhere: it holds for whatever is asked for here, of the same people."""
    passed_over = ELSEWHERE if id in facts.named else ()
    for miss, holds in CONDITIONS:
        if miss not in passed_over and not holds(terms, facts):
            return Finding(id, terms, miss)
    unmet = (what for what, is_unmet in DEMANDS if is_unmet(terms, facts))
    left = (each for each in unmet if each not in OUTSIDE or not _is_spared(terms, facts))
    return Finding(id, terms, "", tuple(left))


def _is_spared(terms: Terms, facts: Facts) -> bool:
    """Whoever could mend a policy is not kept out by it, unless it says so itself."""
    return facts.is_mender and facts.client not in terms.clients.include


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
    """The address is in a network that is meant; one that is not known may be in any of those."""
    if not facts.address or terms.networks == Which(include=(ALL,)):
        return True
    if any(_is_in(facts.address, each) for each in terms.networks.exclude):
        return False
    return ALL in terms.networks.include or any(_is_in(facts.address, n) for n in terms.networks.include)


def _is_in(address: str, network: str) -> bool:
    """An address of IPv4 is the same one when it comes in the clothes of IPv6. RFC 4291 section 2.5.5.2."""
    try:
        found, within = ip_address(address), ip_network(network, strict=False)
    except ValueError:
        return False
    plain = found.ipv4_mapped if isinstance(found, IPv6Address) and within.version != IPV6 else None
    return (plain or found) in within


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
