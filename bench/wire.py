"""HTTP/1.1 as the bench speaks it: request bytes for the load, one-off calls for the rest."""

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
PATIENCE = 30.0
_LENGTH = b"\r\ncontent-length: "
_LENGTH_TITLE = b"\r\nContent-Length: "


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def request(port: int, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def get(port: int, path: str) -> bytes:
    return request(port, "GET", path, {})


def post_form(
    port: int, path: str, fields: dict[str, str], headers: Mapping[str, str] | None = None
) -> bytes:
    form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    return request(port, "POST", path, form, urlencode(fields).encode())


def post_json(port: int, path: str, fields: dict[str, Any], bearer: str) -> bytes:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
    return request(port, "POST", path, headers, json.dumps(fields).encode())


def exchange(port: int, raw: bytes, patience: float = PATIENCE) -> Reply:
    """Send these very bytes on a connection of their own and read the one answer."""
    with socket.create_connection((HOST, port), timeout=patience) as connection:
        connection.sendall(raw)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return Reply(answer.status, answer.read())


def content_length(answer: bytes, head: int) -> int:
    """Of an answer whose head ends at `head`; 0 without one, so that a body then is too much."""
    at = answer.find(_LENGTH, 0, head)
    if at < 0:
        at = answer.find(_LENGTH_TITLE, 0, head)
        if at < 0:
            return 0
    return int(answer[at + len(_LENGTH) : answer.find(b"\r\n", at + len(_LENGTH))])
