"""The landing page leads where somebody answers."""

import re
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from sekisho.app import urls
from sekisho.pages.landing import landing
from sekisho.pages.render import render
from sekisho.spec.http import Ask
from sekisho.spec.policy import Policy
from tests.tenants import ORIGIN, demo_tenant

ASK = Ask(method="GET", path="/", root=ORIGIN)


async def shown() -> str:
    """The landing page of the demo tenant."""
    return render(await landing(ASK, await demo_tenant()), ASK).body.decode()


async def test_every_link_is_served() -> None:
    """Each link and file of the page has a route: what is not built is not advertised."""
    text = await shown()
    found = {urlsplit(address).path for address in re.findall(r'(?:href|src)="([^"#?][^"]*)"', text)}
    assert len(found) == 6
    for path in found:
        assert urls().find("GET", path).route.path


async def test_the_command_is_served() -> None:
    """What the command calls is the token endpoint, and its audience is the tenant's management API."""
    tenant = await demo_tenant()
    text = await shown()
    endpoint = re.search(rf"{ORIGIN}(/oauth/token)</pre>", text)
    audience = re.search(r"-d audience=(\S+)", text)
    assert endpoint
    assert audience
    assert urls().find("POST", endpoint[1]).route.names_itself == "token_endpoint"
    assert tenant.is_management(audience[1])


@pytest.mark.parametrize(
    ("name", "friendly", "expected"),
    [("", "", "demo"), ("Demo & Sons", "", "Demo &amp; Sons"), ("Demo", "The Demo", "The Demo")],
)
async def test_the_friendliest_name_is_shown(name: str, friendly: str, expected: str) -> None:
    """A tenant is called by its friendly name, otherwise its name, otherwise its slug."""
    tenant = await demo_tenant()
    record = replace(tenant.record, name=name, policy=Policy(friendly_name=friendly))
    named = type(tenant)(record, tenant.addresses, tenant.keys, tenant.tools)
    text = render(await landing(ASK, named), ASK).body.decode()
    assert f'<b class="cut">{expected}</b>' in text
    assert f"<title>Start · {expected}</title>" in text
