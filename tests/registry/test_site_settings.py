"""Site settings: names without case, values that hold at once, addresses that stay at home."""

import pytest

from sekisho.change.actor import Actor
from sekisho.registry.portal import site_settings
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID
from sekisho.spec.refusals.portal import SETTING_ABSENT
from tests.tenants import ORIGIN, demo_tenant

ACTOR = Actor(client="tests")
REDIRECTS = "ImplicitGrantFlow/abc-1/RedirectUri"


async def test_a_name_is_found_in_whatever_case() -> None:
    """A setting keeps the name it was made with, and there is one of it."""
    tenant = await demo_tenant()
    first = await site_settings.put(tenant, "Some/Name", "1", ACTOR)
    again = await site_settings.put(tenant, "SOME/name", "2", ACTOR)
    assert (again.id, again.name, again.value, again.version) == (
        first.id,
        "Some/Name",
        "2",
        first.version + 1,
    )
    assert (await site_settings.put(tenant, "some/name", "2", ACTOR)).version == again.version
    assert (await site_settings.find(tenant, "sOME/NAME")).value == "2"
    await site_settings.delete(tenant, "some/NAME", ACTOR)
    await site_settings.delete(tenant, "some/NAME", ACTOR)
    with pytest.raises(Refused) as refused:
        await site_settings.find(tenant, "Some/Name")
    assert refused.value.reason is SETTING_ABSENT


@pytest.mark.parametrize("value", [f"{ORIGIN}/a", f" {ORIGIN}/a?b=1 ; {ORIGIN}/c ;", "", ";"])
async def test_answers_go_to_pages_of_the_portal(value: str) -> None:
    """Addresses below the portal are taken as they are."""
    assert (await site_settings.put(await demo_tenant(), REDIRECTS, value, ACTOR)).value == value


@pytest.mark.parametrize(
    "value",
    [
        *("https://evil.example/", "/a", "a", "http://id.example.com/a", f"{ORIGIN}/a;https://evil.example/"),
        *(f"{ORIGIN}@evil.example/", f"{ORIGIN}.evil.example/", f"{ORIGIN}/a#b", f"{ORIGIN}\\@evil.example/"),
        *("javascript:alert(1)", "https:///a", f"{ORIGIN}:8443/a", f"{ORIGIN}/\u3042"),
    ],
)
async def test_answers_go_nowhere_else(value: str) -> None:
    """A token would go along to whoever is named there."""
    for name in (REDIRECTS, REDIRECTS.upper()):
        with pytest.raises(Refused) as refused:
            await site_settings.put(await demo_tenant(), name, value, ACTOR)
        assert refused.value.reason is BODY_INVALID


@pytest.mark.parametrize("name", ["", " a", "a ", "a\0b", "a\nb", "x" * 256])
async def test_a_name_is_printable(name: str) -> None:
    """What could not be shown or found again is no name."""
    with pytest.raises(Refused) as refused:
        await site_settings.put(await demo_tenant(), name, "x", ACTOR)
    assert refused.value.reason is BODY_INVALID


@pytest.mark.parametrize("value", ["\0", "x" * 20_001])
async def test_a_value_is_a_text(value: str) -> None:
    """What no engine keeps, and what is too long to be meant, is refused."""
    with pytest.raises(Refused) as refused:
        await site_settings.put(await demo_tenant(), "a", value, ACTOR)
    assert refused.value.reason is BODY_INVALID
