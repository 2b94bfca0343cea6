"""Applications that need agreement: one, the API that it works through, and what is behind that."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.faces import entra
from sekisho.faces.entra import token
from sekisho.keys import secret
from sekisho.model.api import Api, AppRole, PreAuthorized, Scope
from sekisho.model.client import Access, Client, ReplyUrl, Required
from sekisho.model.connection import Connection
from sekisho.model.consent import Consent
from sekisho.model.record import Record
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.pages.consent import Asking
from sekisho.people import administrators
from sekisho.registry import system_apis
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.pages.visits import Visitor, visited, with_password
from tests.tenants import NOW, ORIGIN, SECRET, TENANT, Clock, ask
from tests.visitor import CALLBACK, CHALLENGE, location

FIELD, ORDERS, DOCUMENTS = (f"{n * 8}-{n * 4}-4{n * 3}-8{n * 3}-{n * 12}" for n in "abc")
THEIRS = "https://field.example.com/back"
READ, WRITE, AUDIT, OLD = (f"{n * 8}-1111-4111-8111-{n * 12}" for n in "1234")
ROBOT, GONE = (f"{n * 8}-2222-4222-8222-{n * 12}" for n in "12")
USE = "5" * 8 + "-1111-4111-8111-" + "5" * 12


def field(**fields: object) -> Client:
    """What people open."""
    told = Client(
        tenant=TENANT,
        id="a0" * 4 + "-0000-4000-8000-" + "a0" * 6,
        client_id=FIELD,
        name="Example Field",
        is_first_party=False,
        grant_types=("authorization_code", "refresh_token", "implicit"),
        reply_urls=(ReplyUrl(THEIRS), ReplyUrl(CALLBACK)),
        secrets=(secret.remember(SECRET, NOW),),
        required=(Required(resource=ORDERS, access=(Access(USE),)),),
    )
    return replace(told, **fields)


def orders(**fields: object) -> Client:
    """What that calls."""
    told = replace(
        field(),
        id="b0" * 4 + "-0000-4000-8000-" + "b0" * 6,
        client_id=ORDERS,
        name="Example Orders",
        homepage_uri="https://orders.example.com/",
        required=(Required(resource=DOCUMENTS, access=(Access(READ), Access(ROBOT, "Role"))),),
    )
    return replace(told, **fields)


def orders_api(**fields: object) -> Api:
    """The API of that, which knows who calls it."""
    told = Api(
        tenant=TENANT,
        id="0d" * 12,
        name="Example Orders",
        identifiers=(ORDERS, "api://orders"),
        scopes=(Scope(id=USE, value="access_as_user", title="Use Example Orders as you"),),
        dialect="entra_v2",
        owner_client=ORDERS,
        known_clients=(FIELD,),
    )
    return replace(told, **fields)


def documents(**fields: object) -> Api:
    """What is behind it: for anybody, for administrators, for nobody any more, for applications."""
    told = Api(
        tenant=TENANT,
        id="0e" * 12,
        name="Example Documents",
        identifiers=(DOCUMENTS, "api://documents"),
        scopes=(
            Scope(
                id=READ,
                value="Files.Read",
                title="Read your documents",
                description="And nobody else’s",
                admin_title="Read the documents of people",
                admin_description="Each person’s own",
            ),
            Scope(id=WRITE, value="Files.Write", admin_title="Change the documents of people"),
            Scope(id=AUDIT, value="Audit.Read", description="See who read what", kind="Admin"),
            Scope(id=OLD, value="Files.Old", title="Nothing any more", enabled=False),
        ),
        app_roles=(
            AppRole(id=ROBOT, value="Files.All", name="Read all documents", description="Of everybody"),
            AppRole(id=GONE, value="Files.Gone", enabled=False),
        ),
        dialect="entra_v2",
        owner_client=DOCUMENTS,
    )
    return replace(told, **fields)


def pre_authorized(*scopes: str) -> Api:
    """It says that the first application always has these."""
    return documents(pre_authorized=(PreAuthorized(client=FIELD, scopes=scopes),))


async def asked_about(policy: Policy | None = None, clock: Clock | None = None, *more: Record) -> Visitor:
    """Aya, who has no rank, in a tenant with these applications."""
    visitor = await visited(clock, policy)
    things = (field(), orders(), orders_api(), documents())
    kept = {each.id: each for each in (*things, *more)}
    assert await visitor.browser.tenant.change(*map(Save, kept.values())) is None
    people = Connection(tenant=TENANT, id="con_1")
    assert await visitor.browser.tenant.change(Save(system_apis.system(TENANT, 0)), Save(people)) is None
    return visitor


async def ranked(visitor: Visitor, rank: str = "Owner") -> User:
    """Somebody of this rank, who is signed in in this browser from now on."""
    tenant = visitor.browser.tenant
    user = await administrators.appoint(tenant, f"{rank.lower()}@example.com", Actor(), rank)
    await with_password(tenant, user)
    await visitor.signs_in(user)
    return user


async def opens(visitor: Visitor, part: str, name: str = "demo", /, **query: str | None) -> Answer:
    """An address of the face, with these parameters."""
    (row,) = [each for each in entra.ROUTES if (each.method, each.path) == ("GET", f"/{{t}}/{part}")]
    sent = {key: value for key, value in query.items() if value is not None}
    there = replace(visitor.browser.ask(f"/{name}/{part}", sent), names={"t": name})
    return visitor.browser.keep(await row.endpoint(there, visitor.browser.tenant))


async def authorizes(visitor: Visitor, scope: str, **more: str | None) -> Answer:
    """The first application sends whoever is here."""
    told: dict[str, str | None] = {
        "client_id": FIELD,
        "response_type": "code",
        "redirect_uri": THEIRS,
        "scope": scope,
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return await opens(visitor, "oauth2/v2.0/authorize", **told)


async def page_for(visitor: Visitor, scope: str, **more: str | None) -> str:
    """The address of the consent page that they come to, after signing in where nobody is."""
    return await to_page(visitor, await authorizes(visitor, scope, **more))


async def to_page(visitor: Visitor, answer: Answer) -> str:
    """The same, from where an answer leads."""
    address = location(answer).removeprefix(ORIGIN)
    if address.startswith("/login?"):
        answer = await visitor.browser.resumes(await visitor.signs_in(to=address))
        address = location(answer).removeprefix(ORIGIN)
    assert address.startswith("/consent?flow="), address
    return address


async def allows(visitor: Visitor, address: str, **form: str) -> Answer:
    """Yes; and where the flow leads then."""
    return await visitor.browser.resumes(await visitor.fills(address, decision="allow", **form))


async def redeems(visitor: Visitor, **form: str) -> Mapping[str, Any]:
    """What the first application is given at the token endpoint."""
    path, own = "/demo/oauth2/v2.0/token", {"client_id": FIELD, "client_secret": SECRET}
    there = ask(tuple({**own, **form}.items()), path=path, names={"t": "demo"})
    answer = await token.token(there, visitor.browser.tenant)
    assert isinstance(answer.json, dict)
    return answer.json


def told(answer: Answer) -> Mapping[str, str]:
    """What the application is told, in the query of its own address."""
    assert location(answer).startswith(f"{THEIRS}?"), location(answer)
    return dict(parse_qsl(urlsplit(location(answer)).query, strict_parsing=True))


def asking(answer: Answer) -> tuple[Asking, ...]:
    """What the consent page says, application by application."""
    assert answer.page
    found: Any = answer.page[1]["asking"]
    return tuple(found)


async def agreements(tenant: Tenant) -> dict[tuple[str, str | None, str | None], tuple[str, ...]]:
    """Everything that was agreed to: for which application, at which API, by whom."""
    found = await tenant.store.records(Consent, TENANT, {}, Window())
    return {(each.client, each.api, each.user): each.scopes for each in found}


async def assignments(tenant: Tenant) -> list[tuple[str, str, str, str]]:
    """Which principal has which role of which API."""
    found = await tenant.store.records(RoleAssignment, TENANT, {}, Window())
    return [(each.principal, each.kind, each.api, each.role) for each in found]


async def changed(tenant: Tenant, kind: type[Record], id: str, **fields: Any) -> None:
    """A record, changed."""
    found = await tenant.store.record(kind, TENANT, id)
    assert found
    assert await tenant.change(Save(replace(found, **fields))) is None
