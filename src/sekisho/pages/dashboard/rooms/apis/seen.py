"""An API as its pages show it: what it is called outside, where its pages are, which of them there are."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.model.api import MANAGEMENT, PROTECTED, Api
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import apis
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MANAGEMENT_PATH, Tenant

ROOM = "/apis"


@dataclass(frozen=True, slots=True)
class Seen:
    """`identifier` is the audience as clients say it; ours have another name inside."""

    api: Api
    identifier: str

    @property
    def path(self) -> str:
        """Its pages are below this one."""
        return f"{ROOM}/{self.api.id}"

    @property
    def has_machines(self) -> bool:
        """What installations call is theirs by registration: no application asks for it in its own name."""
        return self.api.identifier != PROTECTED


def seen(api: Api, ask: Ask) -> Seen:
    """The API, under the address that it is looked at from."""
    is_management = api.identifier == MANAGEMENT
    return Seen(api, f"{ask.root}/{MANAGEMENT_PATH}" if is_management else api.identifier)


async def named(ask: Ask, tenant: Tenant) -> Seen:
    """The API that the address names, by its id or its identifier."""
    return seen(await apis.find(tenant, ask.names["api"]), ask)


def page(name: str, found: Seen, context: Mapping[str, object], visit: Visit, *crumbs: Crumb) -> Answer:
    """A page about this API."""
    way = (Crumb("dash.apis", ROOM), Crumb(found.api.name, f"{found.path}/settings", is_key=False))
    return frame.page(name, {"api": found.api, "seen": found, **context}, (*way, *crumbs), visit)
