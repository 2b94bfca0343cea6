"""Applications, APIs, users and registered applications that a word finds."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.user import User
from sekisho.pages.dashboard.frame import segment
from sekisho.pages.face import face
from sekisho.people import users
from sekisho.spec import login
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.store.sound import searched
from sekisho.tenant import Tenant

MOST = 8
SHORTEST = 3  # of the beginning of an address: less would be almost everybody's
# There are few of these, and none of them is found by a piece of its name: the first ones are looked through.
LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True)
class Thing:
    """Something by its name, with what tells it from others of that name."""

    id: str
    name: str
    also: str
    path: str


Finds = Callable[[str, Tenant], Awaitable[Sequence[Thing]]]


async def applications(word: str, tenant: Tenant) -> Sequence[Thing]:
    """Those that administrators made, by name, client id or callback URL."""
    where = {"application": "", "words": word}
    found = await tenant.store.records(Client, tenant.id, where, Window(limit=MOST))
    return [
        Thing(
            each.id,
            each.name or each.client_id,
            each.client_id,
            f"/applications/{segment(each.client_id)}/settings",
        )
        for each in found
    ]


async def apis(word: str, tenant: Tenant) -> Sequence[Thing]:
    """By name or identifier."""
    exact = await tenant.store.named(Api, tenant.id, word)
    first = await tenant.store.records(Api, tenant.id, {}, Window(limit=LOOKED_THROUGH))
    found = {each.id: each for each in (*((exact,) if exact else ()), *first)}
    return [
        Thing(
            each.id,
            each.name,
            "" if each.is_system else each.identifier,
            f"/apis/{segment(each.id)}/settings",
        )
        for each in found.values()
        if searched((word,)) in searched((each.name, *each.identifiers))
    ][:MOST]


async def people(word: str, tenant: Tenant) -> Sequence[Thing]:
    """Somebody of this very id, login name or address, and whose address begins like this."""
    found = [*await _person(word, tenant)]
    if len(word) >= SHORTEST and not users.is_id(word):
        where = {"first_addresses": login.beginning(word)}
        found += await tenant.store.records(User, tenant.id, where, Window(limit=MOST))
    rows = {each.id: each for each in found}
    return [
        Thing(each.user_id, face(each).label, each.user_id, f"/users/{segment(each.user_id)}")
        for each in rows.values()
    ][:MOST]


async def registered(word: str, tenant: Tenant) -> Sequence[Thing]:
    """By name or id."""
    exact = await tenant.store.named(RegisteredApplication, tenant.id, word)
    first = await tenant.store.records(RegisteredApplication, tenant.id, {}, Window(limit=LOOKED_THROUGH))
    found = {each.id: each for each in (*((exact,) if exact else ()), *first)}
    return [
        Thing(each.id, each.name, each.release, f"/registered-applications/{segment(each.id)}")
        for each in found.values()
        if searched((word,)) in searched((each.name, each.id))
    ][:MOST]


# By the name of the group on the page: what one needs, and who looks.
KINDS: Mapping[str, tuple[str, Finds]] = {
    "applications": ("read:clients", applications),
    "apis": ("read:resource_servers", apis),
    "users": ("read:users", people),
    "registered_applications": ("read:registered_applications", registered),
}


async def _person(word: str, tenant: Tenant) -> Sequence[User]:
    try:
        return (await users.find(tenant, word),)
    except Refused:
        return ()
