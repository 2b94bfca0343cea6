"""What an expression can cost at worst, before it is evaluated: an upper bound, from its tree alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sekisho.spec.claim_rule.tree import Node, mentions

# What an expression is told, as JSON, and how many members any list or object in it may have.
MOST_TOLD = 32 * 1024
MOST_MEMBERS = 256
# A step is about ten nanoseconds.
MOST_STEPS = 3_000_000
MOST_NESTED = 2
# What is made on the way to a result, and the result, in bytes.
MOST_MADE = 4 * 1024 * 1024
NAMES = ("user", "client", "request")

_STEP = 5
_NUMBER = 24


class Costly(Exception):
    """It may take too long."""


class Unknown(Exception):
    """It names something that is not offered."""


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so large, with so many members, so many in whatever is inside, after so many steps."""

    size: int = 1
    members: int = 0
    inside: int = 0
    steps: int = _STEP

    def after(self, steps: int) -> "Bound":
        """The same, later."""
        return replace(self, steps=self.steps + steps)

    @property
    def widest(self) -> int:
        """The most members that it or anything in it has."""
        return max(self.members, self.inside)


Args = tuple[Bound, ...]
Scope = Mapping[str, Bound]


def _sizes(args: Args) -> int:
    return sum(arg.size for arg in args)


def _product(args: Args) -> int:
    return args[0].size * args[1].size if len(args) > 1 else 0


