"""Events as people read them: by whose doing, of which application, by which rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.client import Client
from sekisho.model.event import Event
from sekisho.model.user import User
from sekisho.pages.dashboard.rooms.activity import kinds
from sekisho.pages.face import face
from sekisho.tenant import Tenant

# What an event is drawn with: its icon and its colour.
ICONS: Mapping[str, tuple[str, str]] = {
    kinds.REFUSALS: ("stop", "bad"),
    "sign_ins": ("pass", "ok"),
    "tokens": ("pass", "ok"),
    "changes": ("settings", "mut"),
    "": ("info", "mut"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its id, and by its name where it is still there."""

    id: str
    name: str = ""
    is_there: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One event. `who` did it; `more` of the same were counted and not kept."""

    event: Event
    group: str
    icon: tuple[str, str]
    rule: str
    application: Named
    who: Named
    actor: Named

    @property
    def more(self) -> int:
        """How many others it stands for."""
        told = self.event.detail.get("suppressed")
        return told if isinstance(told, int) else 0


@dataclass(frozen=True, slots=True)
class Names:
    """Who is called what, for some events."""

    clients: Mapping[str, Client]
    users: Mapping[str, User]

    def client(self, id: str) -> Named:
        """An application."""
        found = self.clients.get(id)
        return Named(id, found.name, is_there=True) if found else Named(id, id)

    def user(self, id: str) -> Named:
        """A person, by what they sign in with."""
        found = self.users.get(id)
        return Named(id, face(found).label, is_there=True) if found else Named(id, id)


async def lines(events: Sequence[Event], tenant: Tenant) -> tuple[Line, ...]:
    """All of them, their names looked up once."""
    names = await named(events, tenant)
    return tuple(line(event, names) for event in events)


async def named(events: Iterable[Event], tenant: Tenant) -> Names:
    """The names that they need."""
    told = tuple(events)
    clients = (id for event in told for id in (event.client or "", application(event)))
    return await names(clients, (event.user or "" for event in told), tenant)


async def names(clients: Iterable[str], users: Iterable[str], tenant: Tenant) -> Names:
    """Those of applications and users by their ids."""
    apps = {id: await tenant.known.named(Client, tenant.id, id) for id in set(clients) - {""}}
    people = {id: await tenant.store.named(User, tenant.id, id) for id in set(users) - {""}}
    return Names(
        {id: client for id, client in apps.items() if client},
        {id: user for id, user in people.items() if user},
    )


def line(event: Event, names: Names) -> Line:
    """One of them."""
    group = kinds.group(event.slug)
    icon = ("warn", "warn") if event.slug in kinds.TROUBLE else ICONS[group]
    return Line(
        event=event,
        group=group,
        icon=icon,
        rule=rule(event) or event.slug,
        application=names.client(application(event)),
        who=names.user(event.user or ""),
        # Programs change things in nobody's name but their own.
        actor=names.client(event.client or "" if group == "changes" and not event.user else ""),
    )


def application(event: Event) -> str:
    """The application that it is about: of a change the one that was changed, not the one that did it."""
    told = event.detail.get("client_id")
    if kinds.group(event.slug) == "changes":
        return told if isinstance(told, str) else ""
    return event.client or ""


def rule(event: Event) -> str:
    """The rule that refused, and where it stands: a module is a noun, a function what has to hold of it."""
    return ".".join(text(event, "rule").split(".")[-2:])


def text(event: Event, name: str) -> str:
    """A text of its details; empty where there is none."""
    told = event.detail.get(name)
    return told if isinstance(told, str) else ""
