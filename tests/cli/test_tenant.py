"""Owners of tenants: invited by a link that works once."""

import json
import re
from pathlib import Path

import httpx

from tests.cli.command import Server, done, refused

LINK = re.compile(r"(https?://[^/]+)(/t/acme)?/invitation\?ticket=([A-Za-z0-9_-]{43})")
PASSWORD = "seven grey herons"


def test_the_first_owner_of_a_tenant_gets_a_link(installation: Path):
    """`tenant create --owner` prints a one-time link, on a line of its own or as JSON."""
    shown = done("tenant", "create", "one", "--owner", "me@example.com", cwd=installation)
    last = shown.splitlines()[-1]
    assert last.startswith("https://id.example.com/t/one/invitation?ticket=")
    made = json.loads(
        done("tenant", "create", "two", "--owner", "me@example.com", "--json", cwd=installation)
    )
    assert made["invitation"].startswith("https://id.example.com/t/two/invitation?ticket=")
    assert json.loads(done("tenant", "create", "three", "--json", cwd=installation))["invitation"] == ""


def test_an_owner_needs_an_address(installation: Path):
    """What is no address makes neither owner nor tenant."""
    said = refused("tenant", "create", "one", "--owner", "me", cwd=installation)
    assert "it is no e-mail address" in said
    assert '"one"' not in done("tenant", "list", "--json", cwd=installation)
    assert "A login name is" in refused("tenant", "invite", "a b@example.com", cwd=installation)


def test_a_link_opens_the_account(dev: Server):
    """The link of `tenant invite` leads to a form that sets a password and signs in; once."""
    link = done("tenant", "invite", "owner@example.com", cwd=dev.folder.parent).strip()
    assert LINK.fullmatch(link)
    ticket = link.partition("=")[2]
    with httpx.Client(follow_redirects=True, base_url=dev.url) as browser:
        page = browser.get(link)
        assert ticket not in str(page.url)
        (csrf,) = re.findall(r'name="csrf" value="([^"]+)"', page.text)
        answer = browser.post("/invitation", data={"csrf": csrf, "new-password": PASSWORD})
        assert answer.url.path == "/account"
        assert "owner@example.com" in answer.text
    assert httpx.get(link).status_code == 400
    assert refused("tenant", "create", "demo", "--owner", "owner@example.com", cwd=dev.folder.parent)


def test_a_second_link_makes_no_second_owner(installation: Path):
    """Whoever lost the link gets another one: it is the same person, and the role is there once."""
    links = {done("tenant", "invite", "Me@example.com", cwd=installation) for _ in range(2)}
    assert len(links) == 2
