"""The demo application in a real browser, against a real development server."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.cli.command import Server, running
from tests.pages.chromium import chromium, person

# What Chromium says about every answer that is a refusal; the last step asks for one.
STATUS = "Failed to load resource: the server responded with a status of 403"
PEOPLE = (("en", "user@example.com", "Demo User"), ("ja", "user@example.jp", "デモ ユーザー"))
TOKENS = ("access_token", "id_token", "refresh_token")
FIRST = {
    "en": ("Nobody is signed in here", "See your profile", "You are signed out"),
    "ja": ("サインインしていません", "プロフィールを見る", "サインアウトしました"),
}


@dataclass
class Seen:
    """What one page asked for, and what went wrong there."""

    urls: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """From now on."""
        page.on("request", self._asked)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: None if STATUS in said.text else self.wrong.append(said.text))

    def _asked(self, request: Request) -> None:
        self.urls.append(request.url)
        self.forms.append(request.post_data or "")


@pytest.fixture(scope="module")
def told() -> list[str]:
    """Everything that nobody may find in a log, collected by the tests of this file."""
    return []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, told: list[str]) -> Iterator[Server]:
    """A server that logs all it can; when it ends, its log is searched."""
    with running("dev", "--port", "{port}", "--log", "debug", cwd=tmp_path_factory.mktemp("demo")) as found:
        found.read_until("Ctrl-C stops the server")
        yield found
        log = "".join(found.stop())
        assert "/demo/app" in log or not told
        assert [each for each in told if each in log] == []


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    """The browser, while the server runs."""
    with chromium() as found:
        yield found


def password(server: Server, email: str) -> str:
    """What the card says."""
    return next(str(each["password"]) for each in server.card()["accounts"] if each["email"] == email)


def kept(page: Page) -> Any:
    """What the application remembers, which is all in this tab."""
    assert page.evaluate("localStorage.length") == 0
    return json.loads(page.evaluate("Object.values(sessionStorage)[0]"))


def signs_in(page: Page, server: Server, email: str, answer: str = "#allow") -> None:
    """From the application through sign-in and consent, as a person does it."""
    page.click("#begin")
    page.wait_for_url("**/login**")
    expect(page.locator("#username")).not_to_have_value("")
    page.fill("#username", email)
    page.fill("#password", password(server, email))
    page.click("#sign-in")
    page.wait_for_url("**/consent**")
    page.click(answer)
    page.wait_for_url("**/demo/app")


def goes_through(page: Page, server: Server, language: str, email: str) -> dict[str, Any]:
    """From the landing page into the application, by its own words and hints; what it holds then."""
    nobody, wish, _ = FIRST[language]
    page.goto(server.url)
    page.click("#demo")
    expect(page.locator("#h-you")).to_have_text(nobody)
    page.click("#begin")
    page.wait_for_url("**/login**")
    expect(page.locator("#username")).to_have_value(email)
    page.fill("#password", password(server, email))
    page.click("#sign-in")
    page.wait_for_url("**/consent**")
    expect(page.locator(".asks")).to_contain_text(wish)
    page.click("#allow")
    page.wait_for_url("**/demo/app")
    expect(page.locator("#claims")).to_contain_text(email)
    expect(page.locator("html")).to_have_attribute("lang", language)
    return dict(kept(page)["session"])


def does_everything(page: Page, name: str) -> dict[str, Any]:
    """The API, userinfo, refresh, and what is refused; what the application holds then."""
    expect(page.locator("#name")).to_have_text(name)
    for step in ("call", "ask", "refresh", "exceed"):
        page.click(f"#{step}")
        expect(page.locator(f"[data-step={step}] [data-badge]")).to_be_visible()
    expect(page.locator("#answer")).to_contain_text("Hakone 箱根")
    expect(page.locator("[data-step=ask] dl")).to_contain_text(name)
    expect(page.locator("[data-step=exceed] [data-badge]")).to_have_text("403")
    return dict(kept(page)["session"])


def leaves(page: Page, server: Server, words: str) -> None:
    """Signed out of the server, too: who begins again has to sign in again."""
    page.click("#sign-out")
    expect(page.locator("#signed-out")).to_contain_text(words)
    expect(page).to_have_url(f"{server.url}/demo/app")
    assert kept(page)["session"] is None
    page.click("#begin")
    page.wait_for_url("**/login**")


@pytest.mark.parametrize(("language", "email", "name"), PEOPLE)
def test_a_person_signs_in_and_out(
    browser: Browser, server: Server, told: list[str], *, language: str, email: str, name: str
) -> None:
    """PAR with PKCE, consent, tokens, an API, userinfo, refresh, a refusal, sign-out; in both languages."""
    seen = Seen()
    with person(browser, 1280, language) as context:
        page = context.new_page()
        seen.watch(page)
        first = goes_through(page, server, language, email)
        second = does_everything(page, name)
        leaves(page, server, FIRST[language][2])
    secret = [*(first[each] for each in TOKENS), second["access_token"], second["refresh_token"]]
    assert len(set(secret)) == 5
    codes = [found[1] for url in seen.urls if (found := re.search(r"[?&]code=([^&]+)", url))]
    assert len(codes) == 1
    told += [*secret, *codes, password(server, email)]
    assert [url for url in seen.urls if any(each in url for each in secret)] == []
    assert any("code_challenge_method=S256" in form for form in seen.forms)
    asked = next(url for url in seen.urls if "/authorize?" in url)
    assert re.fullmatch(rf"{server.url}/authorize\?client_id=[^&]+&request_uri=[^&]+", asked)
    assert seen.wrong == []


def test_who_says_no_is_told_what_to_do(browser: Browser, server: Server) -> None:
    """The application gets nothing, says so, and the next sign-in is one Tab away."""
    with person(browser) as context:
        page, seen = context.new_page(), Seen()
        seen.watch(page)
        page.goto(f"{server.url}/demo/app")
        signs_in(page, server, "admin@example.com", "#deny")
        expect(page.locator("#problem")).to_contain_text("You did not allow it")
        expect(page.locator("#error-code")).to_have_text("access_denied")
        expect(page.locator("#problem")).to_be_focused()
        assert kept(page).get("session") is None
        page.keyboard.press("Tab")
        expect(page.locator("#begin")).to_be_focused()
        assert seen.wrong == []


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("code=c&state=s&iss={root}/", "stranger"),
        ("code=c&state={state}&iss=https://evil.example/", "issuer"),
        ("code=wrong&state={state}&iss={root}/", "refused"),
        ("error=server_error&state={state}&iss={root}/", "refused"),
    ],
)
def test_an_answer_that_does_not_fit_is_not_used(
    browser: Browser, server: Server, query: str, kind: str
) -> None:
    """Another state, another issuer, a wrong code, an error: each is explained, and nothing is kept of it."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{server.url}/demo/app")
        page.click("#begin")
        page.wait_for_url("**/login**")
        page.goto(f"{server.url}/static/mark.svg")
        pending = kept(page)["pending"]
        page.goto(f"{server.url}/demo/app?" + query.format(state=pending["state"], root=server.url))
        expect(page.locator(f"[data-problem={kind}]")).to_be_visible()
        expect(page).to_have_url(f"{server.url}/demo/app")
        assert (kept(page)["pending"], kept(page)["session"]) == (None, None)


def test_ended_tokens_are_explained(browser: Browser, server: Server) -> None:
    """What was taken away in the account no longer works, and the page says what to do instead."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{server.url}/demo/app")
        signs_in(page, server, "admin@example.com")
        account = context.new_page()
        account.goto(f"{server.url}/account")
        account.locator("#apps form button").click()
        expect(account.locator("#done")).to_be_visible()
        page.click("#call")
        expect(page.locator("[data-problem=expired]")).to_be_visible()
        page.click("#refresh")
        expect(page.locator("[data-problem=ended]")).to_be_visible()
        expect(page.locator("#begin")).to_be_visible()


def test_a_server_that_is_away_is_named(browser: Browser, server: Server) -> None:
    """Without a network the page says that the server does not answer."""
    with person(browser) as context:
        page = context.new_page()
        page.goto(f"{server.url}/demo/app")
        context.set_offline(offline=True)
        page.click("#begin")
        expect(page.locator("[data-problem=unreachable]")).to_be_visible()
