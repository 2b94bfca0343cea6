"""/api/v2/registered-applications: what is made, published, downloaded and revoked."""

import asyncio
import re

import pytest

from sekisho import tokens
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.registry import registrations
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import STATEMENT_UNAPPROVED, TOKEN_STATEMENT_ENDED
from sekisho.store import Window
from sekisho.tokens import software_statement
from tests.registered import TELEVISION, came_by, installed, published, token_of
from tests.tenants import NOW, ORIGIN, TENANT

AT = "2027-01-15T08:00:00.000Z"
PATH = "/registered-applications"


async def made(desk, *deeds: str, **more: object) -> str:
    """The id of an application that was made, and what was done to it."""
    id = (await desk.made(f"POST {PATH}", {**TELEVISION, **more}))["id"]
    for deed in deeds:
        await desk.made(f"POST {PATH}/{id}/{deed}", None)
    return str(id)


async def text_of(desk, id: str) -> str:
    """One more statement."""
    answer = await desk.ask(f"GET {PATH}/{id}/software-statement")
    assert answer.status == 200
    return str(answer.body.decode())


async def read(desk, text: str) -> SoftwareStatement:
    """What a statement says, if it is ours."""
    return software_statement.read(text, await desk.tenant.able("statements", "RS256"))


async def test_a_name_is_enough(desk):
    """An application begins as a draft that covers nothing: no channel, no domain, no scope."""
    answer = await desk.ask(f"POST {PATH}", {"name": "Television"})
    assert answer.status == 201
    told = dict(answer.json)
    assert re.fullmatch(r"[0-9a-f-]{36}", told.pop("id"))
    assert told == {
        "name": "Television",
        "version": "1.0.0",
        "channels": [],
        "platforms": [],
        "domains": [],
        "custom_schemes": [],
        "scopes": [],
        "state": "draft",
        "created_at": AT,
    }


async def test_is_read_back_as_it_was_said(desk):
    """What is said about an application is kept, shown, and cut where that is asked for."""
    id = await made(desk)
    read = (await desk.ask(f"GET {PATH}/{id}")).json
    assert {name: read[name] for name in TELEVISION} == TELEVISION
    assert (await desk.ask(f"GET {PATH}/{id}?fields=state")).json == {"state": "draft"}
    answer = await desk.ask(f"GET {PATH}/{id}")
    assert ("etag", '"1"') in answer.headers


async def test_is_listed_by_page_and_in_steps(desk):
    """Applications are listed as everything is."""
    ids = sorted([await made(desk, name=f"N{n}") for n in range(3)])
    page = (await desk.ask(f"GET {PATH}?include_totals=true&per_page=2")).json
    assert (page["total"], [each["id"] for each in page["registered_applications"]]) == (3, ids[:2])
    step = (await desk.ask(f"GET {PATH}?take=2&from={ids[0]}")).json
    assert [each["id"] for each in step["registered_applications"]] == ids[1:]


async def test_a_draft_changes(desk):
    """A draft is changed member by member, and null brings a default back."""
    id = await made(desk)
    changed = await desk.made(f"PATCH {PATH}/{id}", {"version": None, "channels": ["*"], "type": "DIRECT"})
    assert (changed["version"], changed["channels"], changed["name"]) == ("1.0.0", ["*"], "Television")


@pytest.mark.parametrize("deed", ["publish", "revoke"])
async def test_what_is_no_draft_does_not_change(desk, deed):
    """What a statement was given out for stays as it was: only saying the same again is no change."""
    id = await made(desk, deed)
    answer = await desk.ask(f"PATCH {PATH}/{id}", {"domains": ["example.org"]})
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert desk.refused.reason.slug == "application_fixed"
    assert (await desk.ask(f"PATCH {PATH}/{id}", TELEVISION)).status == 200


async def test_is_published_once(desk, clock):
    """The first publication counts; a second one changes nothing."""
    id = await made(desk, "publish")
    clock.now += 60
    again = await desk.ask(f"POST {PATH}/{id}/publish")
    assert (again.status, again.json["state"], again.json["published_at"]) == (200, "published", AT)
    assert ("etag", '"2"') in again.headers


async def test_is_revoked_for_ever(desk, clock):
    """A revoked application keeps its moment, is never published again and gives no statement."""
    id = await made(desk, "publish", "revoke")
    clock.now += 60
    again = await desk.ask(f"POST {PATH}/{id}/revoke")
    assert (again.json["state"], again.json["revoked_at"]) == ("revoked", AT)
    for line in (f"POST {PATH}/{id}/publish", f"GET {PATH}/{id}/software-statement"):
        answer = await desk.ask(line)
        assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
        assert desk.refused.reason.slug == "revoked_application"


