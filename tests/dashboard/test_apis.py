"""APIs: the list, a new one, its settings, its permissions, its end; ours are locked."""

from collections.abc import Mapping
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT, PROTECTED, Api, Scope
from sekisho.model.client_grant import ClientGrant
from sekisho.model.step import Save
from sekisho.pages.dashboard.fields import Form
from sekisho.registry import system_apis
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from tests.dashboard.desk import AtDesk, at_desk, shown
from tests.tenants import AUDIENCE, Clock, allowed, api
from tests.visitor import location

ID = "a" * 24
SETTINGS, PERMISSIONS = f"/apis/{ID}/settings", f"/apis/{ID}/permissions"
HOSTILE = "\"'>&"


async def stands(desk: AtDesk, name: str = AUDIENCE) -> Api | None:
    """The API as it is kept."""
    return await desk.tenant.store.named(Api, desk.tenant.id, name)


def form_of(answer: Answer) -> Form:
    """The form that a page shows."""
    form = shown(answer)["form"]
    assert isinstance(form, Form)
    return form


async def filled(desk: AtDesk, address: str, **more: str) -> dict[str, str]:
    """What a browser would send of the settings unchanged, but for this."""
    form = form_of(await desk.get(address))
    told = {name: form.text(name) for name, value in form.values.items() if not isinstance(value, bool)}
    return {**told, **{name: "on" for name, value in form.values.items() if value is True}, **more}


async def ours(desk: AtDesk, name: str = MANAGEMENT) -> str:
    """The id of an API of the system."""
    found = await stands(desk, name)
    assert found is not None
    return found.id


async def test_all_apis_are_listed() -> None:
    """Each with its identifier; ours under the address that one looks from, and marked."""
    desk = await at_desk()
    text = await desk.text("/apis")
    for part in (
        "Things",
        AUDIENCE,
        "https://id.example.com/api/v2/",
        'class="badge lit"',
        'href="/dashboard/apis/new"',
    ):
        assert part in text
    assert MANAGEMENT not in text
    assert "システム" in await desk.text("/apis", "ja")


async def test_the_list_goes_on_after_a_stretch() -> None:
    """25 at a time, in the order of ids."""
    desk = await at_desk()
    more = [api(id=f"{n:024x}", name=f"Api {n}", identifiers=(f"urn:{n}",)) for n in range(30)]
    assert await desk.tenant.change(*map(Save, more)) is None
    first = shown(await desk.get("/apis"))["stretch"]
    assert (len(first.found), first.total, first.first) == (25, 32, "")  # type: ignore[attr-defined]
    then = shown(await desk.get(f"/apis{first.next}"))["stretch"]  # type: ignore[attr-defined]
    assert (len(then.found), then.next, then.first) == (7, "", "?")  # type: ignore[attr-defined]


async def test_an_api_is_created() -> None:
    """It has the name, the identifier and the algorithm that were typed; its permissions come next."""
    desk = await at_desk("Editor")
    told = {"name": "Orders", "identifier": "https://orders.example.com", "signing_alg": "ES256"}
    answer = await desk.fills("/apis/new", **told)
    made = await stands(desk, "https://orders.example.com")
    assert made is not None
    assert (made.name, made.signing_alg, made.dialect) == ("Orders", "ES256", "access_token")
    assert location(answer).endswith(f"/dashboard/apis/{made.id}/permissions?done=api_created")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": "", "identifier": "urn:x"}, "name"),
        ({"name": "<b>", "identifier": "urn:x"}, "name"),
        ({"name": "X", "identifier": ""}, "identifier"),
        ({"name": "X", "identifier": "with a space"}, "identifier"),
        ({"name": "X", "identifier": AUDIENCE}, "identifier"),
        ({"name": "X", "identifier": MANAGEMENT}, "identifier"),
        ({"name": "X", "identifier": "urn:x", "signing_alg": "none"}, "signing_alg"),
    ],
)
async def test_what_is_wrong_with_a_new_api_is_told_at_its_field(told: Mapping[str, str], field: str) -> None:
    """Nothing is made, and what was typed stays in the form."""
    desk = await at_desk()
    answer = await desk.fills("/apis/new", **{"signing_alg": "RS256", **told})
    form = form_of(answer)
    assert answer.status in (400, 409)
    assert list(form.problems) == [field]
    assert form.text("identifier") == told["identifier"]
    assert await desk.tenant.store.count(Api, desk.tenant.id, {}) == 2


