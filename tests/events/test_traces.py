"""Traces: what is sent to a collector, what is not, and that nothing waits for it."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from structlog.testing import capture_logs

from sekisho.events import otlp
from sekisho.events.otlp import FLUSH_SECONDS, Otlp, Sender
from sekisho.events.traces import open_traces
from sekisho.house import House, open_house
from sekisho.settings import Settings, SettingsError, load
from sekisho.spec.refusal import Refused
from tests.outside import free_port
from tests.servers import Installation, Server, a_machine, token_form

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SECRET = "s3cr3t-7d1f"
MISSING = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from sekisho.cli import main
main()
"""
OFF = """
import sys
from sekisho import app
from sekisho.events.traces import open_traces
assert open_traces("", 1.0) is None
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""


@dataclass
class Collector:
    """An OTLP collector: what it was sent, as bytes and read."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    status: int = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/traces"

    @property
    def requests(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def one(self, name: str) -> Span:
        """The only span of this name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found


@contextmanager
def listening(port: int = 0) -> Iterator[Collector]:
    """A collector on the loopback address."""
    collector = Collector()

    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            collector.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Asked)
    collector.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with listening() as collector:
        yield collector


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation without traces."""
    folder = tmp_path_factory.mktemp("traced")
    made = Installation(folder, f"sqlite:///{folder}/sekisho.db")
    made.prepare()
    return made


@contextmanager
def traced(prepared: Installation, endpoint: str, **more: str) -> Iterator[Server]:
    """A server that sends spans to this address."""
    variables = {"SEKISHO_TRACES_ENDPOINT": endpoint, "NO_PROXY": "127.0.0.1", **more}
    with replace(prepared, more=variables).serving(free_port()) as server:
        yield server


def told(span: Span) -> dict[str, object]:
    """The attributes of a span."""
    return {
        each.key: each.value.string_value or each.value.int_value
        for each in span.attributes  # strings and whole numbers are all there are
    }


def test_a_request_is_a_span_that_continues_its_caller(prepared: Installation, collector: Collector) -> None:
    """A request is a span by method and route, below its caller's; what it waited to write is below it."""
    with traced(prepared, collector.url) as server:
        web, form = server.web(), token_form(a_machine(server.manage()))
        headers = {"traceparent": f"00-{CALLER}-{PARENT}-01", "x-correlation-id": "mine-1"}
        assert web.post("/oauth/token", data=form, headers=headers).status_code == 200
        assert server.stop() == 0
    (span,) = [each for each in collector.spans if each.parent_span_id.hex() == PARENT]
    assert (span.name, span.kind) == ("POST /oauth/token", Span.SPAN_KIND_SERVER)
    assert span.trace_id.hex() == CALLER
    assert told(span) == {
        "url.scheme": "http",
        "http.request.method": "POST",
        "http.route": "/oauth/token",
        "http.response.status_code": 200,
        "sekisho.tenant": "main",
        "sekisho.correlation_id": "mine-1",
    }
    made = collector.one("POST /api/v2/clients")
    assert made.parent_span_id == b""
    (write,) = [each for each in collector.spans if each.parent_span_id == made.span_id]
    assert (write.name, write.trace_id) == ("store.write", made.trace_id)
    assert made.start_time_unix_nano <= write.start_time_unix_nano < write.end_time_unix_nano
    assert write.end_time_unix_nano <= made.end_time_unix_nano
    resource = collector.requests[0].resource_spans[0].resource.attributes
    assert {each.key: each.value.string_value for each in resource}["service.name"] == "sekisho"


def test_no_secret_is_in_what_is_sent(prepared: Installation, collector: Collector) -> None:
    """Whatever a request brings, nothing of it but a sound traceparent and correlation id is sent on."""
    with traced(prepared, collector.url) as server:
        web, form = server.web(), token_form(a_machine(server.manage()))
        token = web.post("/oauth/token", data=form, params={"q": SECRET}).json()["access_token"]
        web.post("/oauth/token", data={**form, "client_secret": SECRET})
        web.post("/oauth/token", content=SECRET, headers={"content-type": SECRET})
        web.get(f"/{SECRET}", headers={"tracestate": f"a={SECRET}", "baggage": f"a={SECRET}"})
        web.get(f"/api/v2/clients/{SECRET}", headers={"authorization": f"Bearer {token}"})
        web.request(SECRET, "/oauth/token")
        web.request("PROPFIND", "/oauth/token")
        web.get("/", headers={"host": SECRET, "x-correlation-id": f"<{SECRET}>", "user-agent": SECRET})
        caller = {"traceparent": f"00-{CALLER}-{PARENT}-01", "tracestate": f"a={SECRET}"}
        web.get("/.well-known/jwks.json", headers=caller)
        assert server.stop() == 0
    sent = b"".join(collector.bodies)
    for kept in (SECRET, form["client_secret"], form["client_id"], token, token.split(".")[1]):
        assert kept.encode() not in sent
    assert collector.one("GET /.well-known/jwks.json").trace_id.hex() == CALLER
    (refused,) = [each for each in collector.spans if "client_auth_failed" in told(each).values()]
    assert told(refused)["sekisho.refusal"] == "client_auth_failed"
    assert told(refused)["sekisho.tenant"] == "main"
    assert refused.status.code == 0  # the fault is the caller's
    assert [told(each)["http.request.method"] for each in collector.spans if each.name == "HTTP"] == [
        "_OTHER"
    ]
    assert collector.one("GET /api/v2/clients/{id}")


@pytest.mark.parametrize(
    "malformed",
    [
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{CALLER}-{'0' * 16}-01",
        f"ff-{CALLER}-{PARENT}-01",
        f"00-{CALLER}-{PARENT}-01-more",
        f"00-{CALLER.upper()}-{PARENT}-01",
        f"00-{CALLER}-{PARENT}",
        f"00-{CALLER}-{PARENT}-01" + " " * 600,
        "\x00é",
    ],
)
async def test_a_malformed_parent_is_none(
    collector: Collector, malformed: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A traceparent that is not one begins a trace of its own, and is no line in the log."""
    async with sending(collector) as traces:
        ask(traces, traceparent=malformed)
    span = collector.one("GET /x")
    assert span.parent_span_id == b""
    assert span.trace_id.hex() != CALLER
    assert caplog.records == []


@asynccontextmanager
async def sending(collector: Collector, ratio: float = 1.0) -> AsyncIterator[Otlp]:
    """Traces of this process."""
    traces = Otlp(collector.url, ratio)
    yield traces
    await traces.close()


def ask(traces: Otlp, status: int = 200, refused: str = "", **headers: str) -> None:
    """A request from its beginning to its end."""
    seen = traces.begin(headers, "https")
    if seen:
        line = {"method": "GET", "route": "/x", "status": status, "tenant": "t", "correlation": "c"}
        seen.answered(line, refused)


async def test_a_share_is_sent_and_the_caller_decides_for_its_own(collector: Collector) -> None:
    """Of requests without a caller a share is sent; a caller's decision is kept either way."""
    async with sending(collector, ratio=0.0) as traces:
        for _ in range(50):
            ask(traces)
        ask(traces, traceparent=f"00-{CALLER}-{PARENT}-01")
    assert collector.one("GET /x").trace_id.hex() == CALLER
    collector.bodies.clear()
    async with sending(collector, ratio=0.5) as traces:
        for _ in range(400):
            ask(traces)
        ask(traces, traceparent=f"00-{CALLER}-{PARENT}-00")
    assert 100 < len(collector.spans) < 300
    assert CALLER not in {span.trace_id.hex() for span in collector.spans}


async def test_our_own_faults_are_marked(collector: Collector) -> None:
    """A status from 500 on is an error, named by the slug or the status."""
    async with sending(collector) as traces:
        ask(traces, 503, "store_unavailable")
        ask(traces, 500)
        ask(traces, 404, "not_found")
    marked = {told(span)["http.response.status_code"]: span for span in collector.spans}
    kinds = {status: told(span).get("error.type") for status, span in marked.items()}
    assert kinds == {503: "store_unavailable", 500: "500", 404: None}
    assert {status for status, span in marked.items() if span.status.code == 2} == {503, 500}


@asynccontextmanager
async def at_home(prepared: Installation, collector: Collector) -> AsyncIterator[House]:
    """A house that may fetch from this machine, with traces."""
    settings = Settings(
        database_url=prepared.database_url,
        master_key_file=str(prepared.folder / "master.key"),
        public_url=prepared.public_url,
        fetch_allow_private=True,
    )
    house = await open_house(settings, None, open_traces(collector.url, 1.0))
    yield house
    await house.close()


async def test_what_a_request_fetches_is_below_it(prepared: Installation, collector: Collector) -> None:
    """A fetch is a span below its request, with whose server was asked and how it failed, and no address."""
    there = collector.url.removesuffix("/v1/traces")
    async with at_home(prepared, collector) as house:
        traces = house.traces
        assert isinstance(traces, Otlp)
        await house.tools.fetch.get(f"{there}/nobody")  # of no request
        seen = traces.begin({}, "https")
        assert seen
        assert (await house.tools.fetch.get(f"{there}/{SECRET}?{SECRET}")).body == b"{}"
        with pytest.raises(Refused):
            await house.tools.fetch.get(f"http://127.0.0.1:{free_port()}/{SECRET}")
        line = {"method": "GET", "route": "/x", "status": 200, "tenant": "", "correlation": "c"}
        seen.answered(line, "")
    request = collector.one("GET /x")
    fetched = [span for span in collector.spans if span.name == "fetch"]
    assert [span.parent_span_id for span in fetched] == [request.span_id] * 2
    where = {"http.request.method": "GET", "server.address": "127.0.0.1"}
    assert [told(span) for span in fetched] == [where, {**where, "error.type": "fetch_failed"}]
    assert SECRET.encode() not in b"".join(collector.bodies)


async def test_a_step_that_breaks_tells_its_kind_alone(collector: Collector) -> None:
    """What an error says may repeat what was asked, so its span has the name of its kind and no more."""

    async def breaks() -> None:
        raise ZeroDivisionError(SECRET)

    async with sending(collector) as traces:
        seen = traces.begin({}, "https")
        assert seen
        with pytest.raises(ZeroDivisionError):
            await traces.around("step", breaks)()
    step = collector.one("step")
    assert told(step) == {"error.type": "ZeroDivisionError"}
    assert len(step.events) == 0
    assert SECRET.encode() not in b"".join(collector.bodies)


async def test_a_request_that_ended_has_no_more_steps(collector: Collector) -> None:
    """A step after the end of its request, and a step of none, has no span."""

    async def step() -> int:
        return 1

    async with sending(collector) as traces:
        ask(traces)
        assert await traces.around("step", step)() == 1
    assert [span.name for span in collector.spans] == ["GET /x"]


def test_without_a_collector_everything_else_goes_on(prepared: Installation) -> None:
    """Nobody listens: requests are served, the log says so once, the process ends in bounded time."""
    with traced(prepared, f"http://127.0.0.1:{free_port()}/v1/traces") as server:
        web = server.web()
        end = time.monotonic() + 30
        while "traces_not_sent" not in server.log and time.monotonic() < end:
            assert web.get("/.well-known/jwks.json").status_code == 200
            time.sleep(0.05)
        for _ in range(20):
            assert web.get("/.well-known/jwks.json").status_code == 200
        asked = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - asked < FLUSH_SECONDS + 3
        said = re.findall('.*"event":"traces_not_sent".*', server.log)
    assert len(said) == 1
    assert "refused" in said[0]
    assert "Traceback" not in server.log
    assert "opentelemetry" not in server.log


def test_a_collector_that_never_answers_keeps_nobody(prepared: Installation) -> None:
    """A collector that takes a connection and says nothing delays neither a request nor the end."""
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, traced(prepared, f"http://127.0.0.1:{silent.getsockname()[1]}/v1/traces") as server:
        web = server.web()
        for _ in range(700):  # more than a batch, so that sending has begun
            asked = time.monotonic()
            assert web.get("/.well-known/jwks.json").status_code == 200
            assert time.monotonic() - asked < 2
        asked = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - asked < FLUSH_SECONDS + 3
        assert "traces_left_behind" in server.log


def batch(sender: Sender, times: int = 1) -> list[SpanExportResult]:
    """So many batches go out."""
    nothing: Sequence[ReadableSpan] = ()
    return [sender.export(nothing) for _ in range(times)]


def test_an_outage_is_said_once(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many batches are lost, one line says why, one that it is over; a line a minute at most."""
    sender = Sender(OTLPSpanExporter(collector.url, timeout=1))
    otlp._quieten(sender)
    with capture_logs() as lines:
        collector.status = 403
        assert set(batch(sender, 5)) == {SpanExportResult.FAILURE}
        collector.status = 200
        batch(sender, 2)
        for status in (403, 200) * 5:
            collector.status = status
            batch(sender)
        monkeypatch.setattr(time, "monotonic", lambda: sender._says_from)
        collector.status = 404
        batch(sender, 2)
    sender.shutdown()
    events = [line["event"] for line in lines]
    assert events == ["traces_not_sent", "traces_sent_again", "traces_not_sent"]
    assert "403" in lines[0]["why"]
    assert "404" in lines[2]["why"]


async def test_what_waits_is_bounded(prepared: Installation) -> None:
    """With nobody to take them, spans wait in a queue with an end, and asking stays quick."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        traces = Otlp(f"http://127.0.0.1:{silent.getsockname()[1]}/v1/traces", 1.0)
        for _ in range(otlp.MOST_WAITING + 1_000):
            ask(traces)
        with capture_logs() as lines:
            asked = time.monotonic()
            await traces.close()
        assert time.monotonic() - asked < FLUSH_SECONDS + 1
    assert [line["event"] for line in lines] == ["traces_left_behind"]


def test_says_how_to_install_what_is_missing(prepared: Installation) -> None:
    """With traces on and the extra missing the server does not start: one line with the cure, status 2."""
    variables = {"SEKISHO_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}
    environment = prepared.environment(SEKISHO_LISTEN=f"127.0.0.1:{free_port()}", **variables)
    ended = subprocess.run(
        [sys.executable, "-c", MISSING, "serve"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "traces_endpoint" in ended.stderr
    assert "pip install 'sekisho[otel]'" in ended.stderr


def test_costs_no_import_when_off() -> None:
    """Without the setting nothing of OpenTelemetry is loaded."""
    subprocess.run([sys.executable, "-c", OFF], env=dict(os.environ), timeout=60, check=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACES_ENDPOINT", "127.0.0.1:4318"),
        ("TRACES_ENDPOINT", "http://127.0.0.1:4318"),
        ("TRACES_ENDPOINT", "grpc://127.0.0.1:4317/v1/traces"),
        ("TRACES_ENDPOINT", f"http://me:{SECRET}@127.0.0.1/v1/traces"),
        ("TRACES_ENDPOINT", f"http://127.0.0.1/v1/traces?key={SECRET}"),
        ("TRACES_RATIO", "1.1"),
        ("TRACES_RATIO", "-0.1"),
        ("TRACES_RATIO", "nan"),
        ("TRACES_RATIO", "half"),
    ],
)
def test_the_settings_have_a_form(tmp_path: Path, name: str, value: str) -> None:
    """An address or a share that cannot be meant is refused; an address is not repeated."""
    file = tmp_path / "some.toml"
    file.write_text(
        'database_url = "sqlite:///a"\nmaster_key_file = "k"\npublic_url = "https://id.example"\n'
    )
    with pytest.raises(SettingsError, match=f"SEKISHO_{name} has to be ") as refused:
        load(file, {f"SEKISHO_{name}": value})
    assert SECRET not in str(refused.value)
    assert load(file, {"SEKISHO_TRACES_RATIO": "0.25"}).traces_ratio == 0.25
