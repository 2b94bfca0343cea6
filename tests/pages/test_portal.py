"""The page of the demo portal and its API: in development only, at home, under the rules of every API."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from sekisho.app import urls
from sekisho.change.actor import Actor
from sekisho.cli.dev import portal as seeded
from sekisho.cli.folder import Card
from sekisho.faces.power_pages.tokens import token
from sekisho.model.step import Save
from sekisho.pages.demo.portal import CLIENT, PATH, page
from sekisho.pages.demo.whoami import whoami
from sekisho.pages.landing import landing
from sekisho.pages.render import render
from sekisho.people import sessions
from sekisho.registry.portal import site_settings
from sekisho.spec.address import Addresses
from sekisho.spec.http import Answer, Ask
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.tenants import Clock, demo_directory
from tests.visitor import person

LOCAL = "http://localhost:8000"
ACTOR = Actor(client="tests")
WHOAMI = f"{PATH}api/whoami"


async def at_home(clock: Clock | None = None) -> Tenant:
    """A tenant of a server on this machine, with the page of its portal and somebody who may visit it."""
    tenant = (await demo_directory(clock or Clock())).named("demo")
    assert tenant
    tenant = moved(tenant, LOCAL)
    assert await tenant.change(Save(person())) is None
    await seeded.prepare(tenant, Card(base_url=LOCAL))
    return tenant


def moved(tenant: Tenant, origin: str, *, development: bool = True) -> Tenant:
    """The same on a server with this address."""
    near = Addresses(origin, slugs={"demo": tenant.id}, default=tenant.id, development=development)
    return replace(tenant, addresses=near)


def here(path: str = PATH, root: str = LOCAL, **headers: str) -> Ask:
    """A request of the page's visitor."""
    return Ask(method="GET", path=path, root=root, headers=headers)


async def cookie_of(tenant: Tenant) -> str:
    """What a browser has after a sign-in."""
    begun = sessions.begin(person(), ("pwd",), here(), tenant)
    assert await tenant.store.write(begun.put) is None
    return begun.header[1].partition(";")[0]


async def given(tenant: Tenant, client: str = CLIENT, root: str = LOCAL) -> str:
    """A token that the page got."""
    asked = here("/_services/auth/token", root, cookie=await cookie_of(tenant))
    answer = await token(changed(asked, query=(("client_id", client),) if client else ()), tenant)
    return answer.body.decode()


async def called(tenant: Tenant, text: str, root: str = LOCAL) -> Answer:
    """What the API answers to this header."""
    return await whoami(here(WHOAMI, root, **({"authorization": text} if text else {})), tenant)


@pytest.mark.parametrize("path", [PATH, WHOAMI])
def test_only_development_has_it(path: str) -> None:
    """A production server knows neither the page nor its API: there the path is a portal's own, if any."""
    assert urls(development=True).find("GET", path).route.path == path
    assert urls().find("GET", path).route.path == "/*"


async def test_it_is_at_home_at_every_address_of_its_tenant() -> None:
    """Where answers may go to, there is the page and a link to it; elsewhere there is neither."""
    tenant = await at_home()
    for root in (LOCAL, "http://127.0.0.1:8000", f"{LOCAL}/t/demo", "http://127.0.0.1:8000/t/demo"):
        shown = render(await page(here(root=root), tenant), here(root=root), tenant)
        assert f'data-page="{root}/portal/"' in shown.body.decode()
        assert dict(shown.headers)["content-security-policy"].endswith("; connect-src 'self'")
    assert 'id="portal"' in render(await landing(here(), tenant), here(), tenant).body.decode()
    for other, root in ((tenant, "http://localhost:8001"), (moved(tenant, LOCAL, development=False), LOCAL)):
        with pytest.raises(Refused) as refused:
            await page(here(root=root), other)
        assert refused.value.reason.slug == "not_found"
        front = render(await landing(here(root=root), other), here(root=root), other)
        assert 'id="portal"' not in front.body.decode()


async def test_what_an_administrator_registered_stays() -> None:
    """Beside the clients of others the demo's is added once; where answers go to follows the server."""
    tenant = await at_home()
    await site_settings.put(tenant, setting.CLIENTS, " other ;;", ACTOR)
    for port in (8000, 8000, 8002):
        root = f"http://localhost:{port}"
        told = await seeded.prepare(moved(tenant, root), Card(base_url=root))
        assert (told.client_id, told.url) == (CLIENT, f"{root}/portal/")
    assert (await site_settings.find(tenant, setting.CLIENTS)).value == f"other;{CLIENT}"
    listed = setting.listed((await site_settings.find(tenant, setting.redirects_of(CLIENT))).value)
    assert {each.partition("//")[2].partition("/")[0] for each in listed} == {
        "localhost:8002",
        "127.0.0.1:8002",
    }


async def test_the_page_says_who_is_signed_in() -> None:
    """The visitor's name is there, and a way in where there is none."""
    tenant = await at_home()
    nobody = render(await page(here(), tenant), here(), tenant).body.decode()
    assert 'href="/SignIn?returnUrl=/portal/"' in nobody
    asked = here(cookie=await cookie_of(tenant))
    somebody = render(await page(asked, tenant), asked, tenant).body.decode()
    assert 'id="sign-in"' not in somebody
    assert f">{person().email}<" in somebody


async def test_the_api_lets_in_who_shows_a_token_for_it() -> None:
    """The claims are all that it knows about the visitor; the scheme may be in any case."""
    tenant = await at_home()
    answer = await called(tenant, f"bearer {await given(tenant)}")
    assert isinstance(answer.json, dict)
    assert (answer.json["sub"], answer.json["email"]) == (person().id, person().email)


async def test_the_api_refuses_everybody_else() -> None:
    """No token, one for another client, for nobody, from another host, changed, over: each is refused."""
    clock = Clock()
    tenant = await at_home(clock)
    await site_settings.put(tenant, setting.CLIENTS, f"{CLIENT};other", ACTOR)
    good = await given(tenant)
    head, body, signature = good.split(".")
    for text, slug in (
        ("", "token_missing"),
        (f"Basic {good}", "token_missing"),
        ("Bearer x.y.z", "token_invalid"),
        (f"Bearer {await given(tenant, 'other')}", "token_audience"),
        (f"Bearer {await given(tenant, '')}", "token_invalid"),
        (f"Bearer {await given(tenant, root='http://127.0.0.1:8000')}", "token_invalid"),
        (f"Bearer {head}.{body}.{signature[:-8]}AAAAAAAA", "token_invalid"),
    ):
        with pytest.raises(Refused) as refused:
            await called(tenant, text)
        assert refused.value.reason.slug == slug, text[:24]
    clock.now += 901
    with pytest.raises(Refused) as refused:
        await called(tenant, f"Bearer {good}")
    assert refused.value.reason.slug == "token_expired"
