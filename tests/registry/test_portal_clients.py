"""Clients of a portal: several settings that change together, or not at all."""

import pytest

from sekisho.change.actor import Actor
from sekisho.registry.portal import clients, site_settings
from sekisho.registry.portal.clients import PortalClient
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID, VERSION_STALE
from sekisho.spec.refusals.portal import SETTING_ABSENT
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.tenants import ORIGIN, demo_tenant

ACTOR = Actor(client="tests")
CHAT = PortalClient(client_id="chat-1", redirect_uris=(f"{ORIGIN}/a", f"{ORIGIN}/b"), engagement_as_text=True)


async def told(tenant: Tenant) -> dict[str, str]:
    """What is set, by name."""
    names = (setting.CLIENTS, *clients.names_of("chat-1"), *clients.names_of("Second"))
    return {name: each.value for name, each in (await site_settings.standing(tenant, names)).items()}


async def happened(tenant: Tenant) -> list[str]:
    """The audit's slugs, oldest first."""
    await tenant.audit.flush()
    return [event.slug for event in await tenant.store.events(tenant.id, {}, Window(limit=50))][::-1]


async def test_a_client_is_registered_with_all_that_is_said_of_it() -> None:
    """One unit sets its own settings and takes it into the list; said again, nothing happens."""
    tenant = await demo_tenant()
    await clients.put(tenant, CHAT, ACTOR)
    await clients.put(tenant, PortalClient(client_id="Second"), ACTOR)
    assert await told(tenant) == {
        setting.CLIENTS: "chat-1;Second",
        "ImplicitGrantFlow/chat-1/RedirectUri": f"{ORIGIN}/a;{ORIGIN}/b",
        "ImplicitGrantFlow/chat-1/EngagementAttributesAsText": "true",
    }
    assert await clients.every(tenant) == [CHAT, PortalClient(client_id="Second")]
    assert await clients.find(tenant, "chat-1") == CHAT
    before = await happened(tenant)
    assert before == ["site_setting_put"] * 4
    await clients.put(tenant, CHAT, ACTOR)
    assert await happened(tenant) == before


async def test_a_client_goes_with_its_settings() -> None:
    """The others stay; the last one takes the list along."""
    tenant = await demo_tenant()
    await clients.put(tenant, CHAT, ACTOR)
    await clients.put(tenant, PortalClient(client_id="Second"), ACTOR)
    await clients.remove(tenant, "chat-1", ACTOR)
    await clients.remove(tenant, "chat-1", ACTOR)
    assert await told(tenant) == {setting.CLIENTS: "Second"}
    with pytest.raises(Refused) as refused:
        await clients.find(tenant, "chat-1")
    assert refused.value.reason is SETTING_ABSENT
    await clients.remove(tenant, "Second", ACTOR)
    assert await told(tenant) == {}


async def test_settings_that_are_left_over_are_seen() -> None:
    """A client that has settings and is not registered is shown as that, and gets registered by being put."""
    tenant = await demo_tenant()
    await site_settings.put(tenant, "implicitgrantflow/Left/REDIRECTURI", f"{ORIGIN}/a", ACTOR)
    await site_settings.put(tenant, setting.CLIENTS, "chat-1; CHAT-1", ACTOR)
    left = PortalClient(client_id="Left", redirect_uris=(f"{ORIGIN}/a",), is_registered=False)
    found = await clients.every(tenant)
    assert [each.client_id for each in found] == ["chat-1", "CHAT-1", "Left"]
    assert found[2] == left == await clients.find(tenant, "Left")
    await clients.put(tenant, PortalClient(client_id="Left", redirect_uris=left.redirect_uris), ACTOR)
    assert (await clients.find(tenant, "Left")).is_registered


@pytest.mark.parametrize(
    ("client", "field"),
    [
        (PortalClient(client_id=""), "client_id"),
        (PortalClient(client_id="a_b"), "client_id"),
        (PortalClient(client_id="x" * 37), "client_id"),
        (
            PortalClient(client_id="chat-1", redirect_uris=(f"{ORIGIN}/a", "https://evil.example/")),
            "ImplicitGrantFlow/chat-1/RedirectUri",
        ),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_set(client: PortalClient, field: str) -> None:
    """No part of a client is registered where another part of it cannot be."""
    tenant = await demo_tenant()
    with pytest.raises(Refused) as refused:
        await clients.put(tenant, client, ACTOR)
    assert (refused.value.reason, refused.value.words["field"]) == (BODY_INVALID, field)
    assert await told(tenant) == {}


async def test_settings_change_together_or_not_at_all() -> None:
    """One value that is wrong, or one setting that somebody else changed, and all stay as they are."""
    tenant = await demo_tenant()
    first = await site_settings.put(tenant, "One", "1", ACTOR)
    with pytest.raises(Refused) as refused:
        await site_settings.change(
            tenant, {"One": "2", "HTTP/Access-Control-Allow-Credentials": "perhaps"}, ACTOR
        )
    assert refused.value.words["field"] == "HTTP/Access-Control-Allow-Credentials"
    for versions in ({"One": 0, "Two": 0}, {"One": first.version, "Two": 1}):
        with pytest.raises(Refused) as refused:
            await site_settings.change(tenant, {"One": "2", "Two": "2"}, ACTOR, versions)
        assert refused.value.reason is VERSION_STALE
    assert list((await site_settings.standing(tenant, ("One", "Two"))).values()) == [first]
    await site_settings.change(tenant, {"One": None, "Two": "2"}, ACTOR, {"One": first.version, "Two": 0})
    assert list(await site_settings.standing(tenant, ("One", "Two"))) == ["Two"]
    assert (await happened(tenant))[-2:] == ["site_setting_deleted", "site_setting_put"]
