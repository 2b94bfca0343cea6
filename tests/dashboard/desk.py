"""An administrator at work on the memory tenant: pages by their address, forms with their token."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.artifact import Console, Owner
from sekisho.model.connection import DATABASE, Connection
from sekisho.model.event import Event
from sekisho.model.step import Put, Save
from sekisho.model.user import User
from sekisho.pages.dashboard import ROUTES
from sekisho.pages.dashboard.administrator import COOKIE
from sekisho.pages.render import render
from sekisho.pages.says import says
from sekisho.people import administrators
from sekisho.registry import system_apis
from sekisho.spec.browser import cookie
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.policy import Policy
from sekisho.store import Window
from sekisho.tenant import Tenant
from sekisho.web.route import Route, Routes
from tests.tenants import Clock
from tests.visitor import Browser, people_tenant

TABLE = Routes(
    Route(method=method, path=path, endpoint=page, says=says, reads=reads)
    for method, path, page, reads in ROUTES
)


@dataclass
class AtDesk:
    """Somebody who administers, in their browser."""

    browser: Browser
    user: User
    console: Console

    @property
    def tenant(self) -> Tenant:
        """The tenant that is administered."""
        return self.browser.tenant

    @staticmethod
    def actor_of(user: User) -> Actor:
        """Somebody as the audit names them."""
        return Actor(user=user.user_id)

    async def get(self, address: str, **headers: str) -> Answer:
        """The page at an address below /dashboard, with its query."""
        return await self._send("GET", address, (), headers)

    async def post(self, address: str, form: Mapping[str, str | list[str]], **headers: str) -> Answer:
        """Exactly this form."""
        pairs = tuple(
            (name, value)
            for name, told in form.items()
            for value in (told if isinstance(told, list) else [told])
        )
        return await self._send("POST", address, pairs, headers)

    async def fills(self, address: str, action: str = "", /, **form: str | list[str]) -> Answer:
        """The form of a page with its token and its version, otherwise as told."""
        seen = shown(await self.get(address))
        version = str(getattr(seen.get("form"), "version", 0))
        return await self.post(action or address, {"csrf": str(seen["csrf"]), "version": version, **form})

    async def text(self, address: str, language: str = "en") -> str:
        """The page as a browser gets it."""
        query = f"{'&' if '?' in address else '?'}ui_locales={language}"
        return text_of(await self.get(address + query), self.tenant, language)

    async def happened(self) -> list[Event]:
        """The audit, oldest first."""
        await self.tenant.audit.flush()
        found = await self.tenant.store.events(self.tenant.id, {}, Window(limit=200))
        return found[::-1]

    async def _send(self, method: str, address: str, form: Pairs, more: Mapping[str, str]) -> Answer:
        split = urlsplit(address)
        path = f"/dashboard{split.path}"
        found = TABLE.find(method, path)
        ask: Ask = self.browser.ask(path, {}, "POST")
        headers = {**ask.headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        query = tuple(parse_qsl(split.query, keep_blank_values=True))
        ask = replace(ask, method=method, query=query, form=form, headers=headers, names=found.names)
        return self.browser.keep(await found.route.endpoint(ask, self.tenant))


async def at_desk(rank: str = "Owner", clock: Clock | None = None, policy: Policy | None = None) -> AtDesk:
    """The people's tenant with an administrator of this rank, who signed in just now."""
    tenant = await people_tenant(clock, policy)
    assert await tenant.change(Save(system_apis.system(tenant.id, 0))) is None
    if await tenant.store.named(Connection, tenant.id, DATABASE) is None:
        assert await tenant.change(Save(Connection(tenant=tenant.id, id="con_1"))) is None
    return await another(tenant, rank)


async def another(tenant: Tenant, rank: str) -> AtDesk:
    """One more administrator of a tenant."""
    user = await administrators.appoint(tenant, f"{rank.lower()}@example.com", Actor(), rank)
    session, handle = str(uuid.uuid4()), uuid.uuid4().hex
    console = Console(
        id=str(uuid.uuid4()),
        owner=Owner(tenant=tenant.id, session=session, user=user.user_id),
        born=tenant.now(),
        expires_at=tenant.now() + 3_600,
        auth_time=tenant.now(),
    )
    assert await tenant.store.write(Put(console, handle)) is None
    browser = Browser(tenant)
    name = cookie.name_of(COOKIE, tenant.record.slug, browser.ask("/", {}))
    browser.cookies[name] = handle
    return AtDesk(browser, user, console)


def shown(answer: Answer) -> Mapping[str, object]:
    """What the page was given to show."""
    assert answer.page is not None, answer
    return answer.page[1]


def text_of(answer: Answer, tenant: Tenant, language: str = "en") -> str:
    """The page as HTML."""
    headers = {"accept-language": language}
    ask = Ask(method="GET", path="/dashboard", root="https://demo.example.com", headers=headers)
    return render(answer, ask, tenant).body.decode()
