"""How the management API describes itself."""

import json
import re
import shlex
from functools import partial
from html import unescape

import msgspec
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from sekisho.api import ROUTES, document, guide, match, schema
from sekisho.api.resources import OPERATIONS
from sekisho.change import fields
from sekisho.pages.render import render
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from tests.api.promises import is_sure
from tests.tenants import AUDIENCE, ORIGIN


@pytest.fixture
def described_now() -> dict:
    """The document as a program reads it."""
    found: dict = json.loads(msgspec.json.encode(document.written(OPERATIONS)))
    return found


BODIES = [each for each in OPERATIONS if each.body]


@pytest.fixture
async def described(desk) -> dict:
    """The document as it is served."""
    answer = await desk.send(Ask(method="GET", path="/openapi.json", root=ORIGIN))
    assert (answer.status, answer.kind) == (200, "application/json")
    found: dict = json.loads(answer.body)
    return found


async def test_the_document_is_openapi(described):
    """The document keeps the meta-schema of OpenAPI 3.1, and every reference in it leads somewhere."""
    assert described["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []
    for name in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)):
        assert name in described["components"]["schemas"]


def test_everything_that_is_served_is_described():
    """Every row of the list of URLs is in the document, and the document has no other."""
    paths = document.written(OPERATIONS)["paths"]
    assert isinstance(paths, dict)
    told = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert told == {(method, path) for method, path, _ in ROUTES}


async def test_every_scope_is_described(described):
    """The scopes of the document are those of the API, and an operation lists each that suffices."""
    flow = described["components"]["securitySchemes"]["management"]["flows"]["clientCredentials"]
    assert flow["scopes"] == MANAGEMENT_SCOPES
    for each in OPERATIONS:
        told = described["paths"][each.path][each.method.lower()]["security"]
        assert told == [{"management": [scope, *each.also]} for scope in each.scopes]


async def test_every_operation_has_a_name_of_its_own(described):
    """Names and titles are unique: client generators make functions of them."""
    rows = [row for methods in described["paths"].values() for row in methods.values()]
    assert len({row["operationId"] for row in rows}) == len(rows)
    assert all(each.title.en and each.title.ja for each in OPERATIONS)


@pytest.mark.parametrize("each", BODIES, ids=document.name)
def test_a_body_takes_what_is_described_and_nothing_else(each):
    """A member that is described is known, one that is not is refused."""
    described = schema.of_body(each.body)
    read = partial(fields.creation, but=each.body.but) if each.body.makes else fields.amendment
    needed = dict.fromkeys(described.get("required", ()), "x")
    for name in (*described["properties"], *each.body.kind.__struct_fields__, *each.body.kind.ONCE, "x"):
        try:
            read({**needed, name: object()}, each.body.kind)
            said = ""
        except Refused as refused:
            said = refused.text
        assert (f"not allowed: {name}'" in said) == (name not in described["properties"]), name


@pytest.mark.parametrize("each", BODIES, ids=document.name)
def test_a_sample_is_what_it_shows(each):
    """Each sample keeps the schema of its body, and its type reads it."""
    whole = document.written(OPERATIONS)
    judge = OAS31Validator({**schema.of_body(each.body), "components": whole["components"]})
    sample = json.loads(msgspec.json.encode(each.body.sample))
    judge.validate(sample)
    msgspec.convert(sample, each.body.kind)


def test_a_promise_is_described_with_its_default():
    """A member that nothing enforces is described by the only values that are taken."""
    (body,) = (each.body for each in BODIES if each.path == "/clients")
    assert body
    members = schema.of_body(body)["properties"]
    assert members["compliance_level"]["enum"] == ["none", None]
    assert members["jwt_configuration"]["properties"]["alg"]["enum"] == ["RS256", None]


def test_a_member_that_is_half_a_promise_is_described_as_such():
    """Of the flags, those that do something take both values; the others are described by their default."""
    (body,) = (each.body for each in BODIES if each.path == "/tenants/settings")
    assert body
    flags = schema.of_body(body)["properties"]["flags"]
    assert flags["additionalProperties"] is False
    assert flags["properties"]["enable_idtoken_api2"]["enum"] == [False, None]
    judge = OAS31Validator(flags)
    own = "require_pushed_authorization_requests"
    for told in ({own: True}, {own: None, "enable_idtoken_api2": False}, {}, None):
        assert judge.is_valid(told)
    closed: list[object] = [{own: "yes"}, {"enable_idtoken_api2": True}, {"nobody_knows_this": False}, []]
    for wrong in closed:
        assert not judge.is_valid(wrong)


def test_what_has_to_be_said_is_described_as_needed(described_now):
    """A parameter without which nothing is answered is required, and shown in the command."""
    for path, method, name in (("/users-by-email", "get", "email"), ("/grants", "delete", "user_id")):
        (told,) = (each for each in described_now["paths"][path][method]["parameters"] if each["required"])
        assert (told["name"], told["allowEmptyValue"]) == (name, False)
        entries = [entry for rows in guide.chapters(OPERATIONS).values() for entry in rows]
        (entry,) = (each for each in entries if (each.path, each.method) == (path, method.upper()))
        assert entry.command[0] == f"{path}?{name}={name.upper()}"


def test_a_new_credential_has_no_id_yet(described_now):
    """The id of a credential is said where one that is there is chosen, and nowhere else."""
    schemas = described_now["components"]["schemas"]
    assert "id" not in schemas["CredentialCreation"]["properties"]
    assert "id" not in schemas["CredentialAmendment"]["properties"]
    chosen = schemas["Chosen"]["properties"]["credentials"]["items"]["$ref"].rpartition("/")[2]
    assert {"id", "pem"} <= schemas[chosen]["properties"].keys()


