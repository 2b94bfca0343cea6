"""Class 40: secrets that are found in answers, the log, the audit or on disk."""

import asyncio
import base64
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sekisho.events import otlp
from sekisho.events.report import REPORT_EVERY
from sekisho.house import open_house
from sekisho.keys.master import Master
from sekisho.settings import load
from sekisho.spec import document
from sekisho.spec.refusal import Refused
from sekisho.web import door, read
from tests.attacks.assertions import PLACES as ASSERTED
from tests.attacks.assertions import Signing, signing
from tests.attacks.double import Double
from tests.attacks.forgery import text_of
from tests.attacks.house import Attacked
from tests.attacks.target import ALONE, MACHINE, OPAQUE, ORIGIN, RS, Target
from tests.attacks.wire import request, said
from tests.events.test_traces import Collector, listening
from tests.oauth.test_client_assertion import keyed
from tests.outside import free_port
from tests.servers import Installation, made

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


def said_again(text: str) -> set[str]:
    """A secret as it may be written down: as it is, in base64, in hexadecimal, escaped."""
    raw = text.encode()
    return {text, base64.b64encode(raw).decode(), text_of(raw), raw.hex(), json.dumps(text)[1:-1]}


def master_keys(house: Attacked) -> set[str]:
    """The master key and what is derived from it, in any form."""
    path = house.database.parent / "master.key"
    derived = [Master.read(path).derive(label) for label in ("pepper", "seal")]
    raw = [base64.urlsafe_b64decode(path.read_text().strip() + "=="), *derived]
    forms = {
        form
        for each in raw
        for form in (each.hex(), text_of(each), base64.b64encode(each).decode(), str(each))
    }
    return {path.read_text().strip(), *forms}


