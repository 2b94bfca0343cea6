"""Search: a word finds pages, settings, things and events, of what somebody may read."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from sekisho import pages
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.step import Save
from sekisho.pages.dashboard import ROUTES
from sekisho.pages.dashboard.rooms.search.spots import INDEX, Spot
from sekisho.pages.dashboard.rooms.search.things import Thing
from sekisho.pages.texts import texts
from sekisho.people import permissions
from sekisho.spec.http import Answer
from tests.dashboard.desk import AtDesk, at_desk, shown
from tests.tenants import AUDIENCE
from tests.visitor import altered

HOSTILE = "<script>alert(1)</script>"


def spots(answer: Answer, kind: str) -> list[tuple[str, str]]:
    """Where pages or settings that were found lead to."""
    found = shown(answer)["spots"]
    assert isinstance(found, dict)
    each: Sequence[Spot] = found.get(kind, ())
    return [(spot.path, spot.anchor) for spot in each]


def things(answer: Answer, kind: str) -> list[str]:
    """Where things that were found lead to."""
    found = shown(answer)["things"]
    assert isinstance(found, dict)
    each: Sequence[Thing] = found.get(kind, ())
    return [thing.path for thing in each]


@pytest.mark.parametrize(
    "word", ["Pushed Authorization", "プッシュ", "require_pushed_authorization_requests"]
)
async def test_a_setting_is_found_by_label_and_wire_name(word: str) -> None:
    """In every language: it leads to its page and its field; one of each application, to their list."""
    desk = await at_desk()
    answer = await desk.get(f"/search?q={word}")
    assert ("/applications", "") in spots(answer, "settings")


@pytest.mark.parametrize(
    ("word", "path", "anchor"),
    [
        ("refresh_leeway", "/settings/advanced", "refresh_leeway"),
        ("再試行", "/settings/advanced", "refresh_leeway"),
        ("FRIENDLY name", "/settings/general", "friendly_name"),
        ("enabled_locales", "/settings/languages", "enabled_locales"),
        ("site.upstream", "/settings/advanced", "site.upstream"),
        ("TokenExpirationTime", "/site-settings", "ImplicitGrantFlow/TokenExpirationTime"),
        ("grant_types", "/applications", ""),
        ("token_endpoint_auth_method", "/applications", ""),
        ("token_dialect", "/apis", ""),
    ],
)
async def test_settings_lead_to_their_fields(word: str, path: str, anchor: str) -> None:
    """Whatever is typed of it, large or small."""
    desk = await at_desk()
    assert (path, anchor) in spots(await desk.get(f"/search?q={word}"), "settings")


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("signing", "/signing-keys"),
        ("署名鍵", "/signing-keys"),
        ("members", "/settings/members"),
        ("メンバー", "/settings/members"),
        ("roles", "/users/roles"),
        ("create api", "/apis/new"),
        ("overview", ""),
        ("public key", "/site-settings/certificates"),
        ("key set", "/signing-keys"),
        ("sessions", "/settings/general"),
    ],
)
async def test_pages_are_found_by_what_they_are_called(word: str, path: str) -> None:
    """In every language."""
    desk = await at_desk()
    assert path in [where for where, _ in spots(await desk.get(f"/search?q={word}"), "pages")]


def test_every_page_and_setting_that_is_found_is_there() -> None:
    """No result leads nowhere, and every text that names one exists."""
    paths = {path for method, path, _, _ in ROUTES if method == "GET"}
    said = texts("en")
    for _, spot in (*INDEX.pages, *INDEX.settings):
        assert f"/dashboard{spot.path}" in paths, spot
        assert "{" not in said[spot.key]
        assert not spot.key.endswith(("_help", "_text"))
        assert not spot.room or spot.room in said
        assert spot.needs, spot
    for _, spot in INDEX.settings:
        assert spot.name, spot
        assert not spot.key.startswith("dash."), spot


def test_every_tab_of_the_settings_is_in_the_index() -> None:
    """A field that is added to a form is found without anybody thinking of it."""
    folder = Path(pages.__file__).parent / "templates" / "dashboard"
    named = re.compile(r'(?:field|toggle|area|choice|ticks)\(desk, form, "([^"]+)"')
    for tab in ("general", "languages", "advanced"):
        fields = set(named.findall((folder / f"settings_{tab}.html").read_text("utf-8")))
        assert fields == {s.anchor for _, s in INDEX.settings if s.path == f"/settings/{tab}"}
    site = set(named.findall((folder / "site_settings.html").read_text("utf-8")))
    assert site <= {s.anchor for _, s in INDEX.settings if s.path == "/site-settings"}


@pytest.mark.parametrize("word", ["we", "WEB", "web", "app.example.com"])
async def test_an_application_is_found(word: str) -> None:
    """By a piece of its name, its client id or its callback URL; what is it called is text."""
    desk = await at_desk()
    await altered(desk.tenant, name=f"Web {HOSTILE}")
    address = f"/search?q={word}"
    assert "/applications/web/settings" in things(await desk.get(address), "applications")
    assert HOSTILE not in await desk.text(address)


async def test_an_api_is_found() -> None:
    """By its name or its identifier."""
    desk = await at_desk()
    for word in ("thin", AUDIENCE, "api.example"):
        assert f"/apis/{'a' * 24}/settings" in things(await desk.get(f"/search?q={word}"), "apis")


@pytest.mark.parametrize(
    ("word", "is_found"),
    [
        *(("aya@", True), ("AYA@example.com", True), ("auth0|aya", True), ("ay", False)),
        *(("example.com", False), ("44444444-4444-4444-8444-444444444444", True)),
    ],
)
async def test_a_user_is_found(word: str, is_found: bool) -> None:
    """By how the address begins, three letters at least, or by a whole id."""
    desk = await at_desk()
    found = things(await desk.get(f"/search?q={word.replace('|', '%7C')}"), "users")
    assert ("/users/auth0%7Caya" in found) == is_found


async def test_a_registered_application_is_found() -> None:
    """By its name or its id."""
    desk = await at_desk()
    made = RegisteredApplication(tenant=desk.tenant.id, id="b" * 24, name="Viewer for televisions")
    assert await desk.tenant.change(Save(made)) is None
    for word in ("television", "b" * 24):
        found = things(await desk.get(f"/search?q={word}"), "registered_applications")
        assert found == [f"/registered-applications/{'b' * 24}"]


async def test_an_event_is_found_by_its_id_or_its_correlation_id() -> None:
    """The correlation id is what a page shows somebody who was refused."""
    desk = await at_desk()
    event = desk.tenant.audit.event(desk.tenant.id, "client_unknown", correlation="trace-0001")
    desk.tenant.audit.batch(event)
    await desk.happened()
    for word in (event.id, "trace-0001"):
        address = f"/search?q={word}"
        found = shown(await desk.get(address))["events"]
        assert [each.id for each in found] == [event.id]  # type: ignore[attr-defined]
        assert f'/dashboard/activity/{event.id}"' in await desk.text(address)
    text = await desk.text("/search?q=trace-0002")
    assert "newest 50,000 events" in text


async def test_what_finds_nothing_says_so() -> None:
    """Nothing typed, and nothing found, are told apart; what was typed is text."""
    desk = await at_desk()
    assert "What are you looking for?" in await desk.text("/search")
    text = await desk.text("/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "Nothing matches" in text
    assert HOSTILE not in text
    assert "Nothing matches" in await desk.text(f"/search?q={'x' * 5_000}")


async def test_everybody_finds_what_they_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not read something does not learn from the search that it is there."""
    desk: AtDesk = await at_desk()

    async def some(*_: object) -> frozenset[str]:
        return frozenset({"read:stats", "read:resource_servers"})

    monkeypatch.setattr(permissions, "of_user", some)
    event = desk.tenant.audit.event(desk.tenant.id, "client_unknown", correlation="trace-0001")
    desk.tenant.audit.batch(event)
    for word in ("friendly_name", "aya@example.com", "trace-0001", "refresh_leeway", "signing keys"):
        answer = await desk.get(f"/search?q={word}")
        assert (shown(answer)["spots"], shown(answer)["things"], shown(answer)["events"]) == ({}, {}, ())
    answer = await desk.get("/search?q=thin")
    assert things(answer, "apis") == [f"/apis/{'a' * 24}/settings"]
    assert spots(await desk.get("/search?q=token_dialect"), "settings") == [("/apis", "")]
    assert "/new" not in str(spots(await desk.get("/search?q=create"), "pages"))
