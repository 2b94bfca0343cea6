"""Which pages of other origins may call us: those of a tenant's applications, and no other (Fetch, CORS)."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from sekisho.app import lost, urls
from sekisho.model.client import Client, Registration, ReplyUrl
from sekisho.model.step import Save
from sekisho.tenant import Directory
from sekisho.web.door import Building, Door
from tests.tenants import ORIGIN, Clock, client, demo_directory

NEAR = "https://page.example"
FAR = "https://evil.example"


@pytest.fixture
async def directory() -> Directory:
    """Two tenants."""
    return await demo_directory(Clock())


@pytest.fixture
async def web(directory: Directory) -> AsyncIterator[httpx.AsyncClient]:
    """The door over them, with all its addresses."""
    door = Door(Building(directory, urls(), {}, lost))
    transport = httpx.ASGITransport(app=door)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as found:
        yield found


async def put(directory: Directory, tenant: str = "demo", **fields: Any) -> Client:
    """An application."""
    there = directory.named(tenant)
    assert there is not None
    told = client(tenant=there.id, id=f"6{tenant:0>7.7}-3333-4333-8333-333333333333", **fields)
    assert await there.change(Save(told)) is None
    return told


async def may_call(
    web: httpx.AsyncClient, origin: str, path: str = "/oauth/token", method: str = "POST"
) -> bool:
    """Whether a browser lets a page of this origin ask, and read the answer."""
    told = {"origin": origin, "access-control-request-method": method}
    before = await web.options(path, headers=told)
    answer = await web.request(method, path, headers={"origin": origin})
    allowed = [each.headers.get("access-control-allow-origin") for each in (before, answer)]
    assert allowed in ([origin, origin], [None, None]), path
    assert "origin" in before.headers["vary"]
    assert "origin" in answer.headers["vary"]
    return allowed == [origin, origin]


@pytest.mark.parametrize(
    "fields",
    [
        {"web_origins": (NEAR,)},
        {"allowed_origins": (NEAR,)},
        {"reply_urls": (ReplyUrl(f"{NEAR}/cb?tenant=1"),)},
        {"reply_urls": (ReplyUrl(f"{NEAR}:443/cb", "spa"),)},
    ],
    ids=["web_origins", "allowed_origins", "callbacks", "callback with the usual port"],
)
async def test_whoever_a_client_named(
    web: httpx.AsyncClient, directory: Directory, fields: dict[str, Any]
) -> None:
    """The union of web_origins, allowed_origins and the origins of callbacks. Contract section 0.1."""
    await put(directory, **fields)
    for path, method in (
        ("/oauth/token", "POST"),
        ("/oauth/revoke", "POST"),
        ("/oauth/par", "POST"),
        ("/userinfo", "GET"),
        ("/api/v2/clients", "GET"),
    ):
        assert await may_call(web, NEAR, path, method)
        assert not await may_call(web, FAR, path, method)


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "https://page.example.evil.example", "https://evilpage.example", "http://page.example"),
        *("https://page.example:8443", "https://PAGE.example", "https://page.example/", "https://page"),
        *(f"{NEAR},{FAR}", f"{NEAR} {FAR}", "com.example.app:", "com.example.app://", "x" * 301),
        *("https://*.page.example", "https://a.page.example", "*", "file://"),
    ],
)
async def test_whoever_looks_like_it(web: httpx.AsyncClient, directory: Directory, origin: str) -> None:
    """Letter for letter: not a sibling, not a child, not a pattern, not an application's scheme. Class 12."""
    replies = (ReplyUrl(f"{NEAR}/cb"), ReplyUrl("com.example.app:/cb", "public"))
    await put(directory, reply_urls=replies, web_origins=(NEAR,))
    assert await may_call(web, NEAR)
    assert not await may_call(web, origin)


