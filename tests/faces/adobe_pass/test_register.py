"""POST /o/client/register in the vendor's words."""

import json
import uuid
from urllib.parse import urlencode

import pytest

from sekisho.registry import registered_applications
from tests.faces.adobe_pass.conftest import FORM, JSON, KIND, REGISTER, Place, refused
from tests.registered import ACTOR
from tests.tenants import NOW

MEMBERS = ["client_id", "client_secret", "client_id_issued_at", "redirect_uris", "grant_types", "scopes"]


async def test_a_registration_has_all_six_members(place: Place) -> None:
    """The answer is 201 with six members, seconds for the time, lists for everything that may be several."""
    told = {"software_statement": place.software.text, "redirect_uri": "https://www.example.com"}
    answer = await place.register(told)
    assert answer.status_code == 201
    body = answer.json()
    assert list(body) == MEMBERS
    assert str(uuid.UUID(body["client_id"], version=4)) == body["client_id"]
    assert len(body["client_secret"]) >= 43
    assert body | {"client_id": "", "client_secret": ""} == {
        "client_id": "",
        "client_secret": "",
        "client_id_issued_at": int(NOW),
        "redirect_uris": ["https://www.example.com"],
        "grant_types": ["client_credentials"],
        "scopes": ["api:client:v2"],
    }


async def test_a_registration_is_kept_by_nobody_else(place: Place) -> None:
    """The answer holds a secret: no cache keeps it."""
    answer = await place.register({"software_statement": place.software.text})
    assert answer.headers["content-type"] == KIND
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"


async def test_without_a_redirect_the_list_is_empty(place: Place) -> None:
    """Clients read redirect_uris, so it is there also where nothing is in it."""
    for told in ({}, {"redirect_uri": ""}, {"redirect_uri": None}):
        answer = await place.register({"software_statement": place.software.text, **told})
        assert (answer.status_code, answer.json()["redirect_uris"]) == (201, [])


@pytest.mark.parametrize(
    "kind",
    [
        *(JSON, "application/json;charset=utf-8", "application/json; charset=UTF-8", "Application/JSON"),
        *("application/json ; x=y", FORM, f"{FORM};charset=UTF-8", FORM.title()),
    ],
)
async def test_a_body_is_json_or_a_form(place: Place, kind: str) -> None:
    """Either media type is understood, whatever parameters it has. RFC 9110 section 8.3.1."""
    told = {"software_statement": place.software.text}
    body = json.dumps(told) if "json" in kind.lower() else urlencode(told)
    answer = await place.ask(f"POST {REGISTER}", body.encode(), {"Content-Type": kind})
    assert answer.status_code == 201


async def test_members_that_nobody_asked_for_are_ignored(place: Place) -> None:
    """Other members do not count, whatever they are: lists, objects, twice, endless, or nothing at all."""
    deep = "[" * 200 + "]" * 200
    more = '"grant_types":["a",["b"]],"jwks":{"keys":[{"a":1}]},"token_endpoint_auth_method":"none",'
    odd = '"n":1e3,"n":true,"x":null,"redirect_uris":["https://evil.example"],"h":"\\ud800","z":"\\u0000",'
    long = f'"deep":{deep},"long":"{"x" * 40_000}","\\ud800":1,'
    raw = f'{{{more}{odd}{long}"software_statement":"{place.software.text}"}}'
    answer = await place.ask(f"POST {REGISTER}", raw.encode(), {"Content-Type": JSON})
    assert answer.status_code == 201
    assert answer.json()["redirect_uris"] == []


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            " ",
            "{",
            "[]",
            '"x"',
            "null",
            "5",
            "{}",
            "x=1",
            '{"software_statement":}',
            "[" * 50_000,
            "\xff",
        ),
        *('{"software_statement":""}', '{"software_statement":null}', '{"software_statement":["a.b.c"]}'),
        *('{"software_statement":{}}', '{"software_statement":5}', '{"software_statement":"\\u0000"}'),
        *('{"software_statement":"a","software_statement":"a"}', '{"software_statement":NaN}'),
        *('{"software_statement":"a","redirect_uri":["https://example.com"]}', '{"redirect_uri":"x"}'),
        '{"software_statement":"a","redirect_uri":"https://example.com","redirect_uri":"x"}',
        '{"software_statement":"' + "x" * 33_000 + '"}',
    ],
    ids=lambda raw: ascii(raw[:50]),
)
async def test_a_request_that_is_none(place: Place, raw: str) -> None:
    """No JSON, no object, no statement, one that is no text, or two of them: invalid_request."""
    answer = await place.ask(f"POST {REGISTER}", raw.encode("latin-1"), {"Content-Type": JSON})
    refused(answer, "invalid_request")


@pytest.mark.parametrize("kind", ["", "text/plain", "text/json", "application/jwt", "multipart/form-data"])
async def test_another_media_type(place: Place, kind: str) -> None:
    """What is neither JSON nor a form is not looked into: invalid_request, and 400 like everything else."""
    raw = json.dumps({"software_statement": place.software.text}).encode()
    refused(await place.ask(f"POST {REGISTER}", raw, {"Content-Type": kind}), "invalid_request")
    refused(await place.ask(f"POST {REGISTER}", raw), "invalid_request")


