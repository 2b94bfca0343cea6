"""The listener for metrics: apart from the one that serves, and in the process that outlives all workers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn

from sekisho.cli.server import bound
from sekisho.events.report import Reports
from sekisho.settings import Settings
from sekisho.spec.http import Answer
from sekisho.web.read import Receive, Scope
from sekisho.web.send import ALWAYS, Send, content, send_answer

PATH = "/metrics"
MOST_READERS = 32
FOLLOW_EVERY = 30.0
LEAVE = 2.0  # seconds


@contextmanager
def listening(settings: Settings) -> Iterator[Path | None]:
    """The folder that processes report into, for as long as somebody can read what they reported."""
    if not settings.metrics_listen:
        yield None
        return
    host, _, port = settings.metrics_listen.rpartition(":")
    with (
        bound(host.strip("[]"), int(port)) as taken,
        TemporaryDirectory(prefix="sekisho-metrics-", ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        reports = Reports(folder)
        server = uvicorn.Server(_configured(Shown(reports)))
        run = _serve(server, taken, reports)
        thread = Thread(target=asyncio.run, args=(run,), name="metrics", daemon=True)
        thread.start()
        try:
            yield folder
        finally:
            server.should_exit = True
            thread.join(LEAVE)


async def _serve(server: uvicorn.Server, taken: socket, reports: Reports) -> None:
    following = asyncio.create_task(_follow(reports))
    await server.serve([taken])
    following.cancel()


async def _follow(reports: Reports) -> None:
    """Where nobody asks, what ended processes left behind is still put together."""
    while True:
        await asyncio.sleep(FOLLOW_EVERY)
        reports.all()


def _configured(app: "Shown") -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="sekisho.cli.wire:wired",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_READERS,
        timeout_graceful_shutdown=1,
    )


class Shown:
    """The ASGI callable: one page, to read."""

    def __init__(self, reports: Reports) -> None:
        from sekisho.events import exposition

        self._reports = reports
        self._text = exposition.text
        self._kind = exposition.KIND

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Metrics, for any host: who may ask is decided by where it listens."""
        answer = self._answer(scope["method"], scope["path"])
        await send_answer(send, answer, content(answer), ALWAYS, head=scope["method"] == "HEAD")

    def _answer(self, method: str, path: str) -> Answer:
        if path != PATH:
            return Answer(status=404)
        if method not in ("GET", "HEAD"):
            return Answer(status=405, headers=(("allow", "GET, HEAD"),))
        return Answer(body=self._text(self._reports.all()), kind=self._kind)