async def test_there_is_no_statement_before_publication(desk):
    """Who asks too early finds nothing, in the shape of an error, and nothing is remembered."""
    id = await made(desk)
    answer = await desk.ask(f"GET {PATH}/{id}/software-statement")
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_software_statement")
    assert desk.refused.reason.slug == "application_unpublished"
    assert (answer.body, answer.kind) == (b"", "application/json")
    assert (await desk.ask(f"GET {PATH}/{id}/software-statements")).json == []


async def test_a_statement_is_a_file_that_holds_the_jwt_alone(desk):
    """The answer is the text of the statement, to be kept as a file and by no cache."""
    id = await made(desk, "publish")
    answer = await desk.ask(f"GET {PATH}/{id}/software-statement")
    assert (answer.status, answer.kind, answer.json) == (200, "text/plain", None)
    told = dict(answer.headers)
    assert told["content-disposition"] == (f'attachment; filename="software_statement_{int(NOW * 1000)}.txt"')
    assert told["cache-control"] == "no-store"
    assert re.fullmatch(rb"[\w-]+\.[\w-]+\.[\w-]+", answer.body)
    said = await read(desk, answer.body.decode())
    assert (said.application, said.tenant) == (id, TENANT)


async def test_a_statement_names_the_address_that_was_asked(desk):
    """Its issuer is the tenant as the request reached it; it is good at all addresses of the tenant."""
    id, root = await made(desk, "publish"), f"{ORIGIN}/t/demo"
    token = desk.token(audience=f"{root}/api/v2/")
    answer = await desk.ask(f"GET {PATH}/{id}/software-statement", token=token, root=root)
    assert (await read(desk, answer.body.decode())).application == id


async def test_each_download_is_a_statement_of_its_own(desk, clock):
    """A second download has its own jti, and the first stays good; both are listed."""
    id = await made(desk, "publish")
    first = await read(desk, await text_of(desk, id))
    clock.now += 60
    second = await read(desk, await text_of(desk, id))
    assert first.id != second.id
    for said in (first, second):
        assert (await registrations.approved(desk.tenant, said)).id == id
    listed = (await desk.ask(f"GET {PATH}/{id}/software-statements")).json
    told = {each["jti"]: each["created_at"] for each in listed}
    assert told == {first.id: AT, second.id: "2027-01-15T08:01:00.000Z"}
    paged = (await desk.ask(f"GET {PATH}/{id}/software-statements?take=1")).json
    assert paged["next"] == min(first.id, second.id)


async def test_one_statement_is_revoked(desk):
    """A revoked statement registers nobody and ends the tokens of its clients; others of it go on."""
    application = await published(desk.tenant)
    ends, stays = [await installed(desk.tenant, application) for _ in range(2)]
    texts = [await token_of(desk.tenant, each.client.client_id) for each in (ends, stays)]
    jti = came_by(ends).statement
    line = f"POST {PATH}/{application.id}/software-statements/{jti}/revoke"
    answer = await desk.ask(line)
    assert (answer.status, answer.json["jti"], answer.json["revoked_at"]) == (200, jti, AT)
    with pytest.raises(Refused) as caught:
        await tokens.live(texts[0], desk.tenant)
    assert caught.value.reason is TOKEN_STATEMENT_ENDED
    assert (await tokens.live(texts[1], desk.tenant)).client_id == stays.client.client_id
    statement = await desk.tenant.store.record(SoftwareStatement, TENANT, jti)
    with pytest.raises(Refused) as caught:
        await registrations.approved(desk.tenant, statement)
    assert caught.value.reason is STATEMENT_UNAPPROVED
    assert (await desk.ask(line, if_match='"2"')).status == 200
    assert (await desk.ask(line, if_match='"1"')).status == 412


async def test_a_revoked_application_ends_what_came_of_it(desk):
    """Its statements register nobody, and every token of its clients ends, unexpired as it is."""
    application = await published(desk.tenant)
    one = await installed(desk.tenant, application)
    text = await token_of(desk.tenant, one.client.client_id)
    statement = await desk.tenant.store.record(SoftwareStatement, TENANT, came_by(one).statement)
    await desk.made(f"POST {PATH}/{application.id}/revoke", None)
    with pytest.raises(Refused) as caught:
        await tokens.live(text, desk.tenant)
    assert caught.value.reason is TOKEN_STATEMENT_ENDED
    with pytest.raises(Refused) as caught:
        await registrations.approved(desk.tenant, statement)
    assert caught.value.reason is STATEMENT_UNAPPROVED


