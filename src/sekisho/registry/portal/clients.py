"""Clients of a portal: pages that may have tokens, each of them said by several site settings."""

import re
from collections.abc import Mapping

from msgspec import Struct

from sekisho.change.actor import Actor
from sekisho.change.unit import land, whole
from sekisho.model.step import Step
from sekisho.model.tenant import SiteSetting
from sekisho.registry.portal import site_settings
from sekisho.registry.portal.site_settings import Told, Versions
from sekisho.spec.metadata import problem
from sekisho.spec.portal import setting
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.portal import SETTING_ABSENT
from sekisho.tenant import Tenant

_CLIENT = re.compile(r"[A-Za-z0-9-]{1,36}")
_OF_ONE = re.compile(
    r"implicitgrantflow/([a-z0-9-]{1,36})/(?:redirecturi|engagementattributesastext)", re.IGNORECASE
)


class PortalClient(Struct, frozen=True, kw_only=True):
    """A client, where its answers may go, and whether it gets `lp_sdes` as text.

    One that is not registered has settings left over, and gets no token.
    """

    client_id: str
    redirect_uris: tuple[str, ...] = ()
    engagement_as_text: bool = False
    is_registered: bool = True


def names_of(client_id: str) -> tuple[str, str]:
    """The two settings that are about this client alone."""
    return setting.redirects_of(client_id), setting.engagement_of(client_id)


async def every(tenant: Tenant) -> list[PortalClient]:
    """Those that are registered, in the order of their setting, and then those that have settings."""
    found = {setting.canonical(each.name): each for each in await whole(tenant, SiteSetting, {})}
    listed = _listed(found.get(setting.canonical(setting.CLIENTS)))
    known = {each.casefold() for each in listed}
    matches = (_OF_ONE.fullmatch(each.name.strip()) for each in found.values())
    others = {match[1].casefold(): match[1] for match in matches if match}
    rest = sorted(name for key, name in others.items() if key not in known)
    return [_client(each, found, is_registered=each in listed) for each in (*dict.fromkeys(listed), *rest)]


async def find(tenant: Tenant, client_id: str) -> PortalClient:
    """One of them."""
    there = await site_settings.standing(tenant, (setting.CLIENTS, *names_of(client_id)))
    listed = _listed(there.get(setting.CLIENTS))
    if client_id not in listed and not there.keys() - {setting.CLIENTS}:
        raise Refused(SETTING_ABSENT)
    found = {setting.canonical(name): each for name, each in there.items()}
    return _client(client_id, found, is_registered=client_id in listed)


async def put(tenant: Tenant, client: PortalClient, actor: Actor, at: Versions | None = None) -> None:
    """It is registered, and this is so of it, from now on; `at` is about its own two settings."""
    if not _CLIENT.fullmatch(client.client_id):
        raise problem("client_id", "Has to be at most 36 letters, digits and hyphens")
    redirects, engagement = names_of(client.client_id)
    told: Told = {
        redirects: ";".join(client.redirect_uris) or None,
        engagement: "true" if client.engagement_as_text else None,
    }
    site_settings.are_sound(told, tenant)

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        own = await site_settings.steps(tenant, told, actor, at)
        return None, (*own, *await _registered(tenant, client.client_id, actor, is_wanted=True))

    await land(tenant, attempt)


async def remove(tenant: Tenant, client_id: str, actor: Actor) -> None:
    """It gets no token any more, and nothing is left of it."""

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        own = await site_settings.steps(tenant, dict.fromkeys(names_of(client_id)), actor)
        return None, (*own, *await _registered(tenant, client_id, actor, is_wanted=False))

    await land(tenant, attempt)


async def _registered(tenant: Tenant, client_id: str, actor: Actor, *, is_wanted: bool) -> tuple[Step, ...]:
    there = await site_settings.standing(tenant, (setting.CLIENTS,))
    listed = _listed(there.get(setting.CLIENTS))
    if (client_id in listed) == is_wanted:
        return ()
    kept = (*listed, client_id) if is_wanted else tuple(each for each in listed if each != client_id)
    told = {setting.CLIENTS: ";".join(kept) or None}
    site_settings.are_sound(told, tenant)
    return await site_settings.steps(tenant, told, actor)


def _listed(found: SiteSetting | None) -> tuple[str, ...]:
    return setting.listed(found.value) if found else ()


def _client(client_id: str, found: Mapping[str, SiteSetting], *, is_registered: bool) -> PortalClient:
    redirects, engagement = (found.get(setting.canonical(name)) for name in names_of(client_id))
    return PortalClient(
        client_id=client_id,
        redirect_uris=_listed(redirects),
        engagement_as_text=setting.is_wanted(engagement.value if engagement else None),
        is_registered=is_registered,
    )
