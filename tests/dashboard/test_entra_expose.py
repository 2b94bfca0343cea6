"""Expose an API: names, scopes, roles and authorized applications of an application."""

import pytest

from sekisho.model.api import AppRole, Scope
from sekisho.pages.dashboard.rooms.entra_applications import expose, sorts
from sekisho.registry.applications.verbs import Application
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABSENT
from tests.dashboard.desk import AtDesk, another, at_desk
from tests.dashboard.entra import CLERK, READ, URI, WRITE, at, leads, made, stands, with_stock
from tests.dashboard.forms import form_of, sends

HOSTILE = "<script>alert(1)</script>"
NOWHERE = "a0000000-0000-4000-8000-00000000ffff"


async def test_what_is_not_changed_changes_nothing() -> None:
    """Every form, sent as it stands, leaves the application as it was; a blank one makes it no API."""
    desk, basket, stock = await with_stock()
    await desk.fills(at(stock, "expose/authorized/add"), appId="web", delegatedPermissionIds=[WRITE, READ])
    before = await stands(desk, stock)
    for address, kinds in (
        ("expose", expose.KINDS),
        (f"expose/scopes/{READ}", sorts.OF_SCOPE),
        (f"expose/roles/{CLERK}", sorts.OF_ROLE),
        ("expose/authorized/web", sorts.OF_AUTHORIZED),
    ):
        answer = await sends(desk, at(stock, address), kinds, {})
        assert leads(answer, f"{at(stock, 'expose')}?done=saved"), address
        assert await stands(desk, stock) == before, address
    assert (await sends(desk, at(basket, "expose"), expose.KINDS, {})).status == 303
    assert (await stands(desk, basket)).api is None


async def test_an_application_becomes_an_api() -> None:
    """Identifier URIs, known clients, the version of tokens and whether a role is needed."""
    desk = await at_desk("Editor")
    basket = await made(desk)
    typed = {
        "identifierUris": "api://basket.example.com\r\nhttps://basket.example.com/api",
        "api.knownClientApplications": "web",
        "api.requestedAccessTokenVersion": "2",
        "appRoleAssignmentRequired": "on",
    }
    assert (await sends(desk, at(basket, "expose"), expose.KINDS, typed)).status == 303
    api = (await stands(desk, basket)).api
    assert api
    names = ("api://basket.example.com", "https://basket.example.com/api")
    assert api.identifiers == (basket.client.client_id, *names)
    assert (api.dialect, api.known_clients, api.assignment_required) == ("entra_v2", ("web",), True)
    (event,) = [each for each in await desk.happened() if each.slug == "client_changed"]
    assert event.user == desk.user.user_id


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"identifierUris": "api://basket.example.com/"}, "identifierUris"),
        ({"identifierUris": "api://basket.example.com\napi://basket.example.com"}, "identifierUris"),
        ({"identifierUris": URI}, ""),
        ({"api.requestedAccessTokenVersion": "3"}, "api.requestedAccessTokenVersion"),
        ({"api.requestedAccessTokenVersion": "x"}, "api.requestedAccessTokenVersion"),
        ({"api.knownClientApplications": "not an id"}, "api.knownClientApplications"),
    ],
    ids=str,
)
async def test_what_is_refused_is_told_at_its_field(typed: dict[str, str], field: str) -> None:
    """Nothing is saved; a name that another application has is of nobody else."""
    desk, basket, _ = await with_stock()
    before = await stands(desk, basket)
    answer = await sends(desk, at(basket, "expose"), expose.KINDS, typed)
    assert (answer.status >= 400, list(form_of(answer).problems)) == (True, [field])
    assert await stands(desk, basket) == before


