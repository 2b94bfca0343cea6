"""Visits to pages on the memory tenant: what a browser sends, what the page was given to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from sekisho.model.client import Client
from sekisho.model.password import Password
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.pages import ROUTES
from sekisho.pages.logout import logout
from sekisho.spec.http import Answer
from sekisho.spec.password import Cost
from sekisho.spec.policy import Policy
from sekisho.tenant import Tenant
from tests.tenants import NOW, TENANT, Clock
from tests.visitor import Browser, location, people_tenant, person

PASSWORD = "seven blue lanterns"
PAGES = {(method, path): page for method, path, page, _ in ROUTES} | {
    (method, "/oidc/logout"): logout for method in ("GET", "POST")
}


class Running(Clock):
    """A clock that runs, by a little whenever somebody looks at it."""

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@dataclass
class Visitor:
    """Somebody with a browser, who fills in the forms that they are shown."""

    browser: Browser
    language: str = ""

    async def get(self, address: str, **headers: str) -> Answer:
        """A page."""
        return await self._send("GET", address, {}, headers)

    async def post(self, address: str, form: Mapping[str, str], **headers: str) -> Answer:
        """A form, to an address with its query."""
        return await self._send("POST", address, form, headers)

    async def fills(self, address: str, action: str = "", /, **form: str) -> Answer:
        """The form of a page, with its token."""
        seen = await self.get(address)
        return await self.post(action or address, {"csrf": csrf(seen), **form})

    async def signs_in(
        self, user: User | None = None, password: str = PASSWORD, to: str = "/login"
    ) -> Answer:
        """The form of the sign-in page."""
        return await self.fills(to, username=(user or person()).logins[0], password=password)

    async def _send(
        self, method: str, address: str, form: Mapping[str, str], more: Mapping[str, str]
    ) -> Answer:
        split = urlsplit(address)
        ask = self.browser.ask(split.path, {}, "POST")
        headers = {**ask.headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        query = tuple(parse_qsl(split.query))
        ask = replace(ask, method=method, query=query, form=tuple(form.items()), headers=headers)
        return self.browser.keep(await PAGES[method, split.path](ask, self.browser.tenant))


def csrf(answer: Answer) -> str:
    """The token of the page's form."""
    return str(shown(answer)["csrf"])


def shown(answer: Answer) -> Mapping[str, object]:
    """What the page was given to show."""
    assert answer.page is not None
    return answer.page[1]


async def visited(clock: Clock | None = None, policy: Policy | None = None, **client: object) -> Visitor:
    """The tenant with a person who has a password, and their browser."""
    tenant = await people_tenant(clock, policy, **client)
    await with_password(tenant, person())
    return Visitor(Browser(tenant))


async def with_password(tenant: Tenant, user: User, text: str = PASSWORD) -> None:
    """This user has that password."""
    hashed = await tenant.tools.passwords.hash(text, Cost(memory=7_168, passes=5))
    assert await tenant.change(Save(Password(tenant=TENANT, id=user.id, hash=hashed, changed_at=NOW))) is None


async def into_flow(visitor: Visitor, **more: str | None) -> str:
    """The client sends the person; the address of the page that they come to."""
    return location(await visitor.browser.authorize(**more)).partition("example.com")[2]


async def client_of(visitor: Visitor) -> Client:
    """The web client."""
    found = await visitor.browser.tenant.known.named(Client, TENANT, "web")
    assert found is not None
    return found
