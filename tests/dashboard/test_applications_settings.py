"""Application Settings: what is saved, what is refused at which field, what is locked."""

import pytest
from msgspec.structs import replace

from sekisho.model.client import Client, RefreshTerms, Registration, ReplyUrl
from sekisho.model.step import Save
from sekisho.pages.dashboard.rooms.applications.settings import FREE, KINDS, PUSHING
from sekisho.spec.policy import Policy
from tests.dashboard.desk import AtDesk, at_desk, shown
from tests.dashboard.forms import Typed, form_of, sends
from tests.tenants import client
from tests.visitor import CALLBACK, location

WEB = "/applications/web/settings"
ALL = {**KINDS, **FREE}
PUSHED, EXPIRY = PUSHING
CLAIMS = "scope_claims_in_id_token"


async def saves(desk: AtDesk, **typed: str | list[str] | None) -> Client:
    """The application after its form was sent, with this typed."""
    answer = await sends(desk, WEB, ALL, typed)
    assert answer.status == 303, form_of(answer).problems
    assert location(answer).endswith(f"/dashboard{WEB}?done=saved")
    return await stands(desk)


async def stands(desk: AtDesk) -> Client:
    """The application as it is kept."""
    found = await desk.tenant.store.named(Client, desk.tenant.id, "web")
    assert found is not None
    return found


async def test_what_is_not_changed_changes_nothing() -> None:
    """A form that is sent as it stands leaves the application as it was, and nothing is noted."""
    desk = await at_desk()
    grants = ("password", "refresh_token", "authorization_code")
    full = replace(
        await stands(desk),
        description="Says  much",
        client_metadata={"team": "sales", "odd = name": " two  words "},
        reply_urls=(ReplyUrl("https://b.example/cb"), ReplyUrl("com.example:/cb", "public")),
        app_type="native",
        grant_types=grants,
        refresh=RefreshTerms(rotates=False, leeway=0, lifetime=0, idle_lifetime=600),
        pushed_lifetime=60,
        logo_uri="https://b.example/logo.png",
    )
    assert await desk.tenant.change(Save(full)) is None
    before = await stands(desk)
    assert await saves(desk) == before
    assert [each for each in await desk.happened() if each.slug == "client_changed"] == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"name": "Renamed 名前"}, {"name": "Renamed 名前"}),
        ({"description": "Sells"}, {"description": "Sells"}),
        ({"logo_uri": "https://a.example/logo.png"}, {"logo_uri": "https://a.example/logo.png"}),
        ({"app_type": "portal"}, {"app_type": "portal"}),
        ({"enabled": None}, {"enabled": False}),
        ({"is_first_party": None}, {"is_first_party": False}),
        ({"oidc_conformant": None}, {"oidc_conformant": False}),
        (
            {"callbacks": f"\r\n  {CALLBACK}  \r\nhttps://b.example/cb\r\n\r\n"},
            {"reply_urls": (ReplyUrl(CALLBACK), ReplyUrl("https://b.example/cb"))},
        ),
        ({"callbacks": ""}, {"reply_urls": ()}),
        (
            {"allowed_logout_urls": "https://a.example/bye"},
            {"allowed_logout_urls": ("https://a.example/bye",)},
        ),
        ({"web_origins": "https://a.example"}, {"web_origins": ("https://a.example",)}),
        ({"allowed_origins": "https://a.example"}, {"allowed_origins": ("https://a.example",)}),
        ({"initiate_login_uri": "https://a.example/in"}, {"initiate_login_uri": "https://a.example/in"}),
        (
            {"grant_types": ["authorization_code", "implicit"]},
            {"grant_types": ("authorization_code", "implicit")},
        ),
        ({"grant_types": []}, {"grant_types": ()}),
        ({PUSHED: "on"}, {"requires_pushing": True}),
        ({EXPIRY: "90"}, {"pushed_lifetime": 90}),
        ({CLAIMS: "only_without_access_token"}, {CLAIMS: "only_without_access_token"}),
        ({"resource_server_identifier": "urn:things"}, {"resource_server_identifier": "urn:things"}),
        ({"refresh_token.rotation_type": "non-rotating"}, {"refresh": RefreshTerms(rotates=False)}),
        ({"refresh_token.leeway": "0"}, {"refresh": RefreshTerms(leeway=0)}),
        ({"refresh_token.token_lifetime": "600"}, {"refresh": RefreshTerms(lifetime=600)}),
        ({"refresh_token.infinite_token_lifetime": "on"}, {"refresh": RefreshTerms(lifetime=0)}),
        ({"refresh_token.idle_token_lifetime": "60"}, {"refresh": RefreshTerms(idle_lifetime=60)}),
        ({"refresh_token.infinite_idle_token_lifetime": "on"}, {"refresh": RefreshTerms(idle_lifetime=0)}),
        (
            {"client_metadata": "team = sales\r\nurl=https://a.example/?a=b"},
            {"client_metadata": {"team": "sales", "url": "https://a.example/?a=b"}},
        ),
    ],
    ids=str,
)
async def test_a_setting_is_saved(typed: Typed, expected: dict[str, object]) -> None:
    """What was typed is what stands there, and everything else stays."""
    desk = await at_desk("Editor")
    before = await stands(desk)
    after = await saves(desk, **typed)
    changed = {"version": after.version, "updated_at": after.updated_at, **expected}
    assert after == replace(before, **changed)
    (event,) = [each for each in await desk.happened() if each.slug == "client_changed"]
    assert event.user == desk.user.user_id