async def test_a_scope_comes_changes_and_goes() -> None:
    """It keeps its value, and is disabled before it is removed; nobody is authorized for it then."""
    desk = await at_desk("Editor")
    basket = await made(desk)
    told = {"value": "Basket.Read", "type": "Admin", "isEnabled": "on", "adminConsentDisplayName": HOSTILE}
    answer = await desk.fills(at(basket, "expose/scopes/add"), **told)
    assert leads(answer, f"{at(basket, 'expose')}?done=saved")
    (scope,) = await scopes(desk, basket)
    assert (scope.value, scope.kind, scope.enabled, scope.admin_title) == (
        "Basket.Read",
        "Admin",
        True,
        HOSTILE,
    )
    await desk.fills(at(basket, "expose/authorized/add"), appId="web", delegatedPermissionIds=[scope.id])
    page, gone = at(basket, f"expose/scopes/{scope.id}"), at(basket, f"expose/scopes/{scope.id}/remove")
    for address in (page, at(basket, "expose")):
        assert HOSTILE not in await desk.text(address)
    assert f'href="/dashboard{gone}"' not in await desk.text(page)
    answer = await desk.fills(gone)
    assert form_of(answer).problems[""].key == "why.permission_enabled.title"
    await sends(
        desk, page, sorts.OF_SCOPE, {"isEnabled": None, "value": "Other", "userConsentDisplayName": "You"}
    )
    (scope,) = await scopes(desk, basket)
    assert (scope.value, scope.enabled, scope.title) == ("Basket.Read", False, "You")
    assert f'href="/dashboard{gone}"' in await desk.text(page)
    assert leads(await desk.fills(gone), f"{at(basket, 'expose')}?done=part_removed")
    api = (await stands(desk, basket)).api
    assert api
    assert (api.scopes, [each.scopes for each in api.pre_authorized]) == ((), [()])


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"value": ""}, "value"),
        ({"value": "with a blank"}, "value"),
        ({"value": "x" * 121}, "value"),
        ({"value": "Stock.Read"}, "value"),
        ({"type": "Anybody"}, "type"),
        ({"adminConsentDisplayName": "x" * 257}, "adminConsentDisplayName"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_scope_is_told_at_its_field(typed: dict[str, str], field: str) -> None:
    """Nothing is added."""
    desk, _, stock = await with_stock()
    before = await stands(desk, stock)
    told = {"value": "Stock.Other", "type": "User", **typed}
    answer = await desk.fills(at(stock, "expose/scopes/add"), **told)
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    assert form_of(answer).text("type") == told["type"]
    assert await stands(desk, stock) == before


async def test_a_role_comes_changes_and_goes() -> None:
    """Of people, of applications, or of both."""
    desk = await at_desk()
    basket = await made(desk)
    told = {"value": "Clerk", "displayName": "A clerk", "isEnabled": "on"}
    answer = await desk.fills(at(basket, "expose/roles/add"), **told)
    assert list(form_of(answer).problems) == ["allowedMemberTypes"]
    both = ["User", "Application"]
    assert (await desk.fills(at(basket, "expose/roles/add"), **told, allowedMemberTypes=both)).status == 303
    (role,) = await roles(desk, basket)
    assert (role.value, role.name, role.members) == ("Clerk", "A clerk", ("User", "Application"))
    page = at(basket, f"expose/roles/{role.id}")
    await sends(desk, page, sorts.OF_ROLE, {"isEnabled": None, "displayName": "Once a clerk"})
    (role,) = await roles(desk, basket)
    assert (role.value, role.name, role.enabled) == ("Clerk", "Once a clerk", False)
    await desk.fills(f"{page}/remove")
    assert await roles(desk, basket) == ()


async def test_an_application_is_authorized() -> None:
    """For scopes that there are; twice is once too often; it is called by its name where it is here."""
    desk, basket, stock = await with_stock()
    add = at(stock, "expose/authorized/add")
    name = basket.client.client_id
    answer = await desk.fills(add, appId=name, delegatedPermissionIds=[NOWHERE])
    assert list(form_of(answer).problems) == ["appId"]
    assert (await desk.fills(add, appId=name, delegatedPermissionIds=[READ])).status == 303
    assert list(form_of(await desk.fills(add, appId=name)).problems) == ["appId"]
    page = at(stock, f"expose/authorized/{name}")
    assert "<h1>Basket</h1>" in await desk.text(page)
    assert "Basket" in await desk.text(at(stock, "expose"))
    await sends(desk, page, sorts.OF_AUTHORIZED, {"delegatedPermissionIds": [WRITE, READ]})
    api = (await stands(desk, stock)).api
    assert api
    assert [(each.client, set(each.scopes)) for each in api.pre_authorized] == [(name, {READ, WRITE})]
    await desk.fills(f"{page}/remove")
    assert (api := (await stands(desk, stock)).api)
    assert api.pre_authorized == ()


async def test_somebody_else_was_faster() -> None:
    """A form for an earlier version changes nothing, and both values are shown. Reason: version_stale."""
    desk, _, stock = await with_stock()
    page = at(stock, f"expose/scopes/{READ}")
    told = {"type": "User", "isEnabled": "on", "adminConsentDisplayName": "Mine"}
    answer = await desk.fills(page, **{**told, "version": "1"})
    assert (answer.status, form_of(answer).now) == (412, {"adminConsentDisplayName": "Read the stock"})
    assert (await scopes(desk, stock))[0].admin_title == "Read the stock"


async def test_who_may_only_look_is_offered_nothing() -> None:
    """A viewer sees everything, and no way to change it."""
    desk, _, stock = await with_stock()
    viewer = await another(desk.tenant, "Viewer")
    for address in ("expose", f"expose/scopes/{READ}", f"expose/roles/{CLERK}"):
        text = await viewer.text(at(stock, address))
        assert "Stock.Read" in text or "Clerk" in text
        for part in ('id="save"', "/add", "/remove"):
            assert part not in text, (address, part)


@pytest.mark.parametrize("sort", ["scopes", "roles", "authorized"])
async def test_what_is_not_there_is_not_found(sort: str) -> None:
    """Neither of this application, nor of one that is none. Reason: not_found."""
    desk, basket, _ = await with_stock()
    for address in (f"expose/{sort}/{READ}", f"expose/{sort}/{READ}/remove"):
        with pytest.raises(Refused, match="not_found"):
            await desk.get(at(basket, address))
    with pytest.raises(Refused, match=CLIENT_ABSENT.slug):
        await desk.get(f"/applications/gone/expose/{sort}/{READ}")


async def scopes(desk: AtDesk, application: Application) -> tuple[Scope, ...]:
    """What may be asked of an application in the name of people."""
    api = (await stands(desk, application)).api
    assert api
    return api.scopes


async def roles(desk: AtDesk, application: Application) -> tuple[AppRole, ...]:
    """What somebody can be to an application."""
    api = (await stands(desk, application)).api
    assert api
    return api.app_roles
