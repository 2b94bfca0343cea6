"""Class 71: parameters of lists that reach the database as language; errors that mix two people's words."""

import sqlite3
import threading
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sekisho.api import paging, query
from sekisho.model.client import Client
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import AUDIENCE_UNKNOWN
from sekisho.store.sql import records as statements
from tests.attacks.double import Double
from tests.attacks.house import Attacked
from tests.attacks.target import ALONE, HOST, OTHER_HOST, Target

LISTS = ("clients", "resource-servers", "client-grants")
SQL = (
    "' OR '1'='1", "'; DROP TABLE client; --", "x' UNION SELECT doc FROM client --", "1; SELECT 1",
    "1 OR 1=1", "%", "_", "*", "\\", '"',
    "') OR 1=1 --", "?1", ":1", "$1", "@tenant", "NULL", "\u02bc OR 1=1", "%27%20OR%201=1",
    "x'||(SELECT 1)||'", "0x27", "char(39)",
)  # fmt: skip
NUMBERS = (
    "-1", "-0", "+1", "0x10", "1e3", "1.5", "1.0", " 1", "1 ", "１", "٣", "NaN", "Infinity", "null", "true",
    "[]", "1,2", "", "1001",
    "9999999999", "9" * 30, "9223372036854775808", "-9223372036854775809", "1_000", "1;2", "' OR 1=1",
)  # fmt: skip


def count(house: Attacked) -> list[int]:
    """How many records of each kind there are, in all tenants."""
    connection = sqlite3.connect(f"file:{house.database}?mode=ro", uri=True)
    try:
        tables = ("client", "api", "client_grant", "tenant", "signing_key", "connection")
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
    finally:
        connection.close()


def belongs(target: Target, answer: httpx.Response) -> None:
    """Nothing of acme is in it."""
    assert answer.status_code in (200, 400, 404), answer.text
    other = target.clients["other"]
    for word in (other["client_id"], "Other things", '"acme"'):
        assert word not in answer.text
    for word in ("sqlite", "syntax", "SELECT doc", "Traceback", "OperationalError"):
        assert word not in answer.text


@pytest.mark.parametrize("name", ["from", "take", "page", "per_page", "sort", "fields", "q", "client_id",
"audience", "app_type",
                                  "is_first_party", "is_global", "include_totals", "include_fields", "id",
                                  "tenant", "where",
                                  "order", "filter", "search_engine", "allow_any_organization",
                                  "subject_type"])  # fmt: skip
def test_a_parameter_is_a_value(house: Attacked, name: str) -> None:
    """No parameter of a list is read as SQL: it is refused, or it matches nothing, and nothing changes."""
    before = count(house)
    with house.target.manage() as manage:
        for path in LISTS:
            honest = len(manage.get(f"/api/v2/{path}", params={"per_page": 100}).json())
            for text in SQL:
                answer = manage.get(f"/api/v2/{path}", params={name: text})
                belongs(house.target, answer)
                if answer.status_code == 200 and name in (
                    "client_id",
                    "audience",
                    "app_type",
                    "is_first_party",
                ):
                    assert answer.json() == []
                if answer.status_code == 200 and name == "from":
                    assert len(answer.json()[path.replace("-", "_")]) <= honest
    assert count(house) == before


@pytest.mark.parametrize("name", ["page", "per_page", "take"])
def test_a_number_is_a_number(target: Target, name: str) -> None:
    """Negative, huge, broken and foreign numbers are refused."""
    with target.manage() as manage:
        for path in LISTS:
            for text in NUMBERS:
                answer = manage.get(f"/api/v2/{path}", params={name: text})
                if text == "" or (name == "page" and text == "1001"):
                    assert answer.status_code == 200
                else:
                    assert answer.status_code == 400, text
                    assert answer.json()["errorCode"] == "invalid_query_string"


def test_a_parameter_is_there_once_and_known(target: Target) -> None:
    """Arrays, repeats, and names of our columns are refused."""
    asked = ("page=0&page=1", "page[]=0", "page[0]=0", "per_page=1&per_page=100", "from=a&from=b",
    "page=0&from=a", "page=0&take=1",
             "tenant=acme", "doc=1", "version=1", "fields[]=name", "client_id[$ne]=x", "take=1&per_page=1",
             "_=1", "=1", "__proto__=1")  # fmt: skip
    with target.manage() as manage:
        for path in LISTS:
            for text in asked:
                answer = manage.get(f"/api/v2/{path}?{text}")
                assert answer.status_code == 400, text
                assert answer.json()["errorCode"] == "invalid_query_string"