async def test_free_texts_change_one_by_one() -> None:
    """A line that is gone is taken away, one that stays stays, whatever is in its name."""
    desk = await at_desk()
    kept = {"team": "sales", "odd = name": "x"}
    assert await desk.tenant.change(Save(replace(await stands(desk), client_metadata=kept))) is None
    after = await saves(desk, client_metadata="odd = name = x\nteam = support")
    assert after.client_metadata == {"odd = name": "x", "team": "support"}
    assert (await saves(desk, client_metadata="")).client_metadata == {}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "<script>"}, "name"),
        ({"description": "x" * 141}, "description"),
        ({"logo_uri": "javascript:alert(1)"}, "logo_uri"),
        ({"app_type": "nothing"}, "app_type"),
        ({"callbacks": "https://a.example/cb\nhttp://a.example/cb"}, "callbacks"),
        ({"callbacks": "https://a.example/cb#x"}, "callbacks"),
        ({"callbacks": "javascript:alert(1)"}, "callbacks"),
        ({"callbacks": f"{CALLBACK}\n{CALLBACK}"}, "callbacks"),
        ({"callbacks": "\n".join(f"https://a.example/{n}" for n in range(101))}, "callbacks"),
        ({"allowed_logout_urls": "http://a.example"}, "allowed_logout_urls"),
        ({"web_origins": "https://a.example/path"}, "web_origins"),
        ({"allowed_origins": "*"}, "allowed_origins"),
        ({"initiate_login_uri": "http://a.example"}, "initiate_login_uri"),
        ({"grant_types": ["authorization_code", "magic"]}, "grant_types"),
        ({EXPIRY: "9"}, EXPIRY),
        ({EXPIRY: "soon"}, EXPIRY),
        ({"scope_claims_in_id_token": "never"}, "scope_claims_in_id_token"),
        ({"resource_server_identifier": "with a space"}, "resource_server_identifier"),
        ({"refresh_token.leeway": "61"}, "refresh_token.leeway"),
        ({"refresh_token.token_lifetime": "0"}, "refresh_token.token_lifetime"),
        ({"refresh_token.token_lifetime": ""}, "refresh_token.token_lifetime"),
        ({"refresh_token.rotation_type": "sometimes"}, "refresh_token.rotation_type"),
        ({"client_metadata": "no sign between"}, "client_metadata"),
        ({"client_metadata": "= nothing"}, "client_metadata"),
        ({"client_metadata": "\n".join(f"a{n} = b" for n in range(11))}, "client_metadata"),
    ],
    ids=str,
)
async def test_what_is_refused_is_told_at_its_field(typed: Typed, field: str) -> None:
    """Nothing is saved, what was typed stays in the form, and the sentence is in the reader's language."""
    desk = await at_desk()
    before = await stands(desk)
    answer = await sends(desk, WEB, ALL, typed)
    form = form_of(answer)
    assert (answer.status, list(form.problems)) == (400, [field])
    value = typed[field]
    assert form.values[field] == value or form.lines(field) == value or form.text(field) == value
    assert await stands(desk) == before


async def test_a_setting_of_an_older_version_is_shown_with_what_stands_there_now() -> None:
    """Nobody overwrites what they have not seen; sent once more, theirs is put there."""
    desk = await at_desk()
    older = str(form_of(await desk.get(WEB)).version)
    await saves(desk, name="First")
    answer = await sends(desk, WEB, ALL, {"name": "Second", "version": older})
    assert (answer.status, form_of(answer).now) == (412, {"name": "First"})
    assert (await stands(desk)).name == "First"
    answer = await sends(desk, WEB, ALL, {"name": "Second", "version": str(form_of(answer).version)})
    assert (answer.status, (await stands(desk)).name) == (303, "Second")


