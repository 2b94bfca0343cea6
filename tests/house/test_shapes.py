"""The source has the shapes of the house, and each check finds what has not."""

import pytest

from tests.house import shapes
from tests.house.source import PACKAGE, Check, findings, read, sources

CHECKS = [
    shapes.imports_are_absolute,
    shapes.nothing_is_exported_again,
    shapes.module_has_no_state,
    shapes.module_says_what_it_is,
    shapes.rules_take_the_time_as_an_argument,
]
INIT = "src/sekisho/oauth/grants/__init__.py"
PLANTED = [
    (shapes.imports_are_absolute, "from . import x"),
    (shapes.imports_are_absolute, "def f():\n    from ..a import x"),
    (shapes.nothing_is_exported_again, "from a import *"),
    (shapes.nothing_is_exported_again, "from a import b as b"),
    (shapes.nothing_is_exported_again, "from a import b\n__all__ = ['b']"),
    (shapes.module_has_no_state, "cache = {}"),
    (shapes.module_has_no_state, "SEEN: dict[str, int] = {}"),
    (shapes.module_has_no_state, "SEEN: Final[list[str]] = []"),
    (shapes.module_has_no_state, "names = [n for n in x]"),
    (shapes.module_has_no_state, "seen = set()"),
    (shapes.module_has_no_state, "seen = collections.defaultdict(list)"),
    (shapes.module_has_no_state, "current: ContextVar[str] = ContextVar('x')"),
    (shapes.module_has_no_state, "lock = asyncio.Lock()"),
    (shapes.module_has_no_state, "def f():\n    global x"),
    (shapes.module_has_no_state, "@functools.lru_cache(maxsize=2)\ndef f(): ..."),
    (shapes.module_has_no_state, "@cache\ndef f(): ..."),
    (shapes.module_says_what_it_is, "x = 1"),
    (shapes.module_says_what_it_is, '"""One line.\n\nAnd more."""'),
    (shapes.rules_take_the_time_as_an_argument, "import datetime\nx = datetime.datetime.now()"),
    (shapes.rules_take_the_time_as_an_argument, "now = time.time"),
    (shapes.rules_take_the_time_as_an_argument, "x = time.monotonic()"),
    (shapes.rules_take_the_time_as_an_argument, "from time import time"),
]
PLANTED_INIT = ["from sekisho.a import B", "from sekisho import a\nB = a.B", "import sekisho.a"]
ALLOWED = [
    (shapes.nothing_is_exported_again, INIT, "from a import b\nGRANTS: Mapping[str, Grant] = {'b': b.grant}"),
    (shapes.nothing_is_exported_again, "src/sekisho/x.py", "from a import b\n__all__ = ['c']\nc = b()"),
    (shapes.module_has_no_state, INIT, "GRANTS: Mapping[str, Grant] = {}"),
    (shapes.module_has_no_state, INIT, "GRANTS: Final[Mapping[str, Grant]] = {}"),
    (shapes.module_has_no_state, INIT, "GRANTS = MappingProxyType({'a': 1})"),
    (shapes.module_has_no_state, INIT, "KINDS = frozenset({'a'})"),
    (shapes.module_has_no_state, INIT, "RULES = (a, b)"),
    (shapes.module_has_no_state, INIT, "def f():\n    seen = []"),
    (shapes.module_says_what_it_is, INIT, '"""One line, RFC 6749."""'),
    (shapes.rules_take_the_time_as_an_argument, "src/sekisho/keys/x.py", "x = time.time()"),
    (shapes.rules_take_the_time_as_an_argument, "src/sekisho/spec/x.py", "def f(now):\n    return now.time"),
]
HEIRS = [
    "class A(B): ...",
    "class A(dict): ...",
    "class A(Store): ...",
    "class Store(Protocol): ...\nclass A(Store): ...",
    "class S(Struct): ...\nclass A(S): ...",
]
ENTITLED = [
    "class Code(Artifact): ...",
    "class Code(Artifact): ...\nclass Special(Code): ...",
    "class Refused(Exception): ...\nclass Late(Refused): ...",
    "class Late(asyncpg.PostgresError): ...",
    "class Port(Protocol[A]): ...",
    "class Clients(Protocol): ...\nclass All(Clients, Protocol): ...",
    "class Kind(enum.StrEnum): ...",
    "class Body(msgspec.Struct, frozen=True): ...",
    "class Page(Generic[T]): ...",
    "class Plain: ...",
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_source_has_the_shapes_of_the_house(check: Check):
    """Imports are absolute, nothing is exported twice, modules are stateless and say what they are."""
    assert findings(check, sources(PACKAGE)) == []


def test_source_does_not_inherit():
    """Only artifacts, exceptions, protocols, enums and structs inherit."""
    assert list(shapes.nobody_inherits(sources(PACKAGE))) == []


@pytest.mark.parametrize(("check", "text"), PLANTED)
def test_finds_another_shape(check: Check, text: str):
    """Each other shape is found."""
    assert len(list(check(read(text)))) == 1


@pytest.mark.parametrize("text", PLANTED_INIT)
def test_finds_what_a_folder_only_passes_on(text: str):
    """A folder's __init__ that passes on what it imports is found."""
    assert list(shapes.nothing_is_exported_again(read(text, INIT)))


@pytest.mark.parametrize(("check", "path", "text"), ALLOWED)
def test_leaves_the_shapes_of_the_house(check: Check, path: str, text: str):
    """What the house allows passes."""
    assert list(check(read(text, path))) == []


@pytest.mark.parametrize("text", HEIRS)
def test_finds_inheritance(text: str):
    """A class that inherits without being entitled to it is found."""
    assert len(list(shapes.nobody_inherits([read(text)]))) == 1


@pytest.mark.parametrize("text", ENTITLED)
def test_leaves_those_who_may_inherit(text: str):
    """Artifacts, exceptions, protocols, enums and structs may inherit."""
    assert list(shapes.nobody_inherits([read(text)])) == []
