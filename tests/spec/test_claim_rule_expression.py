"""What rules may ask, what it may cost, and what may come of it."""

import random
import sys
import time
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from sekisho.spec.claim_rule import cost, expression, tree
from sekisho.spec.claim_rule.expression import Language, Told, Unresolved
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import EXPRESSION_COSTLY, EXPRESSION_MALFORMED

AYA: dict[str, Any] = {
    "user_id": "auth0|aya",
    "email": "Aya@example.com",
    "name": "Aya",
    "roles": ["app:clerk", "admin"],
    "user_metadata": {"favorite_color": "blue", "shoe": {"size": 40.5}, "none": None, "flags": [True, None]},
    "app_metadata": {},
    "identities": [{"connection": "db"}],
}
CLIENT = {"client_id": "web", "name": "Web", "metadata": {"team": "sales"}}
REQUEST = {"scopes": ["openid", "read:things"], "audience": "https://api.example.com", "grant_type": None}
SAID = (
    ("user.user_metadata.favorite_color", "blue"),
    ("user.user_metadata.shoe.size", 40.5),
    ("user.user_metadata.shoe", {"size": 40.5}),
    ("user.user_metadata.flags", [True]),
    ("user.roles", ["app:clerk", "admin"]),
    ("user.roles.filter(r, r.startsWith('app:')).map(r, r.substring(4))", ["clerk"]),
    ("user.roles.exists(r, r == 'admin')", True),
    ("user.roles.exists_one(r, r.contains('x') || r.endsWith('min'))", True),
    ("user.roles.all(r, size(r) > 5)", False),
    ("user.roles.map(r, {'name': r, 'long': r.size() > 5})[1]", {"name": "admin", "long": False}),
    ("[1, 2].map(x, user.roles.map(r, r + string(x)).join(' '))", ["app:clerk1 admin1", "app:clerk2 admin2"]),
    ("user.email.lowerAscii().split('@')[1]", "example.com"),
    ("user.name.replace('A', 'O').upperAscii() + user.name.charAt(0).trim()", "OYAA"),
    ("user.name.indexOf('y') * 2 - user.name.lastIndexOf('a') / 1 % 3 + int('1') - -1", 2),
    ("double(user.user_metadata.shoe.size) < 41.0 && !(bool('false')) ? 'small' : 'large'", "small"),
    ("user.app_metadata == {} || user != dyn(1)", True),
    ("'read:things' in request.scopes", True),
    ("client.metadata.team + ':' + client.client_id", "sales:web"),
    ("{'plan': has(user.app_metadata.plan) ? user.app_metadata.plan : 'free'}", {"plan": "free"}),
    ("has(user.user_metadata.none) ? dyn('there') : null", None),
    ("has(request.grant_type) ? dyn(1) : (has(user.name) ? null : dyn(2))", None),
    ("null", None),
    ("user['name']", "Aya"),
    ("9223372036854775807", 9223372036854775807),
    ("18446744073709551615u", 18446744073709551615),
    ("'\u95a2\u6240'", "\u95a2\u6240"),
)
MALFORMED = (
    *("", " ", "1 +", "nope", "nope(1)", "user.", "client + 1", "user[1]", "user\n.name", "x" * 1_001),
    *("(" * 40 + "1" + ")" * 40, "1" + "+1" * 100, "google.protobuf.Timestamp{seconds: 1}"),
    *("timestamp('2020-01-01T00:00:00Z')", "duration('1h')", "user.name.matches('(a+)+$')", "type(1)", "int"),
    *("'%s'.format([user.name])", "strings.quote(user.name)", "bytes('x')", "uint(1)", "user.?name"),
    *("[null]", "{'a': null}", "user.roles.map(r, null)", "user.name == null", "[true ? null : dyn(1)]"),
    *(
        "dyn(null)",
        "(null == null) ? 1 : 2",
        "import('os')",
        "__import__('os')",
        "user.__class__()",
        "''.__class__.x()",
    ),
    *("open('/etc/passwd')", "env('HOME')", "request.get('http://127.0.0.1/')", "cel.bind(x, 1, x)"),
)
COSTLY = (
    "user.roles.map(a, user.roles.map(b, a + b))",
    "user.a.all(x, user.a.all(y, user.a.all(z, true)))",
    "[1].all(a, [1].all(b, [1].all(c, true)))",
    "user.roles.all(a, user.roles.all(b, a != b))",
    "user.name.split('').map(c, c)",
    "user.a.replace(user.b, user.c)",
    "['x'].map(a, a + a)" + ".map(a, a + a)" * 29,
    "[user.roles].map(a, a + a)" + ".map(a, a + a)" * 12,
    "user.roles.map(r, r.contains(user.name)).map(r, user.name.contains(user.email))",
    "[user, user].map(a, [a, a, a, a, a, a, a, a]).map(a, [a, a, a, a, a, a, a, a, a, a, a, a])",
)
UNRESOLVED = (
    *("user.nothing", "user.roles[7]", "1 / 0", "9223372036854775807 + 1", "user.name + 1", "int('x')"),
    *("b'x'", "[b'x']", "{1: 2}", "{true: 1}", "double('nan')", "double('inf')", "[double('-inf')]"),
    *("[[[[[[[[[1]]]]]]]]]", "{'a': [{'b': user.nothing}]}", "user.name ? 1 : 2"),
)