def test_no_page_leads_to_another_tenant(target: Target) -> None:
    """All pages, from every start, together hold this tenant's records and no other one's."""
    with target.manage() as manage, target.manage(target.other_admin, OTHER_HOST) as other:
        for path in LISTS:
            kind = path.replace("-", "_")
            theirs = other.get(f"/api/v2/{path}", params={"take": 100}).json()[kind]
            starts = [
                "",
                "0",
                "~",
                "\U0010ffff",
                *(each.get("id", each.get("client_id", "")) for each in theirs),
            ]
            for start in starts:
                answer = manage.get(f"/api/v2/{path}", params={"from": start, "take": 100})
                belongs(target, answer)
            for page in range(4):
                belongs(target, manage.get(f"/api/v2/{path}", params={"page": page, "per_page": 3}))
            assert manage.get(f"/api/v2/{path}", params={"page": 1_000_000, "per_page": 100}).json() == []


def foreign(target: Target) -> list[tuple[str, str]]:
    """Records of acme, by every name that they have."""
    found = []
    with target.manage(target.other_admin, OTHER_HOST) as other:
        for path in LISTS:
            for each in other.get(f"/api/v2/{path}").json():
                found += [
                    (path, each[name])
                    for name in ("id", "client_id")
                    if name in each and (path, name) != ("client-grants", "client_id")
                ]
    return found


def test_a_record_of_another_tenant_is_not_there(target: Target) -> None:
    """Ids of another tenant are unknown to every verb, and nothing happens to their records."""
    things = foreign(target)
    assert len(things) > 3
    with target.manage() as manage, target.manage(target.other_admin, OTHER_HOST) as other:
        for path, id in things:
            place = f"/api/v2/{path}/{quote(id, safe='')}"
            before = other.get(place).json()
            assert manage.get(place).status_code == 404
            body: dict[str, Any] = {"scope": []} if path == "client-grants" else {"name": "Stolen"}
            assert manage.patch(place, json=body).status_code == 404
            # Deleting a client that is not there is no error (as with Auth0); it must not be done either.
            assert manage.delete(place).status_code in (204, 404)
            assert other.get(place).json() == before
        client, mine = target.clients["other"]["client_id"], target.clients["machine"]["client_id"]
        for id, audience in (
            (client, ALONE),
            (mine, f"https://{OTHER_HOST}/api/v2/"),
            (mine, f"https://{HOST}/t/acme/api/v2/"),
        ):
            asked = {"client_id": id, "audience": audience, "scope": list[str]()}
            assert manage.post("/api/v2/client-grants", json=asked).status_code == 404
        own = manage.get("/api/v2/client-grants", params={"client_id": client})
        assert own.json() == []
    assert target.token("machine")


def test_the_tokens_of_a_deleted_name_elsewhere_live_on(target: Target) -> None:
    """Deleting by the name of another tenant's client revokes nothing there."""
    client = target.clients["other"]
    with target.manage() as manage, target.web(OTHER_HOST) as other:
        assert manage.delete(f"/api/v2/clients/{client['client_id']}").status_code == 204
        answer = other.post(
            "/oauth/token", data=target.form("other", audience=f"https://{OTHER_HOST}/api/v2/")
        )
        bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
        assert other.get("/api/v2/clients", headers=bearer).status_code == 200


IDS = ("%2e%2e", "...", "..%2f..%2f", "a/b", "*", "%", "_", "' OR '1'='1", "x" * 5_000, "\u202e", "0", "-1",
"null", "undefined",
       "urn:sekisho:management", "{id}", "tenant", "a\nb", "a b", "＊")  # fmt: skip


@pytest.mark.parametrize("id", IDS, ids=lambda id: repr(id)[:30])
def test_an_id_is_a_name(house: Attacked, id: str) -> None:
    """No id is a pattern, a path or a query."""
    before = count(house)
    with house.target.manage() as manage:
        for path in LISTS:
            for method in ("GET", "PATCH", "DELETE"):
                told: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
                answer = manage.request(method, f"/api/v2/{path}/{quote(id, safe='')}", **told)
                assert answer.status_code in (204, 400, 404), answer.text
                if answer.status_code == 204:
                    assert (method, path) == ("DELETE", "clients")
    assert count(house) == before


