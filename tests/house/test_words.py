"""Names are thought through, and the check finds those that are not."""

import pytest

from tests.house.source import PACKAGE, findings, read, sources
from tests.house.words import BANNED, banned, names_are_thought_through


def test_names_are_thought_through():
    """No name in the source has a word that says nothing."""
    assert findings(names_are_thought_through, sources(PACKAGE)) == []


@pytest.mark.parametrize(
    "text",
    [
        "class TokenManager: ...",
        "class HTTPHandler: ...",
        "def load_data(): ...",
        "async def run_helper(): ...",
        "def f(info): ...",
        "def f(*, user_info=None): ...",
        "baseURL = 1",
        "for item_impl in []: ...",
        "common: int = 1",
        "x = [util for util in y]",
        "import a as helpers",
        "from a import b as base",
        "with a as data: ...",
        "if (data := 1): ...",
        "self.data = 1",
        "class A:\n    processor: int",
        "try: ...\nexcept E as info: ...",
        "match a:\n    case [*data]: ...",
    ],
)
def test_finds_a_name_that_says_nothing(text: str):
    """A banned word is found in every kind of name, as a snake or a camel part."""
    assert len(list(names_are_thought_through(read(text)))) == 1


@pytest.mark.parametrize("word", sorted(BANNED))
def test_finds_a_module_that_says_nothing(word: str):
    """A banned word is found in the name of a module and of a folder."""
    assert list(names_are_thought_through(read("", f"src/sekisho/{word}.py")))
    assert list(names_are_thought_through(read("", f"src/sekisho/{word}s/x.py")))


@pytest.mark.parametrize(
    "text",
    [
        "metadata = 1",
        "userinfo = 1",
        "database = 1",
        "based_on = 1",
        "x.data",
        "f(data=1)",
        "x = {'data': 1}",
    ],
)
def test_leaves_whole_other_words_and_names_of_others(text: str):
    """Words that only contain a banned one, and names that others gave, pass."""
    assert list(names_are_thought_through(read(text))) == []


def test_reads_snake_and_camel_parts():
    """Each part of a name counts, whatever its case."""
    assert banned("HTTPInfo") == "info"
    assert banned("BASE_URL") == "base"
    assert banned("Database") is None