def _joined(args: Args) -> Bound:
    """Two texts, or the members of two lists: those are copied one by one."""
    members = sum(arg.members for arg in args)
    both = Bound(_sizes(args) + 1, members, max(arg.inside for arg in args))
    return both.after(both.size // 32 + 4 * members)


def _decided(args: Args) -> Bound:
    return Bound()


def _chosen(args: Args) -> Bound:
    """One of two."""
    widest = (max(arg.members for arg in args), max(arg.inside for arg in args))
    return Bound(max(arg.size for arg in args), *widest)


def _within(args: Args) -> Bound:
    """What is in something."""
    return Bound(args[0].size, args[0].inside, args[0].inside)


def _compared(args: Args) -> Bound:
    """Member by member, however deep."""
    return Bound().after(2 * _sizes(args))


def _begun(args: Args) -> Bound:
    return Bound().after(_sizes(args) // 20)


def _counted(args: Args) -> Bound:
    return Bound(_NUMBER).after(_sizes(args) // 10)


def _written(args: Args) -> Bound:
    """A text out of another; each letter of it is looked at."""
    return Bound(_sizes(args) + _NUMBER).after(_sizes(args) // 5)


def _sought(args: Args) -> Bound:
    """One text in another: at worst, each byte of one is compared with each of the other."""
    return Bound(_NUMBER).after(_sizes(args) // 50 + _product(args) // 1_000)


def _split(args: Args) -> Bound:
    pieces = args[0].size + 1
    return Bound(2 * pieces, pieces).after(8 * pieces + _product(args) // 1_000)


def _put_together(args: Args) -> Bound:
    whole = args[0].size + (args[1].size * args[0].members if len(args) > 1 else 0)
    return Bound(whole).after(whole // 5 + 8 * args[0].members)


def _replaced(args: Args) -> Bound:
    whole = args[0].size + (args[0].size + 1) * args[2].size
    return Bound(whole).after(whole // 5 + _product(args) // 1_000)


def _table(*rows: tuple[Callable[[Args], Bound], str]) -> Mapping[str, Callable[[Args], Bound]]:
    return {name: rule for rule, names in rows for name in names.split()}


# Everything that is offered: what is missing here is refused, `matches` because a pattern of a few letters
# can be a machine of many megabytes.
CALLS: Mapping[str, Callable[[Args], Bound]] = _table(
    (_joined, "_+_"),
    (_decided, "_&&_ _||_ !_ @not_strictly_false"),
    (_compared, "_==_ _!=_ _<_ _<=_ _>_ _>=_ @in"),
    (_begun, "startsWith endsWith"),
    (_counted, "_-_ _*_ _/_ _%_ -_ size int double"),
    (_sought, "contains indexOf lastIndexOf"),
    (_chosen, "_?_:_ dyn bool"),
    (_within, "_[_]"),
    (_written, "string lowerAscii upperAscii trim substring charAt"),
    (_split, "split"),
    (_put_together, "join"),
    (_replaced, "replace"),
)
# Twice as much of these costs more than twice as much, or makes more than twice as much.
_STEEP = frozenset(("contains", "indexOf", "lastIndexOf", "split", "replace", "join"))
_GROWING = frozenset(("replace", "join"))


def steps(tree: Node) -> int:
    """How many an evaluation takes at worst; refused where that is too many."""
    _is_shallow(tree)
    told = Bound(MOST_TOLD, MOST_MEMBERS, MOST_MEMBERS)
    found = _bound(tree, dict.fromkeys(NAMES, told)).steps
    if found > MOST_STEPS:
        raise Costly(f"at worst it takes {found} steps, and {MOST_STEPS} are the most")
    return found


def _is_shallow(node: Node, outside: int = 0) -> None:
    """A macro in a macro is measured; another one in that is no rule for a claim."""
    if node.kind == "fold" and outside == MOST_NESTED:
        raise Costly("macros are nested too deeply")
    for place, part in enumerate(node.parts):
        _is_shallow(part, outside + (node.kind == "fold" and place > 0))


def _bound(node: Node, scope: Scope) -> Bound:
    found = _part(node, scope)
    if found.size > MOST_MADE:
        raise Costly(f"at worst it makes {found.size} bytes, and {MOST_MADE} are the most")
    return found


def _part(node: Node, scope: Scope) -> Bound:
    if node.kind == "literal":
        return Bound(node.size)
    if node.kind == "name":
        if node.name not in scope:
            raise Unknown(node.name)
        return replace(scope[node.name], steps=_STEP)
    if node.kind == "fold":
        return _fold(node, scope)
    return _made(node, tuple(_bound(part, scope) for part in node.parts))


def _made(node: Node, parts: Args) -> Bound:
    """What a call makes of its arguments, a list or a map of its members, a look into what is there."""
    before = sum(part.steps for part in parts)
    if node.kind == "call":
        if node.name not in CALLS:
            raise Unknown(node.name)
        return CALLS[node.name](parts).after(before)
    if node.kind == "member":
        return _within(parts).after(before)
    inside = max((part.widest for part in parts), default=0)
    return Bound(_sizes(parts) + 2, len(parts), inside).after(before + 4 * len(parts))


def _fold(node: Node, scope: Scope) -> Bound:
    """A macro: once for each element. What grows in it grows by the same at each of them."""
    over, start = (_bound(part, scope) for part in node.parts[:2])
    condition, step, result = node.parts[2:]
    times = max(1, over.members)
    share = over.size // times + 1
    # All elements together are no larger than what they are in: the average says it where costs are linear.
    grows = over.size if _mentions(step, _GROWING) else share
    costs = over.size if _mentions(step, _STEEP) or _mentions(condition, _STEEP) else share
    element = Bound(grows, over.inside, over.inside)
    more = _bound(step, {**scope, node.name: element, node.sum: Bound(0)})
    widest = (start.members + times * more.members, max(start.inside, more.inside))
    whole = Bound(start.size + times * more.size, *widest)
    inner = {**scope, node.name: replace(element, size=costs), node.sum: whole}
    each = _bound(condition, inner).steps + _bound(step, inner).steps
    done = _bound(result, {**scope, node.sum: whole})
    return done.after(over.steps + start.steps + times * each)


def _mentions(node: Node, names: frozenset[str]) -> bool:
    """It, or a part of it, is one of these, or a macro of its own."""
    return mentions(node, "call", names) or _has_macro(node)


def _has_macro(node: Node) -> bool:
    return node.kind == "fold" or any(map(_has_macro, node.parts))
