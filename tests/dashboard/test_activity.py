"""Activity: what happened, the newest first, looked for by what, who, which request and when."""

import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from sekisho import pages
from sekisho.api.log_types import DEEDS
from sekisho.model.event import Event
from sekisho.model.step import Note, Save
from sekisho.pages.dashboard.rooms.activity import kinds
from sekisho.pages.dashboard.rooms.activity.seen import Line
from sekisho.pages.reader import LANGUAGES
from sekisho.registry import logs
from sekisho.spec.http import Answer
from sekisho.spec.refusals import CATALOGUE
from tests.dashboard.desk import AtDesk, another, at_desk, shown, text_of
from tests.tenants import NOW, Clock
from tests.visitor import web_client

LOCALE = Path(pages.__file__).parent / "locale"
HOUR = 3_600.0
HOSTILE = "<script>x</script>"


async def happened(desk: AtDesk, slug: str, ago: float = 0, **facts: Any) -> Event:
    """An event of some time ago."""
    clock = desk.tenant.tools.clock
    assert isinstance(clock, Clock)
    clock.now -= ago
    event = desk.tenant.audit.event(desk.tenant.id, slug, **facts)
    clock.now += ago
    assert await desk.tenant.store.write(Note(event)) is None
    return event


def lines(answer: Answer) -> list[Line]:
    """The lines of the list, without what made the desk."""
    days = shown(answer)["days"]
    assert isinstance(days, tuple)
    return [line for day in days for line in day.lines if line.event.address != ""]


def slugs(answer: Answer) -> str:
    """What happened, in the order of the page."""
    return " ".join(line.event.slug for line in lines(answer))


async def furnished() -> AtDesk:
    """A desk with some of everything that happened, from one address."""
    desk = await at_desk()
    told = (
        ("client_auth_failed", 40 * 24 * HOUR, {"client": "web", "correlation": "req-5"}),
        ("token_issued", 5 * 24 * HOUR, {"client": "web", "correlation": "req-4"}),
        ("user_signed_in", 20 * HOUR, {"client": "web", "user": "auth0|7", "correlation": "req-3"}),
        ("client_changed", 2 * HOUR, {"user": desk.user.user_id, "detail": {"client_id": "web"}}),
        ("redirect_mismatch", 600, {"client": "web", "correlation": "req-2"}),
        ("token_issued", 60, {"client": "other", "correlation": "req-1"}),
    )
    for slug, ago, facts in told:
        await happened(desk, slug, ago, address="203.0.113.7", **facts)
    return desk


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("what=refusals", "redirect_mismatch client_auth_failed"),
        ("refused=1", "redirect_mismatch client_auth_failed"),
        ("what=sign_ins", "user_signed_in"),
        ("what=tokens", "token_issued token_issued"),
        ("what=changes", "client_changed"),
        ("slug=token_issued", "token_issued token_issued"),
        ("what=token_issued&q=web", "token_issued"),
        ("client=web", "redirect_mismatch user_signed_in token_issued client_auth_failed"),
        ("client=web&what=refusals", "redirect_mismatch client_auth_failed"),
        ("client=web&period=24h", "redirect_mismatch user_signed_in"),
        ("client=web&user=auth0%7C7", "user_signed_in"),
        ("q=web&period=1h", "redirect_mismatch"),
        ("q=other", "token_issued"),
        ("q=auth0%7C7", "user_signed_in"),
        ("q=req-2", "redirect_mismatch"),
        ("q=req-2&what=tokens", ""),
        ("q=req-5&period=30d", ""),
        ("client=web&q=other", ""),
        ("q=no+such+thing", ""),
        ("period=30d&what=tokens", "token_issued token_issued"),
        ("period=1h", "token_issued redirect_mismatch"),
        ("what=%00&period=never&before=soon&q=req-1", "token_issued"),
        ("what=refusals&before=0001-01-01T00:00", ""),
    ],
)
async def test_filters_hold_together(query: str, found: str) -> None:
    """What, who, which request and when narrow the list down, and what cannot be meant does not."""
    desk = await furnished()
    assert slugs(await desk.get(f"/activity?{query}")) == found


