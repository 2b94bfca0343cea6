"""Overview: what is counted, compared, drawn and said, and what is said where there is nothing."""

import dataclasses
import re
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.keys.ring import ALGS, Keys
from sekisho.keys.rotation import OVERDUE
from sekisho.model.api import MANAGEMENT
from sekisho.model.client import DASHBOARD
from sekisho.model.delivery import Delivery
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Note, Save, Send, Settle
from sekisho.pages.dashboard.rooms.overview.changes import SLUGS, Changed
from sekisho.pages.dashboard.rooms.overview.figures import PERIODS, Change, Figures, of
from sekisho.pages.dashboard.rooms.overview.health import MOST_CLIENTS, Health
from sekisho.pages.dashboard.rooms.overview.health import of as health_of
from sekisho.pages.dashboard.rooms.overview.newest import recent
from sekisho.pages.dashboard.rooms.overview.page import NEW, Tile
from sekisho.people import assignments
from sekisho.people.permissions import PermissionFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import INTERNAL, STORE_UNAVAILABLE, Reason, Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.store import Window
from sekisho.tenant import Directory, Tenant
from tests.dashboard.desk import AtDesk, another, at_desk, shown
from tests.tenants import NOW
from tests.visitor import web_client

HOUR = 3_600.0


@pytest.mark.parametrize(
    ("now", "before", "plain", "change"),
    [
        ((0, 0), 0, False, Change("±0", 0)),
        ((3, 2), 0, False, Change("+5", 1)),
        ((3, 2), 19, False, Change("−14", -1)),
        ((10, 11), 20, False, Change("+5.0 %", 1)),
        ((10, 9), 20, False, Change("−5.0 %", -1)),
        ((10, 30), 20, False, Change("+100 %", 1)),
        ((0, 0), 20, False, Change("−100 %", -1)),
        ((10_000, 220), 20, False, Change("+10,200", 1)),
        ((10, 30), 20, True, Change("+20", 1)),
        ((20, 0), 20, False, Change("±0", 0)),
    ],
)
def test_a_change_is_told_as_it_can_be_read(
    now: tuple[int, ...], before: int, plain: bool, change: Change
) -> None:
    """A share where there was enough before, otherwise in numbers; signs are typographic."""
    assert Figures(now, before).change(plain=plain) == change


def test_a_period_is_counted_with_the_one_before() -> None:
    """Equal stretches up to now, twice the period long; several events are one figure."""
    for period in PERIODS.values():
        moments = period.moments(NOW)
        assert len(moments) == 2 * period.stretches + 1
        assert (moments[0], moments[-1]) == (NOW - 2 * period.seconds, NOW)
        assert moments[period.stretches] == NOW - period.seconds
        assert len(period.places) == period.marks
    assert of({"a": (1, 2, 3, 4), "b": (0, 1, 0, 1), "c": (9, 9, 9, 9)}, ("a", "b", "d"), 2) == Figures(
        (3, 5), 4
    )
    assert of({}, ("a",), 2) == Figures((0, 0), 0)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, []),
        ({"a": (0, 0), "b": (0, 0)}, []),
        ({"a": (1, 0), "b": (0, 3)}, ["b"]),
        ({"a": (1, 0), "b": (0, 2)}, ["a", "b"]),
        ({"a": (1, 1), "b": (5, 2), "no": (9, 9)}, ["a", "b"]),
    ],
)
def test_only_kinds_that_happened_last_are_looked_for(
    counts: dict[str, Sequence[int]], expected: list[str]
) -> None:
    """Back from the end until the stretches have enough events between them."""
    assert recent(("a", "b"), counts, 3) == expected


async def happened(tenant: Tenant, slug: str, ago: float, **facts: object) -> str:
    """An event of some seconds ago; its id."""
    event = tenant.audit.event(tenant.id, slug)
    at = tenant.now() - ago
    event = replace(event, at=at, id=f"{int(at * 1000):012x}{event.id[12:]}", **facts)
    assert await tenant.store.write(Note(event)) is None
    return event.id


def tiles(answer: Answer) -> dict[str, tuple[int, str, str]]:
    """Of each figure: how many, what became of it, and how that is meant."""
    found = shown(answer)["tiles"]
    assert isinstance(found, tuple)
    told: tuple[Tile, ...] = found
    return {each.name: (each.total, each.change.text if each.change else "", each.tone) for each in told}


def health(answer: Answer) -> Health:
    """What is said about the state of things."""
    found = shown(answer)["health"]
    assert isinstance(found, Health)
    return found


