"""Where a rule stands among others: what held before it refused, and what was not reached."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from sekisho.spec.authorization import rules

# The rules of a module that are held in a fixed order.
TRAILS: Mapping[str, tuple[str, ...]] = {
    "spec.authorization.rules": tuple(rule.__name__ for rule in rules.RULES),
}


class Step(NamedTuple):
    """A rule by its name, and what became of it."""

    name: str
    state: Literal["held", "refused", "unreached"]


def trail(rule: str) -> tuple[Step, ...]:
    """The rules around the one that refused; that one alone where no order of its module is known."""
    module, _, name = rule.rpartition(".")
    order = TRAILS.get(module, ())
    if name not in order:
        return (Step(name, "refused"),) if name else ()
    place = order.index(name)
    return (
        *(Step(each, "held") for each in order[:place]),
        Step(name, "refused"),
        *(Step(each, "unreached") for each in order[place + 1 :]),
    )
