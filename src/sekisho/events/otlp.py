"""Traces as OpenTelemetry has them, sent to a collector (OTLP over HTTP)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from threading import Thread
from typing import Any, ParamSpec, TypeVar, cast

import structlog
from opentelemetry.context import Context, attach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sekisho.events.tally import METHODS
from sekisho.spec.refusal import Refused

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

MOST_WAITING = 2_048  # spans; beyond them the oldest go
BATCH = 512
SEND_EVERY = 2_000  # milliseconds
SEND_SECONDS = 5.0
FLUSH_SECONDS = 2.0
QUIET_SECONDS = 60.0
LONGEST_WHY = 300
LONGEST_VALUE = 256
OTHER = "_OTHER"
FAULT = 500
PARENT = "traceparent"
LIBRARY = "opentelemetry"


class Otlp:
    """Spans of this process on their way to a collector."""

    def __init__(self, endpoint: str, ratio: float) -> None:
        sender = Sender(OTLPSpanExporter(endpoint, timeout=SEND_SECONDS))
        _quieten(sender)
        queue = BatchSpanProcessor(cast("SpanExporter", sender), MOST_WAITING, SEND_EVERY, BATCH)
        self._provider = TracerProvider(
            ParentBased(TraceIdRatioBased(ratio)),
            _ourselves(),
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_attribute_length=LONGEST_VALUE),
        )
        self._provider.add_span_processor(queue)
        self._tracer = self._provider.get_tracer("sekisho")
        self._read = TraceContextTextMapPropagator().extract

    def begin(self, headers: Mapping[str, str], scheme: str) -> "Request | None":
        """The span of a request; a caller's `traceparent` is continued, and one that is malformed is none."""
        # Not its `tracestate`, which nobody behind us would read, and which may hold anything.
        parent = self._read({PARENT: headers.get(PARENT, "")}, Context())
        span = self._tracer.start_span(OTHER, parent, SpanKind.SERVER, {"url.scheme": scheme})
        # For good: the server gives each request a task of its own, and so a context of its own.
        attach(set_span_in_context(span, parent))
        return Request(span) if span.is_recording() else None

    def around(
        self,
        name: str,
        step: Callable[P, Awaitable[T]],
        tells: Callable[P, Mapping[str, str]] | None = None,
    ) -> Callable[P, Coroutine[Any, Any, T]]:
        """The same step with a span of its own, where it is part of a request that has one."""

        async def seen(*args: P.args, **kwargs: P.kwargs) -> T:
            if not get_current_span().is_recording():
                return await step(*args, **kwargs)
            told = tells(*args, **kwargs) if tells else {}
            span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=told)
            try:
                return await step(*args, **kwargs)
            except BaseException as wrong:
                # By its kind alone: a text may repeat what was asked.
                _failed(span, wrong.reason.slug if isinstance(wrong, Refused) else type(wrong).__name__)
                raise
            finally:
                span.end()

        return seen

    async def close(self) -> None:
        """Send what waits; whoever does not take it in time does not keep us."""
        loop, sent = asyncio.get_running_loop(), asyncio.Event()

        def send() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # the loop did not wait for us
                loop.call_soon_threadsafe(sent.set)

        Thread(target=send, name="traces", daemon=True).start()
        try:
            await asyncio.wait_for(sent.wait(), FLUSH_SECONDS)
        except TimeoutError:
            log.warning("traces_left_behind", why=f"the collector took longer than {FLUSH_SECONDS:g} s")


class Request:
    """The span of a request that came in."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def answered(self, line: Mapping[str, object], refused: str) -> None:
        """By method and template of the route, never by the path as it came."""
        method, route = METHODS.get(str(line["method"]), OTHER), str(line["route"])
        status = cast("int", line["status"])
        self._span.update_name(f"{'HTTP' if method == OTHER else method} {route}".rstrip())
        told = {
            "http.request.method": method,
            "http.route": route,
            "sekisho.tenant": str(line["tenant"]),
            "sekisho.correlation_id": str(line["correlation"]),
            "sekisho.refusal": refused,
        }
        self._span.set_attributes({name: value for name, value in told.items() if value})
        self._span.set_attribute("http.response.status_code", status)
        if status >= FAULT:
            _failed(self._span, refused or str(status))
        self._span.end()


class Sender:
    """The library's exporter; that spans do not arrive is said once, and that they do again."""

    def __init__(self, exporter: OTLPSpanExporter) -> None:
        self._exporter = exporter
        self._why = ""
        self._lost = 0
        self._says_from = 0.0
        self._said = False
        self.shutdown = exporter.shutdown

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Called from the thread that sends."""
        self._why = ""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._arrived()
        else:
            self._failed(len(spans))
        return result

    def heard(self, record: logging.LogRecord) -> bool:
        """The library logs a line for each attempt and each batch: the first one is the reason."""
        self._why = self._why or record.getMessage()
        return False

    def _failed(self, spans: int) -> None:
        self._lost += spans
        now = time.monotonic()
        if not self._said and now >= self._says_from:
            self._said, self._says_from = True, now + QUIET_SECONDS
            log.warning("traces_not_sent", why=self._why[:LONGEST_WHY])

    def _arrived(self) -> None:
        if self._said:
            log.info("traces_sent_again", lost=self._lost)
        self._said, self._lost = False, 0


def _failed(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def _ourselves() -> Resource:
    """Who sends; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word."""
    ours = Resource({"service.name": "sekisho", "service.version": version("sekisho")})
    return ours.merge(OTELResourceDetector().detect())


def _quieten(sender: Sender) -> None:
    """What the library logs about sending goes to the sender; of the rest only errors, and there too."""
    ear = logging.Handler()
    ear.addFilter(sender.heard)
    library = logging.getLogger(LIBRARY)
    library.addHandler(ear)
    library.propagate = False
    library.setLevel(logging.ERROR)
    logging.getLogger(f"{LIBRARY}.exporter").setLevel(logging.WARNING)