async def with_keys(desk: AtDesk, **fields: object) -> None:
    """Every key that signs, changed like this, and one that is published to follow it."""
    tenant, found = desk.tenant, []
    for key in await tenant.store.records(SigningKey, tenant.id, {}, Window()):
        current = replace(key, **fields)
        found += [current, replace(current, id=f"next-{key.id}", state="next", current_since=None)]
    desk.browser.tenant = dataclasses.replace(tenant, keys=Keys.of(found, tenant.tools.sealer))


async def test_an_empty_tenant_is_told_where_to_begin() -> None:
    """No axis without figures: first steps instead, those that somebody may take, for a week."""
    desk = await at_desk()
    assert "First steps" not in await desk.text("")
    young = replace(desk.tenant.record, created_at=NOW - NEW + 1)
    desk.browser.tenant = dataclasses.replace(desk.tenant, record=young)
    page = await desk.text("")
    assert "Nothing to draw yet" in page
    assert "First steps" in page
    assert "Nothing was refused" in page
    assert 'role="img"' not in page
    assert "Create an application" in page
    assert "Create an application" not in await (await another(desk.tenant, "Viewer")).text("")
    assert "まだ記録がありません" in await desk.text("", "ja")
    await happened(desk.tenant, "client_auth_failed", HOUR)
    assert "First steps" not in await desk.text("")


async def test_figures_are_compared_with_the_time_before() -> None:
    """Sign-ins, people, tokens of every kind and refusals of every rule, each within its period."""
    desk = await at_desk()
    for ago, user in ((60, "a"), (120, "a"), (2 * HOUR, "b"), (25 * HOUR, "c"), (49 * HOUR, "d")):
        await happened(desk.tenant, "user_signed_in", ago, user=user)
    for slug in ("token_issued", "code_redeemed", "token_refreshed", "portal_token_issued", "code_issued"):
        await happened(desk.tenant, slug, HOUR)
    await happened(desk.tenant, "client_auth_failed", HOUR - 1)
    await happened(desk.tenant, "sign_in_locked", 30 * HOUR)
    await happened(desk.tenant, "internal", 30 * HOUR)
    assert tiles(await desk.get("")) == {
        "signed_in": (3, "+2", "ok"),
        "people": (2, "", ""),
        "issued": (4, "+4", "ok"),
        "refused": (1, "−1", "ok"),
    }
    assert tiles(await desk.get("?period=1h")) == {
        "signed_in": (2, "+1", "ok"),
        "people": (1, "", ""),
        "issued": (4, "+4", "ok"),
        "refused": (1, "+1", "bad"),
    }
    assert tiles(await desk.get("?period=7d"))["signed_in"] == (5, "+5", "ok")


@pytest.mark.parametrize(("days", "compared"), [(0, "+1"), (59, ""), (60, "+1")])
async def test_what_is_forgotten_is_not_compared_with(days: int, compared: str) -> None:
    """Where events are not kept long enough, nothing is said about the time before."""
    desk = await at_desk(policy=Policy(audit_days=days))
    await happened(desk.tenant, "user_signed_in", HOUR)
    assert tiles(await desk.get("?period=30d"))["signed_in"][1] == compared


@pytest.mark.parametrize("asked", ["", "?period=24h", "?period=2000y", "?period=%3Cb%3E"])
async def test_a_period_that_there_is_not_is_a_day(asked: str) -> None:
    """The address names the period; whatever else it says is none."""
    page = await (await at_desk()).text(asked)
    assert re.findall(r'href="\?period=(\w+)" aria-current', page) == ["24h"]
    assert "The last 24 hours" in page


async def test_a_drawing_is_said_as_well() -> None:
    """For each drawing a sentence with the lowest, the highest and what stands out; a title for each part."""
    desk = await at_desk()
    for _ in range(7):
        await happened(desk.tenant, "user_signed_in", 60)
    await happened(desk.tenant, "client_auth_failed", 60)
    page = await desk.text("")
    assert "Sign-ins per half hour: lowest 0 at 08:00, highest 7 at 07:30. That stands out: " in page
    assert "usually it is 0." in page
    assert "Refused per half hour: lowest 0 at 08:00, highest 1 at 07:30." in page
    assert "07:30 to 08:00 · 7 sign-ins · 1 refused" in page
    assert page.count('class="hit"') == 2 * PERIODS["24h"].stretches
    assert "1\N{NO-BREAK SPACE}日ごとのサインイン：最少は" in await desk.text("?period=30d", "ja")


