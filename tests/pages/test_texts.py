"""The words of the pages are complete in every language."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from sekisho import pages
from sekisho.pages.reader import LANGUAGES
from sekisho.pages.texts import texts
from sekisho.spec import claims
from sekisho.spec.refusals import CATALOGUE
from sekisho.spec.software.enhanced import PROBLEMS, REGISTRATION

FOLDER = Path(pages.__file__).parent
ENGLISH = texts("en")
PLACEHOLDER = re.compile(r"{(\w*)}")
SAID = re.compile(r"""\bsay\(["']([a-z_.]+)["'][,)]""")
SPOKEN = ("not_found", "host_unknown", "method_not_allowed", "overloaded", "store_unavailable", "internal")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(language: str) -> None:
    """Each language has the same keys with the same placeholders, and no empty text."""
    found = texts(language)
    assert found.keys() == ENGLISH.keys()
    for key, text in found.items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(ENGLISH[key])), key
        assert text.strip(), key


def test_every_text_is_used_and_every_used_text_exists() -> None:
    """The templates say all keys and no other; refusals are said by their slug, scopes by their name."""
    templates = "".join(path.read_text("utf-8") for path in (FOLDER / "templates").iterdir())
    slugs = {key.split(".")[1] for key in ENGLISH if key.startswith("refused.")} - {"otherwise"}
    assert slugs <= set(CATALOGUE)
    assert set(SPOKEN) <= slugs
    by_slug = {f"refused.{slug}.{part}" for slug in (*slugs, "otherwise") for part in ("title", "text")}
    by_code = {f"problem.{code}.{part}" for code in PROBLEMS for part in ("means", "todo")}
    by_code |= {f"register.{code}" for code in REGISTRATION}
    by_scope = {f"scope.{scope}" for scope in claims.SCOPES}
    assert set(SAID.findall(templates)) | by_slug | by_code | by_scope == set(ENGLISH)


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
