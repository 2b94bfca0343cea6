"""Which policies hold, and what they still demand: the truth of it, condition by condition."""

import pytest
from msgspec.structs import replace

from sekisho.spec.conditional.decide import NOTHING, contexts_of, decide
from sekisho.spec.conditional.facts import Facts
from sekisho.spec.conditional.terms import ALL, EVERYTHING, State, Terms, Which

NOW = 1_800_000_000.0
HOME = "sekisho-dashboard"


def facts(**fields: object) -> Facts:
    """Aya, with a password, by the page, for API b, from the office."""
    told: dict[str, object] = {
        "user": "aya",
        "groups": frozenset(("finance",)),
        "client": "page",
        "apis": ("api-b",),
        "address": "203.0.113.7",
        "amr": ("pwd",),
        "auth_time": NOW - 100,
        "now": NOW,
        **fields,
    }
    return Facts(**told)  # type: ignore[arg-type]


def only(*names: str, but: tuple[str, ...] = ()) -> Which:
    """These, and not those."""
    return Which(include=names, exclude=but)


def found(terms: Terms, **fields: object) -> tuple[str, tuple[str, ...]]:
    """Why it does not hold, or what it demands."""
    (one,) = decide({"p": terms}, facts(**fields)).findings
    return one.miss, one.unmet


BLOCK = Terms(block=True)
MFA = Terms(second_factor=True)


@pytest.mark.parametrize(
    ("terms", "miss"),
    [
        ({}, ""),
        ({"state": "disabled"}, "disabled"),
        ({"state": "enabledForReportingButNotEnforced"}, ""),
        ({"users": only("aya")}, ""),
        ({"users": only("ken")}, "user"),
        ({"users": only(ALL, but=("aya",))}, "user"),
        ({"users": only("ken"), "groups": only("finance")}, ""),
        ({"users": Which(), "groups": only("sales")}, "user"),
        ({"users": only("aya"), "groups": Which(exclude=("finance",))}, "user"),
        ({"users": Which()}, "user"),
        ({"clients": only("page")}, ""),
        ({"clients": only("other")}, "client"),
        ({"clients": only(ALL, but=("page",))}, "client"),
        ({"apis": only("api-b")}, ""),
        ({"apis": only("api-c")}, "api"),
        ({"apis": only(ALL, but=("api-b",))}, "api"),
        ({"networks": only("203.0.113.0/24")}, ""),
        ({"networks": only("198.51.100.0/24")}, "network"),
        ({"networks": only(ALL, but=("203.0.113.0/24",))}, "network"),
        ({"networks": only(ALL, but=("198.51.100.0/24",))}, ""),
        ({"networks": only("nonsense")}, "network"),
        ({"contexts": ("c1",)}, "context"),
    ],
)
def test_each_condition_holds_or_not(terms: dict[str, object], miss: str) -> None:
    """The first one that does not hold says why; whoever is left out by anything is left out."""
    assert found(replace(BLOCK, **terms))[0] == miss


@pytest.mark.parametrize(
    ("address", "miss"),
    [
        ("203.0.113.7", ""),
        ("::ffff:203.0.113.7", ""),
        ("::ffff:cb00:7107", ""),
        ("2001:db8::7", "network"),
        ("::203.0.113.7", "network"),
        ("", ""),
        ("no address", "network"),
    ],
)
def test_an_address_is_the_same_in_both_families(address: str, miss: str) -> None:
    """One of IPv4 in the clothes of IPv6 is one of IPv4; one that is not known may be any."""
    assert found(replace(BLOCK, networks=only("203.0.113.0/24")), address=address)[0] == miss


def test_an_unknown_address_is_in_no_network_that_is_left_out() -> None:
    """Whoever hides where they are is not at the office; networks of IPv6 hold addresses of IPv6."""
    outside = replace(BLOCK, networks=only(ALL, but=("203.0.113.0/24", "2001:db8::/32")))
    assert found(outside, address="") == ("", ("block",))
    assert found(outside, address="2001:db8::1")[0] == "network"
    assert found(outside, address="::ffff:203.0.113.1")[0] == "network"
    mapped = replace(BLOCK, networks=only("::ffff:203.0.113.0/120"))
    assert found(mapped, address="::ffff:203.0.113.1") == ("", ("block",))