async def test_the_most_frequent_refusals_come_first() -> None:
    """Five rules, and the others together; each leads to its events."""
    desk = await at_desk()
    slugs = sorted(CATALOGUE)[:7]
    for number, slug in enumerate(slugs):
        for _ in range(number + 1):
            await happened(desk.tenant, slug, HOUR)
    reasons = shown(await desk.get(""))["reasons"]
    assert isinstance(reasons, tuple)
    assert [(each.slug, each.count) for each in reasons] == [
        *((slugs[n], n + 1) for n in (6, 5, 4, 3, 2)),
        ("", 3),
    ]
    page = await desk.text("")
    assert f'href="/dashboard/activity?slug={slugs[6]}"' in page
    assert "Other rules" in page


async def test_the_latest_refusals_are_shown() -> None:
    """Of whichever rules, newest first, not from before the period, with whom they met; names are text."""
    desk = await at_desk()
    evil = web_client(client_id="evil", id="6" * 8 + "-6666-4666-8666-" + "6" * 12, name="<script>x</script>")
    assert await desk.tenant.change(Save(evil)) is None
    ids = [
        await happened(desk.tenant, slug, ago, client=client, address="203.0.113.7", detail=detail)
        for slug, ago, client, detail in (
            ("client_auth_failed", 25 * HOUR, "web", {}),
            ("client_auth_failed", 5 * HOUR, "gone", {}),
            ("sign_in_locked", 4 * HOUR, None, {}),
            ("client_auth_failed", HOUR, "evil", {"suppressed": 1_153}),
            ("missing_parameter", 60, "web", {}),
        )
    ]
    found = shown(await desk.get(""))["latest"]
    assert isinstance(found, tuple)
    assert [each.event.id for each in found] == ids[:0:-1]
    assert [each.application for each in found] == ["Web", "<script>x</script>", "", "gone"]
    page = await desk.text("")
    assert "<script>x" not in page
    assert "and 1,153 more of the same" in page
    assert f"/dashboard/activity/{ids[-1]}" in page


async def test_the_last_change_is_drawn() -> None:
    """Who changed what, and which fields; what the dashboard needs for itself is no change."""
    desk = await at_desk()
    await happened(desk.tenant, "user_signed_in", 60)
    assert shown(await desk.get(""))["changed"] is None
    detail = {"client_id": "web", "fields": ["callbacks", "name", "logo_uri", "enabled"]}
    user = desk.user.user_id
    await happened(desk.tenant, "client_changed", 12 * HOUR, user=user, detail=detail)
    await happened(desk.tenant, "client_created", HOUR, detail={"client_id": DASHBOARD})
    page = await desk.text("")
    assert page.count('stroke-dasharray="3 3"') == 2
    assert "M480 0v200" in page
    assert "Application changed: <b><bdi>Web</bdi></b> <code>callbacks, name, logo_uri …</code>" in page
    assert "by owner@example.com" in page


@pytest.mark.parametrize(
    ("slug", "facts", "who", "what"),
    [
        ("client_created", {"client": "web", "detail": {"client_id": "x", "name": "New"}}, "Web", "New"),
        ("client_deleted", {"client": "cli", "detail": {"client_id": "x"}}, "cli", "x"),
        (
            "api_created",
            {"user": "gone", "detail": {"api": "1", "identifier": "https://a"}},
            "gone",
            "https://a",
        ),
        ("tenant_changed", {"detail": {"fields": ["policy"]}}, "", ""),
    ],
)
async def test_a_change_says_who_and_what(slug: str, facts: dict[str, object], who: str, what: str) -> None:
    """By their names where they have one, also where somebody or something is gone meanwhile."""
    desk = await at_desk()
    await happened(desk.tenant, slug, 60, **facts)
    changed = shown(await desk.get(""))["changed"]
    assert isinstance(changed, Changed)
    assert (changed.who, changed.what) == (who, what)


async def test_every_change_has_its_words() -> None:
    """What counts as a change of configuration is said in words."""
    desk = await at_desk()
    await happened(desk.tenant, "user_signed_in", 60)
    for number, slug in enumerate(sorted(SLUGS)):
        await happened(desk.tenant, slug, 60 - number)
        assert "See the change" in await desk.text("")


