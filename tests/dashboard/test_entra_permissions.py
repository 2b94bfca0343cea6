"""API permissions: what an application needs, and an administrator's consent to it."""

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.artifact import Owner
from sekisho.model.client import Access, Required
from sekisho.model.consent import Consent
from sekisho.model.step import Put, Save
from sekisho.registry import dashboard_client
from sekisho.registry.applications.verbs import Application
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import API_ABSENT, SYSTEM_CLIENT
from tests.dashboard.desk import AtDesk, another, at_desk, shown
from tests.dashboard.entra import (
    CLERK,
    READ,
    ROLES,
    SCOPES,
    URI,
    WRITE,
    at,
    given,
    held,
    leads,
    made,
    stands,
    with_stock,
)
from tests.dashboard.forms import form_of
from tests.store.things import Code
from tests.tenants import AUDIENCE, TENANT, Clock

DONE = "permissions?done="
NOWHERE = "a0000000-0000-4000-8000-00000000ffff"


def needs(application: Application) -> list[Required]:
    """What it says that it needs."""
    return list(application.client.required)


def of(stock: Application, *access: Access) -> Required:
    """Some of what a stock has."""
    return Required(resource=stock.client.client_id, access=access)


async def grants(desk: AtDesk, application: Application) -> None:
    """Consent for everybody, by its form."""
    page = at(application, "permissions/consent")
    answer = await desk.fills(page, seen=form_of(await desk.get(page)).text("seen"))
    assert leads(answer, at(application, f"{DONE}consent_granted"))


async def test_permissions_are_chosen_and_taken_away() -> None:
    """Of an API that is found by its client id or an identifier URI; what it does not know is left alone."""
    desk, _, stock = await with_stock("Editor")
    basket = await made(desk)
    for name in (stock.client.client_id.upper(), URI, f"{URI}/", stock.api.id if stock.api else ""):
        text = await desk.text(at(basket, f"permissions/add?api={name}"))
        assert "Stock.Read" in text, name
    choosing = at(basket, f"permissions/add?api={stock.client.client_id}")
    add = at(basket, "permissions/add")
    name = stock.client.client_id
    answer = await desk.fills(choosing, add, api=name, scopes=[READ, "gone"], roles=[CLERK, READ])
    assert leads(answer, at(basket, f"{DONE}saved"))
    assert needs(await stands(desk, basket)) == [of(stock, Access(READ), Access(CLERK, "Role"))]
    strange = of(stock, Access(NOWHERE), Access(READ))
    kept = (await stands(desk, basket)).client
    assert await desk.tenant.change(Save(replace(kept, required=(strange,)))) is None
    await desk.fills(choosing, add, api=name, scopes=[WRITE])
    assert needs(await stands(desk, basket)) == [of(stock, Access(NOWHERE), Access(WRITE))]


async def test_one_is_taken_away_at_a_time() -> None:
    """The last one of an API takes the API with it; what was granted stays granted."""
    desk, basket, stock = await with_stock()
    await grants(desk, basket)
    for access in (READ, WRITE, CLERK):
        told = {"resource": stock.client.client_id, "access": access}
        answer = await desk.fills(at(basket, "permissions"), **told)
        assert leads(answer, at(basket, f"{DONE}part_removed"))
    assert needs(await stands(desk, basket)) == []
    assert (await given(desk, basket))[stock.client.client_id] == ("Stock.Read", "Stock.Write")
    text = await desk.text(at(basket, "permissions"))
    assert text.count("Granted, and not needed") == 2 + 1 + 4


async def test_an_api_of_no_application_is_not_chosen() -> None:
    """It is listed, and there is nothing to choose; nor is our own API. Reason: api_absent."""
    desk = await at_desk()
    basket = await made(desk)
    ours = await desk.tenant.store.named(Api, TENANT, MANAGEMENT)
    assert ours
    text = await desk.text(at(basket, "permissions/add"))
    assert "Of no application" in text
    assert MANAGEMENT not in text
    add = at(basket, "permissions/add")
    for name in (AUDIENCE, ours.id, MANAGEMENT, "gone"):
        answer = await desk.get(f"{add}?api={name}")
        assert (answer.status, form_of(answer).problems["api"].key) == (404, "entra.api_unknown")
        with pytest.raises(Refused, match=API_ABSENT.slug):
            await desk.fills(at(basket, "permissions"), add, api=name, scopes=[READ])


async def test_consent_is_granted_for_everybody() -> None:
    """Scopes in the name of all people, who they are, and roles of its own: in one unit, and told of."""
    desk, basket, stock = await with_stock("Editor")
    page = at(basket, "permissions/consent")
    text = await desk.text(page)
    for part in ("Stock.Read", "Stock.Write", "Clerk", "openid", "offline_access"):
        assert f"<code>{part}</code>" in text
    await grants(desk, basket)
    assert await given(desk, basket) == {
        "": ("openid", "profile", "email", "offline_access"),
        stock.client.client_id: ("Stock.Read", "Stock.Write"),
    }
    assert await held(desk, basket) == [CLERK]
    told = [each for each in await desk.happened() if each.user == desk.user.user_id]
    slugs = [each.slug for each in told]
    assert slugs == ["permission_grant_created", "permission_grant_created", "app_role_assigned"]
    assert "Granted for everybody" in await desk.text(at(basket, "permissions"))
    await grants(desk, basket)
    assert len([each for each in await desk.happened() if each.user == desk.user.user_id]) == len(told)


