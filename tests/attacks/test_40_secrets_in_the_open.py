"""Class 40: secrets that are found in answers, the log, the audit or on disk."""

import json
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sekisho.spec import document
from sekisho.spec.refusal import Refused
from sekisho.web import read
from tests.attacks.house import Attacked
from tests.attacks.target import ALONE, Target
from tests.attacks.wire import request, said
from tests.servers import made

MARK = "Zq7-RECOGNISABLE-secret"


def told(text: str, id: str) -> list[dict[str, Any]]:
    """Headers and queries with a secret, as keyword arguments of a request."""
    return [
        {"auth": (id, text)},
        {"auth": (text, text)},
        {"headers": {"authorization": f"Basic {text}"}},
        {"headers": {"authorization": text}},
        {"headers": {"authorization": f"Bearer {text}"}},
        {"headers": {"cookie": f"a={text}", "referer": f"https://x/{text}", "x-client-secret": text}},
        {"headers": {"user-agent": text, "origin": f"https://{text}", "x-forwarded-for": text}},
        {"params": {"client_secret": text}},
    ]


def unreadable(text: str, times: int) -> list[bytes]:
    """Bodies with a secret that a reader stumbles over: another encoding, cut off, too long."""
    whole = json.dumps({"client_secret": text, "x": "\u00e9"}, ensure_ascii=False)
    return [whole.encode("latin-1"), whole.encode("utf-16"), whole[:-3].encode(), (whole * times).encode()]


def at_the_token_endpoint(target: Target, text: str) -> Iterator[httpx.Response]:
    """A secret in every place of a token request."""
    wrong = target.form("machine", client_secret=text)
    bare = target.form("machine", client_id=None, client_secret=None)
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"audience": ALONE},
        {"grant_type": "x"},
        {"client_id": "x"},
        {"scope": "\\"},
        {"client_secret": [text, text]},
        {"client_secret": text + "\0"},
        {"client_assertion": text, "code": text, "refresh_token": text},
    )
    with target.web() as web:
        for more in told(text, wrong["client_id"]):
            yield web.post("/oauth/token", data=bare, **more)
        for change in changes:
            yield web.post("/oauth/token", data=wrong | change)
            yield web.post("/oauth/token", json=wrong | change)
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", "text/Zq7"):
            for content in unreadable(text, 5_000):
                yield web.post("/oauth/token", content=content, headers={"content-type": kind})


def at_other_places(target: Target, text: str) -> Iterator[httpx.Response]:
    """A secret where none is expected at all."""
    with target.web() as web:
        for place in ("/", "/oauth/token", "/.well-known/jwks.json", "/nowhere", "/t/nobody/", "/healthz"):
            yield web.get(place, params={"client_secret": text, "access_token": text})
        yield web.get("/nowhere", params={"client_secret": text}, headers={"accept": "text/html"})
        yield web.options("/oauth/token", headers={"origin": f"https://{text}.example"})
    with target.manage(text) as nobody:
        yield nobody.get("/api/v2/clients")
        yield nobody.post("/api/v2/clients", json={"client_secret": text})


def at_the_management_api(target: Target, text: str) -> Iterator[httpx.Response]:
    """A secret in documents and queries of an administrator."""
    bodies = (
        {"client_secret": text, "name": "x"},
        {"name": "x", "signing_secret": {"a": text}},
        {"name": 1, "jwks_uri": text},
    )
    with target.manage() as manage:
        for path in ("clients", "resource-servers", "client-grants"):
            for body in bodies:
                yield manage.post(f"/api/v2/{path}", json=body)
            for content in unreadable(text, 50_000):
                yield manage.post(f"/api/v2/{path}", content=content)
            yield manage.get(f"/api/v2/{path}", params={"from": text})
        id = target.clients["machine"]["client_id"]
        yield manage.patch(f"/api/v2/clients/{id}", json={"client_secret": text})


EVERYWHERE = (at_the_token_endpoint, at_other_places, at_the_management_api)


@pytest.fixture(scope="module")
def searched(house: Attacked) -> tuple[str, list[httpx.Response]]:
    """A secret that was in every place of many requests, and their answers, when all was written down."""
    answers = [each for text in (MARK, MARK * 3) for ask in EVERYWHERE for each in ask(house.target, text)]
    settle(house)
    return MARK, answers


