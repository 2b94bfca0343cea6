"""/api/v2/logs."""

import re
from pathlib import Path

import pytest

import sekisho
from sekisho.api import log_types
from sekisho.model.event import Event
from sekisho.model.step import Note
from sekisho.registry import logs
from sekisho.spec.refusals import CATALOGUE
from tests.tenants import NOW, ORIGIN

SLUGS = ("client_created", "token_issued", "client_auth_failed")


def id_of(n: int, at: float) -> str:
    """The id of the n-th event, as the audit makes them."""
    return f"{int(at * 1000):012x}abcdef01{n:08x}"


async def happened(desk, count: int, step: float = 1.0, **fields: object) -> list[str]:
    """So many events before now, oldest first: their ids."""
    ids = []
    for n in range(count):
        at = NOW - (count - n) * step - 10
        told = {"slug": SLUGS[n % 3], "client": f"c{n % 2}", "tenant": desk.tenant.id, **fields}
        event = Event(id=id_of(n, at), at=at, **told)
        assert await desk.tenant.store.write(Note(event)) is None
        ids.append(event.id)
    return ids


def seen(views: list[dict]) -> list[str]:
    """The ids of a list."""
    return [view["log_id"] for view in views]


async def test_a_log_says_what_happened(desk):
    """An event has Auth0's type and members, and our own name and correlation id among its details."""
    await desk.tenant.store.write(
        Note(
            Event(
                id=id_of(1, NOW),
                at=NOW,
                tenant=desk.tenant.id,
                slug="token_issued",
                client="machine",
                address="192.0.2.7",
                correlation="c-1",
                detail={"audience": "https://api.example.com", "scope": "read:things"},
            )
        )
    )
    answer = await desk.ask(f"GET /logs/{id_of(1, NOW)}")
    assert answer.json == {
        "log_id": id_of(1, NOW),
        "_id": id_of(1, NOW),
        "date": "2027-01-15T08:00:00.000Z",
        "type": "seccft",
        "description": "Exchange of client credentials for an access token",
        "client_id": "machine",
        "ip": "192.0.2.7",
        "audience": "https://api.example.com",
        "scope": "read:things",
        "details": {
            "audience": "https://api.example.com",
            "scope": "read:things",
            "event": "token_issued",
            "correlation_id": "c-1",
        },
    }
    assert (await desk.ask(f"GET /logs/{id_of(1, NOW)}?fields=type")).json == {"type": "seccft"}


async def test_a_log_has_texts_where_clients_expect_them(desk):
    """Scopes are one text, and the management API has the name that others know it by."""
    made = await desk.made("POST /clients", {"name": "Shop"})
    scopes = ["read:logs", "read:stats"]
    told = {"client_id": made["client_id"], "audience": f"{ORIGIN}/api/v2/", "scope": scopes}
    await desk.made("POST /client-grants", told)
    (log,) = (await desk.ask("GET /logs?per_page=1")).json
    assert (log["scope"], log["audience"]) == ("read:logs read:stats", told["audience"])
    assert log["details"]["audience"] == told["audience"]


async def test_pages_go_back_from_the_newest(desk):
    """Pages cover the logs once, newest first; the page after the last one is empty."""
    ids = await happened(desk, 7)
    pages = [(await desk.ask(f"GET /logs?page={n}&per_page=3")).json for n in range(4)]
    assert [each for page in pages for each in seen(page)] == ids[::-1]
    assert pages[3] == []
    whole = (await desk.ask("GET /logs?page=1&per_page=3&include_totals=true&sort=date:-1")).json
    place = {name: whole[name] for name in ("start", "limit", "length", "total")}
    assert place == {"start": 3, "limit": 3, "length": 3, "total": 7}
    assert seen(whole["logs"]) == ids[3:0:-1]
    assert (await desk.ask("GET /logs?fields=log_id&per_page=1")).json == [{"log_id": ids[-1]}]


async def test_pages_end_where_they_would_cost_too_much(desk):
    """The thousand newest are paged, whoever wants more is told how; the total is no greater."""
    await happened(desk, 1_001)
    assert len((await desk.ask("GET /logs?page=9&per_page=100")).json) == 100
    answer = await desk.ask("GET /logs?page=10&per_page=100")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")
    assert "from and take" in answer.json["message"]
    assert (await desk.ask("GET /logs?per_page=1&include_totals=true")).json["total"] == 1000


async def test_whoever_pages_through_fewer_never_meets_the_end(desk):
    """Up to a thousand, pages end with an empty one, as client libraries expect."""
    await happened(desk, 1_000)
    assert (await desk.ask("GET /logs?page=20&per_page=50")).json == []
    assert len((await desk.ask("GET /logs?page=19&per_page=50&include_totals=true")).json["logs"]) == 50


@pytest.mark.parametrize("step", [0.0, 0.0001, 1.0, 86_400.0])
@pytest.mark.parametrize("count", [0, 1, 5, 450, 900])
async def test_steps_go_onwards_and_miss_nothing(desk, count, step):
    """From the beginning on, every event is met once, oldest first, however they are spread over time."""
    ids = await happened(desk, count, step)
    met: list[str] = []
    line = "/api/v2/logs?take=100"
    while line:
        answer = await desk.ask(f"GET {line.removeprefix('/api/v2')}")
        met += seen(answer.json)
        found = re.fullmatch(rf'<{ORIGIN}(.*)>; rel="next"', dict(answer.headers).get("link", ""))
        line = found[1] if found else ""
    assert met == ids


