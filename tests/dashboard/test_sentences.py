"""What is said beside a field, and how much a browser has to load before it can say anything."""

import re

import pytest

from sekisho.pages.static import FILES
from tests.dashboard.desk import at_desk, text_of

MOST = 200_000


@pytest.mark.parametrize(
    ("address", "field", "typed", "sentence"),
    [
        ("/users/new", "email", "x", "This is not an email address. It looks like name@example.com."),
        ("/settings/general", "support_email", "x", "This is not an email address."),
        ("/settings/advanced", "token_client_rate", "-1", "Type a number, at least 0."),
        ("/applications/new", "name", "", "A name is needed, without ‹ and ›"),
    ],
)
async def test_a_sentence_says_what_the_field_needs(
    address: str, field: str, typed: str, sentence: str
) -> None:
    """A pattern is no sentence: where a field has a known shape, its own one is said; numbers are short."""
    desk = await at_desk()
    answer = await desk.fills(address, **{field: typed})
    assert 400 <= answer.status < 500
    assert sentence in text_of(answer, desk.tenant)


async def test_the_first_page_is_small() -> None:
    """Overview with all that it loads stays below 200 KB, before anything is compressed."""
    page = await (await at_desk()).text("")
    names = set(re.findall(r"/static/(\w+\.\w+)", page))
    assert names == {"base.css", "dashboard.js", "gate.js", "mark.svg", "tokens.css"}
    assert len(page.encode()) + sum(len(FILES[name].body) for name in names) < MOST
