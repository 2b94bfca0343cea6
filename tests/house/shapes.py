"""The shapes that the house allows: imports, docstrings, state, inheritance, clocks."""

import ast
import builtins
from collections.abc import Iterable, Iterator

from tests.house.source import Source

EXCEPTIONS = frozenset(
    name
    for name, thing in vars(builtins).items()
    if isinstance(thing, type) and issubclass(thing, BaseException)
)
ENUMS = frozenset({"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"})
MEMORY = frozenset({"Artifact", "Record"})  # the two kinds of what is remembered
ROWS = frozenset({"NamedTuple"})  # a value that is the parameters of a statement, too
ROOTS = EXCEPTIONS | ENUMS | MEMORY | ROWS | {"Protocol", "Struct"}
HEIRS = EXCEPTIONS | MEMORY  # what inherits from these may be inherited from
READ_ONLY = frozenset({"Mapping", "Sequence", "Collection", "Iterable", "AbstractSet", "Set"})
MUTABLE_LITERALS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MUTABLE_CALLS = frozenset(
    {"dict", "list", "set", "bytearray", "defaultdict", "deque", "OrderedDict", "Counter", "ChainMap"}
    | {"WeakKeyDictionary", "WeakValueDictionary", "WeakSet", "ContextVar", "local", "count", "cycle"}
    | {"Lock", "RLock", "Semaphore", "Event", "Condition", "Queue"}
)
CACHES = frozenset({"cache", "lru_cache", "cached", "alru_cache"})
CLOCKS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
    | {"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.localtime", "time.gmtime"}
)


def last(node: ast.expr) -> str:
    """The last part of a name, of what is called or subscribed."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return last(inner)
        case _:
            return ""


def imports_are_absolute(source: Source) -> Iterator[str]:
    """Imports are absolute."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield source.at(node, "relative import")


def nothing_is_exported_again(source: Source) -> Iterator[str]:
    """A name lives in one place: no module, no folder shows what it only imports."""
    ours = imported(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            yield from (source.at(node, f"re-export of {alias.name}") for alias in node.names if again(alias))
        if isinstance(node, ast.Assign) and named(node, "__all__"):
            shown = {text.value for text in ast.walk(node.value) if isinstance(text, ast.Constant)}
            yield from (source.at(node, f"re-export of {name}") for name in sorted(ours.keys() & shown))
    if source.is_init:
        yield from unused_in_init(source, ours)


def again(alias: ast.alias) -> bool:
    """Whether an import passes a name on: `*`, or `x as x`."""
    return alias.name in {"*", alias.asname}


def unused_in_init(source: Source, ours: dict[str, ast.stmt]) -> Iterator[str]:
    """What a folder's __init__ imports and does not use, or passes on under the same name."""
    used = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)}
    for name, statement in ours.items():
        if name not in used:
            yield source.at(statement, f"re-export of {name}")
    for node in source.tree.body:
        attribute = node.value if isinstance(node, ast.Assign) else None
        if (
            isinstance(node, ast.Assign)
            and isinstance(attribute, ast.Attribute)
            and named(node, attribute.attr)
        ):
            yield source.at(node, f"re-export of {attribute.attr}")


def imported(tree: ast.Module) -> dict[str, ast.stmt]:
    """The names that a module binds by importing."""
    return {
        (alias.asname or alias.name).partition(".")[0]: node
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def named(node: ast.Assign, name: str) -> bool:
    """Whether an assignment gives this name."""
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def module_has_no_state(source: Source) -> Iterator[str]:
    """A module keeps no state: tables are read-only by their type, nothing is global, nothing is cached."""
    for line in source.tree.body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and line.value and is_mutable(line):
            yield source.at(line, f"mutable state of a module: {ast.unparse(line)[:60]}")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield source.at(node, f"global {', '.join(node.names)}")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = [mark for mark in node.decorator_list if last(mark) in CACHES]
            yield from (source.at(mark, f"a cache is state of the module: {node.name}") for mark in marks)


def is_mutable(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether a module's assignment makes something that can change."""
    if isinstance(node, ast.Assign) and named(node, "__all__"):
        return False
    if isinstance(node.value, ast.Call):
        return last(node.value) in MUTABLE_CALLS
    return isinstance(node.value, MUTABLE_LITERALS) and not is_read_only(node)


def is_read_only(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether the annotation forbids change, as Mapping does."""
    if not isinstance(node, ast.AnnAssign):
        return False
    inner = node.annotation
    if isinstance(inner, ast.Subscript) and last(inner) == "Final":
        inner = inner.slice
    return last(inner) in READ_ONLY


def module_says_what_it_is(source: Source) -> Iterator[str]:
    """A module has a docstring of one line."""
    text = ast.get_docstring(source.tree, clean=False)
    if not text or not text.strip():
        yield f"{source.path}:1: no module docstring"
    elif "\n" in text:
        yield f"{source.path}:1: the module docstring has more than one line"


def nobody_inherits(sources: Iterable[Source]) -> Iterator[str]:
    """Only artifacts, exceptions, protocols, enums and structs inherit."""
    files = list(sources)
    classes = [
        (file, node) for file in files for node in ast.walk(file.tree) if isinstance(node, ast.ClassDef)
    ]
    heirs = exception_and_artifact_names([node for _, node in classes])
    for file, node in classes:
        for found in strangers(node, heirs):
            yield file.at(node, f"{node.name} inherits from {found}")


def exception_and_artifact_names(classes: list[ast.ClassDef]) -> frozenset[str]:
    """The names of all exceptions and artifacts, ours included."""
    heirs = HEIRS
    while more := {node.name for node in classes if {last(base) for base in node.bases} & heirs} - heirs:
        heirs |= more
    return heirs


def strangers(node: ast.ClassDef, heirs: frozenset[str]) -> list[str]:
    """The bases that a class may not have."""
    bases = [last(base) for base in node.bases]
    if "Protocol" in bases:  # protocols may be made of protocols
        return []
    return [name for name in bases if name not in ROOTS | heirs | {"Generic"} and not name.endswith("Error")]


def rules_take_the_time_as_an_argument(source: Source) -> Iterator[str]:
    """Nothing in spec reads a clock: rules take `now`."""
    if "/spec/" not in f"/{source.path}":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and f"{last(node.value)}.{node.attr}" in CLOCKS:
            yield source.at(node, f"reads a clock: {ast.unparse(node)}")
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield source.at(node, "imports from time")
