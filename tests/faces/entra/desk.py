"""The face behind a door in this process, and tokens as its grants would give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from msgspec.structs import replace

from sekisho import tokens
from sekisho.faces.entra.me import GRAPH
from sekisho.model.api import Api, Scope
from sekisho.model.artifact import Session
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.granted import Granted, SignIn
from sekisho.model.record import Record
from sekisho.model.step import Save, Swap
from sekisho.people import sessions
from sekisho.tenant import Directory, Tenant
from sekisho.web.door import Door
from tests.tenants import NOW, ORIGIN, TENANT, ask, client
from tests.visitor import person

OTHER = TENANT.replace("1", "2")
APP = "66666666-6666-4666-8666-666666666666"
SPA = "https://spa.example.com/"
AWAY = "https://spa.example.com/signed-out"
HEARS = "https://spa.example.com/front"


def graph(**fields: object) -> Api:
    """The API that the reference document's samples ask."""
    told = Api(
        tenant=TENANT,
        id="b" * 24,
        name="Microsoft Graph",
        identifiers=(GRAPH, "https://graph.microsoft.com"),
        scopes=(Scope(id="e1fe6dd8-ba31-4d61-89e7-88639da4683d", value="User.Read"),),
        dialect="entra_v1",
    )
    return replace(told, **fields)


def application(**fields: object) -> Client:
    """A single-page application with an address for afterwards, which wants to hear who leaves."""
    told = client(
        id="77777777-7777-4777-8777-777777777777",
        client_id=APP,
        name="Page",
        secrets=(),
        token_endpoint_auth_method="none",
        reply_urls=(ReplyUrl(SPA, "spa"), ReplyUrl(AWAY, "spa")),
        front_logout_uri=HEARS,
    )
    return replace(told, **fields)


@dataclass
class Desk:
    """A tenant on a host that it shares with another one; whoever asks has the cookies."""

    directory: Directory
    door: Door
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        """As it is now."""
        found = self.directory.named("demo")
        assert found
        return found

    async def change(self, kind: type[Record], id: str, **fields: object) -> None:
        """A record, changed."""
        found = await self.tenant.store.record(kind, TENANT, id)
        assert found
        assert await self.tenant.change(Save(replace(found, **fields))) is None

    async def signs_in(self, *clients: str) -> Session:
        """Aya has a session, in which these applications were signed in to."""
        begun = sessions.begin(person(), ("pwd",), ask(root=ORIGIN), self.tenant)
        assert await self.tenant.store.write(begun.put) is None
        seen = replace(begun.session, clients=dict.fromkeys(clients, NOW))
        assert await self.tenant.store.write(Swap(seen)) is None
        name, _, rest = begun.header[1].partition("=")
        self.cookies[name] = rest.partition(";")[0]
        return seen

    async def is_signed_in(self) -> bool:
        """The browser's session lives."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return await sessions.current(ask(headers={"cookie": cookies}), self.tenant) is not None

    async def token(self, kind: str = "access_token", **fields: Any) -> str:
        """What a person's grant gives the application for Graph."""
        told = Granted(
            id="grant-1",
            grant_type="authorization_code",
            client=application(),
            api=graph(),
            audience="https://graph.microsoft.com",
            issuer=f"{ORIGIN}/",
            subject=person().user_id,
            scopes=("openid", "User.Read"),
            lifetime=3_600,
            at=NOW,
            user=person(),
            sign_in=SignIn(auth_time=NOW, amr=("pwd",)),
            dialect="entra_v2",
        )
        return str(tokens.issue(replace(told, **fields), self.tenant).body[kind])

    async def ask(
        self, path: str, form: Mapping[str, str] | None = None, method: str = "GET", **headers: str
    ) -> httpx.Response:
        """A request to the host that both tenants share."""
        way, _, query = path.partition("?")
        named = {"host": "id.example.com", **{key.replace("_", "-"): value for key, value in headers.items()}}
        if self.cookies:
            named["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            named["content-type"] = "application/x-www-form-urlencoded"
        scope = {
            "type": "http",
            "scheme": "https",
            "method": "POST" if form is not None else method,
            "raw_path": way.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
            "client": ("198.51.100.7", 4711),
        }
        return await self._heard(scope, urlencode(form or {}).encode())

    async def _heard(self, scope: dict[str, Any], body: bytes) -> httpx.Response:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.door(scope, receive, send)
        start, content = sent
        return httpx.Response(start["status"], headers=start["headers"], content=content["body"])
