"""Who reads: languages and lights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.pages.reader import LONGEST_HEADER, cookie, reader, wishes
from sekisho.spec.http import Ask, Pairs


def asked(query: Pairs = (), form: Pairs = (), **headers: str) -> Ask:
    """A request with these headers, their underscores as hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask(method="GET", path="/", root="", query=query, form=form, headers=named)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("ja", ["ja"]),
        ("en-GB,en;q=0.9,ja;q=0.8", ["en-GB", "en", "ja"]),
        ("en;q=0.2, ja ; q=0.8", ["ja", "en"]),
        ("en;q=0.5,ja;q=0.5", ["en", "ja"]),
        ("en;q=0,ja;q=0.001", ["ja"]),
        ("en;q=1.000,ja;q=1", ["en", "ja"]),
        ("text/html;level=1;q=0.4,*/*;q=0.5", ["*/*", "text/html"]),
        ("en;q=2,ja;q=-1,fr;q=nan,de;q=1e0,it;q=", []),
        (",,;q=1,", []),
    ],
)
def test_wishes_come_by_weight(header: str, expected: list[str]) -> None:
    """Values come by weight, then by place; weight 0 and no weight mean no. RFC 9110 section 12.4.2."""
    assert wishes(header) == expected


@given(st.text())
def test_wishes_take_any_text(header: str) -> None:
    """Whatever a header holds, it is read."""
    assert all(wishes(header))


def test_wishes_have_a_bound() -> None:
    """Only the first 4096 characters and 32 values of a header are read."""
    assert len(wishes("a," * 100)) == 32
    assert wishes("a" * 2 * LONGEST_HEADER) == ["a" * LONGEST_HEADER]


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (asked(), "en"),
        (asked(accept_language="fr,ja;q=0.5"), "ja"),
        (asked(accept_language="JA-jp"), "ja"),
        (asked(accept_language="fr"), "en"),
        (asked(accept_language="*"), "en"),
        (asked(accept_language="en", cookie="lang=ja"), "ja"),
        (asked(accept_language="ja", cookie="lang=xx"), "ja"),
        (asked((("ui_locales", "en"),), cookie="lang=ja"), "en"),
        (asked((("ui_locales", "fr-CA ja en"),)), "ja"),
        (asked((("ui_locales", "fr"),), accept_language="ja"), "ja"),
        (asked((), (("ui_locales", "ja"),)), "ja"),
        (asked((("ui_locales", ""), ("ui_locales", "ja"))), "ja"),
    ],
)
def test_the_language_is_the_one_asked_for(ask: Ask, expected: str) -> None:
    """What is asked comes before the cookie, that before Accept-Language; English is spoken otherwise."""
    assert reader(ask).language == expected


def test_a_tenant_speaks_its_own_languages() -> None:
    """A language that the tenant does not offer is not spoken, and its first one is spoken otherwise."""
    assert reader(asked(accept_language="en"), ("ja",)).language == "ja"
    assert reader(asked(), ("ja", "en")).language == "ja"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ""),
        ("theme=dark", "dark"),
        ("lang=ja; theme=light", "light"),
        ("mytheme=dark", ""),
        ("theme=dim", ""),
        ('theme="><script>', ""),
    ],
)
def test_the_light_is_the_one_chosen(header: str, expected: str) -> None:
    """A light that was chosen is kept; anything else leaves it to the system."""
    assert reader(asked(cookie=header)).light == expected


def test_the_first_cookie_of_a_name_counts() -> None:
    """Of two cookies of one name the first one counts, as the more specific one is sent first."""
    assert cookie(asked(cookie="lang=ja; lang=en"), "lang") == "ja"
