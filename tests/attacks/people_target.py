"""What is attacked where people sign in: somebody with a password, their browser, the clients that ask."""

import base64
import hashlib
import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from sekisho.model.connection import DATABASE
from sekisho.model.password import Password
from sekisho.model.record import Record
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.spec.password import cost_of
from sekisho.tenant import Tenant
from tests.attacks.target import HOST, OTHER_HOST, Target
from tests.servers import made

APP = "https://app.example.com"
CALLBACK = f"{APP}/cb"
QUERIED = f"{APP}/cb?tenant=1"
BYE = f"{APP}/bye"
SHOP = "https://shop.example.net/cb"
LOOPBACK = "http://127.0.0.1/cb"
PRIVATE = "com.example.app:/cb"
EVIL = "https://evil.example"
VERIFIER = "v" * 43
KIM, LEE = "kim@example.com", "lee@example.com"
PASSWORD = "seven blue lanterns"
PAGE = {"accept": "text/html,application/xhtml+xml"}
# Who asks people: the tenant's own application, somebody else's, and one without credentials.
ASKERS: dict[str, dict[str, Any]] = {
    "web": {
        "app_type": "regular_web",
        "grant_types": ["authorization_code", "refresh_token"],
        "callbacks": [CALLBACK, QUERIED],
        "allowed_logout_urls": [BYE, f"{BYE}?from=us"],
    },
    "shop": {
        "app_type": "regular_web",
        "grant_types": ["authorization_code", "refresh_token"],
        "is_first_party": False,
        "callbacks": [SHOP],
        "allowed_logout_urls": ["https://shop.example.net/bye"],
    },
    "native": {
        "app_type": "native",
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        "callbacks": [LOOPBACK, PRIVATE],
    },
}


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def residents(tenant: Tenant) -> tuple[Save, ...]:
    """Kim and Lee, who have a password that costs as little as is allowed, in every tenant."""
    hashed = await tenant.tools.passwords.hash(PASSWORD, cost_of(tenant.policy))
    people: list[Record] = []
    for number, address in enumerate((KIM, LEE)):
        id, name = f"4444444{number}-4444-4444-8444-444444444444", address.partition("@")[0]
        people.append(
            User(
                tenant=tenant.id,
                id=id,
                user_id=f"auth0|{name}",
                connection=DATABASE,
                logins=(address,),
                claims={"name": name.title(), "email": address, "email_verified": True},
            )
        )
        people.append(Password(tenant=tenant.id, id=id, hash=hashed, changed_at=0))
    return tuple(map(Save, people))


@dataclass(frozen=True)
class People:
    """The target, and its clients that ask people."""

    target: Target
    clients: dict[str, dict[str, Any]]

    def id(self, role: str) -> str:
        """What a client calls itself."""
        return str(self.clients[role]["client_id"])

    def home(self, role: str) -> str:
        """Where a client is answered unless it says otherwise."""
        return str(self.clients[role]["callbacks"][0])

    def asking(self, role: str = "web", **more: Any) -> dict[str, Any]:
        """An authorization request; what is None is left out, a list is sent several times."""
        told = {
            "client_id": self.id(role),
            "response_type": "code",
            "redirect_uri": self.home(role),
            "scope": "openid profile email",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **more,
        }
        return {name: value for name, value in told.items() if value is not None}

    def redeeming(self, role: str, code: str, **more: Any) -> dict[str, Any]:
        """A client's own request for what a code stands for."""
        told = {
            "grant_type": "authorization_code",
            "client_id": self.id(role),
            "client_secret": self.clients[role].get("client_secret"),
            "redirect_uri": self.home(role),
            "code_verifier": VERIFIER,
            "code": code,
            **more,
        }
        return {name: value for name, value in told.items() if value is not None}

    def redeem(self, role: str, code: str, host: str = HOST, **more: Any) -> httpx.Response:
        """The token endpoint's answer to that."""
        with self.target.web(host) as web:
            return web.post("/oauth/token", data=self.redeeming(role, code, **more))

    def push(self, role: str = "web", **more: Any) -> httpx.Response:
        """The client pushes its request."""
        secret = self.clients[role].get("client_secret")
        with self.target.web() as web:
            return web.post("/oauth/par", data=self.asking(role, **{"client_secret": secret, **more}))

    def pushed(self, role: str = "web", **more: Any) -> dict[str, str]:
        """What a browser is sent with, once a client pushed its request."""
        answer = self.push(role, **more)
        assert answer.status_code == 201, answer.text
        return {"client_id": self.id(role), "request_uri": answer.json()["request_uri"]}

    def browser(self, host: str = HOST) -> "Browser":
        """A browser that was never here."""
        return Browser(self, host)