async def test_pushing_is_locked_until_the_tenant_allows_it() -> None:
    """The switch says why, who and where, in both languages; what is sent all the same is not read."""
    desk = await at_desk(policy=Policy(pushing_allowed=False))
    english, japanese = await desk.text(WEB), await desk.text(WEB, "ja")
    for part in (
        "Application Settings",
        "Authorization Requests",
        "Require Pushed Authorization Requests (PAR)",
        "Locked: this tenant does not allow PAR yet.",
        "/dashboard/settings/advanced#pushed_authorization_requests_supported",
    ):
        assert part in english
    for part in (
        "アプリケーションの設定",
        "認可要求",
        "プッシュ認可要求（PAR）を必須にする",
        "ロックされています",
    ):
        assert part in japanese
    switch = f'id="{PUSHED}" name="{PUSHED}" value="on" disabled'
    assert switch in english
    after = await saves(desk, **{PUSHED: "on", EXPIRY: "99", "name": "Renamed"})
    assert (after.name, after.requires_pushing, after.pushed_lifetime) == ("Renamed", False, None)


async def test_pushing_is_open_where_the_tenant_allows_it() -> None:
    """The switch of exactly this name is there to be turned on, and off again."""
    desk = await at_desk()
    assert f'id="{PUSHED}" name="{PUSHED}" value="on" aria-' in await desk.text(WEB)
    assert (await saves(desk, **{PUSHED: "on"})).requires_pushing
    assert not (await saves(desk, **{PUSHED: None})).requires_pushing


async def test_an_application_that_needs_pushing_can_stop_needing_it() -> None:
    """Also where the tenant does not allow it any more: otherwise nobody could help it."""
    desk = await at_desk(policy=Policy(pushing_allowed=False))
    assert await desk.tenant.change(Save(replace(await stands(desk), requires_pushing=True))) is None
    assert "Locked: this tenant" not in await desk.text(WEB)
    assert not (await saves(desk, **{PUSHED: None})).requires_pushing


async def test_pushing_for_all_is_said() -> None:
    """Where the tenant requires it of everybody, the switch of one application decides nothing."""
    desk = await at_desk(policy=Policy(pushing_required=True))
    assert "The tenant requires PAR for all applications" in await desk.text(WEB)


async def test_the_risk_of_implicit_is_named() -> None:
    """Beside its box, whether it is ticked or not."""
    desk = await at_desk()
    assert "Risk: access tokens travel in the address bar." in await desk.text(WEB)
    assert "リスク：アクセストークンがアドレスバーに現れます。" in await desk.text(WEB, "ja")


async def test_of_an_installation_only_its_description_changes() -> None:
    """What it said of itself is locked, and is not read where it is sent. Reason: registration_decides."""
    desk = await at_desk()
    installed = Registration(application="a", statement="s")
    assert await desk.tenant.change(Save(replace(await stands(desk), registration=installed))) is None
    assert "This is an installation of a registered application." in await desk.text(WEB)
    after = await saves(desk, name="Kiosk", enabled=None, callbacks="https://evil.example/cb", grant_types=[])
    assert (after.name, after.enabled) == ("Kiosk", False)
    assert (after.reply_urls[0].url, len(after.grant_types)) == (CALLBACK, 2)


async def test_a_secret_that_comes_of_it_is_shown() -> None:
    """An application that lost all its secrets gets one with the next change, and that is said."""
    desk = await at_desk()
    assert await desk.tenant.change(Save(client(client_id="bare", secrets=()))) is None
    answer = await sends(desk, "/applications/bare/settings", ALL, {"name": "Other"})
    assert (answer.status, len(str(shown(answer)["secret"])) > 40) == (200, True)


async def test_a_type_of_elsewhere_stays() -> None:
    """An application that came with a type of another server keeps it, and can be given one of ours."""
    desk = await at_desk()
    assert await desk.tenant.change(Save(replace(await stands(desk), app_type="zoom"))) is None
    assert '<option value="zoom" selected>zoom</option>' in await desk.text(WEB)
    assert (await saves(desk, name="Other")).app_type == "zoom"
    assert (await saves(desk, app_type="spa")).app_type == "spa"
