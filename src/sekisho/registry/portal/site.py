"""Where the pages of a portal are: checked when it is said, and looked for again at each request."""

import asyncio
from pathlib import Path

from sekisho.registry.tenant_fields import SiteFields
from sekisho.spec import metadata
from sekisho.spec.portal.site import folder_is_sound
from sekisho.spec.reach import destination
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


async def can_be_shown(asked: SiteFields, tenant: Tenant) -> None:
    """What is said of the pages is something that this server could show."""
    if asked.folder:
        await _folder_is_there(asked.folder, tenant)
    if asked.upstream:
        _upstream_is_elsewhere(asked.upstream, tenant)


def home(sites: str, folder: str) -> Path | None:
    """The folder of a portal, below that of all sites also when every link on the way was followed."""
    try:
        root = Path(sites).resolve(strict=True)
        found = (root / folder).resolve(strict=True)
    except (OSError, RuntimeError):  # absent, or links in a circle
        return None
    return found if found != root and found.is_relative_to(root) and found.is_dir() else None


async def _folder_is_there(folder: str, tenant: Tenant) -> None:
    sites = tenant.tools.sites
    if not folder_is_sound(folder):
        text = (
            "Has to be a relative path of letters, digits, - . _ and /, with no part that begins with a dot"
        )
        raise metadata.problem("site.folder", text)
    if not sites:
        text = "This server has no folder for sites: its setting sites_folder is empty"
        raise metadata.problem("site.folder", text)
    if not await asyncio.to_thread(home, sites, folder):
        raise metadata.problem("site.folder", "There is no such folder below sites_folder of this server")


def _upstream_is_elsewhere(upstream: str, tenant: Tenant) -> None:
    try:
        place = destination(upstream, allow_private=tenant.tools.fetch.allow_private)
    except Refused as refused:
        text = f"Cannot be fetched from: {refused.words['problem']}"
        raise metadata.problem("site.upstream", text) from None
    if upstream != f"{place.scheme}://{place.authority}":
        text = "Has to be scheme and host in lower case, perhaps a port, and nothing else"
        raise metadata.problem("site.upstream", text)
    if tenant.addresses.knows(place.authority):
        raise metadata.problem("site.upstream", "Is an address of this server itself")
