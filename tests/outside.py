"""Services that tests may need: where they come from, and what is left out without them."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

LEFT_OUT = "left out: "
ATTEMPTS = 3
PATIENCE = 30.0


def required() -> bool:
    """Whether an absent service is a failure: SEKISHO_TEST_REQUIRE=all."""
    return os.environ.get("SEKISHO_TEST_REQUIRE", "") == "all"


def leave_out(reason: str) -> NoReturn:
    """The one place where a test is left out for want of a service."""
    if required():
        pytest.fail(f"SEKISHO_TEST_REQUIRE=all, but {reason}", pytrace=False)
    pytest.skip(LEFT_OUT + reason)


def program(name: str) -> str:
    """The path of a program that a test needs."""
    found = shutil.which(name)
    return found or leave_out(f"the program {name} is not installed")


def reasons(skipped: list[pytest.TestReport]) -> dict[str, list[str]]:
    """The tests that were left out, by reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for report in skipped:
        text = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else report.longreprtext
        found[text.removeprefix("Skipped: ").removeprefix(LEFT_OUT)].append(report.nodeid)
    return dict(found)


def postgres_folder() -> Path | None:
    """The folder of initdb and postgres: the newest packaged one, otherwise the one on the path."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name.zfill(4))
    on_path = shutil.which("initdb")
    folders = [*reversed(packaged), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def postgres_user() -> str | None:
    """The user that a cluster runs as, where we are root: postgres refuses root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        leave_out("PostgreSQL refuses root and there is no user postgres")


def free_port() -> int:
    """A port of the loopback address that is free just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def postgres_cluster() -> Iterator[str]:
    """The address of a PostgreSQL cluster that lives as long as the context."""
    folder = postgres_folder()
    if folder is None:
        leave_out("there is no PostgreSQL: set SEKISHO_TEST_POSTGRES or install postgresql")
    user = postgres_user()
    place = Path(tempfile.mkdtemp(prefix="sekisho-postgres-"))
    try:
        if user:
            shutil.chown(place, user, pwd.getpwnam(user).pw_gid)
        init = [
            str(folder / "initdb"),
            "-D",
            str(place / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run([*init, "--no-locale"], check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)
        server, port = started(folder, place, user)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            server.wait(PATIENCE)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def started(folder: Path, place: Path, user: str | None) -> tuple[subprocess.Popen[bytes], int]:
    """A server that answers; another process may take the port first, so it is tried again."""
    for _ in range(ATTEMPTS):
        port = free_port()
        options = ["-k", "", "-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c", "fsync=on"]
        with (place / "log").open("ab") as log:
            server = subprocess.Popen(
                [folder / "postgres", "-D", place / "data", *options],
                user=user,
                cwd="/",
                stdout=log,
                stderr=log,
            )
        if answers(server, port):
            return server, port
        server.kill()
        server.wait()
    pytest.fail(f"PostgreSQL does not start:\n{(place / 'log').read_text()}", pytrace=False)


def lets_in(sock: socket.socket) -> bool:
    """Whether it asks who we are: a server that is only starting up listens, too, and refuses."""
    hello = (196_608).to_bytes(4) + b"user\0postgres\0\0"
    sock.sendall((len(hello) + 4).to_bytes(4) + hello)
    return sock.recv(1) == b"R"


def answers(server: subprocess.Popen[bytes], port: int) -> bool:
    """Whether the server listens before our patience, or its life, ends."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as sock:
            sock.settimeout(PATIENCE)
            if sock.connect_ex(("127.0.0.1", port)) == 0 and lets_in(sock):
                return True
        time.sleep(0.05)
    return False
