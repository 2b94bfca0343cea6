"""Pushed Authorization Requests, configured as the reference document says, in both languages."""

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboard.rooms import enter
from tests.pages.chromium import LANGUAGES, person

# What the document calls the ways and the switches.
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "settings": "Settings",
        "advanced": "Advanced",
        "section": "Settings",
        "allow": "Allow Pushed Authorization Requests (PAR)",
        "applications": "Applications",
        "application_settings": "Application Settings",
        "requests": "Authorization Requests",
        "require": "Require Pushed Authorization Requests (PAR)",
        "save": "Save changes",
        "locked": "Locked: this tenant does not allow PAR yet.",
    },
    "ja": {
        "settings": "設定",
        "advanced": "詳細設定",
        "section": "設定",
        "allow": "Pushed Authorization Requests（PAR）を許可する",
        "applications": "アプリケーション",
        "application_settings": "アプリケーションの設定",
        "requests": "認可要求",
        "require": "プッシュ認可要求（PAR）を必須にする",
        "save": "変更を保存",
        "locked": "ロックされています。このテナントはまだ PAR を許可していません。",
    },
}
APP = "Demo application"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def goes(page: Page, *names: str) -> None:
    """By the navigation and the tabs, as somebody clicks who reads the document."""
    for name in names:
        page.get_by_role("link", name=name, exact=True).first.click()


def switches(page: Page, words: Mapping[str, str], label: str, *, on: bool) -> None:
    """A switch by its label, and the button that saves; what was done is said."""
    toggle = page.get_by_role("switch", name=label)
    expect(toggle).to_be_enabled()
    toggle.set_checked(on)
    page.get_by_role("button", name=words["save"]).click()
    expect(page.locator("#done")).to_be_visible()
    expect(page.get_by_role("switch", name=label)).to_be_checked(checked=on)


def request(origin: str, client_id: str) -> dict[str, str]:
    """What the demo application asks for."""
    return {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": f"{origin}/demo/app",
        "scope": "openid",
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


def asked(origin: str, client_id: str) -> Mapping[str, list[str]]:
    """What the application is told when it asks without pushing."""
    answer = httpx.get(f"{origin}/authorize?{urlencode(request(origin, client_id))}")
    return parse_qs(urlsplit(answer.headers["location"]).query)


def pushed(origin: str, client_id: str) -> str:
    """The address for a browser, after the request was pushed."""
    answer = httpx.post(f"{origin}/oauth/par", data=request(origin, client_id))
    assert answer.status_code == 201, answer.text
    told = {"client_id": client_id, "request_uri": answer.json()["request_uri"]}
    return f"{origin}/authorize?{urlencode(told)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_is_followed(browser: Browser, origin: str, language: str) -> None:
    """The tenant allows PAR, the application requires it: plain requests are refused, pushed ones succeed."""
    words = WORDS[language]
    with person(browser, 1280, language) as context:
        page = context.new_page()
        enter(page, origin)

        # Before: the tenant does not allow PAR, and the application cannot require it.
        goes(page, words["settings"], words["advanced"])
        switches(page, words, words["allow"], on=False)
        goes(page, words["applications"], APP, words["application_settings"])
        client_id = page.locator("#client-id").inner_text()
        locked = page.get_by_role("switch", name=words["require"])
        expect(locked).to_be_disabled()
        expect(page.get_by_text(words["locked"])).to_be_visible()
        refused = httpx.post(f"{origin}/oauth/par", data=request(origin, client_id))
        assert refused.status_code == 404 or refused.json()["error"]

        # Dashboard > Settings > Advanced > section Settings.
        goes(page, words["settings"], words["advanced"])
        expect(page.get_by_role("heading", name=words["section"], level=2, exact=True)).to_be_visible()
        switches(page, words, words["allow"], on=True)
        # Both endpoints take requests: PAR is allowed, not required.
        assert "error" not in asked(origin, client_id)

        # Dashboard > Applications > the application > Application Settings > Authorization Requests.
        goes(page, words["applications"], APP, words["application_settings"])
        expect(page.get_by_role("heading", name=words["requests"], exact=True)).to_be_visible()
        switches(page, words, words["require"], on=True)
        assert asked(origin, client_id)["error"] == ["invalid_request"]
        with page.expect_request(lambda sent: sent.url.startswith(f"{origin}/demo/app?code=")):
            page.goto(pushed(origin, client_id))

        # And back: as it was for whoever comes next.
        enter(page, origin)
        goes(page, words["applications"], APP, words["application_settings"])
        switches(page, words, words["require"], on=False)
        assert "error" not in asked(origin, client_id)