async def test_settings_are_saved() -> None:
    """Every field is changed by its verb, and what is not in the form is left alone."""
    desk = await at_desk()
    told = await filled(
        desk,
        SETTINGS,
        name="Other things",
        token_lifetime="600",
        token_lifetime_for_web="300",
        token_dialect="opaque",
        signing_alg="EdDSA",
        skip_consent_for_verifiable_first_party_clients="on",
    )
    told.pop("allow_offline_access")
    assert (await desk.fills(SETTINGS, **told)).status == 303
    found = await stands(desk)
    assert found is not None
    assert (found.name, found.token_lifetime, found.token_lifetime_for_web) == ("Other things", 600, 300)
    assert (found.dialect, found.signing_alg) == ("opaque", "EdDSA")
    assert (found.allow_offline_access, found.skip_consent) == (False, True)
    assert [scope.value for scope in found.scopes] == ["read:things", "write:things"]
    (event, *_) = [each for each in await desk.happened() if each.slug == "api_changed"]
    assert event.user == desk.user.user_id


async def test_a_setting_that_is_refused_is_told_at_its_field() -> None:
    """The rules of the verb, at the field that broke them."""
    desk = await at_desk()
    for field, value in (
        ("token_lifetime", "0"),
        ("token_lifetime_for_web", "86401"),
        ("token_dialect", "x"),
    ):
        answer = await desk.fills(SETTINGS, **await filled(desk, SETTINGS, **{field: value}))
        assert (answer.status, list(form_of(answer).problems)) == (400, [field])


async def test_settings_of_an_older_version_are_shown_with_what_stands_there_now() -> None:
    """Nobody overwrites what they have not seen."""
    desk = await at_desk()
    seen = shown(await desk.get(SETTINGS))
    told = await filled(desk, SETTINGS, token_lifetime="500")
    assert (await desk.fills(SETTINGS, **await filled(desk, SETTINGS, token_lifetime="700"))).status == 303
    version = str(seen["form"].version)  # type: ignore[attr-defined]
    answer = await desk.post(SETTINGS, {"csrf": str(seen["csrf"]), "version": version, **told})
    assert (answer.status, form_of(answer).now["token_lifetime"]) == (412, 700)


async def test_an_api_is_found_by_its_identifier_too() -> None:
    """A refusal names the audience: its link leads here, for ours under any address."""
    desk = await at_desk()
    for name in (AUDIENCE, "https://id.example.com/api/v2/"):
        answer = await desk.get(f"/apis/{quote(name, safe='')}/settings")
        assert shown(answer)["seen"].identifier == name  # type: ignore[attr-defined]


async def test_of_our_own_api_only_the_lifetime_changes() -> None:
    """What is locked is not read; its permissions and its end are the server's own. Reason: system_api."""
    desk = await at_desk()
    id = await ours(desk)
    settings = f"/apis/{id}/settings"
    assert "belongs to the server itself" in await desk.text(settings)
    assert "danger" not in await desk.text(settings)
    told = await filled(desk, settings, token_lifetime="3600", name="Mine", signing_alg="ES256")
    assert (await desk.fills(settings, **told)).status == 303
    found = await stands(desk, MANAGEMENT)
    assert found is not None
    assert (found.token_lifetime, found.name, found.signing_alg) == (3600, "Sekisho Management API", "RS256")
    permissions = f"/apis/{id}/permissions"
    assert 'id="add"' not in await desk.text(permissions)
    answer = await desk.fills(permissions, value="own:all")
    assert (answer.status, form_of(answer).problems[""].key) == (400, "why.system_api.title")
    with pytest.raises(Refused) as refused:
        await desk.fills(f"/apis/{id}/delete", typed="https://id.example.com/api/v2/")
    assert refused.value.reason.slug == "system_api"


