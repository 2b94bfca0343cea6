"""The words of the pages are complete in every language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import Markup

import sekisho
from sekisho import pages
from sekisho.pages.dashboard import problems
from sekisho.pages.reader import LANGUAGES
from sekisho.pages.texts import texts
from sekisho.spec import claims
from sekisho.spec.refusals import CATALOGUE
from sekisho.spec.software.enhanced import PROBLEMS, REGISTRATION

FOLDER = Path(pages.__file__).parent
ENGLISH = texts("en")
PLACEHOLDER = re.compile(r"{(\w*)}")
SAID = re.compile(r"""\bsay\(["']([a-z_.]+)["'][,)]""")
NAMED = re.compile(r"""\b(?:Crumb|Problem)\(\s*"([a-z_]+\.[a-z_.]+)\"""")
BUILT = re.compile(r"""["']([a-z_]+\.(?:[a-z]+_)?)["'] ~""")
SPOKEN = ("not_found", "host_unknown", "method_not_allowed", "overloaded", "store_unavailable", "internal")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    """Each language has the same keys with the same placeholders, and no empty text."""
    found = texts(language)
    assert found.keys() == ENGLISH.keys()
    for key, text in found.items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(ENGLISH[key])), key
        assert text.strip(), key


def sources(pattern: str) -> str:
    """All files of the pages that are called like this, in one text."""
    return "".join(path.read_text("utf-8") for path in sorted(FOLDER.rglob(pattern)))


def test_every_text_is_used_and_every_used_text_exists() -> None:
    """The pages say all keys and no other; refusals are said by their slug, scopes by their name."""
    # What a template puts together, as in say("done." ~ done), has texts that begin like this.
    templates, programs = sources("*.html"), sources("*.py")
    slugs = {key.split(".")[1] for key in ENGLISH if key.startswith("refused.")} - {"otherwise"}
    assert slugs <= set(CATALOGUE)
    assert set(SPOKEN) <= slugs
    by_slug = {f"refused.{slug}.{part}" for slug in (*slugs, "otherwise") for part in ("title", "text")}
    by_code = {f"problem.{code}.{part}" for code in PROBLEMS for part in ("means", "todo")}
    by_code |= {f"register.{code}" for code in REGISTRATION}
    by_scope = {f"scope.{scope}" for scope in claims.SCOPES}
    said = set(SAID.findall(templates)) | set(NAMED.findall(programs)) | by_slug | by_code | by_scope
    assert said <= set(ENGLISH)
    built = (*BUILT.findall(templates), "why.", "invalid.")
    assert [key for key in sorted(set(ENGLISH) - said) if not key.startswith(built)] == []


def test_what_was_done_is_said() -> None:
    """Whatever a page says was done has a sentence, and each sentence is for something that is done."""
    done = set(re.findall(r'frame\.done\(\s*"([a-z_]+)"', sources("*.py")))
    assert {key.removeprefix("done.") for key in ENGLISH if key.startswith("done.")} == done


def test_every_rule_that_a_form_can_break_has_a_sentence() -> None:
    """What rules say of a field is said in every language of the pages, not in their own words."""
    rules = {problems.key_of(rule) for rule in literals(Path(sekisho.__file__).parent)}
    assert sorted(rules - {key.removeprefix("invalid.") for key in ENGLISH}) == []


def literals(folder: Path) -> Iterator[str]:
    """The sentences that rules hand to `problem`, without what comes after a colon."""
    for path in sorted(folder.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "problem":
                text = call.args[1] if len(call.args) > 1 else None
                parts = text.values if isinstance(text, ast.JoinedStr) else [text]
                plain = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
                if plain and not plain.startswith("'"):
                    yield plain.partition(": ")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_calm(language: str) -> None:
    """No exclamation marks, nothing but phrases as markup, no long dash."""
    for key, text in texts(language).items():
        assert not re.search("[!！—]", text), key
        assert set(re.findall(r"<[^>]*>", text)) <= {'<span class="nb">', "</span>"}, key
        assert "&" not in Markup(text).striptags(), key


def test_japanese_keeps_a_space_around_latin_words() -> None:
    """Between Latin letters or digits and kana or kanji there is a space."""
    for key, text in texts("ja").items():
        plain = Markup(text).striptags()
        assert not re.search(r"[A-Za-z0-9}][぀-ヿ一-鿿]|[぀-ヿ一-鿿][A-Za-z0-9{]", plain), key
