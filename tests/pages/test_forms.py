"""Where forms lead."""

import pytest

from sekisho.pages.forms import return_to
from sekisho.spec.redirect_uri import target


@pytest.mark.parametrize("path", ["/account", "/t/demo/account#security", "/a?b=c%20d&e=//f", "/"])
def test_a_path_of_ours_is_returned_to(path: str) -> None:
    """A path of this origin, with query and fragment."""
    assert return_to(path) == path


@pytest.mark.parametrize(
    "wanted",
    [
        *(None, "", "account", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
        *("https://evil.example", "javascript:alert(1)", "/a\\b", "/\tevil", "/\n/evil.example", " /account"),
        *("/a b", "/é", "/" + "a" * 1024, "/account\r\nset-cookie: a=b"),
    ],
)
def test_nobody_is_sent_elsewhere(wanted: str | None) -> None:
    """Other origins, in all the spellings that browsers read as such, and whatever is no path."""
    assert return_to(wanted) == ""


@pytest.mark.parametrize(
    ("redirect_uri", "expected"),
    [
        ("https://app.example.com/cb?x=1", "https://app.example.com"),
        ("https://app.example.com:8443/cb", "https://app.example.com:8443"),
        ("http://127.0.0.1:4711/cb", "http://127.0.0.1:4711"),
        ("https://user@app.example.com/cb", "https://app.example.com"),
        ("http://[::1]:4711/cb", "http:"),
        ("https://例え.example/cb", "https:"),
        ("https://a;script-src/cb", "https:"),
        ("com.example.app:/cb", "com.example.app:"),
        ("com_example:/cb", ""),
    ],
)
def test_the_policy_names_the_target_and_nothing_that_is_none(redirect_uri: str, expected: str) -> None:
    """The origin of the address, else its scheme: no letter of it becomes a directive. CSP3 section 2.3.1."""
    assert target(redirect_uri) == expected
