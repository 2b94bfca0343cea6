"""Who may push authorization requests, and who has to: the switches of tenant and client (RFC 9126)."""

import json

import pytest

from sekisho.app import PROTOCOL
from sekisho.model.client import Client
from sekisho.oauth import authorize
from sekisho.oauth.asked import URN
from sekisho.oauth.discovery import describing
from sekisho.registry import tenants
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.api.conftest import Desk
from tests.tenants import ask
from tests.visitor import Browser, location, pushed, request, told

SETTINGS = "PATCH /tenants/settings"
WEB = "PATCH /clients/web"
ALLOWED = "pushed_authorization_requests_supported"
REQUIRED = "require_pushed_authorization_requests"
OK, PAGE = "ok", "page"


async def switched(desk: Desk, body: dict) -> None:
    """The settings of the tenant, as every request sees them from now on."""
    await desk.made(SETTINGS, body)
    here = desk.tenant
    desk.tenant = Tenant(await tenants.current(here), here.addresses, here.keys, here.tools)


async def outcome(made) -> str:
    """What came of a request: the sign-in page, an error for the client, or the slug of a refusal."""
    try:
        answer: Answer = await made
    except Refused as refused:
        return refused.reason.slug
    if answer.status == 201:
        return OK
    return OK if "/login?" in location(answer) else told(answer)["error"]


async def outcomes(desk: Desk, uri: str = "") -> tuple[str, str, str]:
    """Pushing, asking directly, and asking with what was pushed: now, or before."""
    here, answer = desk.tenant, None
    try:
        answer = await pushed(here)
        push = OK
    except Refused as refused:
        push = refused.reason.slug
    if answer is not None and isinstance(answer.json, dict):
        uri = str(answer.json["request_uri"])
    plain = await outcome(authorize.authorize(Browser(here).ask("/authorize", request()), here))
    by_uri = {"client_id": "web", "request_uri": uri or f"{URN}x"}
    return push, plain, await outcome(authorize.authorize(Browser(here).ask("/authorize", by_uri), here))


async def metadata(desk: Desk) -> dict:
    """What discovery says."""
    rows = {row.names_itself: row.path for row in PROTOCOL}
    found: dict = json.loads((await describing(rows)(ask(), desk.tenant)).body)
    return found


@pytest.mark.parametrize(
    ("settings", "client", "expected"),
    [
        ({ALLOWED: False}, {}, ("pushing_off", OK, "pushed_unknown")),
        ({}, {}, (OK, OK, OK)),
        ({}, {REQUIRED: True}, (OK, "invalid_request", OK)),
        ({"flags": {REQUIRED: True}}, {}, (OK, "invalid_request", OK)),
        ({"flags": {REQUIRED: True}}, {REQUIRED: True}, (OK, "invalid_request", OK)),
        ({"flags": {REQUIRED: False}}, {REQUIRED: False}, (OK, OK, OK)),
    ],
)
async def test_every_row_of_the_table(home, settings, client, expected):
    """What the tenant allows and what tenant or client require decide on all three ways to ask."""
    await switched(home, settings)
    await home.made(WEB, client)
    assert await outcomes(home) == expected


async def test_a_client_needs_what_its_tenant_allows(home):
    """The tenant's switch comes first; a client that cannot be, is not."""
    await switched(home, {ALLOWED: False})
    for line, body in ((WEB, {REQUIRED: True}), ("POST /clients", {"name": "Shop", REQUIRED: True})):
        answer = await home.ask(line, body)
        assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
        assert ALLOWED in answer.json["message"]
    assert (await home.ask("GET /clients/web")).json[REQUIRED] is False
    await switched(home, {ALLOWED: True})
    assert (await home.made(WEB, {REQUIRED: True}))[REQUIRED] is True
    assert (await home.ask("GET /clients/web")).json[REQUIRED] is True


