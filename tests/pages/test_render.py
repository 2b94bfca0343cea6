"""Pages become bytes and headers."""

import re
import subprocess
import sys

import pytest
from msgspec.structs import replace

from sekisho.pages.landing import landing
from sekisho.pages.render import KIND, render
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from tests.tenants import ORIGIN, demo_tenant

ASK = Ask(method="GET", path="/", root=f"{ORIGIN}/t/demo", correlation="c1")
HEADERS = (("x-first", "1"),)


async def landed(ask: Ask = ASK) -> Answer:
    """The landing page, rendered."""
    return render(await landing(ask, await demo_tenant()), ask)


async def test_a_page_becomes_an_answer() -> None:
    """Status and headers stay, the body is the page, and the page is gone."""
    page = await landing(ASK, await demo_tenant())
    answer = render(replace(page, status=418, headers=HEADERS), ASK)
    assert (answer.status, answer.kind, answer.page) == (418, KIND, None)
    assert answer.headers[:1] == HEADERS
    assert answer.body.startswith(b"<!doctype html>\n<html lang=")


def test_what_is_no_page_stays_as_it_is() -> None:
    """An answer without a page passes."""
    answer = Answer(json={"a": 1})
    assert render(answer, ASK) is answer


async def test_the_policy_allows_what_the_page_has_and_no_more() -> None:
    """Nothing but our own style, images and forms, and one script by a nonce that no other page has."""
    headers = dict((await landed()).headers)
    policy = headers["content-security-policy"]
    nonce = policy.partition("; script-src 'nonce-")[2].removesuffix("'")
    assert policy == (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; script-src 'nonce-{nonce}'"
    )
    assert len(nonce) == 22
    assert nonce not in dict((await landed()).headers)["content-security-policy"]
    assert f'nonce="{nonce}"'.encode() not in (await landed()).body


async def test_a_page_says_what_it_depends_on() -> None:
    """The language is named, and caches are told what chose it."""
    ask = replace(ASK, headers={"accept-language": "ja"})
    headers = dict((await landed(ask)).headers)
    assert headers["content-language"] == "ja"
    assert headers["vary"] == "accept-language, cookie"


async def test_a_page_has_no_inline_style_and_no_handler() -> None:
    """No style element, no style attribute, no inline script, no event handler."""
    text = (await landed()).body.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) == [""]


async def test_files_are_found_below_the_path_of_the_tenant() -> None:
    """Addresses of files start with the tenant's own path."""
    text = (await landed()).body.decode()
    addresses = re.findall(r'(?:href|src)="([^"#]*static[^"]*)"', text)
    assert len(addresses) == 4
    assert all(re.fullmatch(r"/t/demo/static/[a-z.]+\?v=[0-9a-f]{20}", found) for found in addresses)


async def test_the_other_language_keeps_what_was_asked() -> None:
    """The link to the other language repeats the query, encoded, and replaces ui_locales."""
    query = (("flow", 'a"b&c'), ("ui_locales", "en"))
    text = (await landed(replace(ASK, query=query))).body.decode()
    assert 'href="?flow=a%22b%26c&amp;ui_locales=ja" lang="ja"' in text


async def test_a_name_cannot_be_markup() -> None:
    """What a tenant calls itself is text."""
    tenant = await demo_tenant()
    page = await landing(ASK, tenant)
    assert page.page is not None
    evil = replace(page, page=("landing", {**page.page[1], "issuer": "<script>alert(1)</script>"}))
    assert b"<script>alert" not in render(evil, ASK).body


async def test_a_tenant_with_one_language_speaks_that_one() -> None:
    """The languages of the tenant's policy are those that its pages speak."""
    tenant = await demo_tenant()
    record = replace(tenant.record, policy=Policy(languages=("ja",)))
    only = type(tenant)(record, tenant.addresses, tenant.keys, tenant.tools)
    ask = replace(ASK, headers={"accept-language": "en"})
    answer = render(await landing(ask, only), ask, only)
    assert ("content-language", "ja") in answer.headers
    assert b"hreflang" not in answer.body


@pytest.mark.parametrize("module", ["sekisho.pages", "sekisho.pages.render", "sekisho.pages.says"])
def test_templates_are_loaded_with_the_first_page(module: str) -> None:
    """Starting does not load the templates: that time is spent when somebody looks."""
    program = f"import sys, {module}; sys.exit('jinja2' in sys.modules or 'tomllib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
