"""Applications in Entra's words: what they expose, what they need, what their tokens say. The table."""

from collections.abc import Awaitable, Callable

from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.frame import Visit
from sekisho.pages.dashboard.rooms.entra_applications import (
    consenting,
    expose,
    part,
    people,
    permissions,
    replies,
    saml,
    sorts,
    tokens,
)
from sekisho.pages.dashboard.rooms.entra_applications.part import Sort
from sekisho.pages.dashboard.row import Page, Row
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

AT = "/applications/{client_id}"
READ, UPDATE = "read:clients", "update:clients"


def _of(sort: Sort, page: Callable[[Sort, Visit], Awaitable[Answer]]) -> Page:
    """The page for one sort of what is exposed."""

    async def shown(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
        return await page(sort, (ask, who, tenant))

    return shown


def _parts(sort: Sort) -> tuple[Row, ...]:
    every, each = f"{AT}/expose/{sort.name}/add", f"{AT}/expose/{sort.name}/{{part}}"
    return (
        Row("GET", every, _of(sort, part.begin), UPDATE),
        Row("POST", every, _of(sort, part.add), UPDATE),
        Row("GET", each, _of(sort, part.show), READ),
        Row("POST", each, _of(sort, part.save), UPDATE),
        Row("GET", f"{each}/remove", _of(sort, part.doubt), UPDATE, recent=True),
        Row("POST", f"{each}/remove", _of(sort, part.remove), UPDATE, recent=True),
    )


ROWS: tuple[Row, ...] = (
    Row("GET", f"{AT}/authentication", replies.show, READ),
    Row("POST", f"{AT}/authentication", replies.save, UPDATE),
    Row("GET", f"{AT}/expose", expose.show, READ),
    Row("POST", f"{AT}/expose", expose.save, UPDATE),
    *(row for sort in sorts.EVERY for row in _parts(sort)),
    Row("GET", f"{AT}/permissions", permissions.show, READ),
    Row("POST", f"{AT}/permissions", permissions.remove, UPDATE),
    Row("GET", f"{AT}/permissions/add", permissions.ask_for, UPDATE),
    Row("POST", f"{AT}/permissions/add", permissions.add, UPDATE),
    Row("GET", f"{AT}/permissions/consent", consenting.doubt, "create:grants", recent=True),
    Row("POST", f"{AT}/permissions/consent", consenting.give, "create:grants", recent=True),
    Row("GET", f"{AT}/permissions/people", people.show, "read:grants"),
    Row("GET", f"{AT}/permissions/{{resource}}/revoke", consenting.reconsider, "delete:grants", recent=True),
    Row("POST", f"{AT}/permissions/{{resource}}/revoke", consenting.take_back, "delete:grants", recent=True),
    Row("GET", f"{AT}/token-configuration", tokens.show, READ),
    Row("POST", f"{AT}/token-configuration", tokens.save, UPDATE),
    Row("GET", f"{AT}/saml", saml.show, READ),
    Row("POST", f"{AT}/saml", saml.save, UPDATE),
    Row("GET", f"{AT}/saml/rotate", saml.doubt_turn, "update:client_keys", recent=True),
    Row("POST", f"{AT}/saml/rotate", saml.turn, "update:client_keys", recent=True),
    Row("GET", f"{AT}/saml/remove", saml.doubt_end, UPDATE, recent=True),
    Row("POST", f"{AT}/saml/remove", saml.end, UPDATE, recent=True),
)