async def test_who_may_not_read_the_log_sees_figures_alone() -> None:
    """The right to the figures is none to single events: no names, no addresses, no links to them."""
    desk = await at_desk()
    await happened(desk.tenant, "client_auth_failed", HOUR, client="web", address="203.0.113.7")
    await happened(desk.tenant, "client_changed", HOUR, detail={"client_id": "web"})
    asked = PermissionFields(permission_name="read:stats", resource_server_identifier=MANAGEMENT)
    viewer = await another(desk.tenant, "Viewer")
    await assignments.unassign(desk.tenant, viewer.user.id, viewer.user.roles, Actor())
    await assignments.permit(desk.tenant, viewer.user.id, [asked], Actor())
    page = await viewer.text("")
    assert "Why requests were refused" in page
    for secret in ("203.0.113.7", "<bdi>Web</bdi>", "/activity", "/users", "/signing-keys"):
        assert secret not in page


async def test_a_database_that_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without figures the rest of the page is there; any other refusal is one of the page."""
    desk = await at_desk()

    def refuse(reason: Reason) -> None:
        async def counts(*_: object) -> None:
            raise Refused(reason)

        monkeypatch.setattr(desk.tenant.store, "counts", counts)

    refuse(STORE_UNAVAILABLE)
    page = await desk.text("")
    assert "The database took too long to count." in page
    assert "Health" in page
    refuse(INTERNAL)
    with pytest.raises(Refused, match=INTERNAL.slug):
        await desk.get("")


async def test_all_is_well() -> None:
    """The database answered, the keys are followed, the connection is encrypted: nothing to look at."""
    desk = await at_desk()
    await with_keys(desk)
    found = health(await desk.get(""))
    assert (found.notes, found.database, found.is_encrypted) == (0, "memory", True)
    assert found.milliseconds > 0
    assert found.keys.algs == ("RS256", "PS256", "ES256", "EdDSA")
    assert "All is well" in await desk.text("")


async def test_keys_that_need_something_are_named() -> None:
    """One that signed for more than a year, one that none follows."""
    desk = await at_desk()
    assert health(await desk.get("")).notes == len(ALGS)
    assert "ES256: no key is published to follow this one." in await desk.text("")
    await with_keys(desk, current_since=NOW - OVERDUE - 1)
    assert health(await desk.get("")).keys.overdue == ALGS
    assert "ES256: this key has signed for more than a year." in await desk.text("")


async def test_a_plain_connection_is_worth_a_look() -> None:
    """Except where somebody develops."""
    desk = await at_desk()
    await with_keys(desk)
    desk.browser.root = "http://id.example.com"
    plain = await of_plain(desk)
    assert (plain.notes, plain.is_encrypted) == (1, False)
    directory = Directory(desk.tenant.tools, "http://id.example.com", development=True)
    await directory.load()
    desk.browser.tenant = dataclasses.replace(desk.tenant, addresses=directory.addresses)
    assert (await of_plain(desk)).notes == 0


async def of_plain(desk: AtDesk) -> Health:
    """The state of things as it is seen over http."""
    ask = Ask(method="GET", path="/dashboard", root="http://id.example.com")
    return await health_of(ask, desk.tenant)


async def test_risky_applications_are_named() -> None:
    """One by its name, several by their number; of very many none, because that would take long."""
    desk = await at_desk()
    await with_keys(desk)
    risky = web_client(grant_types=("implicit",), client_id="old one", name="Old & <b>", enabled=True)
    for number in range(MOST_CLIENTS):
        id = f"66666666-6666-4666-8666-{number:012}"
        assert await desk.tenant.change(Save(replace(risky, id=id, client_id=f"old {number}"))) is None
        page = await desk.text("") if number in (0, 1, MOST_CLIENTS - 1) else ""
        if number == 0:
            assert "Old &amp; &lt;b&gt; uses the implicit grant" in page
            assert "/dashboard/applications/old%200/settings#grant_types" in page
        if number == 1:
            assert "Applications that use the implicit grant: 2" in page
    assert health(await desk.get("")).implicit == ()


async def test_what_did_not_arrive_is_counted() -> None:
    """Deliveries that failed and wait; not those that wait for their first try, nor those that arrived."""
    desk = await at_desk()
    await with_keys(desk)
    sent = Delivery(tenant=desk.tenant.id, id="1", kind="t", target="x", body=b"", next_at=NOW)
    store = desk.tenant.store
    assert await store.write(*(Send(replace(sent, id=id)) for id in "123")) is None
    _, failed, arrived = await store.claim(["t"], 10, 10)
    settled = (replace(failed, last_error="500"), replace(arrived, last_error="500", done_at=NOW))
    assert await store.write(*map(Settle, settled)) is None
    assert health(await desk.get("")).undelivered == 1
    assert "Deliveries that did not arrive yet: 1" in await desk.text("")
