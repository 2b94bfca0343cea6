"""Applications in Entra's words, as people of the site meet them."""

from collections.abc import Iterator
from urllib.parse import urlencode

from msgspec.structs import replace

from sekisho.model.client import Access, ReplyUrl, Required
from sekisho.model.record import Record
from tests.agreeing import (
    DOCUMENTS,
    FIELD,
    ORDERS,
    READ,
    ROBOT,
    USE,
    WRITE,
    documents,
    field,
    orders,
    orders_api,
)

ENDLESS = "e0" * 4 + "-0000-4000-8000-" + "e0" * 6


def back(origin: str) -> str:
    """Where they have people sent back to: another origin than the site's."""
    return origin.replace("localhost", "127.0.0.1") + "/demo/callback"


def offices(origin: str, long: str) -> Iterator[Record]:
    """An application, the API that it works through, what is behind that; and one whose names never end."""
    reply = (ReplyUrl(back(origin)),)
    needs = Required(resource=DOCUMENTS, access=(Access(READ), Access(WRITE), Access(ROBOT, "Role")))
    yield replace(field(), reply_urls=reply)
    yield replace(orders(required=(needs,)), reply_urls=reply)
    endless = Required(resource=ENDLESS, access=(Access(USE),))
    yield replace(
        field(required=(endless, needs)),
        id=ENDLESS.replace("e0", "e1"),
        client_id=ENDLESS,
        name=long.replace(" ", "") + long,
        reply_urls=reply,
    )
    yield orders_api()
    scope = replace(orders_api().scopes[0], title=long * 3, description=long.replace(" ", "") * 2)
    yield replace(
        orders_api(owner_client=ENDLESS, known_clients=(), scopes=(scope,)),
        id="0f" * 12,
        name=long.replace(" ", ""),
        identifiers=(ENDLESS, "api://" + "endless-" * 12),
    )
    yield documents()


def qualified(origin: str, scope: str) -> str:
    """Where the first application sends a person, below the tenant."""
    query = {"client_id": FIELD, "response_type": "code", "redirect_uri": back(origin), "scope": scope}
    return f"oauth2/v2.0/authorize?{urlencode({**query, 'prompt': 'consent login'})}"


def of_administrators(origin: str, client_id: str = ORDERS) -> str:
    """Where an application sends an administrator."""
    query = {"client_id": client_id, "redirect_uri": back(origin), "scope": f"{DOCUMENTS}/.default"}
    return f"v2.0/adminconsent?{urlencode(query)}"
