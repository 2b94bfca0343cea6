"""The door: what comes in, what is refused before any endpoint sees it, what every answer carries."""

import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from sekisho.oauth import discovery, token
from sekisho.oauth.says import says as oauth_says
from sekisho.pages.says import says as page_says
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.refusal import (
    MALFORMED_REQUEST,
    REPEATED_PARAMETER,
    REQUEST_TOO_LARGE,
    STORE_UNAVAILABLE,
    UNSUPPORTED_BODY,
    Reason,
    Refused,
)
from sekisho.tenant import Tenant
from sekisho.web import read
from sekisho.web.door import Building, Door
from sekisho.web.route import Route, Routes
from tests.tenants import ORIGIN, Clock, allowed, asking, client, demo_directory

JSON, URLENCODED = "application/json", "application/x-www-form-urlencoded"
FORM = {"content-type": URLENCODED}


async def echo(ask: Ask, tenant: Tenant) -> Answer:
    seen = {
        "names": dict(ask.names),
        "query": ask.query,
        "form": ask.form,
        "root": ask.root,
        "tenant": tenant.record.slug,
    }
    return Answer(json=seen)


async def broken(_ask: Ask, _tenant: Tenant) -> Answer:
    raise ZeroDivisionError("secret detail")


async def away(_ask: Ask, _tenant: Tenant) -> Answer:
    raise Refused(STORE_UNAVAILABLE, debug="secret detail")


ROUTES = Routes(
    (
        Route(
            method="POST",
            path="/oauth/token",
            endpoint=token.token,
            says=oauth_says,
            cors="clients",
            reads="form",
        ),
        Route(method="GET", path="/jwks", endpoint=discovery.key_set, says=oauth_says, cors="any"),
        Route(method="GET", path="/things/{id}", endpoint=echo, says=oauth_says),
        Route(method="POST", path="/things/{id}", endpoint=echo, says=oauth_says, reads="form"),
        Route(method="GET", path="/broken", endpoint=broken, says=oauth_says),
        Route(method="GET", path="/away", endpoint=away, says=oauth_says),
    )
)


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    directory = await demo_directory(Clock())
    tenant = directory.named("demo")
    assert tenant is not None
    from sekisho.model.step import Save

    await tenant.change(Save(client(web_origins=("https://app.example",))), Save(allowed()))
    door = Door(Building(directory, ROUTES, {"/healthz": healthy}, page_says))
    transport = httpx.ASGITransport(app=door)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as web:
        yield web


async def healthy() -> Answer:
    return Answer(json={"status": "ok"})


async def test_a_token_over_http(web: httpx.AsyncClient) -> None:
    """A form is read, and the answer is JSON with its length and the headers of every answer."""
    answer = await web.post("/oauth/token", data=dict(asking().form))
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["strict-transport-security"]
    assert answer.headers["cache-control"] == "no-store"


async def test_json_bodies_are_forms_too(web: httpx.AsyncClient) -> None:
    """Auth0's SDKs send JSON, with null and empty text for what they leave out."""
    told = dict(asking().form) | {"scope": None, "organization": "", "flag": True, "list": [1]}
    assert (await web.post("/oauth/token", json=told)).status_code == 200


