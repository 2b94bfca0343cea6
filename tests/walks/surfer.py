"""A browser that speaks HTTP to the processes of one installation, each request to the next of them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.visitor import CALLBACK, person, request

PATIENCE = 20
PASSWORD = "seven blue lanterns"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """Where the browser is, and what it sees."""

    target: str
    answer: httpx.Response

    @property
    def csrf(self) -> str:
        """The token of the page's form."""
        found = _TOKEN.search(self.answer.text)
        assert found, (self.target, self.answer.status_code, self.answer.text[-2000:])
        return found[1]


@dataclass
class Surfer:
    """It keeps cookies as a browser does, also those that want TLS, which the proxy in front would speak."""

    web: httpx.AsyncClient
    urls: tuple[str, ...]
    origin: str
    login: str = person().logins[0]
    cookies: dict[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    turns: "count[int]" = field(default_factory=count)

    @property
    def credentials(self) -> Mapping[str, str]:
        """What the person types."""
        return {"username": self.login, "password": PASSWORD}

    async def send(self, method: str, target: str, form: Mapping[str, str] | None = None) -> httpx.Response:
        """One request, and no further."""
        own = {"host": self.origin.partition("://")[2], **self.headers}
        if self.cookies:
            own["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            own |= {"origin": self.origin, "sec-fetch-site": "same-origin"}
        url = self.urls[next(self.turns) % len(self.urls)] + target
        answer = await patient(lambda: self.web.request(method, url, data=form, headers=own))
        self._keep(answer)
        return answer

    def _keep(self, answer: httpx.Response) -> None:
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, rest = cookie.partition("=")
            value, _, more = rest.partition(";")
            assert name.startswith("__Host-sekisho-")
            assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in more.split(";")}
            self.cookies[name] = value
            if "Max-Age=0" in more:
                del self.cookies[name]

    def target(self, answer: httpx.Response) -> str:
        """Where an answer leads, if that is a place of ours; otherwise nowhere."""
        location = answer.headers.get("location", "")
        return location.removeprefix(self.origin) if location.startswith(f"{self.origin}/") else ""

    async def goes(self, target: str) -> Page:
        """To a page, by all redirects that are ours."""
        answer = await self.send("GET", target)
        while onward := self.target(answer):
            target, answer = onward, await self.send("GET", onward)
        return Page(target, answer)

    async def authorizes(self, **more: str | None) -> Page:
        """The client sends the person here."""
        return await self.goes(authorization(**more))

    async def posts(self, page: Page, **form: str) -> httpx.Response:
        """The form of a page, with its token."""
        return await self.send("POST", page.target, {"csrf": page.csrf, **form})

    async def fills(self, page: Page, **form: str) -> Page:
        """The same, and on to where that leads."""
        answer = await self.posts(page, **form)
        onward = self.target(answer)
        return await self.goes(onward) if onward else Page(page.target, answer)

    async def through(self, page: Page) -> str:
        """All pages that come: sign in, agree; the code that the client is given in the end."""
        if page.target.startswith("/login?"):
            page = await self.fills(page, **self.credentials)
        if page.target.startswith("/consent?"):
            page = await self.fills(page, decision="allow")
        return code_in(page.answer)

    async def code(self, **more: str | None) -> str:
        """A code for what is asked."""
        return await self.through(await self.authorizes(**more))


async def patient(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Whoever is told to come again does: on a busy machine a process may have too much to do just now."""
    answer = await ask()
    for _ in range(PATIENCE):
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        await asyncio.sleep(0.5)
        answer = await ask()
    return answer


def authorization(**more: str | None) -> str:
    """Where the client sends the person."""
    return f"/authorize?{urlencode(request(**more))}"


def told(answer: httpx.Response) -> dict[str, str]:
    """What the client is told by a redirect."""
    location = answer.headers.get("location", "")
    assert location.startswith(f"{CALLBACK}?"), (answer.status_code, location, answer.text[-2000:])
    return dict(parse_qsl(urlsplit(location).query))


def code_in(answer: httpx.Response) -> str:
    """The code that it is told."""
    return told(answer)["code"]
