"""Processes of one database, with people and their applications, and what a client asks them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx
from msgspec.structs import replace

from sekisho.house import open_house
from sekisho.model.client import ANY_API, Client
from sekisho.model.password import Password
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.settings import load
from sekisho.spec.password import Cost
from sekisho.spec.policy import Policy
from sekisho.tenant import Tenant
from tests.servers import Installation
from tests.tenants import NOW, SECRET, api
from tests.visitor import CALLBACK, VERIFIER, person, web_client
from tests.walks.surfer import PASSWORD, Surfer, patient

CHEAPEST = Cost(memory=7_168, passes=5)
# As many requests as a test likes, a leeway that a busy machine does not outlast, and quick passwords.
POLICY = Policy(
    refresh_leeway=60,
    password_memory_kib=CHEAPEST.memory,
    password_passes=CHEAPEST.passes,
    sign_in_address_burst=0,
    token_client_rate=0,
    token_address_rate=0,
)

NOTHING: Mapping[str, str] = {}
KEN = "ken@example.com"
OTHER = person(
    id=person().id.replace("4", "7"), user_id="auth0|ken", logins=(KEN,), claims={"name": "Ken", "email": KEN}
)


@asynccontextmanager
async def inside(installation: Installation) -> AsyncIterator[Tenant]:
    """The tenant, as one more process of this installation has it."""
    house = await open_house(load(None, installation.environment()))
    try:
        tenant = house.directory.named("main")
        assert tenant
        yield tenant
    finally:
        await house.close()


async def peopled(installation: Installation) -> None:
    """Two people with a password, an application of the tenant's own, one of others, and an API."""
    async with inside(installation) as tenant:
        hashed = await tenant.tools.passwords.hash(PASSWORD, CHEAPEST)
        people = [replace(who, tenant=tenant.id) for who in (person(), OTHER)]
        passwords = [Password(tenant=tenant.id, id=who.id, hash=hashed, changed_at=NOW) for who in people]
        web = web_client(tenant=tenant.id, resource_server_identifier=ANY_API)
        things = api(tenant=tenant.id, allow_offline_access=True)
        record = replace(tenant.record, policy=POLICY)
        nouns = (*people, *passwords, web, stranger(web), things, record)
        assert await tenant.change(*map(Save, nouns)) is None


def stranger(web: Client) -> Client:
    """An application that people have to agree to."""
    return replace(
        web, id=web.id.replace("5", "6"), client_id="stranger", name="Stranger", is_first_party=False
    )


@dataclass(frozen=True)
class Pair:
    """What a test does at both processes."""

    installation: Installation
    urls: tuple[str, ...]
    web: httpx.AsyncClient

    @property
    def host(self) -> str:
        """The name under which every process is asked."""
        return self.installation.public_url.partition("://")[2]

    def surfer(self, who: User | None = None) -> Surfer:
        """Somebody's new browser."""
        return Surfer(self.web, self.urls, self.installation.public_url, (who or person()).logins[0])

    async def post(
        self, path: str, form: Mapping[str, str], n: int = 0, headers: Mapping[str, str] = NOTHING
    ) -> httpx.Response:
        """The client asks one of the processes."""
        own = {"host": self.host, **headers}
        url = self.urls[n % len(self.urls)] + path
        return await patient(lambda: self.web.post(url, data=form, headers=own))

    async def token(self, form: Mapping[str, str], n: int = 0) -> httpx.Response:
        """The token endpoint."""
        return await self.post("/oauth/token", form, n)

    async def storm(self, form: Mapping[str, str], many: int) -> list[httpx.Response]:
        """The same request many times at the same moment, half of them at each process."""
        return list(await asyncio.gather(*(self.token(form, n) for n in range(many))))

    async def lives(self, access_token: str) -> set[bool]:
        """Whether each process thinks that an access token is good, at /userinfo and by introspection."""
        bearer = {"host": self.host, "authorization": f"Bearer {access_token}"}
        found: set[bool] = set()
        for n, url in enumerate(self.urls):
            status = (await patient(partial(self.web.get, f"{url}/userinfo", headers=bearer))).status_code
            assert status in (200, 401), status
            told = (await self.post("/oauth/introspect", {**PROOF, "token": access_token}, n)).json()
            found |= {status == 200, told["active"]}
        return found

    async def refused(self, *refresh_tokens: str) -> None:
        """None of the processes gives anything for them."""
        for text in refresh_tokens:
            for n, _ in enumerate(self.urls):
                answer = await self.token(refreshing(text), n)
                assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), answer.text
                assert answer.json()["error_description"] == "Unknown or invalid refresh token."


PROOF: Mapping[str, str] = {"client_id": "web", "client_secret": SECRET}


def redeeming(code: str, client_id: str = "web") -> dict[str, str]:
    """A code, shown."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return {**PROOF, **form, "client_id": client_id, "code_verifier": VERIFIER}


def refreshing(text: str, client_id: str = "web") -> dict[str, str]:
    """A refresh token, shown."""
    return {**PROOF, "client_id": client_id, "grant_type": "refresh_token", "refresh_token": text}
