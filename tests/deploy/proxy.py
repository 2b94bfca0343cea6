"""nginx with the configuration of deploy/nginx, on loopback and in a folder of its own."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.house.source import ROOT
from tests.outside import free_port, program

NAME = "id.example.com"
SITE = ROOT / "deploy" / "nginx" / "sekisho.conf"
UPSTREAM = ROOT / "deploy" / "nginx" / "upstream.conf"
MAIN = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/upstream.conf;
    include {folder}/sekisho.conf;
}}
"""
CERTIFICATE = (
    f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN={NAME}"
    f" -addext subjectAltName=DNS:{NAME} -keyout tls.key -out tls.crt"
)


@dataclass
class Proxy:
    """An nginx that runs: where it listens, and what talks to it."""

    folder: Path
    port: int
    plain: int
    webs: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address as the world knows it."""
        return f"https://{NAME}:{self.port}"

    @property
    def log(self) -> str:
        """What nginx logged of its visitors."""
        return (self.folder / "access.log").read_text()

    def web(self, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """A client at this address that trusts the certificate, and asks for the name."""
        trust = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        web = httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}",
            headers={"host": f"{NAME}:{self.port}", **headers},
            transport=httpx.HTTPTransport(verify=trust, local_address=address),
            event_hooks={"request": [_asks_for_the_name]},
            timeout=20,
        )
        self.webs.append(web)
        return web

    def curl(self, *words: str) -> str:
        """What curl prints, which resolves the name to us."""
        known = ["--cacert", str(self.folder / "tls.crt"), "--resolve", f"{NAME}:{self.port}:127.0.0.1"]
        command = [program("curl"), "--silent", *known, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


def _asks_for_the_name(request: httpx.Request) -> None:
    request.extensions["sni_hostname"] = NAME


def ports() -> tuple[int, int]:
    """Two free ports, for https and for http."""
    return free_port(), free_port()


@contextmanager
def proxied(folder: Path, taken: tuple[int, int], *servers: int) -> Iterator[Proxy]:
    """The nginx of deploy/nginx in front of processes that listen on these ports."""
    nginx = program("nginx")
    folder.mkdir()
    subprocess.run([program("openssl"), *CERTIFICATE.split()], cwd=folder, check=True, capture_output=True)
    proxy = Proxy(folder, *taken)
    _configure(proxy, servers)
    process = subprocess.Popen([nginx, "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.PIPE)
    try:
        assert listens(process, proxy.port), process.communicate()[1].decode()
        yield proxy
    finally:
        for web in proxy.webs:
            web.close()
        process.terminate()
        process.communicate(timeout=20)


def listens(nginx: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it listens before our patience, or its life, ends."""
    until = time.monotonic() + 20
    while time.monotonic() < until and nginx.poll() is None:
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    nginx.terminate()
    return False


def _configure(proxy: Proxy, servers: tuple[int, ...]) -> None:
    """The files of the repository, with our ports and our folder; each change has to find its place."""
    site = changed(
        "\n".join(line for line in SITE.read_text().splitlines() if "listen [::]" not in line),
        {
            "listen 80": f"listen 127.0.0.1:{proxy.plain}",
            "listen 443": f"listen 127.0.0.1:{proxy.port}",
            "/var/log/nginx/access.log": f"{proxy.folder}/access.log",
            "/etc/nginx/tls/": f"{proxy.folder}/",
        },
    )
    lines = UPSTREAM.read_text().splitlines()
    kept = [line for line in lines if not line.strip().startswith("server ")]
    there = [f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in servers]
    upstream = "\n".join([*kept[:-1], *there, kept[-1]])
    for name, text in {"sekisho": site, "upstream": upstream, "nginx": MAIN}.items():
        told = text.format(folder=proxy.folder) if text is MAIN else text
        (proxy.folder / f"{name}.conf").write_text(told)


def changed(text: str, changes: dict[str, str]) -> str:
    """The text with each of these replaced, which has to be there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def until_logged(server: Any, correlation: str) -> dict[str, Any]:
    """The line of a server's log about this request."""
    import json

    end = time.monotonic() + 10
    while time.monotonic() < end:
        for line in server.log.splitlines():
            if f'"correlation":"{correlation}"' in line and '"event":"request"' in line:
                found: dict[str, Any] = json.loads(line)
                return found
        time.sleep(0.02)
    raise AssertionError(server.log)
