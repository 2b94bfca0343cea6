"""The HTTP server around the application: its limits, its socket, its end."""

import errno
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import click
import uvicorn

from sekisho.cli.wire import logs
from sekisho.settings import Settings
from sekisho.web.life import Life


def configured(settings: Settings, app: Life | Callable[[], Life]) -> uvicorn.Config:
    """The server for an application, or for what makes one in each worker."""
    return uvicorn.Config(
        app,
        factory=not isinstance(app, Life),
        http="sekisho.cli.wire:wired",
        ws="none",
        lifespan="on",
        interface="asgi3",
        workers=settings.workers,
        log_config=logs(settings.log_format),
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        limit_concurrency=settings.most_connections,
        backlog=settings.backlog,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.drain_seconds,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
    )


def bound(host: str, port: int) -> socket.socket:
    """The socket, taken before anything else happens; it does not listen yet."""
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as wrong:
        taken.close()
        why = {
            errno.EADDRINUSE: f"Port {port} of {host} is in use: stop what uses it, or choose another port",
            errno.EACCES: f"Port {port} needs privileges: choose one above 1023, or map it",
            errno.EADDRNOTAVAIL: f"This machine has no address {host}: choose one of its own",
        }
        raise click.UsageError(why.get(wrong.errno or 0, f"{host}:{port}: {wrong.strerror}")) from None
    taken.set_inheritable(True)
    return taken


def drains_and_leaves() -> None:
    """The server drains at SIGTERM and then raises it again for us: by then all is well."""

    def leave(_signal: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
