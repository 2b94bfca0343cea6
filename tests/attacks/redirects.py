"""Addresses that are not the registered ones, tried wherever somebody may be sent by them."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from tests.attacks.people_target import ASKERS, KIM, PASSWORD, Browser, People, csrf, is_shown, location, told
from tests.attacks.target import Target
from tests.servers import made

KINDS: Mapping[str, dict[str, Any]] = {
    "regular_web": {},
    "spa": {"token_endpoint_auth_method": "none"},
    "native": {"token_endpoint_auth_method": "none"},
}


def signed_in(people: People, name: str = KIM) -> Browser:
    """A browser in which an address that is let through gets a code at once."""
    browser = people.browser()
    assert browser.signs_in(name=name, password=PASSWORD).status_code == 303
    return browser


def is_refused_everywhere(people: People, browser: Browser, sent: str, role: str = "web") -> None:
    """By GET, by POST, silently, pushed, and at the token endpoint in place of the right one."""
    request = people.asking(role, redirect_uri=sent)
    is_shown(browser.opens(request))
    is_shown(browser.opens({**request, "prompt": "none"}))
    is_shown(browser.post("/authorize", request, site="cross-site"))
    pushed = people.push(role, redirect_uri=sent)
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request"), pushed.text
    assert "request_uri" not in pushed.json()
    code = browser.code(role)
    assert people.redeem(role, code, redirect_uri=sent).json()["error"] == "invalid_grant"


def codes_at(browser: Browser, sent: str, role: str = "web") -> str:
    """The code that an attacker reads at an address of theirs; empty where there is none."""
    answer = browser.asks(role, redirect_uri=sent)
    return told(answer).get("code", "") if location(answer).startswith(sent) else ""


def registrations(target: Target, field: str, value: str) -> Iterator[httpx.Response]:
    """Attempts of a client's owner to register an address, for each kind of client."""
    told_as = value if field.endswith("uri") else [value]
    with target.manage() as manage:
        for kind, more in KINDS.items():
            body = {"name": "Evil", "app_type": kind, field: told_as, **more}
            yield manage.post("/api/v2/clients", json=body)


def registered(people: People, role: str, kind: str = "web", **fields: Any) -> None:
    """One more client that asks people."""
    with people.target.manage() as manage:
        told = {"name": role.title(), **ASKERS[kind], **fields}
        people.clients[role] = made(manage, "clients", **told)


def form_of(page: httpx.Response, **more: str) -> dict[str, str]:
    """What the form of a page sends."""
    return {"csrf": csrf(page), **more}
