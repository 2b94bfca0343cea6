"""Lists: pages, steps, filters, projections, and queries that are refused (all of one shape)."""

import pytest

from sekisho.api import schema
from sekisho.api.resources import OPERATIONS
from sekisho.model.client import Client
from sekisho.model.step import Save
from tests.tenants import client

COUNT = 7


@pytest.fixture
async def names(desk) -> list[str]:
    """Seven clients in the order of their ids; every other one is of a third party."""
    for n in range(COUNT):
        record = client(id=f"0000-{n}", client_id=f"c{n}", name=f"N{n}", is_first_party=n % 2 == 0)
        assert await desk.tenant.change(Save(record)) is None
    return [f"c{n}" for n in range(COUNT)]


def ids(views: list[dict]) -> list[str]:
    """The client ids of a list."""
    return [view["client_id"] for view in views]


async def test_a_list_is_bare_unless_totals_are_asked_for(desk, names):
    """Without totals the answer is an array."""
    assert ids((await desk.ask("GET /clients")).json) == names
    assert ids((await desk.ask("GET /clients?include_totals=false")).json) == names


async def test_pages_follow_each_other(desk, names):
    """Pages cover the list once, totals agree, and the page after the last one is empty."""
    seen: list[str] = []
    for page, length in enumerate((3, 3, 1, 0)):
        body = (await desk.ask(f"GET /clients?page={page}&per_page=3&include_totals=true")).json
        assert {k: body[k] for k in ("start", "limit", "length", "total")} == {
            "start": page * 3,
            "limit": 3,
            "length": length,
            "total": COUNT,
        }
        seen += ids(body["clients"])
    assert seen == names


async def test_steps_follow_each_other(desk, names):
    """Each step names the next one; the last one names none."""
    first = (await desk.ask("GET /clients?take=3")).json
    second = (await desk.ask(f"GET /clients?take=4&include_totals=true&from={first['next']}")).json
    assert ids(first["clients"]) + ids(second["clients"]) == names
    assert second.keys() == {"clients"}
    assert (await desk.ask("GET /clients?from=zzz")).json == {"clients": []}


async def test_a_cursor_is_only_ever_a_parameter(desk, names):
    """A cursor of somebody's making is compared, not run."""
    answer = await desk.ask("GET /clients?take=5&from=0000-5'%20OR%20'1'='1")
    assert ids(answer.json["clients"]) == ["c6"]


async def test_the_largest_page_is_bounded(desk, names):
    """An empty page is a page; its size has a bound."""
    body = (await desk.ask("GET /clients?per_page=0&include_totals=true")).json
    assert (body["total"], body["clients"]) == (COUNT, [])
    assert (await desk.ask("GET /clients?per_page=101")).status == 400


async def test_filters_apply_to_lists_and_totals(desk, names):
    """A filter narrows the list and its total alike."""
    body = (await desk.ask("GET /clients?is_first_party=false&include_totals=true")).json
    assert (body["total"], ids(body["clients"])) == (3, ["c1", "c3", "c5"])
    assert (await desk.ask("GET /clients?app_type=spa")).json == []


async def test_there_is_no_global_client(desk, names):
    """Asking for global clients finds none, asking for the others finds all."""
    body = (await desk.ask("GET /clients?is_global=true&include_totals=true")).json
    assert (body["total"], body["clients"]) == (0, [])
    assert (await desk.ask("GET /clients?is_global=true&take=5")).json == {"clients": []}
    assert ids((await desk.ask("GET /clients?is_global=false")).json) == names


async def test_fields_cut_each_view(desk, names):
    """A projection keeps or drops the members that it names; unknown ones do not matter."""
    assert (await desk.ask("GET /clients?take=1&fields=name,%20nothing")).json["clients"] == [{"name": "N0"}]
    body = (await desk.ask("GET /clients?per_page=1&fields=name&include_fields=false")).json
    assert "name" not in body[0]
    assert "client_id" in body[0]


