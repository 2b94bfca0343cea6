"""Somebody's browser over HTTP, and an application that redeems what it is sent: honest, or an attacker's."""

import base64
import hashlib
import html
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.attacks.household import API, CALLBACKS, PASSWORD, Household, secret_of
from tests.attacks.target import HOST

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SSO = "__Host-sekisho-sso-demo"
EVERYTHING = "openid profile email offline_access read:things write:things"
_CSRF = re.compile(r'name="csrf" value="([^"]*)"')
MOST_HOPS = 8


@dataclass
class Guest:
    """A browser: it keeps cookies, goes where it is told on our side, and stops at other people's doors."""

    home: Household
    host: str = HOST
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where the pages are."""
        return f"https://{self.host}"

    def send(self, method: str, address: str, **more: Any) -> httpx.Response:
        """One request with the cookies that it has; its answer's cookies are kept."""
        told = {**self.headers, **more.pop("headers", {})}
        if self.cookies and "cookie" not in told:
            told["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        raw = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
        with self.home.web(self.host) as web:
            answer = web.request(method, address.removeprefix(self.origin), headers=raw, **more)
        for value in answer.headers.get_list("set-cookie"):
            key, _, rest = value.partition("=")
            self.cookies[key] = rest.partition(";")[0]
            if "Max-Age=0" in rest:
                del self.cookies[key]
        return answer

    def follows(self, answer: httpx.Response) -> httpx.Response:
        """Onward, until there is a page, or somebody else's address."""
        for _ in range(MOST_HOPS):
            if not answer.is_redirect or not answer.headers["location"].startswith(self.origin):
                return answer
            answer = self.send("GET", answer.headers["location"])
        raise AssertionError("it never ends")

    def opens(self, address: str, **headers: str) -> httpx.Response:
        """A page, wherever it is in the end."""
        return self.follows(self.send("GET", address, headers=headers))

    def authorizes(self, client: str = "web", **more: str | None) -> httpx.Response:
        """An application sends the person here; the page that they come to, or the answer."""
        return self.opens(f"/authorize?{urlencode(request(client, **more))}")

    def posts(self, page: httpx.Response, **form: str) -> httpx.Response:
        """The form of a page, with its token unless told otherwise; where that leads."""
        told = {"csrf": token_of(page), **form}
        return self.follows(self.send("POST", address_of(page), data=told, headers={"origin": self.origin}))

    def signs_in(
        self, page: httpx.Response | None = None, name: str = "aya@example.com", text: str = PASSWORD
    ) -> httpx.Response:
        """The form of the sign-in page."""
        return self.posts(page or self.opens("/login"), username=name, password=text)

    def answered(self, client: str = "web", **more: str | None) -> dict[str, str]:
        """What the application is told in the end: Aya signs in and agrees where she is asked."""
        answer = self.authorizes(client, **more)
        if answer.request.url.path == "/login":
            answer = self.signs_in(answer)
        if answer.request.url.path == "/consent":
            answer = self.posts(answer, decision="allow")
        return told(answer)


def request(client: str = "web", **more: str | None) -> dict[str, str]:
    """An authorization request; None leaves a parameter out."""
    asked: dict[str, str | None] = {
        "client_id": client,
        "response_type": "code",
        "redirect_uri": CALLBACKS[client],
        "scope": EVERYTHING,
        "audience": API,
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return {name: value for name, value in asked.items() if value is not None}


def address_of(page: httpx.Response) -> str:
    """Where a page is, and where its form goes."""
    return page.request.url.raw_path.decode()


def token_of(page: httpx.Response) -> str:
    """What the form of a page carries."""
    found = _CSRF.search(page.text)
    assert found, page.text
    return html.unescape(found[1])


def told(answer: httpx.Response) -> dict[str, str]:
    """What the address says that an application is called back at."""
    assert answer.is_redirect, (answer.status_code, answer.request.url, answer.text[-2000:])
    parts = urlsplit(answer.headers["location"])
    pairs = parse_qsl(parts.query or parts.fragment, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def proof(client: str) -> dict[str, str]:
    """What an application says who it is with."""
    if client in ("spa", "native"):
        return {"client_id": client}
    return {"client_id": client, "client_secret": secret_of(client)}


def redeem(home: Household, code: str, client: str = "web", **more: str | None) -> httpx.Response:
    """A code is shown."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACKS.get(client),
        "code_verifier": VERIFIER,
        **more,
    }
    return ask(home, client, form)


def refresh(home: Household, text: str, client: str = "web", **more: str | None) -> httpx.Response:
    """A refresh token is shown."""
    return ask(home, client, {"grant_type": "refresh_token", "refresh_token": text, **more})


def ask(
    home: Household, client: str, form: Mapping[str, str | None], path: str = "/oauth/token"
) -> httpx.Response:
    """A client asks, with its proof; None leaves a parameter out."""
    wanted = {name: value for name, value in {**proof(client), **form}.items() if value is not None}
    host = HOST
    with home.web(host) as web:
        return web.post(path, data=wanted)


def tokens(home: Household, client: str = "web", guest: Guest | None = None, **more: str | None) -> Any:
    """The tokens of a sign-in."""
    code = (guest or Guest(home)).answered(client, **more)["code"]
    answer = redeem(home, code, client)
    assert answer.status_code == 200, answer.text
    return answer.json()


def is_live(home: Household, token: str, gate: str = "gate-0") -> bool:
    """What the API that a token is for is told of it."""
    answer = ask(home, gate, {"token": token}, "/oauth/introspect")
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["active"])


def who(home: Household, token: str, **headers: str) -> httpx.Response:
    """The bearer of a token asks whose it is."""
    with home.web(HOST, authorization=f"Bearer {token}", **headers) as web:
        return web.get("/userinfo")


def is_refused(answer: httpx.Response, *errors: str) -> None:
    """One of these errors, and nothing that anybody could use."""
    assert answer.status_code in (400, 401, 403), answer.text
    assert answer.json()["error"] in errors, answer.text
    assert "token" not in answer.json()
    assert not {"access_token", "refresh_token", "id_token"} & answer.json().keys()
    assert answer.headers["cache-control"] == "no-store"


def together(most: int, act: Callable[[int], Any]) -> list[Any]:
    """As many at the same moment; what each of them got."""
    ready = Barrier(most)

    def one(number: int) -> Any:
        ready.wait()
        return act(number)

    with ThreadPoolExecutor(most) as pool:
        return list(pool.map(one, range(most)))
