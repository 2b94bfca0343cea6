"""Class 69: somebody writes into our pages: by names of clients, people and APIs, addresses, pictures."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.fetch.fetcher import Fetcher
from sekisho.fetch.order import Fetched
from sekisho.model.client import ReplyUrl
from sekisho.pages import press
from sekisho.people import invitations
from tests.attacks.guest import Guest, ask, request, token_of, tokens
from tests.attacks.household import API, AYA, Household, apis

PAYLOADS = (
    '"><script>evil()</script>', "'><img src=x onerror=evil()>", "</title></style><svg/onload=evil()>",
    '" autofocus onfocus="evil()', "javascript:evil()", "{{7*7}}${7*7}<%=7*7%>", "<!--", "]]><x-evil>",
    "\u202e\u2066</bdi><a href=//evil.example>", "&lt;script&gt;evil()&lt;/script&gt;",
    "{0.__class__}{evil}%(evil)s",
)  # fmt: skip
ADDRESSES = (
    "javascript:evil()", "JaVaScRiPt:evil()", "data:text/html,<script>evil()</script>", "vbscript:evil()",
    "//evil",
    'https://evil.example/"onmouseover=evil()//', "\tjavascript:evil()", "blob:evil", "file:///etc/passwd",
)  # fmt: skip

_OURS = re.compile(r"(/t/demo)?/static/[a-z]+\.js\?v=[0-9a-f]+")


@dataclass
class Page(HTMLParser):
    """What a browser makes of a page: whatever in it could run, load or lead away."""

    nonce: str
    found: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        if tag == "script":
            if told.get("nonce") != self.nonce or not _OURS.fullmatch(told.get("src") or ""):
                self.found.append(f"script {told}")
        elif tag in ("iframe", "object", "embed", "base", "style", "template", "math") or "evil" in tag:
            self.found.append(tag)
        for name, value in attrs:
            scheme = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name.startswith("on") or name == "style" or "evil" in name or name == "srcdoc":
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "formaction") and not re.match(
                r"(https://|/(?!/)|\?|#)", scheme
            ):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script" and data.strip() and "evil" in data:
            self.found.append(data)


def is_clean(answer: httpx.Response) -> None:
    """Nothing in it is anybody else's, and if it were, the page's policy would not let it run."""
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";")
    )
    nonce = policy["script-src"].removeprefix("'nonce-").removesuffix("'")
    assert re.fullmatch(r"'nonce-[\w-]{20,}'", policy["script-src"])
    assert (policy["default-src"], policy["base-uri"], policy["frame-ancestors"]) == (
        "'none'",
        "'none'",
        "'none'",
    )
    assert policy["style-src"] == "'self'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "*" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(nonce)
    page.feed(answer.text)
    assert page.found == []
    assert page.tags.count("script") == 1


def pages(home: Household, guest: Guest, client: str = "third") -> Iterator[httpx.Response]:
    """Every page that a person comes to, on the way in and out."""
    page = guest.authorizes(client)
    assert page.request.url.path == "/login"
    yield page
    yield guest.signs_in(page, text="wrong")
    page = guest.signs_in(page)
    assert page.request.url.path == "/consent"
    yield page
    assert guest.posts(page, decision="allow").is_redirect
    account = guest.opens("/account")
    yield account
    yield guest.opens(f"/oidc/logout?client_id={client}&state=x")
    form = {"csrf": token_of(account), "current-password": "wrong", "new-password": "x"}
    yield guest.send("POST", "/account/password", data=form)
    ticket = asyncio.run(invitations.invite(home.tenant, AYA, Actor()))
    yield Guest(home).opens(f"/invitation?ticket={ticket}")
    yield Guest(home).opens("/signup")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_are_texts(home: Household, payload: str) -> None:
    """Whatever a client, an API, a tenant or a person is called, pages show it and do nothing else."""
    api = next(each for each in apis() if each.identifier == API)
    scopes = tuple(replace(each, description=payload) for each in api.scopes)
    home.change(replace(api, name=payload, scopes=scopes, version=1))
    home.client("third", name=payload, description=payload)
    claims = {"name": payload, "email": f"{payload}@example.com", "zoneinfo": payload, "locale": payload}
    home.person(claims={**claims, "picture": payload, "phone_number": payload}, username=payload)
    home.decide(friendly_name=payload, sign_up_allowed=True, support_url=payload, picture_url=payload)
    count = 0
    for answer in pages(
        home, Guest(home, headers={"user-agent": payload.encode().decode("ascii", "ignore")})
    ):
        is_clean(answer)
        count += 1
    assert count == 8


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_of_a_client_lead_nowhere_bad(home: Household, address: str) -> None:
    """Links and pictures that a client names are https, or are not there."""
    home.decide(sign_up_allowed=True)
    home.client("third", logo_uri=address, policy_uri=address, tos_uri=address, initiate_login_uri=address)
    for answer in pages(home, Guest(home)):
        is_clean(answer)
        assert "javascript:" not in answer.text.lower()
    if not address.startswith("https"):
        with home.web() as web:
            assert web.get("/logo/third").status_code in (400, 404)


QUERIES = (
    "/login?login_hint={}", "/login?return_to={}", "/login?ui_locales={}", "/login?flow={}",
    "/login?x={}&{}=x",
    "/consent?flow={}", "/authorize?client_id={}", "/authorize?client_id=web&redirect_uri={}", "/{}",
    "/t/{}/login",
    "/authorize?client_id=web&request_uri=urn:ietf:params:oauth:request_uri:{}", "/oidc/logout?state={}",
    "/oidc/logout?client_id=web&post_logout_redirect_uri={}", "/oidc/logout?id_token_hint={}",
    "/account?done={}",
    "/signup?login_hint={}", "/invitation?ticket={}", "/oidc/logout?logout_hint={}&ui_locales={}", "/logo/{}",
    "/authorize/resume?flow={}", "/oauth/token?error={}", "/help/adobe-pass?{}",
)  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_was_sent_comes_back_as_text(home: Household, payload: str) -> None:
    """No parameter, path or header of a request becomes a part of the page that answers it."""
    home.decide(sign_up_allowed=True)
    guest = Guest(home)
    guest.signs_in()
    typed = quote(payload, safe="")
    told = {
        "accept": "text/html",
        "accept-language": "en",
        "x-correlation-id": "<evil>",
        "referer": "https://evil/",
    }
    for who in (Guest(home), guest):
        for query in QUERIES:
            answer = who.send("GET", query.replace("{}", typed), headers=told)
            assert "evil" not in str(answer.headers.get("x-correlation-id"))
            if answer.headers.get("content-type", "").startswith("text/html"):
                is_clean(answer)
            else:
                assert answer.is_redirect or answer.headers["content-type"] == "application/json"
    page = Guest(home)
    form = {"csrf": token_of(page.opens("/login")), "username": payload, "password": payload}
    is_clean(page.send("POST", "/login", data=form))
    form = {"csrf": token_of(page.opens("/signup")), "email": payload, "password": payload}
    is_clean(page.send("POST", "/signup", data=form))
    form = {
        "csrf": token_of(guest.opens("/account")),
        "name": payload,
        "zoneinfo": payload,
        "locale": payload,
    }
    guest.follows(guest.send("POST", "/account/profile", data=form))
    is_clean(guest.opens("/account"))


@pytest.mark.parametrize(
    "uri",
    [
        "https://x;script-src 'unsafe-inline'/cb", "https://*/cb", "javascript:evil()", "data:text/html,x",
        "https://a.example 'unsafe-inline'/cb", "x-y;z:/cb", "https://[::1]/cb",
        "https://\u00e9vil.example/cb",
        "https://a.example,https://evil.example/cb", "https://a.example\r\nset-cookie: x=y/cb",
    ],
)  # fmt: skip
def test_an_address_does_not_loosen_the_policy(home: Household, uri: str) -> None:
    """The address that a form may lead to is one source in the page's policy, and never a directive."""
    home.client("third", reply_urls=(ReplyUrl(uri),))
    answer = Guest(home).authorizes("third", redirect_uri=uri)
    if answer.status_code == 200:
        is_clean(answer)
        parts = [part.strip() for part in answer.headers["content-security-policy"].split(";")]
        assert len(parts) == len({part.split(" ")[0] for part in parts})
        assert not [part for part in parts if part.startswith("script-src") and "nonce" not in part]