@pytest.mark.parametrize("id", ["nobody", "x" * 5000, "ü"])
async def test_an_unknown_application_is_absent(desk, id):
    """Whatever is asked about an unknown application, it is not there."""
    lines = (
        f"GET {PATH}/{id}",
        f"PATCH {PATH}/{id}",
        f"POST {PATH}/{id}/publish",
        f"POST {PATH}/{id}/revoke",
        f"GET {PATH}/{id}/software-statement",
        f"GET {PATH}/{id}/software-statements",
        f"POST {PATH}/{id}/software-statements/x/revoke",
        f"GET {PATH}/{id}/clients",
        f"GET {PATH}/{id}/clients/idle",
    )
    for line in lines:
        answer = await desk.ask(line, {} if line.startswith("PATCH") else None)
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_registered_application")
        assert desk.refused.reason.slug == "application_absent"


async def test_a_statement_belongs_to_one_application(desk):
    """A statement of another application, or of none, is absent; that of another stays good."""
    one, other = await made(desk, "publish"), await made(desk, "publish")
    said = await read(desk, await text_of(desk, other))
    for jti in (said.id, "nobody", "x" * 5000):
        answer = await desk.ask(f"POST {PATH}/{one}/software-statements/{jti}/revoke")
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_software_statement")
        assert desk.refused.reason.slug == "statement_absent"
    assert (await desk.ask(f"GET {PATH}/{one}/software-statements")).json == []
    assert (await registrations.approved(desk.tenant, said)).id == other


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": None},
        {"name": "<b>"},
        {"name": "x", "state": "published"},
        {"name": "x", "id": "x"},
        {"name": "x", "published_at": AT},
        {"name": "x", "release": "1"},
        {"name": "x", "version": ""},
        {"name": "x", "version": "1 0"},
        {"name": "x", "channels": ["a b"]},
        {"name": "x", "channels": ["a/b"]},
        {"name": "x", "channels": ["a", "a"]},
        {"name": "x", "platforms": ["<x>"]},
        {"name": "x", "domains": ["com"]},
        {"name": "x", "domains": ["Example.com"]},
        {"name": "x", "domains": ["https://example.com"]},
        {"name": "x", "domains": ["*.example.com"]},
        {"name": "x", "custom_schemes": ["https"]},
        {"name": "x", "custom_schemes": ["javascript:"]},
        {"name": "x", "custom_schemes": ["adbe.x", "adbe.x://"]},
        {"name": "x", "scopes": ["a,b"]},
        {"name": "x", "scopes": ["a b"]},
        {"name": "x", "scopes": "a"},
    ],
)
async def test_refuses_what_an_application_cannot_be(desk, body):
    """A body outside the closed schema is refused and leaves nothing behind."""
    answer = await desk.ask(f"POST {PATH}", body)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert await desk.tenant.store.count(RegisteredApplication, TENANT, {}) == 0


async def test_there_is_one_type_of_application(desk):
    """The vendor knows one type; another one is a promise that nobody would keep."""
    answer = await desk.ask(f"POST {PATH}", {**TELEVISION, "type": "OTHER"})
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")


@pytest.mark.parametrize("deed", ["publish", "revoke"])
async def test_one_of_many_wins_a_version(desk, deed):
    """Of many who publish or revoke the version they saw, one does; the others are told to look again."""
    id = await made(desk, *(("publish",) if deed == "revoke" else ()))
    version = '"2"' if deed == "revoke" else '"1"'
    answers = await asyncio.gather(
        *(desk.ask(f"POST {PATH}/{id}/{deed}", if_match=version) for _ in range(10))
    )
    assert sorted(each.status for each in answers) == [200] + [412] * 9
    assert desk.refused.reason.slug == "version_stale"


async def test_every_deed_is_in_the_log(desk):
    """What was done to an application is told by whom, and never with the text of a statement."""
    id = await made(desk, "publish")
    text = await text_of(desk, id)
    said = await read(desk, text)
    await desk.made(f"POST {PATH}/{id}/software-statements/{said.id}/revoke", None)
    await desk.made(f"POST {PATH}/{id}/revoke", None)
    other = await made(desk)
    await desk.made(f"PATCH {PATH}/{other}", {"version": "3"})
    lines = (await desk.ask("GET /logs")).json
    told = [each["description"] for each in lines]
    for deed in ("Create a", "Change a", "Publish a", "Revoke a"):
        assert f"{deed} registered application" in told
    assert {"Download a software statement", "Revoke a software statement"} <= set(told)
    events = await desk.tenant.store.events(TENANT, {"slug": "statement_given"}, Window())
    assert [event.detail for event in events] == [{"application": id, "statement": said.id}]
    assert text.rpartition(".")[2] not in str(lines)