@pytest.mark.parametrize(
    ("terms", "fields", "unmet"),
    [
        (BLOCK, {"amr": ("pwd", "otp", "mfa")}, ("block",)),
        (MFA, {}, ("second_factor",)),
        (MFA, {"amr": ("pwd", "otp")}, ("second_factor",)),
        (MFA, {"amr": ("pwd", "otp", "mfa")}, ()),
        (Terms(context="c1"), {}, ("context",)),
        (Terms(context="c1"), {"asked": frozenset(("c1",))}, ("context",)),
        (Terms(context="c1"), {"proved": frozenset(("c1",))}, ()),
        (Terms(context="c1"), {"proved": frozenset(("c2",))}, ("context",)),
        (Terms(max_age=101), {}, ()),
        (Terms(max_age=100), {}, ("max_age",)),
        (Terms(max_age=60), {"auth_time": 0}, ("max_age",)),
        (Terms(second_factor=True, max_age=60, context="c1"), {}, ("second_factor", "context", "max_age")),
    ],
)
def test_each_demand_is_met_or_not(terms: Terms, fields: dict[str, object], unmet: tuple[str, ...]) -> None:
    """A block never is; a sign-in of an unknown age is too old."""
    assert found(terms, **fields) == ("", unmet)


def test_where_no_api_is_asked_for_one_for_every_api_holds() -> None:
    """Signing in alone is something, too."""
    assert found(BLOCK, apis=())[0] == ""
    assert found(replace(BLOCK, apis=only("api-b")), apis=())[0] == "api"


def test_a_policy_for_contexts_holds_where_one_is_asked_for() -> None:
    """And nowhere else."""
    terms = Terms(contexts=("c1", "c2"), second_factor=True)
    assert found(terms, asked=frozenset(("c2",))) == ("", ("second_factor",))
    assert found(terms, asked=frozenset(("c3",)))[0] == "context"


@pytest.mark.parametrize(
    ("terms", "miss"),
    [
        ({"apis": only("api-c")}, ""),
        ({"clients": only("other")}, ""),
        ({"contexts": ("c1",)}, ""),
        ({"state": "disabled"}, "disabled"),
        ({"users": only("ken")}, "user"),
        ({"users": only(ALL, but=("aya",))}, "user"),
        ({"networks": only("198.51.100.0/24")}, "network"),
    ],
)
def test_a_named_policy_was_met_by_another_request(terms: dict[str, object], miss: str) -> None:
    """Its API, its application and its contexts were asked for elsewhere; people and places are the same."""
    assert found(replace(MFA, **terms), named=frozenset(("p",)))[0] == miss


def test_the_strictest_that_holds_wins() -> None:
    """All are gathered; only watched ones stand in nobody's way."""
    policies = {
        "1": Terms(second_factor=True),
        "2": Terms(context="c1", max_age=50),
        "3": Terms(max_age=70),
        "4": Terms(block=True, state="enabledForReportingButNotEnforced"),
        "5": Terms(block=True, state="disabled"),
        "6": Terms(context="c1"),
        "7": Terms(second_factor=True, users=only("ken")),
    }
    verdict = decide(policies, facts())
    assert verdict.ids == ("1", "2", "3", "6")
    assert (verdict.contexts, verdict.max_age) == (("c1",), 50)
    assert verdict.demands("second_factor")
    assert not verdict.demands("block")
    assert [each.id for each in verdict.watched] == ["4"]
    assert (NOTHING.ids, NOTHING.max_age, NOTHING.watched) == ((), None, ())


@pytest.mark.parametrize(
    ("clients", "unmet"),
    [
        (EVERYTHING, ("second_factor", "max_age")),
        (only(HOME), ("block", "second_factor", "context", "max_age")),
    ],
)
def test_nobody_is_kept_from_mending(clients: Which, unmet: tuple[str, ...]) -> None:
    """An owner at the dashboard is let in by a policy that does not name it; what they can do they do."""
    terms = Terms(block=True, second_factor=True, context="c9", max_age=60, clients=clients)
    assert found(terms, client=HOME, is_mender=True) == ("", unmet)
    assert found(terms, client=HOME)[1][0] == "block"


@pytest.mark.parametrize(
    ("state", "known"),
    [("enabled", {"c1"}), ("enabledForReportingButNotEnforced", set()), ("disabled", set())],
)
def test_contexts_are_those_that_policies_are_for(state: State, known: set[str]) -> None:
    """One that a policy only asks for is none, nor one that is only watched: nothing was proved by it."""
    policies = {"1": Terms(contexts=("c1",), state=state), "2": Terms(context="c2")}
    assert contexts_of(policies) == known


def test_one_of_several_names_is_enough() -> None:
    """A thing is meant by any of its names, and left out by any."""
    assert only("a").takes("a", "b")
    assert not only(ALL, but=("b",)).takes("a", "b")
    assert not Which().takes("a")
