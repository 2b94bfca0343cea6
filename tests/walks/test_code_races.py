"""One code, one refresh token, many who show it at once, over two processes of one database."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import httpx
from msgspec.structs import replace

from sekisho.house import open_house
from sekisho.model.step import Save
from sekisho.settings import load
from sekisho.spec.policy import Policy
from sekisho.tenant import Tenant
from tests.outside import free_port
from tests.servers import Installation, Server
from tests.tenants import SECRET
from tests.visitor import CALLBACK, EVERYTHING, VERIFIER, Browser, person, web_client

MANY = 200
PROOF = {"client_id": "web", "client_secret": SECRET}


@asynccontextmanager
async def inside(installation: Installation) -> AsyncIterator[Tenant]:
    """The tenant, as a third process of this installation has it."""
    house = await open_house(load(None, installation.environment()))
    try:
        tenant = house.directory.named("main")
        assert tenant
        yield tenant
    finally:
        await house.close()


async def prepared(installation: Installation, policy: Policy) -> None:
    """A person and a web client, and how the tenant treats refresh tokens."""
    async with inside(installation) as tenant:
        who, what = person(tenant=tenant.id), web_client(tenant=tenant.id)
        record = replace(tenant.record, policy=policy)
        assert await tenant.change(Save(who), Save(what), Save(record)) is None


async def a_code(installation: Installation) -> str:
    """A code for everything, by the verbs that the pages use."""
    async with inside(installation) as tenant:
        return await Browser(tenant, root=installation.public_url).code(scope=EVERYTHING)


@contextmanager
def two(installation: Installation, policy: Policy | None = None) -> Iterator[tuple[Server, Server]]:
    """Two servers that know the person and the client."""
    asyncio.run(prepared(installation, policy or Policy()))
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        yield here, there


async def at_once(servers: tuple[Server, Server], form: dict[str, str]) -> list[httpx.Response]:
    """The same request many times at the same moment, half of them at each server."""
    host = servers[0].installation.public_url.partition("://")[2]
    limits = httpx.Limits(max_connections=MANY)
    async with httpx.AsyncClient(headers={"host": host}, timeout=60, limits=limits) as web:
        requests = (web.post(f"{servers[n % 2].url}/oauth/token", data=form) for n in range(MANY))
        return list(await asyncio.gather(*requests))


def redeeming(code: str) -> dict[str, str]:
    return {
        **PROOF,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }


def refreshing(text: str) -> dict[str, str]:
    return {**PROOF, "grant_type": "refresh_token", "refresh_token": text}


def userinfo(server: Server, text: str) -> int:
    return server.web().get("/userinfo", headers={"authorization": f"Bearer {text}"}).status_code


def test_a_code_that_leaked_gives_nothing(installation: Installation) -> None:
    """200 redeem one code: one wins, the replay of the others takes it all back. RFC 6749 4.1.2, class 16."""
    with two(installation) as servers:
        code = asyncio.run(a_code(installation))
        answers = asyncio.run(at_once(servers, redeeming(code)))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 400: MANY - 1}
        assert {answer.json()["error"] for answer in answers if answer.is_error} == {"invalid_grant"}
        (won,) = [answer.json() for answer in answers if answer.is_success]
        for server in servers:
            assert userinfo(server, won["access_token"]) == 401
            refused = server.web().post("/oauth/token", data=refreshing(won["refresh_token"]))
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_nobody_is_signed_out_for_asking_at_once(installation: Installation) -> None:
    """200 refresh one token: each gets the same successor, which is good; the tokens all work. Class 18."""
    with two(installation, Policy(refresh_leeway=60)) as servers:
        first = servers[0].web().post("/oauth/token", data=redeeming(asyncio.run(a_code(installation))))
        assert first.status_code == 200, first.text
        answers = asyncio.run(at_once(servers, refreshing(first.json()["refresh_token"])))
        assert Counter(answer.status_code for answer in answers) == {200: MANY}
        (successor,) = {answer.json()["refresh_token"] for answer in answers}
        assert successor != first.json()["refresh_token"]
        assert {userinfo(servers[n % 2], answers[n].json()["access_token"]) for n in range(0, MANY, 20)} == {
            200
        }
        again = servers[1].web().post("/oauth/token", data=refreshing(successor))
        assert again.status_code == 200
        assert again.json()["refresh_token"] != successor


def test_an_old_token_ends_the_family_everywhere(installation: Installation) -> None:
    """What was replaced longer ago than the leeway is a theft, whichever process sees it. Class 18."""
    with two(installation, Policy(refresh_leeway=1)) as servers:
        first = (
            servers[0].web().post("/oauth/token", data=redeeming(asyncio.run(a_code(installation)))).json()
        )
        second = servers[1].web().post("/oauth/token", data=refreshing(first["refresh_token"])).json()
        assert userinfo(servers[0], second["access_token"]) == 200
        time.sleep(1.5)
        answers = asyncio.run(at_once(servers, refreshing(first["refresh_token"])))
        assert Counter(answer.status_code for answer in answers) == {400: MANY}
        for server in servers:
            told = server.web().post("/oauth/token", data=refreshing(second["refresh_token"])).json()
            assert told["error_description"] == "Unknown or invalid refresh token."
            assert userinfo(server, second["access_token"]) == 401
