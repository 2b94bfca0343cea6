"""App manifests: the older names, and what another server wrote into them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sekisho.api.resources.entra import shape
from sekisho.change.actor import Actor
from sekisho.change.fields import amendment, creation
from sekisho.registry.applications import manifest, verbs
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID, NOT_SUPPORTED
from sekisho.tenant import Tenant
from tests.certified import key_part
from tests.tenants import demo_tenant

ACTOR = Actor(client="tests")
GOLDEN = Path(__file__).parent / "golden"


async def imported(tenant: Tenant, members: dict[str, Any]) -> Application:
    """What a manifest makes."""
    read = manifest.read(members)
    return await verbs.create(tenant, creation(read.members, EntraApplicationFields), ACTOR, wild=read.wild)


@pytest.mark.parametrize("name", ["older_manifest", "graph_manifest"])
async def test_a_manifest_becomes_the_application_that_it_is_of(name: str) -> None:
    """Both forms, letter for letter: what comes in, and what the application is then in Graph's shape."""
    told = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    tenant = await demo_tenant()
    made = await imported(tenant, told["manifest"])
    seen = json.loads(msgspec.json.encode(shape.shown(made, "shop.example")))
    assert seen.pop("id") == made.client.id
    assert seen == told["application"]
    # It comes back as a change, too, and changes nothing then.
    read = manifest.read(told["manifest"], is_there=True)
    asked = amendment(read.members, EntraApplicationFields)
    again = await verbs.change(tenant, Meant(made.client.id, ACTOR), asked, wild=read.wild)
    assert again == made


async def test_only_the_older_manifest_has_wild_reply_urls() -> None:
    """A label or the end of a path may be a star, of web and single-page addresses; they stay afterwards."""
    tenant = await demo_tenant()
    urls = ["https://*.shop.example/cb", "https://shop.example/app/*", "https://*.shop.example/*"]
    replies = [{"url": url, "type": "Web"} for url in urls[:2]] + [{"url": urls[2], "type": "Spa"}]
    made = await imported(tenant, {"name": "Wild", "replyUrlsWithType": replies})
    assert [each.url for each in made.client.reply_urls] == urls
    asked = amendment({"web": {"redirectUris": urls[:1]}}, EntraApplicationFields)
    made = await verbs.change(tenant, Meant(made.client.id, ACTOR), asked)
    assert [each.url for each in made.client.reply_urls] == [urls[0], urls[2]]


WRONG: tuple[Any, ...] = (
    {"url": "https://*", "type": "Web"},
    {"url": "https://*.example", "type": "Web"},
    {"url": "https://*.shop.example*", "type": "Web"},
    {"url": "https://shop.example*", "type": "Web"},
    {"url": "https://a.*.example/", "type": "Web"},
    {"url": "https://shop.example/*/cb", "type": "Web"},
    {"url": "http://localhost/**", "type": "Web"},
    {"url": "http://*.shop.example/", "type": "Web"},
    {"url": "com.shop:/*", "type": "InstalledClient"},
    {"url": "https://shop.example/*", "type": "InstalledClient"},
    {"url": "https://shop.example/", "type": "Toaster"},
    {"url": 7, "type": "Web"},
    {"url": "https://shop.example/", "type": []},
    "https://shop.example/",
    7,
)


@pytest.mark.parametrize("each", WRONG, ids=str)
async def test_a_wild_reply_url_is_held_to_its_form(each: Any) -> None:
    """A star anywhere else, of another type, or no reply URL at all. Reason: body_invalid."""
    with pytest.raises(Refused) as why:
        await imported(await demo_tenant(), {"name": "Wild", "replyUrlsWithType": [each]})
    assert why.value.reason == BODY_INVALID


@pytest.mark.parametrize(
    "told",
    [
        {"replyUrlsWithType": 7},
        {"replyUrlsWithType": None, "oauth2Permissions": 7},
        {"preAuthorizedApplications": [7]},
        {"informationalUrls": 7},
        {"accessTokenAcceptedVersion": "2"},
        {"nobodyKnows": 1, "signInUrl": None},
        {"web": 7, "signInUrl": "https://x.example"},
    ],
    ids=str,
)
async def test_what_is_no_manifest_is_refused(told: dict[str, Any]) -> None:
    """Members of a wrong type are refused as everywhere. Reason: body_invalid."""
    with pytest.raises(Refused) as why:
        await imported(await demo_tenant(), {"name": "Odd", "appRoles": [], **told})
    assert why.value.reason == BODY_INVALID


async def test_a_manifest_promises_no_more_than_others() -> None:
    """What is not enforced is refused under its older name, too. Reason: not_supported."""
    with pytest.raises(Refused) as why:
        await imported(await demo_tenant(), {"name": "Odd", "acceptMappedClaims": True})
    assert why.value.reason == NOT_SUPPORTED


async def test_keys_without_their_certificate_stay_behind() -> None:
    """Portals do not write certificates into manifests, nor secrets: those that have one are taken."""
    whole = {"type": "AsymmetricX509Cert", "usage": "Verify", "value": key_part()["key"], "startDate": None}
    keys = [whole, {"keyId": "x", "type": "AsymmetricX509Cert", "usage": "Verify", "value": None}]
    told = {"name": "Keys", "allowPublicClient": None, "passwordCredentials": [{"hint": "abc"}]}
    made = await imported(await demo_tenant(), {**told, "keyCredentials": keys})
    assert len(made.client.credentials) == 1
    assert made.client.secrets == ()