async def test_only_what_was_shown_is_granted() -> None:
    """Where the application came to need more meanwhile, it is asked again. Reason: version_stale."""
    desk, basket, stock = await with_stock()
    page = at(basket, "permissions/consent")
    seen = form_of(await desk.get(page)).text("seen")
    client = (await stands(desk, basket)).client
    assert await desk.tenant.change(Save(replace(client, required=(of(stock, Access(READ)),)))) is None
    for told in ({"seen": seen}, {"seen": ""}, {}):
        answer = await desk.fills(page, **told)
        assert (answer.status, form_of(answer).problems[""].key) == (412, "why.version_stale.title")
    assert (await given(desk, basket), await held(desk, basket)) == ({}, [])
    await grants(desk, basket)
    assert (await given(desk, basket))[stock.client.client_id] == ("Stock.Read",)


async def test_consent_is_revoked() -> None:
    """Of one API, with the roles there; every token of the application ends at once."""
    clock = Clock()
    desk = await at_desk("Editor", clock)
    stock = await made(desk, displayName="Stock", api={"oauth2PermissionScopes": SCOPES}, appRoles=ROLES)
    access = [{"id": READ, "type": "Scope"}, {"id": CLERK, "type": "Role"}]
    name = stock.client.client_id
    basket = await made(desk, requiredResourceAccess=[{"resourceAppId": name, "resourceAccess": access}])
    await grants(desk, basket)
    owner = Owner(tenant=TENANT, client=basket.client.client_id, user="auth0|aya")
    thing = Code(id="t", owner=owner, born=clock.now, expires_at=clock.now + 3_600)
    assert await desk.tenant.store.write(Put(thing, "handle")) is None
    clock.now += 5
    assert "Stock" in await desk.text(at(basket, f"permissions/{name}/revoke"))
    answer = await desk.fills(at(basket, f"permissions/{name}/revoke"))
    assert leads(answer, at(basket, f"{DONE}consent_revoked"))
    assert list(await given(desk, basket)) == [""]
    assert await held(desk, basket) == []
    assert not isinstance(await desk.tenant.store.get(Code, "handle"), Code)
    assert (await desk.fills(at(basket, "permissions/openid/revoke"))).status == 303
    assert await given(desk, basket) == {}
    slugs = [each.slug for each in await desk.happened()]
    assert (slugs.count("permission_grant_deleted"), slugs.count("app_role_unassigned")) == (2, 1)
    with pytest.raises(Refused, match="not_found"):
        await desk.get(at(basket, "permissions/openid/revoke"))


async def test_nothing_to_grant_is_said() -> None:
    """Where no API has what is needed, there is no button."""
    desk = await at_desk()
    basket = await made(desk)
    text = await desk.text(at(basket, "permissions/consent"))
    assert "There is nothing to grant" in text
    assert 'id="do"' not in text
    assert "/permissions/consent" not in await desk.text(at(basket, "permissions"))


async def test_what_the_api_says_and_what_is_gone_is_seen() -> None:
    """Pre-authorized, asked of people, only for administrators, no longer there."""
    desk, basket, stock = await with_stock()
    assert stock.api
    add, name = at(stock, "expose/authorized/add"), basket.client.client_id
    await desk.fills(add, appId=name, delegatedPermissionIds=[READ])
    client = (await stands(desk, basket)).client
    gone = Required(resource="gone", access=(Access(READ),))
    access = (*client.required[0].access, Access(NOWHERE), Access(NOWHERE, "Role"))
    assert await desk.tenant.change(Save(replace(client, required=(of(stock, *access), gone)))) is None
    text = await desk.text(at(basket, "permissions"))
    for part, count in (("Authorized by the API", 1), ("Not granted", 2), ("Not there any more", 3)):
        # On a phone it stands below the name, elsewhere in a column of its own.
        assert text.count(part) == 2 * count, part


async def test_people_who_agreed_are_listed() -> None:
    """With what they agreed to, and the way to where it is taken back; everybody beside them."""
    desk, basket, stock = await with_stock("Viewer")
    owner = await another(desk.tenant, "Owner")
    name = basket.client.client_id
    await grants(owner, basket)
    for n, user in enumerate((owner.user.user_id, "auth0|gone")):
        consent = Consent(
            tenant=TENANT,
            id=f"c{n}",
            user=user,
            client=name,
            api=stock.client.client_id,
            scopes=("Stock.Read",),
        )
        assert await desk.tenant.change(Save(consent)) is None
    assert "Consents of single people: 2" in await desk.text(at(basket, "permissions"))
    text = await desk.text(at(basket, "permissions/people"))
    for part in ("Everybody", "owner@example.com", "auth0|gone", "Stock.Read", "/applications"):
        assert part in text
    assert shown(await desk.get(at(stock, "permissions/people")))["rows"] == []


async def test_who_may_only_look_is_offered_nothing() -> None:
    """A viewer sees what is needed and granted, and no way to change it."""
    desk, basket, _ = await with_stock()
    await grants(desk, basket)
    viewer = await another(desk.tenant, "Viewer")
    text = await viewer.text(at(basket, "permissions"))
    assert "Stock.Read" in text
    for part in ("/permissions/add", "/permissions/consent", "/revoke", 'name="access"'):
        assert part not in text


async def test_our_own_application_is_granted_nothing() -> None:
    """The dashboard's client is nobody's to change. Reason: system_client."""
    desk = await at_desk()
    await dashboard_client.wanted(desk.tenant, "https://id.example.com/dashboard/callback", Actor())
    with pytest.raises(Refused, match=SYSTEM_CLIENT.slug):
        await desk.get("/applications/sekisho-dashboard/permissions/consent")