async def test_what_is_switched_off_later_fails_closed(home):
    """The client's flag stays, nothing gets through, and all of it works again afterwards."""
    await home.made(WEB, {REQUIRED: True})
    before = await pushed(home.tenant)
    assert isinstance(before.json, dict)
    await switched(home, {ALLOWED: False})
    assert (await home.ask("GET /clients/web")).json[REQUIRED] is True
    found = await outcomes(home, str(before.json["request_uri"]))
    assert found == ("pushing_off", "invalid_request", "pushed_unknown")
    # What changes nothing is no new demand; taking the demand back is always possible.
    assert (await home.made(WEB, {REQUIRED: True, "name": "Web 2"}))[REQUIRED] is True
    await switched(home, {ALLOWED: None})
    assert await outcomes(home) == (OK, "invalid_request", OK)
    await switched(home, {ALLOWED: False})
    assert (await home.made(WEB, {REQUIRED: None}))[REQUIRED] is False
    assert (await outcomes(home))[1] == OK
    assert (await home.ask(WEB, {REQUIRED: True})).status == 400


@pytest.mark.parametrize(
    "body", [{ALLOWED: False, "flags": {REQUIRED: True}}, {ALLOWED: False}, {"flags": {REQUIRED: True}}]
)
async def test_a_tenant_takes_what_it_requires(home, body):
    """A tenant that requires pushed requests and takes none would let nobody in."""
    if body == {ALLOWED: False}:
        await switched(home, {"flags": {REQUIRED: True}})
    if body == {"flags": {REQUIRED: True}}:
        await switched(home, {ALLOWED: False})
    before = (await home.ask("GET /tenants/settings")).json
    answer = await home.ask(SETTINGS, body)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert (await home.ask("GET /tenants/settings")).json == before


async def test_flags_merge(home):
    """A flag that is not named stays; null for all of them brings the defaults back."""
    await switched(home, {"flags": {REQUIRED: True}})
    await switched(home, {"flags": {"enable_idtoken_api2": False}})
    await switched(home, {"flags": {}})
    assert (await home.ask("GET /tenants/settings")).json["flags"][REQUIRED] is True
    await switched(home, {"flags": None})
    assert (await home.ask("GET /tenants/settings")).json["flags"][REQUIRED] is False
    answer = await home.ask(SETTINGS, {"flags": {REQUIRED: True, "enable_idtoken_api2": True}})
    assert answer.json["errorCode"] == "operation_not_supported"


async def test_a_client_says_how_long_its_requests_last(home):
    """Between ten seconds and ten minutes; null is thirty seconds. Then the request is gone."""
    for seconds, lifetime in ((10, 10), (600, 600), (None, 30)):
        shown = await home.made(WEB, {"par_request_expiry": seconds})
        assert shown.get("par_request_expiry") == seconds
        answer = await pushed(home.tenant)
        assert isinstance(answer.json, dict)
        assert answer.json["expires_in"] == lifetime
        by_uri = {"client_id": "web", "request_uri": str(answer.json["request_uri"])}
        home.clock.now += lifetime
        late = authorize.authorize(Browser(home.tenant).ask("/authorize", by_uri), home.tenant)
        assert await outcome(late) == "pushed_unknown"
    for wrong in (9, 601, 30.5, "30"):
        assert (await home.ask(WEB, {"par_request_expiry": wrong})).json["errorCode"] == "invalid_body"


async def test_a_public_client_may_have_to_push(home):
    """RFC 9126 has no exception for clients without credentials."""
    made = await home.made(
        "POST /clients",
        {"name": "App", "app_type": "spa", "token_endpoint_auth_method": "none", REQUIRED: True},
    )
    found = await home.tenant.known.named(Client, home.tenant.id, made["client_id"])
    assert found
    assert (found.is_public, found.requires_pushing) == (True, True)


async def test_discovery_tells_what_the_tenant_decided(home):
    """The endpoint is named where it is served, and whether it has to be used. RFC 9126 section 5."""
    endpoint = "pushed_authorization_request_endpoint"
    told_first = await metadata(home)
    assert (endpoint in told_first, told_first[REQUIRED]) == (True, False)
    await switched(home, {"flags": {REQUIRED: True}})
    assert (await metadata(home))[REQUIRED] is True
    await switched(home, {"flags": None, ALLOWED: False})
    told_last = await metadata(home)
    assert (endpoint in told_last, told_last[REQUIRED]) == (False, False)
