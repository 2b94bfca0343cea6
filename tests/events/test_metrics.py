"""Metrics: what is counted, under which labels, and how processes add up."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sekisho import jobs
from sekisho.app import urls
from sekisho.events import exposition
from sekisho.events import report as reporting
from sekisho.events.audit import MOST_WAITING, Audit
from sekisho.events.metrics import METRICS, joined
from sekisho.events.report import FRESH, GONE, MOST_GONE, Reports
from sekisho.events.tally import MOST_TENANTS, OTHER, Tally
from sekisho.model.step import Lost, Save, Step
from sekisho.pages.says import says as page_says
from sekisho.tenant import Directory
from sekisho.web.door import Building, Door
from tests.tenants import ORIGIN, Clock, allowed, asking, client, demo_directory

Seen = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def seen(tally: Tally) -> Seen:
    """What Prometheus would read."""
    return read(exposition.text(joined(tally.samples())))


def read(text: bytes) -> Seen:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
async def directory(tally: Tally) -> Directory:
    found = await demo_directory(Clock())
    tenant = found.named("demo")
    assert tenant is not None
    tenant.audit._tally = tally
    await tenant.change(Save(client()), Save(allowed()))
    return found


@pytest.fixture
async def web(directory: Directory, tally: Tally) -> AsyncIterator[httpx.AsyncClient]:
    door = Door(Building(directory, urls(), {}, page_says, tally))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url=ORIGIN) as web:
        yield web


async def test_counts_requests_tokens_and_refusals(web: httpx.AsyncClient, tally: Tally) -> None:
    """A request counts under its route, method, status and tenant; a token by its algorithm."""
    assert (await web.post("/oauth/token", data=dict(asking().form))).status_code == 200
    assert (await web.post("/oauth/token", data={"client_id": "machine"})).status_code == 401
    found = seen(tally)
    route = (("method", "POST"), ("route", "/oauth/token"), ("status", "2xx"))
    assert found["sekisho_request_seconds_count", route] == 1
    assert found["sekisho_request_seconds_bucket", (("le", "+Inf"), *route)] == 1
    assert 0 < found["sekisho_request_seconds_sum", route] < 10
    assert found["sekisho_requests_total", (("status", "4xx"), ("tenant", "demo"))] == 1
    issued = (("alg", "RS256"), ("grant_type", "client_credentials"), ("kind", "access_token"))
    assert found["sekisho_tokens_issued_total", issued] == 1
    refusals = [key for key in found if key[0] == "sekisho_refusals_total"]
    assert refusals
    assert sum(found[key] for key in refusals) == 1


async def test_strangers_choose_no_label(web: httpx.AsyncClient, tally: Tally) -> None:
    """Whatever is asked, and however often, the labels stay the few that we know. CVE-2026-16100."""
    mark = "STRANGER-7f3a"
    for n in range(50):
        await web.get(f"/{mark}{n}", params={mark: n})
        await web.get(f"/t/{mark}{n}/oauth/token")
        await web.request(f"{mark}{n}", "/oauth/token")
        await web.get("/", headers={"host": f"{mark}{n}.example", "x-correlation-id": f"{mark}{n}"})
        form = dict(asking().form) | {"client_id": f"{mark}{n}", "client_secret": f"{mark}{n}"}
        await web.post("/oauth/token", data=form)
        form = dict(asking().form) | {"grant_type": f"{mark}{n}", "audience": f"{mark}{n}"}
        await web.post("/oauth/token", data=form)
        await web.get(f"/api/v2/clients/{mark}{n}", headers={"authorization": f"Bearer {mark}{n}"})
    assert mark.encode() not in exposition.text(joined(tally.samples()))
    assert len(list(tally.samples())) < 30


async def test_no_secret_is_in_a_metric(web: httpx.AsyncClient, tally: Tally, directory: Directory) -> None:
    """Neither a secret, a token, a client nor an address is anywhere in the text that Prometheus reads."""
    form = dict(asking().form)
    token = (await web.post("/oauth/token", data=form)).json()["access_token"]
    await web.get("/api/v2/clients", headers={"authorization": f"Bearer {token}"})
    await web.get("/oauth/token", params=form)
    tools = next(iter(directory.all())).tools
    samples = joined(tally.samples(), jobs.levels(tally, directory, tools))
    text = exposition.text(samples).decode()
    for kept in (*form.values(), token, *token.split("."), "127.0.0.1", ORIGIN.partition("//")[2]):
        assert kept == "client_credentials" or kept not in text
    assert 'sekisho_signing_key_age_seconds{alg="RS256",tenant="demo"} 3600.0' in text


def test_tenants_beyond_the_first_share_a_label(tally: Tally) -> None:
    """However many tenants there are, the number of their labels is bounded."""
    for n in range(3 * MOST_TENANTS):
        tally.answered("/", "GET", f"t{n}", 200, 0.001)
    found = {key[1]: numbers for key, numbers in tally.samples() if key[0] == "requests"}
    assert len(found) == MOST_TENANTS + 1
    assert found[OTHER] == (2.0 * MOST_TENANTS,)


def test_every_metric_is_shown() -> None:
    """A metric of which nothing was counted is described all the same."""
    text = exposition.text({}).decode()
    assert all(f"# HELP sekisho_{name}" in text for name in METRICS)


def test_buckets_add_up(tally: Tally) -> None:
    """A value counts in every bucket whose bound it does not exceed."""
    for seconds in (0.0005, 0.0006, 60.0):
        tally.answered("/", "GET", "", 200, seconds)
    route = (("method", "GET"), ("route", "/"), ("status", "2xx"))
    counts = [
        seen(tally)["sekisho_request_seconds_bucket", (("le", le), *route)]
        for le in ("0.0005", "0.001", "10.0", "+Inf")
    ]
    assert counts == [1, 2, 2, 3]


class Away:
    """A store that keeps nothing."""

    async def write(self, *_steps: Step) -> Lost | None:
        raise ValueError


async def test_dropped_events_count(tally: Tally) -> None:
    """An event that could not be kept is counted, with the reason."""
    audit = Audit(Away(), time.time, tally)
    for n in range(MOST_WAITING + 2):
        audit.batch(audit.event("t", f"s{n}"))
    await audit.flush()
    dropped = {key[1]: numbers[0] for key, numbers in tally.samples() if key[0] == "events_dropped"}
    assert dropped == {"full": 2, "unwritable": MOST_WAITING}


def left(folder: Path, name: str, requests: int, age: float, waiting: int = 1) -> None:
    """What a process reported, so many seconds ago."""
    file = folder / f"{name}.json"
    samples = [(["requests", "t", "2xx"], [requests]), (["store_queue_units"], [waiting])]
    samples.append((["config_staleness_seconds"], [requests]))
    file.write_text(json.dumps(samples))
    os.utime(file, (time.time() - age,) * 2)


def test_processes_add_up(tmp_path: Path) -> None:
    """Counters and queues of several processes are summed; of how stale they are, the worst counts."""
    left(tmp_path, "1", 3, 0)
    left(tmp_path, "2", 4, 0, waiting=5)
    assert Reports(tmp_path).all() == {
        ("requests", "t", "2xx"): (7,),
        ("store_queue_units",): (6,),
        ("config_staleness_seconds",): (4,),
    }


def test_a_counter_never_goes_back(tmp_path: Path) -> None:
    """What a process counted stays counted after it ended; how it stood is forgotten."""
    reports = Reports(tmp_path)
    left(tmp_path, "ended", 3, FRESH + 1)
    left(tmp_path, "alive", 4, 0)
    assert reports.all()["requests", "t", "2xx"] == (7,)
    assert reports.all()["store_queue_units",] == (1,)
    left(tmp_path, "ended", 3, GONE + 1)
    for _ in range(3):
        assert reports.all()["requests", "t", "2xx"] == (7,)
    assert [file.name for file in tmp_path.iterdir()] == ["alive.json"]
    left(tmp_path, "ended", 5, 0)  # it only seemed to have ended
    assert reports.all()["requests", "t", "2xx"] == (9,)


def test_restarts_do_not_pile_up(tmp_path: Path) -> None:
    """However often a worker is restarted, files and memory stay bounded, and nothing is lost."""
    reports = Reports(tmp_path)
    for n in range(4 * MOST_GONE):
        left(tmp_path, f"{n}", 1, GONE + 1)
        assert reports.all()["requests", "t", "2xx"] == (n + 1,)
    assert list(tmp_path.iterdir()) == []
    assert len(reports._seen) <= MOST_GONE


async def test_reports_until_the_end(tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process reports while it runs, and what it counted last when it is told to end."""
    monkeypatch.setattr(reporting, "REPORT_EVERY", 0.01)
    task = asyncio.create_task(reporting.report(tally.samples, tmp_path))
    tally.count(("refusals", "one"))
    await asyncio.sleep(0.2)
    assert Reports(tmp_path).all() == {("refusals", "one"): (1,)}
    tally.count(("refusals", "one"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert Reports(tmp_path).all() == {("refusals", "one"): (2,)}


async def test_a_folder_that_is_gone_disturbs_nobody(
    tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that cannot report goes on."""
    monkeypatch.setattr(reporting, "REPORT_EVERY", 0.01)
    task = asyncio.create_task(reporting.report(tally.samples, tmp_path / "nowhere"))
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
