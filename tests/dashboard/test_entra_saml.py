"""SAML assertions for an application, at the desk: what they are like, and what signs them."""

import pytest

from sekisho.model.api import Saml, SamlAttribute
from sekisho.pages.dashboard.rooms.entra_applications import saml
from sekisho.registry import keys
from sekisho.registry.applications.verbs import Application
from sekisho.spec.refusal import Refused
from tests.dashboard.desk import AtDesk, at_desk, shown, text_of
from tests.dashboard.entra import at, leads, made, stands
from tests.dashboard.forms import Typed, form_of, sends

TYPED: Typed = {
    "entityId": "https://pay.example/saml",
    "nameIdFormat": "emailAddress",
    "nameIdSource": "mail",
    "attributes": "urn:oid:2.5.4.42 givenname\r\nrole-name displayname",
    "lifetime": "600",
}


async def settled(rank: str = "Owner", **typed: str) -> tuple[AtDesk, Application, str]:
    """An application of which something was said."""
    desk = await at_desk(rank)
    application = await made(desk, web={"redirectUris": ["https://pay.example/acs"]})
    page = at(application, "saml")
    assert leads(await sends(desk, page, saml.KINDS, {**TYPED, **typed}), f"{page}?done=saved")
    return desk, application, page


async def _saml(desk: AtDesk, application: Application) -> Saml | None:
    api = (await stands(desk, application)).api
    return api.saml if api else None


async def test_assertions_are_decided_on() -> None:
    """What is typed is so from now on; sent as it stands it changes nothing."""
    desk, application, page = await settled("Editor")
    told = await _saml(desk, application)
    assert told == Saml(
        entity_id="https://pay.example/saml",
        name_id_format="emailAddress",
        name_id_source="mail",
        attributes=(
            SamlAttribute(name="urn:oid:2.5.4.42", source="givenname"),
            SamlAttribute(name="role-name", source="displayname"),
        ),
        lifetime=600,
    )
    before = await stands(desk, application)
    await sends(desk, page, saml.KINDS, {})
    assert await stands(desk, application) == before
    assert "https://pay.example/acs" in await desk.text(page)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ({"entityId": "two words"}, "entityId"),
        ({"lifetime": "1"}, "lifetime"),
        ({"attributes": "alone"}, "attributes"),
        ({"attributes": "a password"}, "attributes"),
        ({"attributes": "a upn\r\na mail"}, "attributes"),
        ({"nameIdSource": "password"}, "nameIdSource"),
        ({"entityId": "cccccccc-0000-4000-8000-000000000004"}, "entityId"),
        ({"entityId": "urn:sekisho:management"}, ""),
        ({"attributes": "http://schemas.microsoft.com/claims/groups.link upn"}, "attributes"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(typed: Typed, place: str) -> None:
    """What cannot be is said where it was typed, and nothing changes."""
    desk, application, page = await settled()
    before = await stands(desk, application)
    answer = await sends(desk, page, saml.KINDS, typed)
    assert 400 <= answer.status < 500
    assert set(form_of(answer).problems) == {place}
    assert "Payload" not in text_of(answer, desk.tenant)
    assert await stands(desk, application) == before


async def test_certificates_are_made_and_turned() -> None:
    """Certificates of its own are made when they are wanted, and turn when the next one is known."""
    desk, application, page = await settled()
    api = (await stands(desk, application)).api
    assert api
    assert "tokens signs" in await desk.text(page)
    assert leads(await desk.fills(f"{page}/rotate"), f"{page}?done=saved")
    assert len(await keys.listed(desk.tenant, api.saml_ring)) == 2
    asked = shown(await desk.get(f"{page}/rotate"))
    assert asked["has_own"]
    assert asked["is_early"]
    answer = await desk.fills(f"{page}/rotate")
    assert answer.status == 409
    assert leads(await desk.fills(f"{page}/rotate", force="on"), f"{page}?done=saved")
    found = shown(await desk.get(page))["certificates"]
    assert isinstance(found, list)
    assert [each.state for each in found] == ["current", "next", "retired"]


async def test_settings_are_forgotten() -> None:
    """Reset to defaults is what it was before anything was said."""
    desk, application, page = await settled()
    assert await desk.text(f"{page}/remove")
    assert leads(await desk.fills(f"{page}/remove"), f"{page}?done=part_removed")
    assert await _saml(desk, application) is None
    for way in ("remove", "rotate"):
        with pytest.raises(Refused) as caught:
            await desk.get(f"{page}/{way}")
        assert caught.value.reason.slug == "saml_absent"