@pytest.fixture(scope="module")
def language() -> Language:
    """One for all of them."""
    return Language()


def told(language: Language, **more: object) -> Told:
    """What is told of Aya, who may have more to tell."""
    return language.told({**AYA, **more}, CLIENT, REQUEST)


def refusal(language: Language, text: str) -> Refused:
    """Why a text is no expression of a rule."""
    with pytest.raises(Refused) as refused:
        language.compiled(text)
    return refused.value


@pytest.mark.parametrize(("text", "said"), SAID)
def test_an_expression_says_json(language: Language, text: str, said: object) -> None:
    """Whatever is offered works on what is told, and null says nothing."""
    value = expression.value(language.compiled(text), told(language))
    assert value == said
    assert msgspec.json.decode(msgspec.json.encode(value)) == said


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_not_offered_is_refused(language: Language, text: str) -> None:
    """Neither what cannot be read, nor what reaches for anything else, nor a null inside of something."""
    refused = refusal(language, text)
    assert refused.reason is EXPRESSION_MALFORMED
    assert refused.text
    assert len(refused.text) < 400


@pytest.mark.parametrize("text", COSTLY)
def test_what_may_take_too_long_is_refused(language: Language, text: str) -> None:
    """The worst case over the largest person is reckoned beforehand, in steps and in bytes."""
    assert refusal(language, text).reason is EXPRESSION_COSTLY


@pytest.mark.parametrize("text", UNRESOLVED)
def test_what_says_no_json_says_nothing(language: Language, text: str) -> None:
    """What is missing, what overflows and what JSON has no word for is left out, with the reason."""
    compiled = language.compiled(text)
    with pytest.raises(Unresolved, match=r"."):
        expression.value(compiled, told(language))


def test_a_value_is_bounded(language: Language) -> None:
    """One claim has 16 KiB at most."""
    large = told(language, name="x" * expression.LARGEST_VALUE)
    with pytest.raises(Unresolved, match="more than 16384 bytes"):
        expression.value(language.compiled("user.name"), large)
    fits = told(language, name="x" * (expression.LARGEST_VALUE - 2))
    assert expression.value(language.compiled("user.name"), fits)


def test_without_a_person_nothing_is_asked_of_one(language: Language) -> None:
    """A machine's token has the claims that need nobody."""
    machine = language.told(None, CLIENT, REQUEST)
    assert expression.value(language.compiled("user.name"), machine) is None
    assert expression.value(language.compiled("has(user.name) || true"), machine) is None
    assert expression.value(language.compiled("client.name"), machine) == "Web"


def test_what_is_told_is_bounded(language: Language) -> None:
    """No more bytes, members or depth than the reckoning has; and JSON."""
    deep: object = "x"
    for _ in range(expression.DEEPEST_TOLD):
        deep = [deep]
    endless: list[object] = []
    endless.append(endless)
    for many, why in (
        ("x" * cost.MOST_TOLD, "bytes"),
        ([1] * (cost.MOST_MEMBERS + 1), "members"),
        ({str(each): 1 for each in range(cost.MOST_MEMBERS + 1)}, "members"),
        (deep, "deep"),
        (endless, "RecursionError"),
        ("\ud800", "UnicodeEncodeError"),
        (object(), "TypeError"),
    ):
        with pytest.raises(Unresolved, match=why):
            told(language, many=many)
    assert told(language, many=[1] * cost.MOST_MEMBERS)


def test_numbers_that_are_too_large_say_nothing(language: Language) -> None:
    """An integer of more than 64 bits is nobody's."""
    with pytest.raises(Unresolved):
        expression.value(language.compiled("user.n"), told(language, n=2**70))