@pytest.mark.parametrize("field", ["secrets", "client_secret", "digest", "id", "version", "__class__", "*"])
async def test_a_projection_never_leaks(desk, names, field):
    """A projection only ever takes away from what is shown."""
    body = (await desk.ask(f"GET /clients?fields={field}")).json
    assert body == [{}] * COUNT
    whole = (await desk.ask(f"GET /clients?fields={field}&include_fields=false")).json
    assert whole == (await desk.ask("GET /clients")).json


@pytest.mark.parametrize(
    "query",
    [
        "foo=1",
        "page=0&page=1",
        "page=-1",
        "page=x",
        "page=1.5",
        "page=٣",
        "page=1000001",
        "page=99999999999999999999",
        "per_page=1000",
        "take=101",
        "take=1&page=1",
        "include_totals=yes",
        "include_fields=1",
        "take=1&include_totals=yes",
        "is_first_party=maybe",
        "is_global=maybe",
        "take=1&per_page=1",
        "app_type=" + ",".join(map(str, range(31))),
        "fields=" + "x" * 1001,
        "q=name:x",
    ],
)
async def test_refuses_a_query_it_does_not_understand(desk, query):
    """An unknown, repeated or malformed parameter is answered 400 invalid_query_string."""
    answer = await desk.ask(f"GET /clients?{query}")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")
    assert answer.json["message"].startswith("Query validation error: ")


async def test_a_filter_that_is_the_same_for_all_has_a_type(desk):
    """What is true or false is asked for in these words only, also where the answer is always the same."""
    answer = await desk.ask("GET /client-grants?allow_any_organization=maybe")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")


async def test_an_empty_parameter_is_absent(desk, names):
    """A parameter without a value asks for nothing: neither for a step, nor for another page."""
    assert ids((await desk.ask("GET /clients?page=0&per_page=&from=&take=&app_type=&fields=")).json) == names
    assert (await desk.ask("GET /logs?page=0&from=&take=&q=&sort=")).status == 200


@pytest.mark.parametrize("line", ["GET /clients", "GET /resource-servers", "GET /client-grants", "GET /logs"])
async def test_all_lists_turn_pages_alike(desk, line):
    """Pages and steps have the same bounds everywhere, the described ones, and exclude each other."""
    (row,) = (each for each in OPERATIONS if f"{each.method} {each.path}" == line)
    bounds = {each.name: schema.of_type(each.type).get("maximum") for each in row.takes}
    assert {name: bounds[name] for name in ("page", "per_page", "take")} == {
        "page": 1_000_000,
        "per_page": 100,
        "take": 100,
    }
    for name, most in bounds.items():
        if most is not None:
            assert (await desk.ask(f"{line}?{name}={most + 1}")).status == 400
    assert (await desk.ask(f"{line}?per_page=100")).status == 200
    assert (await desk.ask(f"{line}?take=100")).status == 200
    assert (await desk.ask(f"{line}?take=100&page=0")).status == 400


@pytest.mark.parametrize(
    "line",
    [
        "GET /clients/x?page=1",
        "POST /clients?x=1",
        "PATCH /clients/x?fields=name",
        "DELETE /clients/x?force=true",
        "GET /resource-servers/x?page=1",
        "POST /resource-servers?x=1",
        "PATCH /resource-servers/x?x=1",
        "DELETE /resource-servers/x?force=true",
        "GET /client-grants/x?page=1",
        "POST /client-grants?x=1",
        "PATCH /client-grants/x?x=1",
        "DELETE /client-grants/x?force=true",
        "GET /tenants/settings?page=1",
        "PATCH /tenants/settings?x=1",
    ],
)
async def test_every_address_has_a_closed_query(desk, line):
    """No address takes a parameter that it does not know."""
    answer = await desk.ask(line, {})
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")


async def test_a_tenant_sees_its_own_things_only(desk, names):
    """What another tenant has is neither listed nor found."""
    other = desk.tenant.id.replace("1", "2")
    assert await desk.tenant.change(Save(client(tenant=other, client_id="theirs", id="0001"))) is None
    assert ids((await desk.ask("GET /clients")).json) == names
    assert (await desk.ask("GET /clients/theirs")).status == 404
    await desk.ask("DELETE /clients/theirs")
    assert await desk.tenant.store.named(Client, other, "theirs") is not None