async def test_what_installations_call_has_no_machines() -> None:
    """They have registered themselves: nobody else asks for it in its own name."""
    desk = await at_desk()
    assert await desk.tenant.change(*await system_apis.protected(desk.tenant)) is None
    text = await desk.text(f"/apis/{await ours(desk, PROTECTED)}/settings")
    assert "Adobe Pass protected APIs" in text
    assert "/machines" not in text


async def test_a_permission_is_added() -> None:
    """Those that are there stay, with their ids."""
    desk = await at_desk()
    answer = await desk.fills(PERMISSIONS, value="delete:things", description="Throw things away")
    assert answer.status == 303
    found = await stands(desk)
    assert found is not None
    assert [(scope.value, scope.description) for scope in found.scopes] == [
        ("read:things", ""),
        ("write:things", ""),
        ("delete:things", "Throw things away"),
    ]
    assert found.scopes[0].id == "read:things"
    assert "Throw things away" in await desk.text(PERMISSIONS)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"value": ""}, "value"),
        ({"value": "with a space"}, "value"),
        ({"value": "read:things"}, "value"),
        ({"value": "x" * 281}, "value"),
        ({"value": "x", "description": "x" * 501}, "description"),
    ],
)
async def test_what_is_wrong_with_a_permission_is_told_at_its_field(
    told: Mapping[str, str], field: str
) -> None:
    """Nothing is added."""
    desk = await at_desk()
    answer = await desk.fills(PERMISSIONS, **told)
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    found = await stands(desk)
    assert found is not None
    assert len(found.scopes) == 2


async def test_there_are_so_many_permissions_at_most() -> None:
    """A thousand; they are shown a hundred at a time, and found by a part of their words."""
    desk = await at_desk()
    scopes = tuple(Scope(id=str(n), value=f"do:{n}", description=f"Does {n}") for n in range(1000))
    found = await stands(desk)
    assert found is not None
    assert await desk.tenant.change(Save(replace(found, scopes=scopes))) is None
    answer = await desk.fills(PERMISSIONS, value="one:more")
    assert (answer.status, list(form_of(answer).problems)) == (400, ["value"])
    first = shown(await desk.get(PERMISSIONS))["stretch"]
    assert (len(first.found), first.total) == (100, 1000)  # type: ignore[attr-defined]
    then = shown(await desk.get(PERMISSIONS + first.next))["stretch"]  # type: ignore[attr-defined]
    assert (then.found[0].value, then.first) == ("do:100", "?")  # type: ignore[attr-defined]
    sought = shown(await desk.get(f"{PERMISSIONS}?q=DOES+99"))["stretch"]
    assert (sought.total, sought.next) == (11, "")  # type: ignore[attr-defined]
    assert "Nothing matches" in await desk.text(f"{PERMISSIONS}?q=nothing")


async def test_a_permission_is_described() -> None:
    """Its value stays, its words change; somebody faster is not overwritten."""
    desk = await at_desk()
    line = f"{PERMISSIONS}/{quote('read:things', safe='')}"
    assert (await desk.fills(line, description="See things")).status == 303
    found = await stands(desk)
    assert found is not None
    assert [scope.description for scope in found.scopes] == ["See things", ""]
    answer = await desk.fills(line, description="x" * 501)
    assert (answer.status, list(form_of(answer).problems)) == (400, ["description"])
    stale = await desk.fills(line, description="Look", version="1")
    assert (stale.status, form_of(stale).now) == (412, {"description": "See things"})
    with pytest.raises(Refused) as refused:
        await desk.get(f"{PERMISSIONS}/other")
    assert refused.value.reason.status == 404


