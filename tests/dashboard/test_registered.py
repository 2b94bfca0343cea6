"""Registered applications: drafts, their turns, their statements as files, their installations."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from sekisho.model.client import Client
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Save
from sekisho.registry import registered_applications
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CLIENT_ABSENT
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.spec.refusals.registration import (
    APPLICATION_ABSENT,
    APPLICATION_REVOKED,
    APPLICATION_UNPUBLISHED,
    STATEMENT_ABSENT,
)
from sekisho.store import Window
from sekisho.tokens import software_statement
from tests.dashboard.desk import AtDesk, another, at_desk, shown
from tests.dashboard.test_apis import form_of
from tests.registered import ACTOR, came_by, drafted, installed, published, stated
from tests.tenants import NOW, Clock
from tests.visitor import location

ROOM = "/registered-applications"
LINES = ("channels", "platforms", "domains", "custom_schemes", "scopes")
DAY = 86_400


async def stands(desk: AtDesk, id: str) -> RegisteredApplication:
    """The application as it is kept."""
    return await registered_applications.find(desk.tenant, id)


async def filled(desk: AtDesk, address: str, **more: str) -> dict[str, str]:
    """What a browser would send of a draft unchanged, but for this."""
    form = form_of(await desk.get(address))
    told = {name: form.lines(name) if name in LINES else form.text(name) for name in form.values}
    return {**told, **more}


async def test_nothing_is_there_at_first() -> None:
    """The empty list says what it is for, and offers the first one."""
    desk = await at_desk()
    text = await desk.text(ROOM)
    assert "No registered applications yet" in text
    assert f'href="/dashboard{ROOM}/new"' in text
    assert "登録アプリケーションはまだありません" in await desk.text(ROOM, "ja")


async def test_all_are_listed() -> None:
    """Each with its version, what it is for and where it is in its life; 25 at a time."""
    desk = await at_desk()
    await drafted(desk.tenant, name="Draft", channels=["a", "b", "c"])
    made = await published(desk.tenant, channels=["*"])
    over = await published(desk.tenant, name="Over")
    await registered_applications.revoke(desk.tenant, over.id, ACTOR)
    text = await desk.text(ROOM)
    for part in (
        "Television",
        "2.0",
        "All channels",
        "a, b",
        "and 1 more",
        ">Draft<",
        ">Published<",
        ">Revoked<",
    ):
        assert part in text, part
    many = [replace(made, id=f"{n:036x}", version=0) for n in range(30)]
    assert await desk.tenant.change(*map(Save, many)) is None
    first = shown(await desk.get(ROOM))["stretch"]
    assert (len(first.found), first.total) == (25, 33)  # type: ignore[attr-defined]
    then = shown(await desk.get(f"{ROOM}{first.next}"))["stretch"]  # type: ignore[attr-defined]
    assert (len(then.found), then.next) == (8, "")  # type: ignore[attr-defined]


async def test_a_draft_is_made() -> None:
    """From what was typed, one value on each line; it can be changed until it is published."""
    desk = await at_desk("Editor")
    told = {
        "name": "Living room",
        "release": "3.1",
        "channels": "news\r\nsports\r\n\r\n",
        "domains": "example.com",
        "custom_schemes": "adbe.example://",
        "scopes": "api:client:v2",
    }
    answer = await desk.fills(f"{ROOM}/new", **told)
    line = urlsplit(location(answer)).path.removeprefix("/dashboard")
    made = await stands(desk, line.removeprefix(f"{ROOM}/"))
    assert (made.name, made.release, made.channels) == ("Living room", "3.1", ("news", "sports"))
    assert (made.domains, made.scopes, made.state) == (("example.com",), ("api:client:v2",), "draft")
    changed = await filled(desk, line, release="3.2", channels="*")
    assert (await desk.fills(line, **changed)).status == 303
    found = await stands(desk, made.id)
    assert (found.release, found.channels, found.custom_schemes) == ("3.2", ("*",), made.custom_schemes)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "<b>"}, "name"),
        ({"release": "with a space"}, "release"),
        ({"release": "x" * 65}, "release"),
        ({"channels": "a/b"}, "channels"),
        ({"channels": "a\na"}, "channels"),
        ({"domains": "https://example.com"}, "domains"),
        ({"domains": "UPPER.example"}, "domains"),
        ({"custom_schemes": "https://"}, "custom_schemes"),
        ({"scopes": "a b"}, "scopes"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(told: Mapping[str, str], field: str) -> None:
    """For a new one and for a draft alike; what was typed stays in the form, and nothing is saved."""
    desk = await at_desk()
    made = await drafted(desk.tenant)
    for address in (f"{ROOM}/new", f"{ROOM}/{made.id}"):
        answer = await desk.fills(address, **{"name": "X", **told})
        assert (answer.status, list(form_of(answer).problems)) == (400, [field]), address
        assert form_of(answer).lines(field).splitlines() == told[field].splitlines()
    assert await stands(desk, made.id) == made
    assert await desk.tenant.store.count(RegisteredApplication, desk.tenant.id, {}) == 1


async def test_a_draft_of_an_older_version_is_shown_with_what_stands_there_now() -> None:
    """Nobody overwrites what they have not seen: the version of the record is not that of the release."""
    desk = await at_desk()
    line = f"{ROOM}/{(await drafted(desk.tenant)).id}"
    told = await filled(desk, line, release="2.1")
    assert (await desk.fills(line, **await filled(desk, line, release="2.2"))).status == 303
    stale = await desk.fills(line, **told, version="1")
    assert (stale.status, form_of(stale).now) == (412, {"release": "2.2"})


async def test_a_draft_is_published() -> None:
    """After a page that shows what is fixed; nothing of it changes any more. Reason: application_fixed."""
    desk = await at_desk("Editor")
    made = await drafted(desk.tenant)
    line = f"{ROOM}/{made.id}"
    text = await desk.text(f"{line}/publish")
    for part in ("Publish <bdi>Television</bdi>?", "news", "example.com", "api:client:v2"):
        assert part in text, part
    told = await filled(desk, line, name="Other")
    assert location(await desk.fills(f"{line}/publish")).endswith("/statements?done=application_published")
    assert (await stands(desk, made.id)).state == "published"
    text = await desk.text(line)
    assert "<fieldset disabled>" in text
    assert 'id="save"' not in text
    answer = await desk.fills(line, **told)
    assert (answer.status, form_of(answer).problems[""].key) == (400, "why.application_fixed.title")
    assert "Only a draft can be published" in await desk.text(f"{line}/publish")


async def test_a_statement_is_downloaded_as_a_file() -> None:
    """A form gives it, for a recent sign-in: one more each time, signed by this tenant, kept nowhere."""
    desk = await at_desk("Editor")
    made = await published(desk.tenant)
    line = f"{ROOM}/{made.id}/statements"
    assert "No software statements yet" in await desk.text(line)
    answer = await desk.fills(f"{line}/download")
    headers = dict(answer.headers)
    assert (answer.status, answer.kind) == (200, "text/plain")
    assert (
        headers["content-disposition"] == f'attachment; filename="software_statement_{int(NOW * 1000)}.txt"'
    )
    assert headers["cache-control"] == "no-store"
    text = answer.body.decode()
    able = await desk.tenant.able(software_statement.RING, software_statement.ALG)
    read = software_statement.read(text, able)
    assert read.application == made.id
    page = await desk.text(line)
    assert read.id in page
    assert text not in page
    assert [event.user for event in await desk.happened() if event.slug == "statement_given"] == [
        desk.user.user_id
    ]


async def test_there_is_no_statement_of_a_draft_nor_of_what_was_revoked() -> None:
    """It is not offered, and refused all the same."""
    desk = await at_desk()
    draft, over = await drafted(desk.tenant), await published(desk.tenant)
    await registered_applications.revoke(desk.tenant, over.id, ACTOR)
    for made, reason in ((draft, APPLICATION_UNPUBLISHED), (over, APPLICATION_REVOKED)):
        line = f"{ROOM}/{made.id}/statements/download"
        assert 'id="do"' not in await desk.text(line)
        with pytest.raises(Refused) as refused:
            await desk.fills(line)
        assert refused.value.reason is reason
    assert await desk.tenant.store.count(SoftwareStatement, desk.tenant.id, {}) == 0


async def test_one_statement_is_revoked() -> None:
    """Others stay; one of another application is not found here."""
    desk = await at_desk()
    made, other = await published(desk.tenant), await published(desk.tenant)
    (one, _), (two, _) = await stated(desk.tenant, made), await stated(desk.tenant, made)
    strange, _ = await stated(desk.tenant, other)
    line = f"{ROOM}/{made.id}/statements"
    assert (await desk.fills(f"{line}/{one.id}/revoke")).status == 303
    found = await registered_applications.find_statement(desk.tenant, made.id, one.id)
    left = await registered_applications.find_statement(desk.tenant, made.id, two.id)
    assert (found.revoked_at, left.revoked_at) == (NOW, None)
    text = await desk.text(line)
    assert f"{two.id}/revoke" in text
    assert f"{one.id}/revoke" not in text
    for id in (strange.id, "x" * 65):
        with pytest.raises(Refused) as refused:
            await desk.get(f"{line}/{id}/revoke")
        assert refused.value.reason is STATEMENT_ABSENT


async def test_an_application_is_revoked_once_its_name_was_typed() -> None:
    """The page says how much ends with it; a wrong name ends nothing."""
    desk = await at_desk("Editor")
    made = await published(desk.tenant, name="Living  room")
    await installed(desk.tenant, made)
    line = f"{ROOM}/{made.id}/revoke"
    text = await desk.text(line)
    assert "Software statements: 1. Installations: 1." in text
    answer = await desk.fills(line, typed="living room")
    assert (answer.status, form_of(answer).problems["typed"].key) == (400, "dash.not_its_name")
    assert (await stands(desk, made.id)).state == "published"
    assert (await desk.fills(line, typed="Living room")).status == 303
    assert (await stands(desk, made.id)).state == "revoked"
    assert "was revoked" in await desk.text(line)
    page = await desk.text(f"{ROOM}/{made.id}")
    assert "/revoke" not in page
    assert 'class="badge bad"' in await desk.text(f"{ROOM}/{made.id}/statements")


async def test_installations_are_listed() -> None:
    """By what their devices say of themselves; those that were never used say so."""
    desk = await at_desk()
    made = await published(desk.tenant)
    line = f"{ROOM}/{made.id}/installations"
    assert "No installations yet" in await desk.text(line)
    described = {"model": "<b>TV</b>", "manufacturer": "Example", "osName": "tvOS", "osVersion": "17"}
    named = await installed(desk.tenant, made, described=described)
    plain = await installed(desk.tenant, made)
    text = await desk.text(line)
    for part in ("Example &lt;b&gt;TV&lt;/b&gt; tvOS 17", "Unknown device", "Never", plain.client.client_id):
        assert part in text, part
    assert "<b>TV" not in text
    desk.tenant.tools.uses.note(desk.tenant.id, named.client.client_id, NOW)
    rows = shown(await desk.get(line))["rows"]
    assert {row.client.client_id: row.used for row in rows} == {  # type: ignore[attr-defined]
        named.client.client_id: NOW,
        plain.client.client_id: None,
    }


async def test_an_installation_is_deleted() -> None:
    """It has to register anew; one of another application is not found here."""
    desk = await at_desk()
    made, other = await published(desk.tenant), await published(desk.tenant)
    one, strange = await installed(desk.tenant, made), await installed(desk.tenant, other)
    line = f"{ROOM}/{made.id}/installations"
    assert came_by(one).statement in await desk.text(f"{line}/{one.client.client_id}/delete")
    assert (await desk.fills(f"{line}/{one.client.client_id}/delete")).status == 303
    assert await desk.tenant.store.count(Client, desk.tenant.id, {"application": made.id}) == 0
    for verb in (desk.get, desk.fills):
        with pytest.raises(Refused) as refused:
            await verb(f"{line}/{strange.client.client_id}/delete")
        assert refused.value.reason is CLIENT_ABSENT


async def test_installations_that_nobody_uses_are_deleted() -> None:
    """Those that were neither made nor used for so many days; the number is shown before."""
    clock = Clock()
    desk = await at_desk(clock=clock)
    made = await published(desk.tenant)
    old = await installed(desk.tenant, made)
    clock.now += 400 * DAY
    new = await installed(desk.tenant, made)
    desk = await another(desk.tenant, "Owner")
    line = f"{ROOM}/{made.id}/installations/prune"
    for query, count in (("", 1), ("?days=399", 1), ("?days=401", 0), ("?days=0", 1), ("?days=x", 1)):
        assert shown(await desk.get(line + query))["count"] == count, query
    assert "Nothing to delete" in await desk.text(f"{line}?days=401")
    assert "for 365 days: 1." in await desk.text(line)
    answer = await desk.fills(f"{line}?days=365")
    assert location(answer).endswith("/installations?done=installations_pruned")
    left = await desk.tenant.store.records(Client, desk.tenant.id, {"application": made.id}, Window())
    assert [client.client_id for client in left] == [new.client.client_id]
    assert old.client.client_id not in await desk.text(f"{ROOM}/{made.id}/installations")


async def test_pruning_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """One request looks at so many; the next one begins behind them."""
    monkeypatch.setattr("sekisho.registry.registrations.MOST_LOOKED", 1)
    clock = Clock()
    desk = await at_desk(clock=clock)
    made = await published(desk.tenant)
    await installed(desk.tenant, made)
    clock.now += 400 * DAY
    desk = await another(desk.tenant, "Owner")
    line = f"{ROOM}/{made.id}/installations/prune"
    assert "first 10,000" in await desk.text(line)
    then = urlsplit(location(await desk.fills(f"{line}?days=30")))
    assert then.path.endswith("/prune")
    assert "days=30&after=" in then.query
    assert "Nothing to delete" in await desk.text(f"{line}?{then.query}")


@pytest.mark.parametrize("page", ["revoke", "statements/download", "installations/prune"])
async def test_what_cannot_be_undone_needs_a_recent_sign_in(page: str) -> None:
    """Eleven minutes later one proves again who one is; nothing was given or ended."""
    clock = Clock()
    desk = await at_desk(clock=clock)
    made = await published(desk.tenant)
    clock.now += 660
    answer = await desk.fills(f"{ROOM}/{made.id}/{page}", typed=made.name)
    assert "/authorize?" in location(answer)
    assert await stands(desk, made.id) == made
    assert await desk.tenant.store.count(SoftwareStatement, desk.tenant.id, {}) == 0


async def test_names_of_others_are_escaped() -> None:
    """What an application is called and said to be is text."""
    desk = await at_desk()
    made = await published(desk.tenant)
    hostile = replace(made, name="<i>&\"'", release="<u>", channels=("<s>",), domains=("<s>",))
    assert await desk.tenant.change(Save(hostile)) is None
    for page in ("", "/publish", "/revoke", "/statements", "/statements/download", "/installations"):
        text = await desk.text(f"{ROOM}/{made.id}{page}")
        for tag in ("<i>", "<u>", "<s>"):
            assert tag not in text, page
    assert "<i>" not in await desk.text(ROOM)


async def test_a_viewer_changes_nothing() -> None:
    """Forms are locked, buttons are absent, and whoever sends one all the same is refused."""
    desk = await at_desk("Viewer")
    made, draft = await published(desk.tenant), await drafted(desk.tenant)
    one = await installed(desk.tenant, made)
    line = f"{ROOM}/{made.id}"
    assert f"{ROOM}/new" not in await desk.text(ROOM)
    assert 'id="save"' not in await desk.text(f"{ROOM}/new")
    assert 'id="save"' not in await desk.text(f"{ROOM}/{draft.id}")
    assert "/publish" not in await desk.text(f"{ROOM}/{draft.id}")
    for page in ("", "/statements", "/installations"):
        text = await desk.text(line + page)
        for part in ("/revoke", "/download", "/delete", "/prune"):
            assert part not in text, page
    asked = ["/revoke", "/statements/download", f"/statements/{came_by(one).statement}/revoke"]
    for page in (*asked, "/installations/prune", f"/installations/{one.client.client_id}/delete"):
        assert 'id="do"' not in await desk.text(line + page)
        with pytest.raises(Refused) as refused:
            await desk.fills(line + page, typed=made.name)
        assert refused.value.reason is ADMINISTRATION_DENIED
    for address in (f"{ROOM}/new", line, f"{ROOM}/{draft.id}/publish"):
        with pytest.raises(Refused) as refused:
            await desk.fills(address, name="x")
        assert refused.value.reason is ADMINISTRATION_DENIED


async def test_an_unknown_application_is_absent() -> None:
    """There is no page about what is not there."""
    desk = await at_desk()
    for id in ("none", "x" * 65):
        with pytest.raises(Refused) as refused:
            await desk.get(f"{ROOM}/{id}")
        assert refused.value.reason is APPLICATION_ABSENT