def test_fields_only_take_away(target: Target) -> None:
    """A reader of summaries sees no more by naming fields, and a reader of clients sees nothing secret."""
    names = "client_secret,secrets,digest,grant_types,callbacks,tenant,version,__class__,*"
    with target.manage(target.token("reader", f"https://{HOST}/api/v2/")) as reader:
        for told in (
            {"fields": names},
            {"fields": "x" * 1_000},
            {"fields": "name", "include_fields": "false"},
        ):
            for each in reader.get("/api/v2/clients", params=told).json():
                assert not {"client_secret", "secrets", "digest", "version"} & each.keys()
        assert reader.get("/api/v2/clients", params={"fields": "x" * 1_001}).status_code == 400
        for method, path in (("POST", "clients"), ("GET", "resource-servers"), ("GET", "client-grants"),
        ("GET", "tenants/settings"),
                             ("DELETE", "clients/x"), ("PATCH", "clients/x"), ("PATCH",
                             "tenants/settings")):  # fmt: skip
            answer = reader.request(method, f"/api/v2/{path}")
            assert answer.status_code == 403, path
            assert answer.json()["errorCode"] == "insufficient_scope"


async def test_a_column_that_is_no_parameter_bites(
    double: Double, monkeypatch: pytest.MonkeyPatch, house: Attacked
) -> None:
    """Were a value put into the statement instead of beside it, the same filter would list everything."""

    def pasted(_noun: object, where: dict[str, str], _first: int) -> tuple[str, tuple[str, ...]]:
        return " ".join(f"AND {key} = '{value}'" for key, value in where.items()), ()

    from sekisho.store import Window
    from sekisho.store.sql import open_engine

    engine = await open_engine(f"sqlite:///{house.database}", b"pepper")
    try:
        where = {"app_type": "x' OR '1'='1"}
        assert await engine.records(Client, "nobody", where, Window()) == []
        monkeypatch.setattr(statements, "_matching", pasted)
        assert len(await engine.records(Client, "nobody", where, Window())) > 1
    finally:
        await engine.close()


def test_an_open_query_bites(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the closed list of parameters and their bounds, a huge page is not refused."""
    with double.target.manage() as manage:
        assert manage.get("/api/v2/clients", params={"per_page": "1000"}).status_code == 400
        assert manage.get("/api/v2/clients", params={"tenant": "acme"}).status_code == 400
        monkeypatch.setattr(paging, "MOST", 10_000)
        monkeypatch.setattr(query, "only", lambda *_: None)
        assert manage.get("/api/v2/clients", params={"per_page": "1000"}).status_code == 200
        assert manage.get("/api/v2/clients", params={"tenant": "acme"}).status_code == 200


# ------------------------------------------------------------- errors that are shared


def whispers(target: Target, mine: str, rounds: int) -> list[str]:
    """What an attacker hears who only ever says one word."""
    heard = []
    with target.web() as web, target.manage() as manage:
        for n in range(rounds):
            word = f"{mine}-{n}"
            heard.append(web.post("/oauth/token", data=target.form("machine", audience=word)).text)
            heard.append(web.post("/oauth/token", data=target.form("machine", grant_type=word)).text)
            heard.append(manage.get("/api/v2/clients", params={word: "1"}).text)
            heard.append(manage.post("/api/v2/clients", json={word: 1, "name": "x"}).text)
            heard.append(web.get("/nowhere", headers={"x-correlation-id": word}).headers["x-correlation-id"])
    return heard


def mixed(target: Target, many: int = 12, rounds: int = 8) -> list[str]:
    """Answers of many askers at once that hold another asker's word, or not the own one."""
    wrong: list[str] = []

    def ask(mine: str) -> None:
        wrong.extend(
            text for text in whispers(target, mine, rounds) if mine not in text or text.count("asker") > 1
        )

    threads = [threading.Thread(target=ask, args=(f"asker{n:03}",)) for n in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def test_refusals_never_mix(target: Target) -> None:
    """However many are refused at once, each one's refusal has its own words and nobody else's."""
    assert mixed(target) == []


def test_shared_words_bite(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With words that all refusals share, an attacker is told what another one asked for."""
    shared: dict[str, str] = {"audience": "what the first one asked for"}
    honest = Refused.__init__

    def careless(self: Refused, reason: Any, **more: Any) -> None:
        if reason is AUDIENCE_UNKNOWN:
            more["words"] = shared
        honest(self, reason, **more)

    monkeypatch.setattr(Refused, "__init__", careless)
    assert mixed(double.target, 2, 1) != []