async def test_steps_wait_for_what_is_still_being_written(desk, clock):
    """What happened a moment ago is not told yet: an event that is written late would be missed."""
    await desk.ask("GET /clients/nobody")
    made = await desk.made("POST /clients", {"name": "Shop"})
    assert (await desk.ask("GET /logs?take=5")).json == []
    clock.now += logs.SETTLED + 0.001
    (log,) = (await desk.ask("GET /logs?take=5")).json
    assert log["details"]["client_id"] == made["client_id"]
    assert (await desk.ask(f"GET /logs?from={log['log_id']}")).json == []


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("type:seccft", [4, 1]),
        ("type:seccft client_id:c0", [4]),
        ('client_id:"c1" AND type:"sapi"', [3]),
        ("client_id:c0", [4, 2, 0]),
        ("user_id:nobody", []),
        ("type:feccft", [5, 2]),
        ("type:zz", []),
        ("", [5, 4, 3, 2, 1, 0]),
    ],
)
async def test_logs_are_searched(desk, q, expected):
    """Terms narrow the list, all of them hold, and a type stands for all events of it."""
    ids = await happened(desk, 6)
    for name in ("q", "search"):
        answer = await desk.ask(f"GET /logs?{name}={q.replace(' ', '%20')}&include_totals=true")
        assert seen(answer.json["logs"]) == [ids[n] for n in expected]
        assert answer.json["total"] == len(expected)


@pytest.mark.parametrize(
    "query",
    [
        "q=type",
        "q=type:",
        "q=:s",
        "q=type:s+type:f",
        "q=ip:192.0.2.7",
        "q=type:s*",
        "q=(type:s)",
        "q=NOT+type:s",
        "q=type:s+OR+type:f",
        'q=type:"s',
        "q=type:s&search=type:s",
        "q=" + "x" * 900,
        "sort=date:1",
        "from=x",
        "from=" + "0" * 27,
        "from=" + "g" * 28,
        "take=1&page=0",
        "take=1&q=type:s",
        "take=1&include_totals=true",
        "take=101",
        "per_page=101",
        "page=9999999",
    ],
)
async def test_refuses_a_search_it_does_not_understand(desk, query):
    """What cannot be searched by is answered 400 rather than ignored."""
    answer = await desk.ask(f"GET /logs?{query}")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")


@pytest.mark.parametrize("id", ["x", "0" * 28, "0" * 29, "A" * 28])
async def test_an_unknown_log_is_absent(desk, id):
    """A log that was never there is answered 404."""
    await happened(desk, 1)
    answer = await desk.ask(f"GET /logs/{id}")
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_log")
    assert desk.refused.reason.slug == "log_absent"


async def test_a_tenant_sees_its_own_logs_only(desk):
    """What happened at another tenant is neither listed nor found."""
    (id,) = await happened(desk, 1, tenant=desk.tenant.id.replace("1", "2"))
    assert (await desk.ask("GET /logs")).json == []
    assert (await desk.ask("GET /logs?take=5")).json == []
    assert (await desk.ask(f"GET /logs/{id}")).status == 404


@pytest.mark.parametrize(
    ("slug", "type"),
    [
        ("client_changed", "sapi"),
        ("client_auth_failed", "feccft"),
        ("audience_unknown", "feccft"),
        ("body_invalid", "fapi"),
        ("client_absent", "fapi"),
        ("token_invalid", "fapi"),
        ("rate_limited", "api_limit"),
        ("user_signed_in", "s"),
        ("user_unknown", "fu"),
        ("password_wrong", "fp"),
        ("user_blocked", "f"),
        ("sign_in_locked", "limit_wc"),
        ("user_signed_up", "ss"),
        ("sign_up_off", "fs"),
        ("user_signed_out", "slo"),
        ("login_required", "fsa"),
        ("password_changed", "scp"),
        ("token_issued", "seccft"),
        ("code_redeemed", "seacft"),
        ("code_verifier", "feacft"),
        ("token_refreshed", "sertft"),
        ("refresh_invalid", "fertft"),
        ("refresh_reused", "ferrt"),
        ("token_revoked", "srrt"),
        ("malformed_request", "f"),
        ("something_new", "sapi"),
    ],
)
def test_every_event_has_a_type(slug, type):
    """Each of our events has a type of Auth0's; one that this version does not know has a sensible one."""
    assert log_types.type_of(slug) == type
    assert log_types.description_of(slug)


def test_every_deed_is_in_the_table():
    """Whatever the source notes in the audit has its row, and so can be searched by its type."""
    texts = [path.read_text("utf-8") for path in Path(sekisho.__file__).parent.rglob("*.py")]
    noted = {slug for text in texts for slug in re.findall(r'\.(?:note|event)\([\w.,\s]*"([a-z_]+)"', text)}
    assert {"client_created", "token_issued", "key_revoked"} <= noted
    assert noted <= log_types.DEEDS.keys()
    assert not log_types.DEEDS.keys() & CATALOGUE.keys()
