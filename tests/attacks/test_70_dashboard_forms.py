"""Class 70 in the dashboard: whatever a link or a form says to a row is answered, and nothing breaks."""

import asyncio
import dataclasses
import importlib
import inspect
import pkgutil
import random
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import get_args
from urllib.parse import quote, urlencode

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.events.audit import Audit
from sekisho.model.connection import DATABASE, Connection
from sekisho.model.step import Save
from sekisho.pages import forms
from sekisho.pages.dashboard import frame, rooms
from sekisho.pages.dashboard.administrator import COOKIE
from sekisho.pages.dashboard.fields import Kind
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.pages.dashboard.row import Row
from sekisho.registry import keys, system_apis
from sekisho.spec.browser import cookie
from sekisho.spec.http import Answer, Pairs
from sekisho.spec.refusal import Refused
from sekisho.store.known import Known
from sekisho.store.sql import migrate, open_engine
from sekisho.tenant import Tenant
from sekisho.web import read
from tests.attacks.test_69_dashboard import NAMES, planted, shown
from tests.dashboard.desk import TABLE, AtDesk, another
from tests.tenants import MASTER, TENANT, api, signing_keys
from tests.visitor import people_tenant, person, web_client

POSTS = [row for row in ROWS if row.method == "POST"]
GETS = [row for row in ROWS if row.method == "GET"]
# How pages read what was sent, beside tables of fields.
ASKED = re.compile(r'(?:ask\.(?:need|get)|one\(ask\.query,|sought\(ask,)\s*\(?"([\w./-]+)"')
DEEP = 5_000
ROUNDS, FEW = 15, 5
VALUES: Sequence[str] = (
    *("", " ", "x", "-1", "0", "1", "true", "null", "None", "NaN", "1e999", "9" * 15, "9" * 400, "1.5"),
    *("٣", "²", '{"a": 1, "a": 2}', "1_000", "+5", "0x10", " 5 ", "-0.5", "1" * 15 + "." + "1" * 6),
    *("{", "{}", "[]", '""', '{"a": 1e999}', '{"a": ' + "9" * 400 + "}", '{"a": "\\u0000"}', '{"": {}}'),
    *("[" * DEEP, '{"a":' * DEEP, '{"a":' + "[" * DEEP + "]" * DEEP + "}", '{"\\ud800": 1}'),
    *("\r\nset-cookie: evil=1", "a\nb", "\x01\x7f", "\u2028", "\u202e", "\ufeff", "\uffff", "\U0010ffff"),
    *("é", "関", "ﬃ" * 700, "関" * 2_000, "a" * 2_001, "a" * 32_000, "\n" * 10_000, "x\n" * 10_000),
    *("=\n" * 50, "..", "../../etc/passwd", "a/b", "%2F", "%00", "a|b", "auth0|aya", "aya@example.com", "@"),
    *("https://[", "http://[::1", "https://x:99999/", "https://xn--/", "//evil", "\\\\evil", "javascript:x"),
    *("https://*.example.com/*", "https://u:p@example.com/#x", "https://example.com:abc/", "a@b@c"),
    *("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "AAAA"),
    *("rol_" + "e" * 16, "urn:sekisho:management", "evil", "all", "give", "permit", "none", "Owner", "RS256"),
    *(NAMES["user"], NAMES["event"], "'; DROP TABLE account; --", "{{7*7}}", "<script>", "%s%n", "$(id)"),
)  # fmt: skip
SEGMENTS = [each for each in VALUES if 0 < len(each) < 999]


def modules(room: str) -> Iterator[ModuleType]:
    """The files of a room."""
    found = importlib.import_module(f"{rooms.__name__}.{room}")
    yield found
    for each in pkgutil.iter_modules(found.__path__):
        yield importlib.import_module(f"{found.__name__}.{each.name}")


@cache
def fields(room: str) -> tuple[str, ...]:
    """The names of everything that pages of a room read: by their tables, and one by one."""
    kinds, found = set(get_args(Kind)), {"q", "after", "done", "ui_locales", "version"}
    for module in modules(room):
        found.update(ASKED.findall(inspect.getsource(module)))
        for table in vars(module).values():
            if isinstance(table, dict) and table and kinds.issuperset(map(str, table.values())):
                found.update(table)
    return tuple(sorted(found))


def room(row: Row) -> str:
    """Where a page lives."""
    return row.page.__module__.removeprefix(f"{rooms.__name__}.").partition(".")[0]


def called(row: Row) -> str:
    """How a test of a row is called."""
    return f"{row.method} {row.path}"


async def owner(tenant: Tenant) -> AtDesk:
    """An owner of a tenant with something of everything."""
    found = (system_apis.system(tenant.id, 0), Connection(tenant=TENANT, id="con_1", name=DATABASE))
    assert await tenant.change(*map(Save, found)) is None
    assert await tenant.change(*await keys.wanted(tenant, keys.USUAL, Actor(), keys.STATEMENTS)) is None
    return await another(tenant, "Owner")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sekisho.db'}"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def stored(url: str) -> AsyncIterator[Tenant]:
    """The tenant of people on it."""
    tenant = await people_tenant()
    await asyncio.to_thread(migrate, url)
    engine = await open_engine(url, MASTER.derive("pepper"), tenant.tools.clock)
    audit = Audit(engine, tenant.tools.clock)
    tools = dataclasses.replace(tenant.tools, store=engine, known=Known(engine), audit=audit)
    tenant = dataclasses.replace(tenant, tools=tools)
    there = (tenant.record, *signing_keys(TENANT, "demo"), api(), person(), web_client())
    assert await tenant.change(*(Save(replace(each, version=0)) for each in there)) is None
    yield tenant
    await engine.close()


async def plant(desk: AtDesk) -> None:
    """What is there is there again, whatever became of it."""
    for record in planted():
        there = await desk.tenant.store.record(type(record), TENANT, record.id)
        await desk.tenant.change(Save(replace(record, version=there.version if there else 0)))


async def answered(desk: AtDesk, row: Row, names: Mapping[str, str], told: Pairs) -> Answer:
    """What a row answers, read as the door reads it; a refusal is answered by a page of refusals."""
    line = "/dashboard" + re.sub(r"{(\w+)}", lambda name: quote(names[name[1]], safe=""), row.path)
    handle = desk.browser.cookies[cookie.name_of(COOKIE, "demo", desk.browser.ask("/", {}))]
    token = forms.of_flow(handle, frame.FORM, desk.tenant).token
    try:
        pairs = read.pairs(urlencode(told, errors="surrogatepass").encode())
        found = TABLE.find(row.method, line)
        ask = replace(desk.browser.ask(line, {}), method=row.method, names=found.names, query=pairs)
        if row.method == "POST":
            ask = replace(ask, form=(("csrf", token), *pairs))
        return await found.route.endpoint(ask, desk.tenant)
    except Refused as refused:
        return Answer(status=refused.reason.status, headers=tuple(refused.headers.items()))


async def sent(desk: AtDesk, row: Row, names: Mapping[str, str], told: Pairs) -> None:
    """The answer is a page, a refusal, or the way on within this server, with headers that are only that."""
    answer = await answered(desk, row, names, told)
    assert answer.status < 500
    if answer.page:
        shown(answer, desk)
    for name, value in answer.headers:
        assert (name + value).isascii()
        assert (name + value).isprintable()
        assert name != "location" or value.startswith(f"{desk.browser.root}/")


def garbage(row: Row, dice: random.Random) -> Pairs:
    """Some fields of the row's room, each with some value or several; now and then a field of nobody."""
    known = fields(room(row))
    names = dice.choices([*known, "x" * 300], k=dice.randint(1, min(len(known) * 2, 60)))
    return tuple((name, dice.choice(VALUES)) for name in names)


async def attacked(desk: AtDesk, row: Row, dice: random.Random, rounds: int) -> None:
    """Garbage for the row, and as often as not for what its address names."""
    await plant(desk)
    for turn in range(rounds):
        names = {name: NAMES.get(name, "x") for name in re.findall(r"{(\w+)}", row.path)}
        if turn % 3 == 2:
            names = {name: dice.choice(SEGMENTS) for name in names}
        told = garbage(row, dice)
        try:
            await sent(desk, row, names, told)
        except Exception as error:
            error.add_note(f"{called(row)} {names} {[(name, value[:80]) for name, value in told]}")
            raise


@pytest.mark.parametrize("row", ROWS, ids=called)
async def test_garbage_is_answered(row: Row) -> None:
    """Whatever is sent to a row, and whatever its address names, is answered or refused, and no incident."""
    await attacked(await owner(await people_tenant()), row, random.Random(called(row)), ROUNDS)


async def test_garbage_is_answered_from_a_database(stored: Tenant) -> None:
    """The same over real databases, which cannot keep or look up everything that memory can."""
    desk, dice = await owner(stored), random.Random("databases")
    for row in ROWS:
        await attacked(desk, row, dice, FEW)
