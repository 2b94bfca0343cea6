"""The database goes away and comes back."""

import os
import signal
import time
from pathlib import Path

import httpx

from tests.outside import free_port, postgres_cluster
from tests.servers import Installation, a_machine, token_form


def postmaster(place: str) -> int:
    """The process id of the PostgreSQL server that listens on a port."""
    port = place.rpartition(":")[2].partition("/")[0]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        words = process.read_bytes().split(b"\0")
        if f"port={port}".encode() in words and b"postgres" in words[0]:
            return int(process.parent.name)
    raise AssertionError("there is no such server")


def until(web: httpx.Client, path: str, status: int, form: dict[str, str] | None) -> httpx.Response:
    """Ask until the answer has this status."""
    end = time.monotonic() + 20
    while True:
        answer = web.post(path, data=form) if form else web.get(path)
        if answer.status_code == status:
            return answer
        assert time.monotonic() < end, f"{path} still answers {answer.status_code}"
        time.sleep(0.1)


def test_without_its_database_the_server_says_when_to_come_back(tmp_path: Path) -> None:
    """Database away: 503 with Retry-After in bounded time, keys stay up, recovery needs no restart."""
    with postgres_cluster() as url:
        installation = Installation(tmp_path, url)
        installation.prepare()
        with installation.serving(free_port()) as server:
            web, form = server.web(), token_form(a_machine(server.manage()))
            assert web.post("/oauth/token", data=form).status_code == 200
            children = stop(postmaster(url))
            try:
                refused = until(web, "/oauth/token", 503, form)
                assert int(refused.headers["retry-after"]) > 0
                assert refused.json()["error"] == "temporarily_unavailable"
                asked = time.monotonic()
                assert web.post("/oauth/token", data=form).status_code == 503
                assert time.monotonic() - asked < 5
                assert until(web, "/readyz", 503, None)
                assert web.get("/healthz").status_code == 200
                assert web.get("/.well-known/jwks.json").json()["keys"]
                assert web.get("/.well-known/openid-configuration").status_code == 200
            finally:
                resume(children)
            assert until(web, "/oauth/token", 200, form)
            assert until(web, "/readyz", 200, None)


def stop(server: int) -> list[int]:
    """Freeze the server and all its children: nothing answers, nothing is refused, as when a host hangs."""
    found = [server]
    for status in Path("/proc").glob("[0-9]*/stat"):
        fields = status.read_text().rpartition(")")[2].split()
        if int(fields[1]) == server:
            found.append(int(status.parent.name))
    for process in found:
        os.kill(process, signal.SIGSTOP)
    return found


def resume(processes: list[int]) -> None:
    """Let them go on."""
    for process in processes:
        os.kill(process, signal.SIGCONT)


def test_a_database_that_was_restarted_is_found_again(tmp_path: Path) -> None:
    """Connections that died with the server are replaced, and the next request works."""
    with postgres_cluster() as url:
        installation = Installation(tmp_path, url)
        installation.prepare()
        with installation.serving(free_port()) as server:
            form = token_form(a_machine(server.manage(), token_dialect="opaque"))
            with server.web() as web:
                assert web.post("/oauth/token", data=form).status_code == 200
                for child in Path(f"/proc/{postmaster(url)}/task").glob("*/children"):
                    for process in child.read_text().split():
                        if b"127.0.0.1" in Path(f"/proc/{process}/cmdline").read_bytes():
                            os.kill(int(process), signal.SIGTERM)
                assert until(web, "/oauth/token", 200, form)