def settle(house: Attacked) -> None:
    """Wait until the audit has what happened."""
    time.sleep(1.2)
    assert house.is_well()


def rows(house: Attacked) -> str:
    """The audit as the database has it."""
    connection = sqlite3.connect(f"file:{house.database}?mode=ro", uri=True)
    try:
        return str(connection.execute("SELECT * FROM audit").fetchall())
    finally:
        connection.close()


def test_no_secret_is_in_an_answer(searched: tuple[str, list[httpx.Response]]) -> None:
    """What was sent as a secret never comes back: the one exception is the creation of a client."""
    text, answers = searched
    assert len(answers) > 100
    for answer in answers:
        assert answer.status_code < 500
        if answer.request.url.path == "/" and answer.status_code == 200:
            continue  # the landing page keeps the reader's own query in its language links
        assert text not in answer.text, answer.request.url
        assert text not in str(answer.headers), answer.request.url


def test_no_secret_is_in_the_log(house: Attacked, searched: tuple[str, list[httpx.Response]]) -> None:
    """The log has no secret, whether its request was good, wrong or unreadable."""
    log = house.server.log
    assert "client_auth_failed" in log
    assert [line for line in log.splitlines() if searched[0] in line] == []
    for client in house.target.clients.values():
        assert client.get("client_secret", MARK) not in log
    assert house.target.admin not in log


def test_no_secret_is_in_the_audit(house: Attacked, searched: tuple[str, list[httpx.Response]]) -> None:
    """Nor has the audit; and it did not fall silent, which would hide it."""
    audit = rows(house)
    assert "client_auth_failed" in audit
    assert searched[0] not in audit


def test_no_secret_is_on_disk(house: Attacked, searched: tuple[str, list[httpx.Response]]) -> None:
    """Neither the database's files nor those beside them hold a secret or a token in the clear."""
    target = house.target
    with target.manage() as manage:
        client = made(manage, "clients", name="Kept")
    opaque = target.token("machine", "https://opaque.example")
    kept = [target.admin, opaque, client["client_secret"], MARK]
    kept += [each["client_secret"] for each in target.clients.values() if "client_secret" in each]
    files = [file for file in house.database.parent.iterdir() if file.is_file() and file.name != "master.key"]
    assert house.database in files
    for file in files:
        content = file.read_bytes()
        assert [text for text in kept if text.encode() in content and not file.name.endswith(".log")] == []
        assert b"PRIVATE KEY" not in content


def test_a_secret_in_a_path_is_not_logged(house: Attacked) -> None:
    """Nor does the log keep what somebody put into a path: of what is no address of ours it needs nothing."""
    text = "Pq4-RECOGNISABLE-path"
    with house.target.web() as web, house.target.manage() as manage:
        assert web.get(f"/oauth/token/{text}").status_code == 404
        assert web.get(f"/{text}").status_code == 404
        assert web.post(f"/oauth/token;client_secret={text}").status_code == 404
        assert manage.get(f"/api/v2/clients/{text}").status_code == 404
    assert text not in rows(house)
    assert text not in house.server.log


def test_a_flood_of_paths_is_no_flood_of_log(house: Attacked) -> None:
    """One request writes a bounded line, however long its path is."""
    before = len(house.server.log)
    long = "/" + "x" * 60_000
    for _ in range(3):
        said(house.server.port, request(f"GET {long}", "host: id.example.com"))
    settle(house)
    assert len(house.server.log) - before < 60_000


def test_no_secret_comes_with_the_debugging() -> None:
    """Errors of readers are told to the log without the bytes that they stumbled over."""
    for raw in (
        b'{"client_secret":"%s","x":"\xff"}',
        b'{"client_secret":"%s"',
        b'{"client_secret":"%s\xed\xa0\x80"}',
    ):
        content = raw.replace(b"%s", MARK.encode())
        for reader in (document.parse, lambda text: read.form("application/json", text)):
            with pytest.raises(Refused) as refused_:
                reader(content)
            assert MARK not in refused_.value.debug
            assert MARK not in refused_.value.text