@pytest.mark.parametrize("each", OPERATIONS, ids=document.name)
def test_headers_are_described_where_they_come(described_now, each):
    """The rate comes with each answer to a known token; who has to wait is told how long."""
    told = described_now["paths"][each.path][each.method.lower()]["responses"]
    sure = {
        status: {name for name, header in answer["headers"].items() if is_sure(header["$ref"])}
        for status, answer in told.items()
    }
    assert sure["401"] == {"WWW-Authenticate"}
    assert sure["429"] == {*document.RATE, "Retry-After"}
    assert sure["503"] == {"Retry-After"}
    more = (("ETag", each.versioned), ("Content-Disposition", each.kind != document.JSON))
    assert sure[str(each.status)] == {*document.RATE, *(name for name, comes in more if comes)}
    assert all(told[status]["headers"] for status in told)


@pytest.mark.parametrize("each", OPERATIONS, ids=document.name)
def test_what_the_door_refuses_is_described(described_now, each):
    """Whatever is asked, it can be unreadable, too large, too slow or too much: no status is a surprise."""
    told = described_now["paths"][each.path][each.method.lower()]["responses"]
    assert {"400", "401", "403", "408", "413", "429", "503"} <= set(told)
    assert "`invalid_request`" in told["400"]["description"]
    assert "default" not in told


@pytest.mark.parametrize("tag", ["*", '"7"', '"7", "8"', '""', 'W/"7"', "7", "", '"a" "b"', '*, "7"', '"7",'])
def test_the_pattern_of_entity_tags_is_the_rule(tag):
    """If-Match is described by exactly what is taken."""
    judge = OAS31Validator(document.MATCH["schema"])
    try:
        match.versions(Ask(method="PATCH", path="/x", root=ORIGIN, headers={"if-match": tag}))
        taken = True
    except Refused:
        taken = False
    assert judge.is_valid(tag) == taken


def test_only_what_may_be_cut_may_lack_members(described_now):
    """An answer that no projection and no scope cuts has all its members, also inside of others."""
    schemas = described_now["components"]["schemas"]
    assert set(schemas["Day"]["required"]) >= {"date", "logins", "signups"}
    assert schemas["Turned"]["required"] == ["kid", "cert", "keys"]
    assert schemas["Scope"]["required"] == ["value"]
    assert schemas["Error"]["required"] == ["statusCode", "error", "message"]
    assert "required" not in schemas["Client"]


async def commands(desk) -> list[list[str]]:
    """The commands of the page that call the API, taken apart as a shell does."""
    answer = await desk.send(Ask(method="GET", path="/docs", root=ORIGIN))
    page = render(answer, Ask(method="GET", path="/api/v2/docs", root=ORIGIN), desk.tenant).body.decode()
    texts = re.findall(r'id="[a-z_]+-curl">(.*?)</pre>', page, re.DOTALL)
    lines = [shlex.split(unescape(re.sub("<[^>]+>", "", text)).replace("\\\n", " ")) for text in texts]
    return [words for words in lines if words[1].startswith(f"{ORIGIN}/api/v2/")]


async def test_every_command_of_the_page_works(desk):
    """The commands are taken by the API as they stand, once the names in capitals are put in."""
    made = await desk.made("POST /clients", {"name": "Shop"})
    lines = await commands(desk)
    assert len(lines) == len(OPERATIONS)
    for words in lines:
        assert "Bearer $TOKEN" in words[words.index("-H") + 1]
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        path = words[1].removeprefix(f"{ORIGIN}/api/v2").replace("CLIENT_ID", made["client_id"])
        body = words[words.index("-d") + 1].replace("CLIENT_ID", made["client_id"]) if "-d" in words else ""
        answer = await desk.ask(f"{method} {path}", body.encode())
        codes = ("inexistent_", "operation_not_supported", "unusable_")
        assert answer.status < 300 or answer.json["errorCode"].startswith(codes), (words, answer.json)


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_the_page_is_for_people(desk, language):
    """The page names every operation in the reader's language, with its scopes, and loads nothing."""
    answer = await desk.send(Ask(method="GET", path="/docs", root=ORIGIN))
    asked = Ask(method="GET", path="/api/v2/docs", root=ORIGIN, headers={"accept-language": language})
    page = render(answer, asked, desk.tenant).body.decode()
    assert f'<html lang="{language}">' in page
    for each in OPERATIONS:
        assert getattr(each.title, language) in page
        assert f"<code>{each.path}</code>" in page
        assert all(f"<code>{scope}</code>" in page for scope in each.scopes)
    assert set(re.findall(r'(?:src|href)="(https?://[^/"]+)', page)) <= {ORIGIN}
    assert AUDIENCE not in page


def test_a_long_choice_is_cut():
    """The page names a few values of a long list, all of a short one."""
    entries = [entry for rows in guide.chapters(OPERATIONS).values() for entry in rows]
    created = next(entry for entry in entries if entry.id == "clients_create")
    types = {member.name: member.type for member in created.members}
    assert types["app_type"].endswith("| …")
    assert types["assertion_audience"] == "issuer | lenient"
    assert types["callbacks"] == "[string]"
    assert types["jwks"] == "object"
    assert next(member for member in created.members if member.name == "name").needed
