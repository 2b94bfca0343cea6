"""A registered application as its pages show it."""

from collections.abc import Mapping

from sekisho.model.registered_application import RegisteredApplication
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import registered_applications
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

ROOM = "/registered-applications"
ALL = Crumb("dash.registered_applications", ROOM)


async def named(ask: Ask, tenant: Tenant) -> RegisteredApplication:
    """The one that the address names."""
    return await registered_applications.find(tenant, ask.names["application"])


def path(application: RegisteredApplication) -> str:
    """Its pages are here and below."""
    return f"{ROOM}/{frame.segment(application.id)}"


def page(
    name: str,
    application: RegisteredApplication,
    context: Mapping[str, object],
    visit: Visit,
    *crumbs: Crumb,
) -> Answer:
    """A page about it."""
    at = path(application)
    known = {"application": application, "at": at, **context}
    way = (ALL, Crumb(application.name, at, is_key=False), *crumbs)
    return frame.page(name, known, way, visit)