async def test_a_moment_is_by_the_clock_of_whoever_asks() -> None:
    """Before a moment there is what happened earlier by the administrator's own clock."""
    desk = await furnished()
    moved = replace(desk.user, claims={"zoneinfo": "Asia/Tokyo"})
    assert await desk.tenant.change(Save(moved)) is None
    local = datetime.fromtimestamp(NOW - 300, ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%dT%H:%M:%S")
    assert slugs(await desk.get(f"/activity?period=1h&before={local}")) == "redirect_mismatch"
    assert slugs(await desk.get(f"/activity?period=1h&before={local}Z")) == ""
    assert f'value="{local}"' in await desk.text(f"/activity?before={local}")


async def test_newest_first_day_by_day_and_page_by_page() -> None:
    """Days are the administrator's, pages are of 25, and the next one goes on where this one ends."""
    desk = await at_desk()
    made = [
        (await happened(desk, "token_issued", n * HOUR, client="web", address="203.0.113.7")).id
        for n in range(60)
    ]
    first = await desk.get("/activity?client=web")
    days = shown(first)["days"]
    assert isinstance(days, tuple)
    assert 2 <= len(days) <= 3
    assert [line.event.id for line in lines(first)] == made[:25]
    second = await desk.get(f"/activity{shown(first)['next']}")
    third = await desk.get(f"/activity{shown(second)['next']}")
    assert [line.event.id for line in (*lines(second), *lines(third))] == made[25:]
    assert (shown(third)["next"], shown(third)["first"]) == ("", "?client=web")


async def test_says_how_far_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no index finds is looked for among so many, the page says back to when, and goes on from there."""
    monkeypatch.setattr(logs, "TRACED", 4)
    monkeypatch.setattr(logs, "TRACED_AT_ONCE", 2)
    desk = await at_desk()
    await happened(desk, "redirect_mismatch", 10 * HOUR, correlation="long-ago-1", address="203.0.113.7")
    for n in range(6):
        await happened(desk, "token_issued", (9 - n) * HOUR, client="web", address="203.0.113.7")
    answer = await desk.get("/activity?q=long-ago-1")
    assert lines(answer) == []
    assert isinstance(shown(answer)["edge"], float)
    assert 'id="further"' in await desk.text("/activity?q=long-ago-1")
    for _ in range(9):
        if not shown(answer)["edge"]:
            break
        answer = await desk.get(f"/activity{shown(answer)['next']}")
        if lines(answer):
            break
    assert slugs(answer) == "redirect_mismatch"


async def test_a_line_names_who_and_what() -> None:
    """Names are links where they lead somewhere and texts where not; hostile ones are text everywhere."""
    desk = await at_desk()
    evil = web_client(client_id="evil", id="6" * 8 + "-6666-4666-8666-" + "6" * 12, name=HOSTILE)
    assert await desk.tenant.change(Save(evil)) is None
    facts: dict[str, Any] = {"address": HOSTILE, "correlation": HOSTILE}
    await happened(desk, "client_changed", client="evil", detail={"client_id": "web"}, **facts)
    await happened(desk, "client_changed", user=desk.user.user_id, detail={"client_id": "gone"}, **facts)
    await happened(
        desk, "client_auth_failed", client=HOSTILE, detail={"suppressed": 7, "rule": HOSTILE}, **facts
    )
    await happened(desk, HOSTILE, user=HOSTILE, **facts)
    await happened(desk, "token_issued", client="web", **facts)
    await happened(desk, "keys_made", **facts)
    page = await desk.text("/activity")
    assert HOSTILE not in page
    assert '<a href="/dashboard/applications/evil/settings"><bdi>&lt;script&gt;' in page
    assert '<a href="/dashboard/applications/web/settings"><bdi>Web</bdi></a>' in page
    assert "<bdi>gone</bdi>" in page
    assert (
        f'<a href="/dashboard/users/{desk.user.user_id.replace("|", "%7C")}"><bdi>owner@example.com' in page
    )
    assert "and 7 more of the same" in page
    assert "The application itself" in page
    assert "The server itself" in page
    assert "Nobody yet" in page


async def test_an_empty_list_says_why() -> None:
    """Nothing yet is not the same as nothing that matches."""
    desk = await at_desk()
    page = await desk.text("/activity?q=nothing-of-the-kind-1&what=refusals")
    assert "Nothing matches" in page
    assert 'id="show-all"' in page
    answer = await desk.get("/activity")
    bare = Answer(page=("dashboard/activity", {**shown(answer), "days": ()}))
    assert "Nothing has happened yet" in text_of(bare, desk.tenant)


async def test_a_link_can_be_loosened() -> None:
    """What a link narrowed down stays when something is typed, and can be taken away by itself."""
    desk = await furnished()
    page = await desk.text("/activity?client=web&user=auth0%7C7&what=sign_ins")
    assert '<input type="hidden" name="client" value="web">' in page
    assert '<input type="hidden" name="user" value="auth0|7">' in page
    assert shown(await desk.get("/activity?client=web&user=auth0%7C7&what=sign_ins"))["links"] == {
        "client": ("Web", "?user=auth0%7C7&what=sign_ins"),
        "user": ("auth0|7", "?client=web&what=sign_ins"),
    }
    one = await desk.text("/activity?slug=redirect_mismatch")
    assert re.search(r'<option value="redirect_mismatch" selected>Callback URL is not registered', one)


@pytest.mark.parametrize("rank", ["Viewer", "Editor", "Owner"])
async def test_every_rank_reads_everything(rank: str) -> None:
    """Whoever may come in may see what happened."""
    desk = await another((await furnished()).tenant, rank)
    event = await happened(desk, "redirect_mismatch", client="web", address="203.0.113.7")
    assert (await desk.get("/activity")).status == 200
    assert (await desk.get(f"/activity/{event.id}")).status == 200


def test_every_deed_has_a_name_and_a_group() -> None:
    """Whatever the audit knows is said in every language, and is found by what people choose from."""
    for language in LANGUAGES:
        told = tomllib.loads((LOCALE / language / "activity.toml").read_text("utf-8"))["event"]
        assert sorted(set(DEEDS) ^ set(told)) == [], language
        assert all(text.strip() for text in told.values())
    groups = [slug for group, some in kinds.GROUPS.items() if group != kinds.REFUSALS for slug in some]
    assert len(groups) == len(set(groups))
    assert set(DEEDS) - set(groups) == {"delivery_failed", "mail_sent", "mail_withheld"}
    assert set(groups) <= set(DEEDS)
    assert set(kinds.GROUPS[kinds.REFUSALS]) == set(CATALOGUE)
    assert kinds.group("what_no_version_knows") == ""
