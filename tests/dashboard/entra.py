"""Applications in Entra's words, at the desk of an administrator."""

from typing import Any

from sekisho.change.actor import Actor
from sekisho.change.fields import creation
from sekisho.model.consent import Consent
from sekisho.model.role import RoleAssignment
from sekisho.registry.applications import verbs
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.verbs import Application
from sekisho.spec.http import Answer
from sekisho.store import Window
from tests.dashboard.desk import AtDesk, at_desk
from tests.visitor import location

READ, WRITE, CLERK = (f"a0000000-0000-4000-8000-00000000000{n}" for n in "123")
SCOPES = [
    {"id": READ, "value": "Stock.Read", "adminConsentDisplayName": "Read the stock"},
    {"id": WRITE, "value": "Stock.Write", "type": "Admin"},
]
URI = "api://stock.example.com/v1"
ROLES = [{"id": CLERK, "value": "Clerk", "displayName": "Clerk", "allowedMemberTypes": ["Application"]}]


async def made(desk: AtDesk, **told: Any) -> Application:
    """A new application."""
    asked = creation({"displayName": "Basket", **told}, EntraApplicationFields)
    return await verbs.create(desk.tenant, asked, Actor())


async def stands(desk: AtDesk, application: Application) -> Application:
    """An application as it is kept."""
    return await verbs.find(desk.tenant, application.client.id)


async def with_stock(rank: str = "Owner") -> tuple[AtDesk, Application, Application]:
    """A basket that needs both scopes and the role of a stock."""
    desk = await at_desk(rank)
    stock = await made(
        desk,
        displayName="Stock",
        api={"oauth2PermissionScopes": SCOPES},
        appRoles=ROLES,
        identifierUris=[URI],
    )
    access = [{"id": READ, "type": "Scope"}, {"id": WRITE, "type": "Scope"}, {"id": CLERK, "type": "Role"}]
    needs = [{"resourceAppId": stock.client.client_id, "resourceAccess": access}]
    return desk, await made(desk, requiredResourceAccess=needs), stock


def at(application: Application, rest: str) -> str:
    """A page of an application."""
    return f"/applications/{application.client.client_id}/{rest}"


async def given(desk: AtDesk, application: Application) -> dict[str, tuple[str, ...]]:
    """What an administrator agreed to for everybody, by the API."""
    where = {"client_id": application.client.client_id}
    found = await desk.tenant.store.records(Consent, desk.tenant.id, where, Window())
    return {each.api or "": each.scopes for each in found if each.user is None}


async def held(desk: AtDesk, application: Application) -> list[str]:
    """The roles that an application has itself."""
    where = {"principal": application.client.id}
    return [
        each.role for each in await desk.tenant.store.records(RoleAssignment, desk.tenant.id, where, Window())
    ]


def leads(answer: Answer, where: str) -> bool:
    """The answer is the way to a page of the dashboard."""
    return answer.status == 303 and location(answer).endswith(f"/dashboard{where}")