async def test_a_form_with_a_repeat_or_a_mistake(place: Place) -> None:
    """The rules are those of JSON: a parameter once, in UTF-8, within bounds. RFC 6749 section 3.2."""
    one = urlencode({"software_statement": place.software.text})
    for raw in (f"{one}&{one}", "software_statement=%ff", "software_statement=%00", "a=1&" * 300 + one):
        answer = await place.ask(f"POST {REGISTER}", raw.encode(), {"Content-Type": FORM})
        refused(answer, "invalid_request")


async def test_a_statement_in_the_query_does_not_count(place: Place) -> None:
    """Registration is told in the body alone."""
    told = urlencode({"software_statement": place.software.text})
    refused(await place.ask(f"POST {REGISTER}?{told}", b"", {"Content-Type": FORM}), "invalid_request")


async def test_a_body_that_is_too_large(place: Place) -> None:
    """Not even that changes the status of a refusal here."""
    raw = json.dumps({"software_statement": place.software.text, "x": ["y" * 1000] * 70}).encode()
    refused(await place.ask(f"POST {REGISTER}", raw, {"Content-Type": JSON}), "invalid_request")


async def test_a_statement_of_nobody(place: Place) -> None:
    """Tampered with, unsigned, or no statement at all: invalid_software_statement."""
    head, body, tail = place.software.text.split(".")
    for text in (
        "x",
        "a.b.c",
        f"{head}.{body}.",
        f"{head}.{body}.{tail[::-1]}",
        f"{head}.{body[:-2]}.{tail}",
    ):
        refused(await place.register({"software_statement": text}), "invalid_software_statement")


async def test_revoked_and_unknown_are_the_same(place: Place) -> None:
    """Whoever has a statement that ended does not learn why: unapproved_software_statement."""
    tv, told = place.software, {"software_statement": place.software.text}
    _, text = await tv.give()
    await registered_applications.revoke_statement(tv.tenant, tv.application.id, tv.statement.id, ACTOR)
    first = await place.register(told)
    refused(first, "unapproved_software_statement")
    assert (await place.register({"software_statement": text})).status_code == 201
    await registered_applications.revoke(tv.tenant, tv.application.id, ACTOR)
    for each in (tv.text, text):
        answer = await place.register({"software_statement": each})
        assert (answer.status_code, answer.content) == (400, first.content)


@pytest.mark.parametrize(
    "uri", ["https://evil-example.com", "https://example.com/#x", "http://", "x", "javascript:alert(1)"]
)
async def test_a_redirect_that_is_not_covered(place: Place, uri: str) -> None:
    """None of the application's domains and schemes covers it: invalid_redirect_uri."""
    told = {"software_statement": place.software.text, "redirect_uri": uri}
    refused(await place.register(told), "invalid_redirect_uri")


async def test_which_mistake_is_told_first(place: Place) -> None:
    """Reading comes before the parameters, these before the statement, the statement before the redirect."""
    bad = {"redirect_uri": "https://evil.example"}
    raw = json.dumps({"software_statement": "x", **bad}).encode()
    refused(await place.ask(f"POST {REGISTER}", raw, {"Content-Type": "text/plain"}), "invalid_request")
    refused(await place.register({**bad, "redirect_uri": [1], "software_statement": "x"}), "invalid_request")
    refused(await place.register({**bad, "software_statement": "x"}), "invalid_software_statement")
    tv = place.software
    _, text = await tv.give()
    await registered_applications.revoke_statement(tv.tenant, tv.application.id, tv.statement.id, ACTOR)
    refused(await place.register({**bad, "software_statement": tv.text}), "unapproved_software_statement")
    refused(await place.register({**bad, "software_statement": text}), "invalid_redirect_uri")


async def test_a_wrapped_statement(place: Place) -> None:
    """The vendor's sample has line breaks and blanks within the statement, a file one at its end."""
    text = place.software.text
    wrapped = "\r\n  ".join(text[start : start + 80] for start in range(0, len(text), 80)) + "\n"
    assert (await place.register({"software_statement": wrapped})).status_code == 201
    form = urlencode({"software_statement": wrapped}).encode()
    assert (await place.ask(f"POST {REGISTER}", form, {"Content-Type": FORM})).status_code == 201


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_another_method(place: Place, method: str) -> None:
    """Registration is a POST: anything else is 405 and says so."""
    answer = await place.ask(f"{method} {REGISTER}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert method == "HEAD" or answer.json() == {"error": "invalid_request"}


@pytest.mark.parametrize(
    "path", ["/o/client/scopes", "/o/client/validate", "/o/client/", f"{REGISTER}/", "/o/client/x"]
)
async def test_addresses_without_a_contract(place: Place, path: str) -> None:
    """What the vendor names and does not describe is not there, whatever the method; in the face's words."""
    for method in ("GET", "POST"):
        refused(await place.ask(f"{method} {path}", b"", {"Accept": "text/html"}), "not_found", 404)


async def test_another_tenants_statement(place: Place) -> None:
    """A statement is good at its own tenant's address only."""
    told = json.dumps({"software_statement": place.software.text}).encode()
    here = await place.ask(f"POST /t/demo{REGISTER}", told, {"Content-Type": JSON})
    assert here.status_code == 201
    there = await place.ask(f"POST /t/acme{REGISTER}", told, {"Content-Type": JSON})
    refused(there, "invalid_software_statement")
    refused(await place.ask("GET /t/acme/o/client/scopes"), "not_found", 404)
