"""How a refusal is worded for a person and for a program."""

import re
from datetime import datetime

import pytest
from msgspec.structs import replace

from sekisho.pages.render import render
from sekisho.pages.says import says
from sekisho.spec import refusal
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals import CATALOGUE
from tests.tenants import ORIGIN, demo_tenant

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "host": "evil.example"}
ASK = Ask(
    method="GET",
    path="/authorize",
    root=ORIGIN,
    headers=BROWSER,
    query=(("state", "sent"),),
    correlation="c1",
)


def refused_for(slug: str) -> Refused:
    """A refusal whose every word was sent."""
    reason = CATALOGUE[slug]
    return Refused(
        reason, words=dict.fromkeys(re.findall(r"{(\w+)}", reason.text), "sent"), debug="our-secret"
    )


def shown(refused: Refused, ask: Ask = ASK) -> str:
    """The page of a refusal."""
    return render(says(refused, ask), ask).body.decode()


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("text/html", True),
        ("text/html,*/*;q=0.8", True),
        ("application/json, text/html;q=0.1", True),
        ("TEXT/HTML", True),
        ("text/html;q=0", False),
        ("*/*", False),
        ("application/json", False),
        ("text/htmlx", False),
        ("", False),
    ],
)
def test_pages_are_for_those_who_ask_for_them(accept: str, is_page: bool) -> None:
    """A page goes to who accepts text/html by name, JSON to everybody else. RFC 9110 section 12.5.1."""
    answer = says(Refused(refusal.NOT_FOUND), replace(ASK, headers={"accept": accept}))
    assert answer.status == 404
    assert (answer.page is not None) == is_page
    assert ("vary", "accept") in answer.headers
    if not is_page:
        assert answer.json == {"error": "not_found", "error_description": "There is nothing at this address"}


@pytest.mark.parametrize("slug", CATALOGUE)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_refusal_has_a_page(slug: str, language: str) -> None:
    """Each refusal has a page with its code and the correlation id, in each language."""
    ask = replace(ASK, headers={**BROWSER, "accept-language": language})
    page = shown(refused_for(slug), ask)
    assert f'<html lang="{language}">' in page
    assert f'<code id="error-code">{CATALOGUE[slug].error}</code>' in page
    assert '<code id="correlation-id">c1</code>' in page
    assert page.count("<h1") == 1
    assert "our-secret" not in page


@pytest.mark.parametrize("slug", set(CATALOGUE) - {"missing_parameter"})
def test_nothing_that_was_sent_is_shown(slug: str) -> None:
    """Neither a word of the request nor the host that it names appears, for people or for programs."""
    refused = refused_for(slug)
    for answer in (shown(refused), str(says(refused, replace(ASK, headers={})).json)):
        assert not re.search(r"(?<!was )(?<!is )\bsent\b(?! a request)", answer)
        assert "evil.example" not in answer


def test_the_name_of_what_is_missing_is_told() -> None:
    """A parameter that is missing is named: its name is ours."""
    refused = Refused(refusal.MISSING_PARAMETER, words={"name": "client_id"})
    assert "Missing required parameter: client_id" in shown(refused)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "GET /authorize"),
        ({"path": "/devices/a%20b", "names": {"id": "a b"}}, "GET /devices/{id}"),
        ({"path": "/" + "a" * 70}, None),
        ({"path": "/%3Cb%3E"}, None),
        ({"method": "CALL"}, None),
        ({"root": ""}, None),
    ],
)
def test_the_endpoint_is_named_if_it_is_ours(fields: dict[str, object], expected: str | None) -> None:
    """The endpoint is shown with its variables by name; what may be none of ours is left out."""
    page = shown(Refused(refusal.MALFORMED_REQUEST), replace(ASK, **fields))
    assert (f'<code id="endpoint">{expected}</code>' in page) == bool(expected)
    assert ('id="endpoint"' in page) == bool(expected)
    assert 'id="endpoint"' not in shown(Refused(refusal.NOT_FOUND), replace(ASK, **fields))


def test_a_stranger_learns_no_host() -> None:
    """Where no tenant was found, the page names no host and leads nowhere."""
    page = shown(Refused(refusal.HOST_UNKNOWN), replace(ASK, root="", path="/"))
    assert "This server does not know this address" in page
    assert "<b>Sekisho</b>" in page
    assert 'class="btn" href' not in page
    assert ORIGIN not in page


async def test_a_tenant_is_named_where_it_is_known() -> None:
    """Whose gate it is, the page says."""
    tenant = await demo_tenant()
    answer = says(Refused(refusal.INTERNAL), ASK)
    assert '<b class="cut">demo</b>' in render(answer, ASK, tenant).body.decode()


def test_the_time_is_exact_and_has_its_zone() -> None:
    """The time is now, to the second, in UTC."""
    page = shown(Refused(refusal.INTERNAL))
    told = page.partition('<time datetime="')[2].partition('"')[0]
    assert abs((datetime.fromisoformat(told) - datetime.now().astimezone()).total_seconds()) < 5
    assert f"{told[:10]} {told[11:19]} UTC" in page