def test_a_text_is_compiled_once(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compiled is kept, the latest ones, and no more than there is room for."""
    monkeypatch.setattr(expression, "MOST_COMPILED", 2)
    here = Language()
    first, second = here.compiled("1"), here.compiled("2")
    assert here.compiled("1") is first
    here.compiled("3")
    assert here.compiled("1") is first
    assert here.compiled("2") is not second


def test_null_never_wears_out(language: Language) -> None:
    """The library gives None back once too often where it converts a null: here it never does."""
    texts = ("null", "user.user_metadata", "user.user_metadata.flags", "true ? null : dyn(1)", "user")
    compiled = [language.compiled(text) for text in texts]
    here = told(language)
    before = sys.getrefcount(None)
    for _ in range(500):
        for each in compiled:
            try:
                expression.value(each, here)
            except Unresolved:
                continue
    assert abs(sys.getrefcount(None) - before) < 300


WORST: dict[str, dict[str, Any]] = {
    "wide": {"l": [f"ab{n:05}" + "a" * 100 for n in range(256)], "s": "a" * 3_000, "t": "a" * 400 + "b"},
    "long": {"l": ["a", "b"], "s": "a" * 24_000, "t": "a" * 7_000 + "b"},
    "nested": {"l": [[["a"] * 2] * 20] * 120, "s": "a" * 3_000, "t": "\u00e9" * 1_000},
}
NEAR = (
    "(user.l + user.l).map(x, x)",
    "user.s.contains(user.t)",
    "user.s.split('')",
    "user.l.filter(a, a != 'x').map(a, a).map(a, a)",
    "user.l.all(a, user.l.all(b, true))",
    "user.l.map(a, a) == user.l.map(b, b)",
    " && ".join(["user == user"] * 20),
    "user.l.exists(r, r.contains('aaab') || r.contains('aab'))",
)


@pytest.mark.parametrize("facts", WORST.values(), ids=WORST)
def test_the_reckoning_holds(language: Language, facts: dict[str, object]) -> None:
    """What is just cheap enough is done in milliseconds, whomever it is about."""
    here = language.told(facts, CLIENT, REQUEST)
    for text in NEAR:
        compiled, took = language.compiled(text), []
        for _ in range(3):
            began = time.thread_time()
            with suppress(Unresolved):
                expression.value(compiled, here)
            took.append(time.thread_time() - began)
        assert min(took) < 0.05, text


def test_what_strangers_invent_breaks_nothing(language: Language) -> None:
    """Expressions of every shape are refused, say JSON, or say nothing."""
    dice = random.Random(8)
    everybody: tuple[dict[str, Any], ...] = (AYA, *WORST.values())
    here = [language.told(facts, CLIENT, REQUEST) for facts in everybody]
    tried = 0
    for _ in range(4_000):
        text = invented(dice, dice.randrange(2, 5))
        try:
            compiled = language.compiled(text)
        except Refused:
            continue
        for each in here:
            tried += 1
            with suppress(Unresolved):
                msgspec.json.encode(expression.value(compiled, each))
    assert tried > 1_000


LEAVES = (
    "user.l",
    "user.s",
    "user.t",
    "user",
    "user.roles",
    "'a'",
    "''",
    "1",
    "-1",
    "1.5",
    "2u",
    "true",
    "x",
    "[]",
)
SHAPES = (
    *(
        "({} + {})",
        "({} == {})",
        "({} in {})",
        "({} ? {} : {})",
        "[{}, {}]",
        "{{'a': {}}}",
        "{{{}: {}}}",
        "!{}",
    ),
    *("{}.map(x, {})", "{}.filter(x, {})", "{}.all(x, {})", "{}.exists(x, {})", "{}.exists_one(x, {})"),
    *("string({})", "size({})", "int({})", "double({})", "dyn({})", "({} < {})", "{}[{}]", "({} - {})"),
    *(
        "{}.split({})",
        "{}.join({})",
        "{}.replace({}, {})",
        "{}.contains({})",
        "{}.substring({})",
        "{}.charAt({})",
    ),
    *(
        "{}.indexOf({})",
        "{}.trim()",
        "{}.upperAscii()",
        "{}.startsWith({})",
        "({} && {})",
        "({} || {})",
        "-{}",
    ),
)


def invented(dice: random.Random, depth: int) -> str:
    """An expression that nobody thought of."""
    if depth == 0 or dice.random() < 0.15:
        return dice.choice(LEAVES)
    shape = dice.choice(SHAPES)
    holes = shape.replace("{{", "").replace("}}", "").count("{}")
    return shape.format(*(invented(dice, depth - 1) for _ in range(holes)))


BROKEN = (
    b"\x80",
    b"\x12",
    b"\x12\x05ab",
    b"\x10\x01",
    b"\x12\x02\x20\x01",
    b"\x12\x02\x22\x00",
    b"\x12\x04\x22\x02\x10\x01",
    b"\x12\x06\x22\x04\x4a\x02\x0a\x00",
    b"\x13\x01",
    b"\x14",
)


@pytest.mark.parametrize("raw", BROKEN)
def test_a_broken_tree_is_no_tree(raw: bytes) -> None:
    """What another version of the library might say is refused rather than guessed."""
    with pytest.raises(tree.Unreadable):
        tree.read(raw)


def test_numbers_of_every_width_are_read_over() -> None:
    """Fields that are not looked at may have any width."""
    expr = b"\x1a\x02\x18\x01" + b"\x41" + b"\0" * 8 + b"\x45" + b"\0" * 4
    checked = b"\x22" + bytes([len(expr)]) + expr
    assert tree.read(b"\x12" + bytes([len(checked)]) + checked) == tree.Node("literal", size=2)
