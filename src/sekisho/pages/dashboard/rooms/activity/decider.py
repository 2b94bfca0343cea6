"""The setting that decides whether this would be refused again, and the way to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from sekisho.model.client import Client
from sekisho.model.event import Event
from sekisho.pages.dashboard import frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.deciding import decides
from sekisho.pages.dashboard.rooms.activity import seen
from sekisho.pages.dashboard.rooms.activity.seen import Names

# What one needs to see a room, by how its address begins and, of tabs, ends.
NEEDS: Mapping[tuple[str, str], str] = {
    ("applications", "settings"): "read:clients",
    ("applications", "credentials"): "read:client_credentials",
    ("applications", "apis"): "read:client_grants",
    ("applications", "authentication"): "read:clients",
    ("applications", "permissions"): "read:clients",
    ("users", "{user}"): "read:users",
    ("registered-applications", "{application}"): "read:registered_applications",
    ("site-settings", "site-settings"): "read:site_settings",
    ("settings", "general"): "read:tenant_settings",
    ("settings", "advanced"): "read:tenant_settings",
}


@dataclass(frozen=True, slots=True)
class Decider:
    """`room` is the first part of its address, `whose` the name of what it belongs to.

    `path` leads there from /dashboard on; it is empty where there is nothing to be seen, or not for them.
    """

    room: str
    whose: str
    field: str
    path: str


def decider(event: Event, names: Names, who: Administrator) -> Decider | None:
    """None where no setting decides."""
    setting = decides(event.slug, seen.text(event, "parameter"))
    if setting is None:
        return None
    client = names.clients.get(event.client or "")
    user = names.user(event.user or "")
    ids = {
        "client_id": client.client_id if client else "",
        "user": user.id if user.is_there else "",
        "application": _registered(client),
    }
    field = setting.field.replace("{client_id}", event.client or "{client_id}")
    needed = [name for name in ids if f"{{{name}}}" in setting.room]
    first, last = setting.room.split("/")[0], setting.room.split("/")[-1]
    is_open = all(ids[name] for name in needed) and who.may(NEEDS[first, last])
    path = "/" + setting.room.format_map({name: frame.segment(id) for name, id in ids.items()})
    whose = {"applications": client.name if client else "", "users": user.name if user.is_there else ""}
    return Decider(first, whose.get(first, ""), field, f"{path}#{quote(field)}" if is_open else "")


def _registered(client: Client | None) -> str:
    return client.registration.application if client and client.registration else ""