async def private_keys(house: Attacked) -> set[str]:
    """The private keys of every tenant, each by a piece of its middle and of its end."""
    opened = await open_house(load(None, house.server.installation.environment()))
    try:
        ders = [
            tenant.keys.signer("tokens", alg).unlock()
            for tenant in opened.directory.all()
            for alg in tenant.keys.algs("tokens")
        ]
    finally:
        await opened.close()
    # Base64 goes by threes; what all keys of a kind begin with says nothing.
    pieces = [der[at * 3 : at * 3 + 24] for der in ders for at in (len(der) // 6, len(der) // 3 - 8)]
    return {form for each in pieces for form in (each.hex(), base64.b64encode(each).decode(), text_of(each))}


def asserted(house: Attacked) -> set[str]:
    """Assertions that were good, used twice, forged, out of time; and their signatures."""
    client, target = signing(house.target), house.target
    with target.manage() as manage:
        told = {"token_endpoint_auth_method": "client_secret_jwt", "resource_server_identifier": RS}
        keyed_ = made(manage, "clients", name="Keyed", **MACHINE, **told)
    mine = Signing(keyed_["client_id"], "", time.time)
    by_secret = keyed({"alg": "HS256"}, mine.claims(), keyed_["client_secret"])
    texts = [
        client.assertion(),
        client.assertion(aud="https://evil.example/"),
        client.assertion(exp=1),
        by_secret,
    ]
    texts += [f"{texts[0].rpartition('.')[0]}.{'A' * 86}", f"{client.assertion()}="]
    with target.web() as web:
        for text in texts:
            for place in ASSERTED:
                web.post(place, data=client.form(text))
                web.post(place, json=client.form(text))
    return {part for text in texts for part in (text, text.rpartition(".")[2])} | {keyed_["client_secret"]}


def spent(house: Attacked) -> set[str]:
    """Tokens that were issued, looked into, revoked, and sent where they do not belong."""
    target = house.target
    tokens = [target.admin, target.other_admin, target.token("machine"), target.token("machine", OPAQUE)]
    with target.web() as web:
        for token in tokens:
            for place in ASSERTED[1:]:
                web.post(place, data=target.form("machine", token=token))
                web.post(place, data={**target.form("neighbour"), "token": token, "token_type_hint": token})
            web.get("/api/v2/clients", headers={"authorization": f"Bearer {token}x"})
            web.get(f"/api/v2/clients/{token}", headers={"authorization": f"Bearer {token}"})
            web.get("/api/v2/clients", params={"access_token": token})
            web.post("/oauth/token", data={**target.form("machine"), "refresh_token": token, "code": token})
    return {part for token in tokens for part in (token, token.rpartition(".")[2])}


def turned(house: Attacked) -> set[str]:
    """Secrets of clients: first ones, and ones that took their place."""
    with house.target.manage() as manage:
        client = made(manage, "clients", name="Turned", **MACHINE)
        again = manage.post(f"/api/v2/clients/{client['client_id']}/rotate-secret").json()["client_secret"]
        third = manage.patch(f"/api/v2/clients/{client['client_id']}", json={"name": "Turned again"})
        assert 'client_secret"' not in third.text
    old = [each["client_secret"] for each in house.target.clients.values() if "client_secret" in each]
    return {client["client_secret"], again, *old}


@pytest.fixture(scope="module")
def traced(house: Attacked) -> Iterator[tuple[Attacked, Collector]]:
    """A second process of the same installation, which sends traces, and who collects them."""
    first = house.server.installation
    with listening() as collector:
        more = {"SEKISHO_TRACES_ENDPOINT": collector.url}
        with Installation(first.folder, first.database_url, ORIGIN, more).serving(free_port()) as second:
            target = replace(house.target, port=second.port)
            yield replace(house, target=target, server=second), collector


@pytest.fixture(scope="module")
def everything(
    house: Attacked,
    searched: tuple[str, list[httpx.Response]],
    traced: tuple[Attacked, Collector],
) -> set[str]:
    """Every secret that there is, in every form in which it could be written down, after all were used."""
    used = {searched[0]}
    for each in (house, traced[0]):
        used |= {*asserted(each), *spent(each), *turned(each)}
    for ask in EVERYWHERE:
        list(ask(traced[0].target, MARK))
    settle(house)
    forms = {form for text in used for form in said_again(text)}
    return forms | master_keys(house) | asyncio.run(private_keys(house))


def page(house: Attacked) -> str:
    """The metrics, once every process has reported what it counted."""
    time.sleep(2 * REPORT_EVERY)
    return httpx.get(f"{house.metrics}/metrics", trust_env=False).text


TRACED = 20.0
WRITTEN: Mapping[str, tuple[str, Callable[[Attacked], str]]] = {
    "log": ("assertion_replayed", lambda house: house.server.log),
    "audit": ("assertion_replayed", rows),
    "metrics": ("assertion_replayed", page),
}


@pytest.mark.parametrize("place", WRITTEN)
def test_no_secret_is_written_down(house: Attacked, everything: set[str], place: str) -> None:
    """No secret of any kind is in the log, the audit or the metrics, which do say what happened to it."""
    mark, read_ = WRITTEN[place]
    written = read_(house)
    assert mark in written
    assert len(everything) > 100
    assert [text for text in everything if text in written] == []


def test_no_secret_is_in_a_trace(traced: tuple[Attacked, Collector], everything: set[str]) -> None:
    """No secret is in a span, its name, its attributes or its events; the spans do say what was refused."""
    until = time.monotonic() + TRACED
    while "assertion_replayed" not in (told_ := str(traced[1].requests)) and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(2 * otlp.SEND_EVERY / 1000)
    told_ = str(traced[1].requests)
    assert "assertion_replayed" in told_
    assert [text for text in everything if text in told_] == []
    assert [text for text in everything if text in traced[0].server.log] == []


def test_metrics_name_nobody(house: Attacked, everything: set[str]) -> None:
    """Labels are ours: neither clients nor addresses nor paths nor what strangers said are among them."""
    text = page(house)
    for client in house.target.clients.values():
        assert client["client_id"] not in text
    for word in (
        house.target.clients["machine"]["name"],
        "127.0.0.1",
        "RECOGNISABLE",
        "nowhere",
        "evil.example",
    ):
        assert word not in text


def test_the_search_finds(
    double: Double, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With a log that writes down what was asked, the secret is found in it."""
    honest, secret = door._line, double.target.clients["machine"]["client_secret"]

    def careless(visit: door.Visit, *more: Any) -> dict[str, object]:
        return {**honest(visit, *more), "form": dict(visit.ask.form)}

    with double.target.web() as web:
        web.post("/oauth/token", data=double.target.form("machine"))
        assert secret not in capfd.readouterr().out
        monkeypatch.setattr(door, "_line", careless)
        web.post("/oauth/token", data=double.target.form("machine"))
        assert secret in capfd.readouterr().out


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
