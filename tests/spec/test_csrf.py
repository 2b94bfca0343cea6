"""Forms that only pages of ours can send."""

from typing import Any

import pytest

from sekisho.spec.browser import csrf
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED, SIGN_OUT_EMBEDDED
from sekisho.spec.refusals.people import ORIGIN_UNLISTED

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


NAMED = ("https://app.example.com", "http://localhost:3000")


@pytest.mark.parametrize("origin", NAMED)
def test_a_page_of_a_named_origin_may_ask(origin: str) -> None:
    """Letter for letter as browsers write it."""
    csrf.page_may_ask(origin, NAMED)


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("https://evil.example", "https://evil.example"),
        ("https://app.example.com:443", "https://app.example.com:443"),
        ("", "unknown"),
        ("null", "unknown"),
        ("https://app.example.com/<script>", "unknown"),
        ("https://" + "x" * 254, "unknown"),
    ],
)
def test_a_page_of_another_origin_may_not(origin: str, shown: str) -> None:
    """It is told which origin it is of, if it is one at all; the owner of the client sees the nearest."""
    with pytest.raises(Refused, match=ORIGIN_UNLISTED.slug) as refused:
        csrf.page_may_ask(origin, NAMED)
    assert refused.value.text == f"Origin {shown} is not allowed."
    with pytest.raises(Refused):
        csrf.page_may_ask(origin, ())


def test_the_whole_window_is_a_visit() -> None:
    """A browser says so, or says nothing; what is inside a page is none."""
    csrf.is_a_visit(posted())
    csrf.is_a_visit(posted(sec_fetch_dest="document"))
    for within in ("iframe", "image", "empty", ""):
        with pytest.raises(Refused, match=SIGN_OUT_EMBEDDED.slug):
            csrf.is_a_visit(posted(sec_fetch_dest=within))