@pytest.mark.parametrize(
    ("raw", "kind", "reason"),
    [
        (b"[]", JSON, MALFORMED_REQUEST),
        (b"{", JSON, MALFORMED_REQUEST),
        (b'{"a": {"b": 1}}', JSON, MALFORMED_REQUEST),
        (b'{"a": [[1]]}', JSON, MALFORMED_REQUEST),
        (b'{"a": NaN}', JSON, MALFORMED_REQUEST),
        (b'{"a": "\\u0000"}', JSON, MALFORMED_REQUEST),
        (b'{"a":' * 10_000, JSON, MALFORMED_REQUEST),
        (b'{"client_id": "a", "client_id": "b"}', JSON, REPEATED_PARAMETER),
        (b"a=%00", URLENCODED, MALFORMED_REQUEST),
        (b"a=%ff", URLENCODED, MALFORMED_REQUEST),
        (b"a=\xff", URLENCODED, MALFORMED_REQUEST),
        (b"a=" + b"x" * 40_000, URLENCODED, MALFORMED_REQUEST),
        (b"&".join([b"a=1"] * 201), URLENCODED, REQUEST_TOO_LARGE),
        (b"x" * 70_000, URLENCODED, REQUEST_TOO_LARGE),
        (b"<xml/>", "text/xml", UNSUPPORTED_BODY),
        (b"--x", "multipart/form-data; boundary=x", UNSUPPORTED_BODY),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    web: httpx.AsyncClient, raw: bytes, kind: str, reason: Reason
) -> None:
    """Malformed and oversized bodies get the protocol's own error, never a 500. RFC 6749 section 5.2."""
    answer = await web.post("/oauth/token", content=raw, headers={"content-type": kind})
    assert answer.status_code == reason.status
    assert answer.json()["error"] == reason.error
    assert answer.json()["error_description"].startswith(reason.text.partition("{")[0])


async def test_a_body_in_pieces_has_the_same_limit(web: httpx.AsyncClient) -> None:
    """A body without a length is cut off at the limit, however it comes."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1024

    assert (await web.post("/oauth/token", content=pieces(), headers=FORM)).status_code == 413


async def test_unknown_hosts_are_refused_and_not_echoed(web: httpx.AsyncClient) -> None:
    """A host that is not configured gets 421 and does not come back. RFC 9110 section 15.5.20."""
    for headers in ({"accept": "text/html"}, {}):
        answer = await web.get("/jwks", headers={"host": "evil.example", **headers})
        assert answer.status_code == 421
        assert "evil.example" not in answer.text
        assert not any("evil.example" in value for value in answer.headers.values())


async def test_machines_ask_from_any_host(web: httpx.AsyncClient) -> None:
    """Health is answered for any host: a balancer has only the address."""
    assert (await web.get("/healthz", headers={"host": "10.0.0.7"})).json() == {"status": "ok"}


async def test_what_is_not_there(web: httpx.AsyncClient) -> None:
    """An unknown path is 404, an unknown tenant too, in the language of who asks."""
    assert (await web.get("/nothing")).json()["error"] == "not_found"
    assert (await web.get("/t/nobody/jwks")).status_code == 404
    page = await web.get("/nothing", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert 'id="error-code"' in page.text
    assert "content-security-policy" in page.headers


async def test_a_wrong_method_is_told_the_right_ones(web: httpx.AsyncClient) -> None:
    """405 names the methods that exist. RFC 9110 section 15.5.6."""
    answer = await web.get("/oauth/token")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_head_is_get_without_a_body(web: httpx.AsyncClient) -> None:
    """HEAD answers what GET would, without the body. RFC 9110 section 9.3.2."""
    got, head = await web.get("/jwks"), await web.head("/jwks")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/things/auth0%7Cabc", "auth0|abc"),
        ("/things/https%3A%2F%2Fapi%2Fx", "https://api/x"),
        ("/things/a%252Fb", "a%2Fb"),
        ("/t/demo/things/x", "x"),
    ],
)
async def test_path_variables_are_decoded_once_after_splitting(
    web: httpx.AsyncClient, path: str, name: str
) -> None:
    """An encoded slash is part of an id, and nothing is decoded twice."""
    assert (await web.get(path)).json()["names"] == {"id": name}


@pytest.mark.parametrize("path", ["/things/%ff", "/things/a%00b"])
async def test_paths_that_are_no_text_are_refused(web: httpx.AsyncClient, path: str) -> None:
    """A path variable is UTF-8 without NUL."""
    assert (await web.get(path)).status_code == 400


@pytest.mark.parametrize("path", ["/things/..%2f..%2fjwks", "//jwks", "/./jwks", "/things/../jwks", "/jwks/"])
def test_paths_are_not_normalised(path: str) -> None:
    """No path finds a route by being tidied up."""
    with contextlib.suppress(Refused):
        assert ROUTES.find("GET", path).route.path != "/jwks"


async def test_a_tenant_under_its_prefix(web: httpx.AsyncClient) -> None:
    """Under /t/{slug}/ the base of the tenant's addresses has the prefix."""
    seen = (await web.get("/t/acme/things/1?a=1&b=")).json()
    assert seen["root"] == f"{ORIGIN}/t/acme"
    assert seen["tenant"] == "acme"
    assert seen["query"] == [["a", "1"], ["b", ""]]


async def test_correlation_ids_are_kept_if_they_are_sound(web: httpx.AsyncClient) -> None:
    """A caller's correlation id comes back; what could break a log line does not."""
    kept = await web.get("/jwks", headers={"x-correlation-id": "abc-1"})
    assert kept.headers["x-correlation-id"] == "abc-1"
    for bad in ("a b", "x" * 65, '"'):
        answer = await web.get("/jwks", headers={"x-correlation-id": bad})
        assert answer.headers["x-correlation-id"] != bad


async def test_pages_of_other_origins(web: httpx.AsyncClient) -> None:
    """Keys are for every page, tokens only for pages of origins that a client named. Fetch, CORS protocol."""
    assert (await web.get("/jwks", headers={"origin": "https://x.example"})).headers[
        "access-control-allow-origin"
    ] == "*"
    for origin, allowed_ in (("https://app.example", True), ("https://evil.example", False), ("null", False)):
        asked = {"origin": origin, "access-control-request-method": "POST"}
        preflight = await web.options("/oauth/token", headers=asked)
        assert preflight.status_code == 204
        assert (preflight.headers.get("access-control-allow-origin") == origin) is allowed_
        assert ("access-control-allow-headers" in preflight.headers) is allowed_
        assert "origin" in preflight.headers["vary"]
        assert "access-control-allow-credentials" not in preflight.headers
        answer = await web.post("/oauth/token", data={}, headers={"origin": origin})
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed_


async def test_deciding_headers_come_once(web: httpx.AsyncClient) -> None:
    """Two Host or Authorization headers are two answers to one question: refused. RFC 9112 section 3.2."""
    for twice in (
        [("host", "id.example.com"), ("host", "evil.example")],
        [("authorization", "a"), ("authorization", "b")],
    ):
        assert (await web.get("/jwks", headers=twice)).status_code in (400, 421)


async def test_a_bug_says_nothing(web: httpx.AsyncClient) -> None:
    """Whatever breaks inside is a 500 with a correlation id and nothing else."""
    answer = await web.get("/broken")
    assert answer.status_code == 500
    assert answer.json()["error"] == "server_error"
    assert "secret detail" not in answer.text
    assert answer.headers["x-correlation-id"]


async def test_a_store_that_is_away_is_a_503(web: httpx.AsyncClient) -> None:
    """Without its database the server says when to come back. RFC 9110 section 15.6.4."""
    answer = await web.get("/away")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "secret detail" not in answer.text


async def test_long_targets_are_refused(web: httpx.AsyncClient) -> None:
    """A request target has a bound. RFC 9110 section 4.1."""
    assert (await web.get("/jwks?a=" + "x" * 20_000)).status_code == 413


@pytest.mark.parametrize(
    ("method", "headers", "waits"),
    [
        ("GET", {}, False),
        ("HEAD", {"host": "id.example.com"}, False),
        ("GET", {"content-length": "3"}, True),
        ("GET", {"transfer-encoding": "chunked"}, True),
        ("POST", {}, True),
    ],
)
def test_nobody_waits_for_a_body_that_was_not_announced(
    method: str, headers: dict[str, str], waits: bool
) -> None:
    """A GET without a length has no body (RFC 9112 section 6.3); everything else may have one."""
    assert read.may_have_body(method, headers) is waits


async def test_a_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not arrive in time is refused rather than waited for."""
    import asyncio

    monkeypatch.setattr(read, "BODY_TIME", 0.01)

    async def receive() -> dict[str, object]:
        if not sent:
            sent.append(True)
            return {"type": "http.request", "body": b"a", "more_body": True}
        await asyncio.sleep(10)
        raise AssertionError

    sent: list[bool] = []
    with pytest.raises(Refused, match="request_timeout"):
        await read.body(receive, 100)


async def test_a_client_that_hangs_up_is_not_answered() -> None:
    """Who went away while sending gets no answer and causes none."""
    messages: list[dict[str, object]] = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    with pytest.raises(read.Gone):
        await read.body(receive, 100)
    messages = [{"type": "http.disconnect"}]
    with pytest.raises(read.Gone):
        await read.body(receive, 100)


def test_a_form_is_read_as_the_standard_says() -> None:
    """Plus is a space, percent is an octet, a name may come without a value. URL standard, section 5.1."""
    assert read.pairs(b"a=1+2&b=%E9%96%A2&c&&=d") == (("a", "1 2"), ("b", "関"), ("c", ""), ("", "d"))
    assert json.dumps(read.form("", b"")) == "[]"


@pytest.mark.parametrize(
    ("path", "query", "form", "client"),
    [
        ("/authorize", (("client_id", "web"),), (), "web"),
        ("/oauth/token", (), (("client_id", "machine"),), "machine"),
        ("/oauth/token", (("client_id", "other"),), (("client_id", "machine"),), "machine"),
        ("/api/v2/client-grants", (("client_id", "sought"),), (), None),
        ("/authorize", (("client_id", "x" * 1_000),), (), "x" * 128),
        ("/authorize", (), (), None),
    ],
)
def test_a_refusal_names_the_client_that_was_claimed(
    path: str, query: Pairs, form: Pairs, client: str | None
) -> None:
    """Whose request was refused, as it said itself; whom the management API looks for is somebody else."""
    ask = Ask(method="GET", path=path, root=ORIGIN, headers={}, query=query, form=form)
    assert read.claimed(ask) == client
