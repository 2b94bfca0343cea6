"""The demo application and its API: in development only, at home, and behind the rules of every other."""

from dataclasses import replace

import pytest

from sekisho.app import urls
from sekisho.cli.dev import traveller
from sekisho.cli.folder import Card
from sekisho.pages.demo.app import app
from sekisho.pages.demo.journeys import AUDIENCE, JOURNEYS, READ, WRITE, journeys, plan
from sekisho.pages.landing import landing
from sekisho.pages.render import render
from sekisho.people import users
from sekisho.spec.address import Addresses
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE as OTHER
from tests.tenants import ask, demo_tenant
from tests.visitor import Browser, people_tenant, redeemed, tokens_of, told

LOCAL = "http://localhost:8000"


async def at_home(*, development: bool = True) -> Tenant:
    """A tenant of a server on this machine, with the demo application."""
    tenant = await demo_tenant()
    near = Addresses(LOCAL, slugs={"demo": tenant.id}, default=tenant.id, development=development)
    await traveller.prepare(tenant, Card(base_url=LOCAL))
    return replace(tenant, addresses=near)


def here(root: str = LOCAL, **query: str) -> Ask:
    """Somebody opens the page."""
    return Ask(method="GET", path="/demo/app", root=root, query=tuple(query.items()))


@pytest.mark.parametrize("path", ["/demo/app", "/demo/api/journeys"])
def test_only_development_has_it(path: str) -> None:
    """A production server knows none of the addresses: there they are a portal's own, if anybody's."""
    assert urls(development=True).find("GET", path).route.path == path
    assert urls().find("GET", path).route.path == "/*"


async def test_it_is_at_home_at_every_address_of_its_tenant() -> None:
    """Where the page is shown, its client may come back to; elsewhere there is no page and no link to one."""
    tenant = await at_home()
    for root in (LOCAL, "http://127.0.0.1:8000", f"{LOCAL}/t/demo", "http://127.0.0.1:8000/t/demo"):
        page = render(await app(here(root), tenant), here(root), tenant).body.decode()
        assert f'data-page="{root}/demo/app"' in page
        assert f'data-issuer="{root}/"' in page
    assert 'id="demo"' in render(await landing(here(), tenant), here(), tenant).body.decode()
    for other, root in ((tenant, "http://localhost:8001"), (await at_home(development=False), LOCAL)):
        with pytest.raises(Refused) as refused:
            await app(here(root), other)
        assert refused.value.reason.slug == "not_found"
        assert 'id="demo"' not in render(await landing(here(root), other), here(root), other).body.decode()


async def test_its_script_may_call_its_own_server_only() -> None:
    """The policy lets this page ask its origin, and no other page ask anybody."""
    tenant = await at_home()
    shown, other = (
        render(await app(here(), tenant), here(), tenant),
        render(await landing(here(), tenant), here()),
    )
    assert dict(shown.headers)["content-security-policy"].endswith("; connect-src 'self'")
    assert "connect-src" not in dict(other.headers)["content-security-policy"]


async def test_a_code_in_the_address_is_repeated_nowhere() -> None:
    """The page does not hold what came back in its address, not even in the link to the other language."""
    tenant, asked = await at_home(), here(code="code-1", state="state-1")
    shown = render(await app(asked, tenant), asked, tenant)
    assert b"code-1" not in shown.body
    assert b"state-1" not in shown.body
    assert ("cache-control", "no-store") in shown.headers


async def called(tenant: Tenant, text: str, *, planning: bool = False) -> Answer:
    """What the API answers to this header."""
    asked = ask(path="/demo/api/journeys", headers={"authorization": text} if text else {})
    return await (plan if planning else journeys)(asked, tenant)


async def granted(tenant: Tenant, scope: str) -> str:
    """A token for the API, which a person agreed to."""
    await traveller.prepare(tenant, Card(base_url=LOCAL))
    browser = Browser(tenant)
    asks = await browser.signs_in(await browser.authorize(audience=AUDIENCE, scope=f"openid {scope}"))
    code = told(await browser.agrees(asks))["code"]
    return str((await redeemed(tenant, code))["access_token"])


async def test_the_api_lets_in_who_may() -> None:
    """With the scope of a thing it can be done; the scheme may be in any case. RFC 6750 section 2.1."""
    tenant = await people_tenant()
    reads, plans = await granted(tenant, READ), await granted(tenant, f"{READ} {WRITE}")
    answer = await called(tenant, f"bearer {reads}")
    assert answer.json == {"traveller": "auth0|aya", "journeys": JOURNEYS}
    assert (await called(tenant, f"Bearer {plans}", planning=True)).status == 201


async def test_the_api_refuses_everybody_else() -> None:
    """No token, no scope, another API's token, one that ended: each is refused. RFC 6750 section 3.1."""
    tenant = await people_tenant()
    reads = await granted(tenant, READ)
    other = (await tokens_of(tenant, audience=OTHER))["access_token"]
    for text, planning, slug in (
        ("", False, "token_missing"),
        (f"Basic {reads}", False, "token_missing"),
        ("Bearer x.y.z", False, "token_invalid"),
        (f"Bearer {other}", False, "token_audience"),
        (f"Bearer {reads}", True, "scope_insufficient"),
    ):
        with pytest.raises(Refused) as refused:
            await called(tenant, text, planning=planning)
        assert refused.value.reason.slug == slug
    await users.end(tenant, "auth0|aya", 1)
    with pytest.raises(Refused) as refused:
        await called(tenant, f"Bearer {reads}")
    assert refused.value.reason.slug == "token_invalid"
