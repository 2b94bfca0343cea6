"""Settings, Advanced: what stands there, what is locked, what is saved, what is refused."""

import dataclasses
from pathlib import Path

from sekisho.model.tenant import TenantRecord
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.rooms.settings.advanced import TAB
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy, Site
from tests.dashboard.desk import AtDesk, at_desk, shown, text_of

PATH = "/settings/advanced"
ALLOWED = "pushed_authorization_requests_supported"
REQUIRED = "flags.require_pushed_authorization_requests"


async def policy_of(desk: AtDesk) -> Policy:
    """What the tenant decided by now."""
    record = await desk.tenant.store.record(TenantRecord, desk.tenant.id, desk.tenant.id)
    assert record
    return record.policy


def filled(desk: AtDesk, **more: str) -> dict[str, str]:
    """The form as it stands, with something else in it: a switch that is off is no parameter."""
    said = TAB.said(desk.tenant.policy)
    plain = {name: said[name] for name, kind in TAB.kinds.items() if kind in ("text", "number")}
    on = {name: "on" for name, kind in TAB.kinds.items() if kind == "switch" and said[name]}
    return {name: str(value) for name, value in plain.items()} | on | {ALLOWED: "on", **more}


async def test_what_is_saved_unchanged_changes_nothing() -> None:
    """A form that is sent as it came writes no event and no version."""
    desk = await at_desk()
    before = [event.slug for event in await desk.happened()]
    assert (await desk.fills(PATH, **filled(desk))).status == 303
    assert [event.slug for event in await desk.happened()] == before


async def test_only_what_was_changed_is_written() -> None:
    """The event names the fields that the administrator changed, and who it was."""
    desk = await at_desk()
    answer = await desk.fills(PATH, **filled(desk, refresh_leeway="11"))
    assert (answer.status, dict(answer.headers)["location"].partition("?")[2]) == (303, "done=saved")
    policy = await policy_of(desk)
    assert (policy.refresh_leeway, policy.pushing_allowed) == (11, True)
    event = (await desk.happened())[-1]
    assert (event.slug, event.user, event.detail) == (
        "tenant_changed",
        desk.user.user_id,
        {"fields": ["refresh_leeway"]},
    )


async def test_a_switch_that_is_off_is_not_in_the_form() -> None:
    """A box that is not ticked is no parameter: it means off."""
    desk = await at_desk()
    form = filled(desk)
    del form[ALLOWED]
    assert (await desk.fills(PATH, **form)).status == 303
    assert not (await policy_of(desk)).pushing_allowed


async def test_what_needs_the_first_switch_is_locked_without_it() -> None:
    """PAR cannot be required of all before it is allowed; the page says why, and no form changes that."""
    desk = await at_desk(policy=Policy(pushing_allowed=False))
    text = await desk.text(PATH)
    assert f'id="{REQUIRED}-why"' in text
    form = filled(desk, **{REQUIRED: "on"})
    del form[ALLOWED]
    assert (await desk.fills(PATH, **form)).status == 303
    assert not (await policy_of(desk)).pushing_required
    both = filled(desk, **{REQUIRED: "on"})
    assert (await desk.fills(PATH, **both)).status == 303
    assert ((await policy_of(desk)).pushing_allowed, (await policy_of(desk)).pushing_required) == (
        True,
        False,
    )


async def test_what_is_required_cannot_be_forbidden() -> None:
    """The rule of the verb is told at its field, and what was typed stays in the form."""
    desk = await at_desk(policy=Policy(pushing_required=True))
    form = filled(desk, refresh_leeway="12", **{REQUIRED: "on"})
    del form[ALLOWED]
    answer = await desk.fills(PATH, **form)
    told = shown(answer)["form"]
    assert isinstance(told, Form)
    assert (answer.status, list(told.problems), told.text("refresh_leeway")) == (400, [REQUIRED], "12")


async def test_what_is_no_number_is_told_at_its_field() -> None:
    """A value of another type, or out of its range, is refused where it was typed."""
    desk = await at_desk()
    for value, key in (("soon", "invalid.expected_int"), ("61", "invalid.expected_int_at_most")):
        answer = await desk.fills(PATH, **filled(desk, refresh_leeway=value))
        told = shown(answer)["form"]
        assert isinstance(told, Form)
        assert answer.status == 400
        assert told.problems["refresh_leeway"].key == key
        assert told.text("refresh_leeway") == value


