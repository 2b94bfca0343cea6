"""A portal's own pages, at the paths that no endpoint has: which those are, and where the pages come from."""

from collections.abc import Awaitable, Callable, Collection
from urllib.parse import urlsplit

from sekisho.faces.power_pages.site import folder, upstream
from sekisho.spec.http import Answer, Ask
from sekisho.spec.portal.site import METHODS, READS, belongs_to, names
from sekisho.spec.refusal import METHOD_NOT_ALLOWED, NOT_FOUND, Refused
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]


def beside(owned: Collection[str]) -> Callable[[Ask, Tenant], None]:
    """The rule of a path that may be a page: its first name is none of these, which endpoints have."""

    def is_a_page(ask: Ask, tenant: Tenant) -> None:
        if not has_pages(tenant):
            raise Refused(NOT_FOUND)
        if not is_at_home(ask, tenant):
            raise Refused(NOT_FOUND, debug="the portal shares this origin with other tenants")
        found = names(ask.path)
        if not found or belongs_to(found, owned) or _is_worker_of_all(ask, found):
            raise Refused(NOT_FOUND)
        taken = READS if tenant.policy.site.folder else METHODS
        if ask.method not in taken:
            raise Refused(METHOD_NOT_ALLOWED, headers={"allow": ", ".join(taken)})

    return is_a_page


def instead_of(greeting: Endpoint) -> Endpoint:
    """The first page: the portal's, where it has one. It is ours to give away, as it only says who we are."""

    async def first(ask: Ask, tenant: Tenant) -> Answer:
        if has_pages(tenant) and is_at_home(ask, tenant):
            try:
                return await page(ask, tenant)
            except Refused as refused:
                if refused.reason is not NOT_FOUND:
                    raise
        return await greeting(ask, tenant)

    return first


async def page(ask: Ask, tenant: Tenant) -> Answer:
    """Whatever the portal has at this path."""
    return await (folder.page if tenant.policy.site.folder else upstream.page)(ask, tenant)


def has_pages(tenant: Tenant) -> bool:
    """Somebody said where they are."""
    return bool(tenant.policy.site.folder or tenant.policy.site.upstream)


def is_at_home(ask: Ask, tenant: Tenant) -> bool:
    """Nobody else lives at this origin: scripts of the pages could act for others there."""
    root = urlsplit(ask.root)
    return not root.path and tenant.addresses.is_alone(tenant.id, root.netloc)


def _is_worker_of_all(ask: Ask, found: tuple[str, ...]) -> bool:
    """A service worker from the first folder would come between people and every page of ours."""
    return len(found) == 1 and "service-worker" in ask.headers