async def test_a_permission_is_removed_from_everybody() -> None:
    """The page names who may lose it; afterwards no client grant has it."""
    desk = await at_desk()
    assert await desk.tenant.change(Save(allowed())) is None
    line = f"{PERMISSIONS}/{quote('write:things', safe='')}/remove"
    assert "in their own name: 1" in await desk.text(line)
    assert (await desk.fills(line)).status == 303
    found = await stands(desk)
    grant = await desk.tenant.store.record(ClientGrant, desk.tenant.id, "cgr_1")
    assert found is not None
    assert grant is not None
    assert [scope.value for scope in found.scopes] == ["read:things"]
    assert grant.scopes == ("read:things",)


async def test_an_api_is_deleted_once_its_identifier_was_typed() -> None:
    """The page names the damage; a wrong word deletes nothing."""
    desk = await at_desk("Editor")
    assert await desk.tenant.change(Save(allowed())) is None
    line = f"/apis/{ID}/delete"
    assert "in their own name: 1" in await desk.text(line)
    answer = await desk.fills(line, typed="Things")
    assert (answer.status, form_of(answer).problems["typed"].key) == (400, "dash.not_its_name")
    assert await stands(desk)
    done = await desk.fills(line, typed=f" {AUDIENCE} ")
    assert location(done).endswith("/dashboard/apis?done=api_deleted")
    assert await stands(desk) is None
    assert await desk.tenant.store.count(ClientGrant, desk.tenant.id, {}) == 0


@pytest.mark.parametrize("line", [f"/apis/{ID}/delete", f"{PERMISSIONS}/read%3Athings/remove"])
async def test_what_cannot_be_undone_needs_a_recent_sign_in(line: str) -> None:
    """Eleven minutes later one proves again who one is, and comes back to the page that asks."""
    clock = Clock()
    desk = await at_desk(clock=clock)
    clock.now += 660
    answer = await desk.fills(line, typed=AUDIENCE)
    assert "/authorize?" in location(answer)
    found = await stands(desk)
    assert found is not None
    assert len(found.scopes) == 2


async def test_names_of_others_are_escaped() -> None:
    """Whatever an API is called, and whatever its permissions say, is text."""
    desk = await at_desk()
    found = await stands(desk)
    assert found is not None
    scopes = (Scope(id=HOSTILE, value="<b>", description="<script>alert(1)</script>"),)
    assert (
        await desk.tenant.change(Save(replace(found, name="<i>", identifiers=("<u>",), scopes=scopes)))
        is None
    )
    pages = ["/apis", SETTINGS, PERMISSIONS, f"/apis/{ID}/delete", f"{PERMISSIONS}/{quote(HOSTILE, safe='')}"]
    for address in (*pages, f"{pages[-1]}/remove"):
        text = await desk.text(address)
        for tag in ("<i>", "<u>", "<script>alert", "<b>&lt;", HOSTILE):
            assert tag not in text, address


async def test_a_viewer_changes_nothing() -> None:
    """Forms are locked, buttons are absent, and whoever sends one all the same is refused."""
    desk = await at_desk("Viewer")
    assert 'href="/dashboard/apis/new"' not in await desk.text("/apis")
    for address in ("/apis/new", SETTINGS):
        text = await desk.text(address)
        assert "disabled>" in text
        assert 'id="save"' not in text
    assert "/delete" not in await desk.text(SETTINGS)
    assert 'id="add"' not in await desk.text(PERMISSIONS)
    for address in (f"/apis/{ID}/delete", f"{PERMISSIONS}/read%3Athings/remove"):
        assert 'id="do"' not in await desk.text(address)
    for address in ("/apis/new", SETTINGS, PERMISSIONS, f"/apis/{ID}/delete"):
        with pytest.raises(Refused) as refused:
            await desk.fills(address, name="x", identifier="urn:x", value="x", typed=AUDIENCE)
        assert refused.value.reason is ADMINISTRATION_DENIED