async def test_a_form_that_is_old_says_what_stands_there_now() -> None:
    """Nobody overwrites what they have not seen: both values are shown, the second try is for these."""
    desk = await at_desk()
    seen = shown(await desk.get(PATH))
    other = await desk.fills(PATH, **filled(desk, refresh_leeway="20"))
    assert other.status == 303
    form = {"csrf": str(seen["csrf"]), "version": str(seen["form"].version)}  # type: ignore[attr-defined]
    answer = await desk.post(PATH, {**form, **filled(desk, refresh_leeway="30")})
    told = shown(answer)["form"]
    assert isinstance(told, Form)
    assert (answer.status, told.now, told.text("refresh_leeway")) == (412, {"refresh_leeway": 20}, "30")
    again = await desk.post(PATH, {**form, "version": str(told.version), **filled(desk, refresh_leeway="30")})
    assert again.status == 303
    assert (await policy_of(desk)).refresh_leeway == 30


async def test_a_viewer_sees_everything_locked() -> None:
    """Who may only look finds fields that cannot be filled in, and no button."""
    desk = await at_desk("Viewer")
    text = await desk.text(PATH)
    assert "<fieldset disabled>" in text
    assert 'id="save"' not in text


async def test_where_the_pages_of_a_portal_come_from() -> None:
    """A server is taken; what cannot be one, or a folder that is not there, is told at its field."""
    desk = await at_desk()
    assert (
        await desk.fills(PATH, **filled(desk, **{"site.upstream": "https://pages.example.com"}))
    ).status == 303
    assert (await policy_of(desk)).site == Site(upstream="https://pages.example.com")
    answer = await desk.fills(PATH, **filled(desk, **{"site.upstream": "ftp://pages.example.com"}))
    assert (answer.status, list(form_of(answer).problems)) == (400, ["site.upstream"])
    answer = await desk.fills(PATH, **filled(desk, **{"site.folder": "shop"}))
    assert (answer.status, list(form_of(answer).problems)) == (400, ["site.folder"])
    assert (await desk.fills(PATH, **filled(desk))).status == 303
    assert (await policy_of(desk)).site == Site()


async def test_a_folder_and_a_server_are_told_at_both(tmp_path: Path) -> None:
    """Pages come from one place: the form says so where both are filled in."""
    desk = await at_desk()
    (tmp_path / "shop").mkdir()
    tools = dataclasses.replace(desk.tenant.tools, sites=str(tmp_path))
    desk.browser.tenant = dataclasses.replace(desk.tenant, tools=tools)
    both = {"site.folder": "shop", "site.upstream": "https://pages.example.com"}
    answer = await desk.fills(PATH, **filled(desk, **both))
    assert (answer.status, list(form_of(answer).problems)) == (400, ["site"])
    assert "Fill in folder or upstream, not both." in text_of(answer, desk.tenant)


def form_of(answer: Answer) -> Form:
    """The form of a page."""
    found = shown(answer)["form"]
    assert isinstance(found, Form)
    return found


async def test_what_lets_applications_see_passwords_is_switched_here() -> None:
    """Each switch by itself, with its risk beside it; addresses one on each line."""
    desk = await at_desk()
    switches = {
        "applications_may_take_passwords": "applications_may_take_passwords",
        "flags.allow_legacy_ro_grant_types": "legacy_ro",
        "flags.allow_legacy_tokeninfo_endpoint": "legacy_tokeninfo",
        "flags.enable_public_signup_user_exists_error": "taken_told",
    }
    for name, field in switches.items():
        assert (await desk.fills(PATH, **filled(desk, **{name: "on"}))).status == 303
        policy = await policy_of(desk)
        assert [getattr(policy, each) for each in switches.values()] == [
            each == field for each in switches.values()
        ]
    urls = "https://app.example.com/bye\r\n\r\nhttps://b.example/bye\r\n"
    assert (await desk.fills(PATH, **filled(desk, allowed_logout_urls=urls))).status == 303
    policy = await policy_of(desk)
    assert policy.allowed_logout_urls == ("https://app.example.com/bye", "https://b.example/bye")
    assert not policy.applications_may_take_passwords