PICTURES = (
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='evil()'/>",
    b"<?xml version='1.0'?><svg onload='evil()'/>",
    b"<html><script>evil()</script>", b"\xef\xbb\xbf<svg onload='evil()'/>", b"evil()", b"", b"%PDF-1.4 evil",
    b" \x89PNG\r\n\x1a\n", b"RIFFxxxxWAVE",
)  # fmt: skip


def test_a_picture_is_a_picture(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a client calls its logo is shown if it begins as a picture does, and even then it runs nothing."""
    home.client("third", logo_uri="https://third.example.net/logo.svg")

    def sends(body: bytes) -> Any:
        async def get(*_: object, **__: object) -> Fetched:
            return Fetched(body, "image/svg+xml", 0)

        return get

    with home.web() as web:
        for body in PICTURES:
            monkeypatch.setattr(Fetcher, "get", sends(body))
            answer = web.get("/logo/third")
            assert (answer.status_code, b"evil" in answer.content) == (404, False)
        # A picture that is a script, too: nothing takes it for one.
        monkeypatch.setattr(Fetcher, "get", sends(b"GIF89a/*<svg onload=evil()>*/=1;evil()"))
        answer = web.get("/logo/third")
        assert answer.headers["content-type"] == "image/gif"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "name", ["a\r\nset-cookie: evil=1", "a\nevil: 1", "a\x00b", "a\u2028b", "a\x85b", "a\x1b[31mb"]
)
def test_lines_are_not_broken(home: Household, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Line ends in what is sent end no header, and in no log the line that they are in."""
    guest = Guest(home)
    page = guest.authorizes(state=name, login_hint=name)
    answers = [page]
    if page.status_code == 200:
        answers.append(guest.signs_in(page, name, name))
        answers.append(guest.signs_in(guest.authorizes(state=name)))
    paths = (
        "/login?flow={}",
        "/authorize?client_id={}",
        "/oidc/logout?state={}",
        "/{}",
        "/account?done={}",
    )
    answers += [guest.send("GET", path.format(quote(name, safe=""))) for path in paths]
    form = {"grant_type": name, "client_id": name, "code": name}
    answers.append(ask(home, "web", form))
    for each in answers:
        assert not {"evil", "set-cookie: evil"} & {key.lower() for key in each.headers}
        assert not [value for value in each.headers.get_list("set-cookie") if "evil" in value]
        assert "\r" not in each.headers.get("location", "")
    lines = capsys.readouterr().out.splitlines()
    assert not [
        line for line in lines if line.startswith(("set-cookie: evil", "evil: 1")) or "\x1b[31mb" in line
    ]


def test_an_application_cannot_pass_for_another(home: Household) -> None:
    """Its name stands by itself in the sentence, and beside it where the person goes back to."""
    home.client(
        "third",
        name="Example\u202e Bank' asks on behalf of Sekisho",
        reply_urls=(ReplyUrl("https://x.example/cb"),),
    )
    guest = Guest(home)
    page = guest.signs_in(guest.authorizes("third", redirect_uri="https://x.example/cb"))
    assert page.request.url.path == "/consent"
    text = page.text
    for part in re.split(
        r"<bdi>.*?</bdi>", re.sub(r"<title>.*?</title>", "", text, flags=re.DOTALL), flags=re.DOTALL
    ):
        assert "\u202e" not in part
    assert "<b>x.example</b>" in text
    with home.web() as web:
        # Strangers register nothing, and the management API takes no markup in a name.
        assert web.post("/oidc/register", json={"client_name": "<b>x"}).status_code == 404


def test_answers_for_programs_are_no_pages(home: Household) -> None:
    """Claims, tokens and errors are JSON that no browser takes for anything else."""
    home.person(claims={"name": "<script>evil()</script>", "email": "aya@example.com"})
    given = tokens(home)
    with home.web(authorization=f"Bearer {given['access_token']}", accept="text/html") as web:
        answers = [
            web.get("/userinfo"),
            web.get("/userinfo", headers={"authorization": "Bearer <svg onload=evil()>"}),
        ]
        answers += [
            web.post("/oauth/token", data={"grant_type": "<svg onload=evil()>", "client_id": "<script>"})
        ]
        answers += [web.post("/oauth/par", data={**request(), "client_id": "<svg onload=evil()>"})]
    for each in answers:
        assert each.headers["content-type"].startswith("application/json")
        assert each.headers["x-content-type-options"] == "nosniff"


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With templates that do not escape, a name is a script; the page's policy would still hold it."""
    monkeypatch.setattr(press._TEMPLATES, "autoescape", False)
    assert press._TEMPLATES.cache is not None
    press._TEMPLATES.cache.clear()
    try:
        answer = Guest(home).authorizes("third", login_hint=PAYLOADS[0])
    finally:
        press._TEMPLATES.cache.clear()
    page = Page("")
    page.feed(answer.text)
    assert page.tags.count("script") == 2
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