async def test_a_claim_is_no_origin(web: httpx.AsyncClient, directory: Directory) -> None:
    """Nothing that a request says adds an origin: no client_id, no address, no token. Class 12."""
    await put(directory, reply_urls=(ReplyUrl(f"{NEAR}/cb"),))
    told = {"redirect_uri": f"{FAR}/cb", "client_id": "machine", "origin": FAR, "allowed-origins": FAR}
    for headers in ({}, {"referer": f"{NEAR}/"}, {"authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}):
        answer = await web.post("/oauth/token", data=told, headers={"origin": FAR, **headers})
        assert "access-control-allow-origin" not in answer.headers
        answer = await web.get("/userinfo", params=told, headers={"origin": FAR, **headers})
        assert "access-control-allow-origin" not in answer.headers


async def test_an_origin_is_of_one_tenant(web: httpx.AsyncClient, directory: Directory) -> None:
    """What an application of another tenant named means nothing here. Class 33."""
    await put(directory, "acme", reply_urls=(ReplyUrl(f"{NEAR}/cb"),), web_origins=(FAR,))
    for origin in (NEAR, FAR):
        assert not await may_call(web, origin)
        assert await may_call(web, origin, "/t/acme/oauth/token")


async def test_an_installation_names_no_page(web: httpx.AsyncClient, directory: Directory) -> None:
    """Whoever registers itself opens no door for pages. Class 41."""
    of_one = Registration(application="a", statement="s")
    await put(directory, reply_urls=(ReplyUrl(f"{FAR}/cb", "public"),), registration=of_one)
    assert not await may_call(web, FAR)


async def test_a_page_that_was_taken_away(web: httpx.AsyncClient, directory: Directory) -> None:
    """With its last address gone, a page may not call any more."""
    told = await put(directory, reply_urls=(ReplyUrl(f"{NEAR}/cb"), ReplyUrl(f"{NEAR}/other")))
    assert await may_call(web, NEAR)
    home = directory.named("demo")
    assert home is not None
    for replies, may in (((ReplyUrl(f"{NEAR}/other"),), True), ((ReplyUrl(f"{FAR}/cb"),), False)):
        found = await home.store.record(Client, home.id, told.id)
        assert found is not None
        assert await home.change(Save(replace(found, reply_urls=replies))) is None
        assert await may_call(web, NEAR) is may


@pytest.mark.parametrize(
    ("url", "near", "far"),
    [
        (
            "https://localhost:3000/app",
            ("https://localhost", "https://localhost:3000", "https://localhost:8443"),
            (
                "http://localhost:3000",
                "https://127.0.0.1:3000",
                "https://a.localhost:3000",
                "https://localhost:*",
            ),
        ),
        (
            "https://*.page.example/app",
            ("https://a.page.example",),
            ("https://page.example", "https://a.b.page.example", "https://a.page.example:8443"),
        ),
        (
            "https://a.page.example/app",
            ("https://a.page.example",),
            ("https://b.page.example", "https://page.example", "https://"),
        ),
    ],
)
async def test_reply_urls_of_pages_in_entras_words(
    web: httpx.AsyncClient, directory: Directory, url: str, near: tuple[str, ...], far: tuple[str, ...]
) -> None:
    """Who redeems a code may ask: a port of localhost is of no matter there, nor one label of a pattern."""
    await put(directory, reply_urls=(ReplyUrl(url, "spa"),))
    for origin in near:
        assert await may_call(web, origin, "/demo/oauth2/v2.0/token")
        # Our own endpoints compare letter for letter.
        assert await may_call(web, origin) is url.startswith(f"{origin}/")
    for origin in far:
        assert not await may_call(web, origin, "/demo/oauth2/v2.0/token")


async def test_cookies_are_for_few(web: httpx.AsyncClient, directory: Directory) -> None:
    """Only where a password is shown may a browser bring ours, and the answer names the very origin."""
    await put(directory, web_origins=(NEAR,))
    for path, method, brings in (
        ("/co/authenticate", "POST", True),
        ("/user/ssodata", "GET", True),
        ("/oauth/token", "POST", False),
        ("/userinfo", "GET", False),
        ("/api/v2/clients", "GET", False),
        ("/.well-known/jwks.json", "GET", False),
    ):
        asked = {"origin": NEAR, "access-control-request-method": method}
        for answer in (
            await web.options(path, headers=asked),
            await web.request(method, path, headers={"origin": NEAR}),
        ):
            assert ("access-control-allow-credentials" in answer.headers) is brings, path
            assert not brings or answer.headers["access-control-allow-origin"] == NEAR


async def test_what_the_libraries_send(web: httpx.AsyncClient, directory: Directory) -> None:
    """Auth0's send their name with each request, and read these. Contract section 0.1."""
    await put(directory, web_origins=(NEAR,))
    asked = {
        "origin": NEAR,
        "access-control-request-method": "POST",
        "access-control-request-headers": "auth0-client,content-type",
    }
    allowed = (await web.options("/oauth/token", headers=asked)).headers
    names = {name.strip() for name in allowed["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "auth0-client", "dpop", "x-request-language"} <= names
    answer = (await web.post("/oauth/token", headers={"origin": NEAR})).headers
    shown = {name.strip().lower() for name in answer["access-control-expose-headers"].split(",")}
    assert {"dpop-nonce", "www-authenticate", "retry-after", "x-ratelimit-remaining", "link"} <= shown