@dataclass(frozen=True)
class Crumb:
    """A cookie as a browser keeps it."""

    value: str
    same_site: str


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies by the rules, fills in forms, and follows nobody by itself."""

    people: People
    host: str = HOST
    cookies: dict[str, Crumb] = field(default_factory=dict)

    def get(self, address: str, site: str = "none", **headers: str) -> httpx.Response:
        """A page: typed (`none`), or a link on this or another site."""
        return self._send("GET", address, site, headers)

    def post(
        self, address: str, form: dict[str, Any], site: str = "same-origin", **headers: str
    ) -> httpx.Response:
        """A form, sent by a page of ours unless told otherwise."""
        origin = f"https://{self.host}" if site == "same-origin" else EVIL
        return self._send("POST", address, site, {"origin": origin, **headers}, data=form)

    def asks(self, role: str = "web", **more: Any) -> httpx.Response:
        """A client sends the person here."""
        return self.opens(self.people.asking(role, **more))

    def opens(self, query: dict[str, Any], path: str = "/authorize") -> httpx.Response:
        """The authorization endpoint with these parameters, as a link of another site."""
        return self.get(f"{path}?{urlencode(query, doseq=True)}", site="cross-site")

    def fills(self, address: str, action: str = "", /, **form: str) -> httpx.Response:
        """The form of a page of ours, with its token."""
        return self.post(action or address, {"csrf": csrf(self.get(address)), **form})

    def signs_in(self, address: str = "/login", name: str = KIM, password: str = PASSWORD) -> httpx.Response:
        """The form of the sign-in page."""
        return self.fills(address, username=name, password=password)

    def goes_on(self, answer: httpx.Response, **form: str) -> httpx.Response:
        """Everything that is asked, done as a willing person would; the answer that leads to the client."""
        while (path := self.here(answer)) is not None:
            if path.startswith(("/login", "/t/acme/login")):
                answer = self.signs_in(path, **form)
            elif path.startswith(("/consent", "/t/acme/consent")):
                answer = self.fills(path, decision="allow")
            else:
                answer = self.get(path)
        return answer

    def code(self, role: str = "web", **more: Any) -> str:
        """A code, by way of whatever pages are needed."""
        return told(self.goes_on(self.asks(role, **more)))["code"]

    def here(self, answer: httpx.Response) -> str | None:
        """The path that an answer leads to at this origin; None where it leads elsewhere."""
        split = urlsplit(location(answer))
        return f"{split.path}?{split.query}" if split.netloc == self.host else None

    def _send(
        self, method: str, address: str, site: str, headers: dict[str, str], **more: Any
    ) -> httpx.Response:
        sent = {**PAGE, "sec-fetch-site": site, **{key.replace("_", "-"): v for key, v in headers.items()}}
        if kept := self._brings(method, site):
            sent.setdefault("cookie", "; ".join(f"{name}={crumb.value}" for name, crumb in kept.items()))
        with self.people.target.web(self.host) as web:
            answer = web.request(method, address, headers=sent, **more)
        for line in answer.headers.get_list("set-cookie"):
            self._keeps(line)
        return answer

    def _brings(self, method: str, site: str) -> dict[str, Crumb]:
        """What goes along: to a request of another site's page not everything (RFC 6265bis section 5.2)."""
        is_lax = site != "cross-site" or method == "GET"
        return {name: crumb for name, crumb in self.cookies.items() if is_lax or crumb.same_site == "None"}

    def _keeps(self, line: str) -> None:
        """A cookie as browsers take it: what has the prefix is for this host alone (section 5.7)."""
        pair, *traits = line.split("; ")
        name, _, value = pair.partition("=")
        assert name.startswith("__Host-"), line
        assert {"Secure", "Path=/", "HttpOnly"} <= set(traits), line
        assert "domain" not in line.lower(), line
        self.cookies[name] = Crumb(value, next(t[9:] for t in traits if t.startswith("SameSite=")))
        if "Max-Age=0" in traits:
            del self.cookies[name]


def csrf(page: httpx.Response) -> str:
    """The token of the page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def location(answer: httpx.Response) -> str:
    """Where an answer leads; empty where it is a page."""
    return str(answer.headers.get("location", ""))


def told(answer: httpx.Response) -> dict[str, str]:
    """What the client is told, in the query or the fragment of its address: each thing once."""
    split = urlsplit(location(answer))
    pairs = parse_qsl(split.fragment or split.query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs), location(answer)
    return dict(pairs)


def seen(page: httpx.Response) -> str:
    """The text of a page as a reader sees it."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page.text))


def ways_out(page: httpx.Response) -> list[str]:
    """Every address in a page that is not one of this origin."""
    found = re.findall(r"""(?:href|src|action|formaction|data|content)=["']?([^"'\s>]*)""", page.text)
    own = f"https://{page.request.headers['host']}/"
    ways = (html.unescape(each) for each in found)
    return [way for way in ways if not way.startswith(own) and re.match(r"//|/\\|\\|[^/?#]*:", way)]


def is_shown(answer: httpx.Response, error: str = "invalid_request") -> httpx.Response:
    """A page of ours says no: nobody is led anywhere, and nothing is kept in the browser."""
    assert answer.status_code == 400, (answer.status_code, answer.text[:500], location(answer))
    assert "location" not in answer.headers
    assert "refresh" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "http-equiv" not in answer.text
    assert not ways_out(answer)
    assert f'<code id="error-code">{error}</code>' in answer.text, answer.text
    return answer


def peopled(target: Target) -> People:
    """The clients that ask people, made by an administrator; one in the other tenant, too."""
    clients = {}
    with target.manage() as manage:
        for role, fields in ASKERS.items():
            clients[role] = made(manage, "clients", name=role.title(), **fields)
    with target.manage(target.other_admin, OTHER_HOST) as manage:
        clients["other"] = made(manage, "clients", name="Other web", **ASKERS["web"])
    return People(target, clients)
