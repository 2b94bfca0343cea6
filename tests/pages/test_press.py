"""Texts as pages show them: where lines may break, and what is code."""

import pytest
from markupsafe import Markup

from sekisho.pages.press import coded, worded

NARROW = "\N{NO-BREAK SPACE}"


def test_no_line_begins_with_a_particle() -> None:
    """In Japanese a Latin word keeps its particle, and a number what it counts; English breaks anywhere."""
    assert worded("dash.type_its_name", {"name": "x"}, "ja") == f"確認のため x{NARROW}と入力してください"
    assert worded("dash.total", {"count": "5"}, "ja") == f"全 5{NARROW}件"
    assert worded("dash.total", {"count": "5"}, "en") == "Total: 5"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sent to /oauth/par first.", "Sent to <code>/oauth/par</code> first."),
        ("redirect_uri must equal", "<code>redirect_uri</code> must equal"),
        ("like https://app.example.com/a_b", "like https://app.example.com/a_b"),
        ("one and/or the other", "one and/or the other"),
        ("a & b_c", "a &amp; <code>b_c</code>"),
        (Markup('<b id="a_b">c_d</b>'), '<b id="a_b">c_d</b>'),
        ("<b>a_b", "&lt;b&gt;<code>a_b</code>"),
    ],
)
def test_wire_names_are_code(text: str, shown: str) -> None:
    """Names and addresses of the protocol are set as code; markup and whole URLs stay as they are."""
    assert str(coded(text)) == shown
