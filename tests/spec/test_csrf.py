"""Forms that only pages of ours can send."""

from typing import Any

import pytest

from sekisho.spec.browser import csrf
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED

KEY = bytes(32)
ROOT = "https://id.example.com/t/demo"


def posted(form: Pairs = (), **headers: str) -> Ask:
    """A form, its headers with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask(method="POST", path="/login", root=ROOT, form=form, headers=named)


def test_a_token_is_good_for_what_it_was_made_for() -> None:
    """The token of a page comes back and is taken."""
    csrf.form_is_of_this_page(posted((("csrf", csrf.token(KEY, "login", "s")),)), KEY, "login", "s")


@pytest.mark.parametrize(
    "bound", [("login",), ("logins",), ("login", "s", ""), ("logi", "ns"), ("login", "t")]
)
@pytest.mark.parametrize("key", [KEY, bytes(31) + b"1"])
def test_a_token_is_good_for_nothing_else(key: bytes, bound: tuple[str, ...]) -> None:
    """Another page, another browser, another key, other borders between the same letters: all refused."""
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        csrf.form_is_of_this_page(posted((("csrf", csrf.token(KEY, "login", "s")),)), key, *bound)


@pytest.mark.parametrize("form", [(), (("csrf", ""),), (("csrf", "é\u0000"),), (("csrf", "A" * 43),)])
def test_a_form_without_its_token_is_refused(form: Pairs) -> None:
    """None, an empty one, letters that no token has, one that was made up: all refused."""
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        csrf.form_is_of_this_page(posted(form), KEY, "login")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://id.example.com"},
        {"sec_fetch_site": "same-origin"},
        {"origin": "https://id.example.com", "sec_fetch_site": "same-origin"},
    ],
)
def test_a_form_from_here_is_taken(headers: dict[str, Any]) -> None:
    """Browsers that say nothing are taken at their token; the others say that they are at this origin."""
    csrf.form_comes_from_here(posted(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://id.example.com"},
        {"origin": "https://id.example.com:8443"},
        {"origin": "https://id.example.com.evil.example"},
        {"origin": "https://id.example.com/t/demo"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "https://id.example.com", "sec_fetch_site": "cross-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused(headers: dict[str, Any]) -> None:
    """Another origin, a neighbour on another port, an origin that is hidden: all refused."""
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        csrf.form_comes_from_here(posted(**headers))


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({"origin": "https://evil.example"}, ("Origin", "https://id.example.com", "https://evil.example")),
        ({"sec_fetch_site": "same-site"}, ("Sec-Fetch-Site", "same-origin", "same-site")),
    ],
)
def test_tells_where_a_form_came_from(headers: dict[str, Any], seen: tuple[str, str, str]) -> None:
    """A proxy that says another origin than the server knows is found out by both."""
    with pytest.raises(Refused) as refused:
        csrf.form_comes_from_here(posted(**headers))
    assert refused.value.seen == Contrast(*seen)
