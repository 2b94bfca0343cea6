"""Pushed authorization requests (RFC 9126): who may push, what is kept, who may open it."""

import asyncio
import base64

import pytest
from msgspec.structs import replace

from sekisho.keys import secret
from sekisho.model.artifact import PushedRequest
from sekisho.model.client import ReplyUrl
from sekisho.model.step import Save
from sekisho.oauth import par
from sekisho.oauth.asked import URN
from sekisho.people import sessions
from sekisho.spec.contrast import WITHHELD, Contrast
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.tenants import NOW, SECRET, Clock, ask
from tests.visitor import (
    CALLBACK,
    Browser,
    altered,
    decided,
    location,
    people_tenant,
    pushed,
    redeemed,
    request,
    told,
    web_client,
)

OFF = Policy(pushing_allowed=False)
REQUIRED = Policy(pushing_required=True)


def body(answer: Answer) -> dict[str, object]:
    assert isinstance(answer.json, dict)
    return answer.json


async def short(tenant: Tenant, **more: str | None) -> dict[str, str]:
    """What the browser is sent with, once the client has pushed its request."""
    return {"client_id": "web", "request_uri": str(body(await pushed(tenant, **more))["request_uri"])}


async def refused(tenant: Tenant, **more: str | None) -> str:
    with pytest.raises(Refused) as refused:
        await pushed(tenant, **more)
    return refused.value.reason.slug


async def test_a_client_pushes_its_request() -> None:
    """201 with a request_uri of ours and a number of seconds, never stored. RFC 9126 section 2.2."""
    tenant = await people_tenant()
    answer = await pushed(tenant)
    assert answer.status == 201
    assert set(body(answer)) == {"request_uri", "expires_in"}
    assert body(answer)["expires_in"] == 30
    handle = str(body(answer)["request_uri"]).removeprefix(URN)
    assert len(handle) == 43
    assert ("cache-control", "no-store") in answer.headers
    kept = await tenant.store.get(PushedRequest, handle)
    assert isinstance(kept, PushedRequest)
    # What proved the client is not kept.
    assert {name for name, _ in kept.pairs} == set(request())
    (event,) = await tenant.store.events(tenant.id, {"slug": "request_pushed"}, Window())
    assert event.client == "web"


async def test_what_was_pushed_is_the_request() -> None:
    """Nothing else in the address counts, not even another redirect_uri. RFC 9126 section 4."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    more = {"state": "evil", "redirect_uri": "https://evil.com", "scope": "phone", "prompt": "none"}
    answer = await browser.signs_in(await browser.opens({**await short(tenant), **more}))
    assert location(answer).startswith(CALLBACK)
    assert told(answer)["state"] == "s-1"
    assert (await redeemed(tenant, told(answer)["code"]))["scope"] == "openid profile email"


@pytest.mark.parametrize(
    ("policy", "requires", "push", "plain", "by_reference"),
    [
        # tenant allows · client requires (auth0.md section 1.1) · tenant requires
        (OFF, False, "pushing_off", None, "pushed_unknown"),
        (OFF, True, "pushing_off", "pushing_required", "pushed_unknown"),
        (Policy(), False, None, None, None),
        (Policy(), True, None, "pushing_required", None),
        (REQUIRED, False, None, "pushing_required", None),
        (REQUIRED, True, None, "pushing_required", None),
    ],
)
async def test_who_may_and_who_has_to(
    policy: Policy, requires: bool, push: str | None, plain: str | None, by_reference: str | None
) -> None:
    """The whole table of tenant and client; what is required fails closed. RFC 9126 sections 5 and 6."""
    tenant = await people_tenant(requires_pushing=requires)
    known = await short(tenant)
    tenant = await decided(tenant, policy)
    if push:
        assert await refused(tenant) == push
    else:
        assert (await pushed(tenant)).status == 201
    answer = await Browser(tenant).authorize()
    assert told(answer).get("error") == (plain and "invalid_request")
    if by_reference:
        with pytest.raises(Refused, match=by_reference):
            await Browser(tenant).opens(known)
    else:
        assert "/login?" in location(await Browser(tenant).opens(known))


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"redirect_uri": None}, "missing_parameter"),
        ({"redirect_uri": "https://evil.com"}, "redirect_mismatch"),
        ({"redirect_uri": f"{CALLBACK}#x"}, "redirect_mismatch"),
        ({"request_uri": f"{URN}x"}, "pushed_nested"),
        ({"request_uri": "https://app.example.com/r"}, "pushed_nested"),
        ({"request": "a.b.c"}, "request_object"),
        ({"response_type": None}, "missing_parameter"),
        ({"response_type": "none"}, "response_type_unknown"),
        ({"response_mode": "x"}, "response_mode_unknown"),
        ({"scope": 'a"'}, "scope_malformed"),
        ({"prompt": "none login"}, "prompt_incoherent"),
        ({"code_challenge_method": "plain"}, "challenge_malformed"),
        ({"max_age": "x"}, "number_malformed"),
        ({"client_secret": "wrong"}, "client_auth_failed"),
        ({"client_secret": None}, "client_auth_method"),
    ],
)
async def test_what_authorize_would_refuse_is_refused_here(more: dict[str, str | None], slug: str) -> None:
    """The request is checked when it is pushed. RFC 9126 sections 2.1 and 2.3."""
    tenant = await people_tenant()
    form = {**request(), "client_secret": SECRET, **more}
    with pytest.raises(Refused) as refused:
        await par.push(ask(tuple((key, value) for key, value in form.items() if value is not None)), tenant)
    assert refused.value.reason.slug == slug


async def test_a_body_of_ten_kilobytes_is_enough() -> None:
    """What is larger is refused before anything else is done. RFC 9126 section 2.3."""
    tenant = await people_tenant()
    form = (*request().items(), ("client_secret", SECRET))
    assert (await par.push(ask(form, body=b"x" * par.LONGEST), tenant)).status == 201
    with pytest.raises(Refused, match="request_too_large") as refused:
        await par.push(ask(form, body=b"x" * (par.LONGEST + 1)), tenant)
    assert refused.value.seen == Contrast("body", "at most 10240 bytes", "10241 bytes")


async def test_what_is_repeated_is_refused() -> None:
    """Each parameter comes once, known or not. RFC 6749 section 3.1."""
    tenant = await people_tenant()
    form = (*request().items(), ("client_secret", SECRET), ("x", "1"), ("x", "2"))
    with pytest.raises(Refused, match="repeated_parameter"):
        await par.push(ask(form), tenant)


async def test_a_public_client_pushes_with_pkce() -> None:
    """Without credentials there is a challenge instead. RFC 9126 section 2.1, RFC 9700 section 2.1.1."""
    tenant = await people_tenant(token_endpoint_auth_method="none")
    answer = await par.push(ask(tuple(request().items())), tenant)
    assert answer.status == 201
    bare = request(code_challenge=None, code_challenge_method=None)
    with pytest.raises(Refused, match="challenge_missing"):
        await par.push(ask(tuple(bare.items())), tenant)


async def test_the_client_may_be_named_by_its_credentials_alone() -> None:
    """With Basic the body need not name it; what is kept does. RFC 9126 section 2.1."""
    tenant = await people_tenant(token_endpoint_auth_method="client_secret_basic")
    basic = base64.b64encode(f"web:{SECRET}".encode()).decode()
    sent = ask(tuple(request(client_id=None).items()), headers={"authorization": f"Basic {basic}"})
    query = {"client_id": "web", "request_uri": str(body(await par.push(sent, tenant))["request_uri"])}
    assert "/login?" in location(await Browser(tenant).opens(query))


async def test_the_switches_are_told() -> None:
    """Who finds pushing switched off, or required, is told which setting it was."""
    off = Contrast("pushed_authorization_requests_supported", "true", "false")
    tenant = await people_tenant()
    known = await short(tenant)
    closed = await decided(tenant, OFF)
    with pytest.raises(Refused, match="pushing_off") as refused:
        await pushed(closed)
    assert refused.value.seen == off
    with pytest.raises(Refused, match="pushed_unknown") as refused:
        await Browser(closed).opens(known)
    assert refused.value.seen == off
    for policy, requires, whose in ((REQUIRED, False, "the tenant"), (Policy(), True, "the application")):
        strict = await decided(await people_tenant(requires_pushing=requires), policy)
        await Browser(strict).authorize()
        await strict.audit.flush()
        (event,) = await strict.store.events(strict.id, {"slug": "pushing_required"}, Window())
        assert event.detail["debug"] == f"{whose} requires it"
        assert (event.detail["parameter"], event.detail["got"]) == ("request_uri", "")


@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ({"request_uri": f"{URN}x"}, ("request_uri", "", WITHHELD)),
        ({"redirect_uri": None}, ("redirect_uri", "a value", "")),
        ({"redirect_uri": f"{CALLBACK}/"}, ("redirect_uri", CALLBACK, f"{CALLBACK}/")),
    ],
)
async def test_refusals_tell_what_they_expected(
    more: dict[str, str | None], seen: tuple[str, str, str]
) -> None:
    """What was expected stands beside what came; a request_uri is never told."""
    with pytest.raises(Refused) as refused:
        await pushed(await people_tenant(), **more)
    assert refused.value.seen == Contrast(*seen)


async def test_only_the_client_that_pushed_may_use_it() -> None:
    """A request_uri is bound to its client. RFC 9126 section 4, class 26."""
    tenant = await people_tenant()
    other = web_client(id="o", client_id="other", secrets=(secret.remember(SECRET, NOW),))
    assert await tenant.change(Save(other)) is None
    known = await short(tenant)
    with pytest.raises(Refused, match="pushed_unknown") as refused:
        await Browser(tenant).opens({**known, "client_id": "other"})
    assert refused.value.seen == Contrast("client_id", "web", "other")
    assert "/login?" in location(await Browser(tenant).opens(known))


@pytest.mark.parametrize("reference", [URN, f"{URN}x", f"{URN}{'x' * 5000}", f"{URN}\0"])
async def test_what_was_never_pushed_is_unknown(reference: str) -> None:
    """Nobody is redirected for a request that nobody knows. RFC 9126 section 4."""
    tenant = await people_tenant()
    with pytest.raises(Refused, match="pushed_unknown") as refused:
        await Browser(tenant).opens({**request(), "request_uri": reference})
    assert refused.value.seen == Contrast("request_uri", "one that is new and unused", WITHHELD)


@pytest.mark.parametrize(("lifetime", "seconds"), [(None, 30), (10, 10), (600, 600)])
async def test_it_has_to_be_opened_in_time(lifetime: int | None, seconds: int) -> None:
    """The client's own lifetime, else the tenant's. RFC 9126 section 2.2, class 26."""
    clock = Clock()
    tenant = await people_tenant(clock, pushed_lifetime=lifetime)
    answer = await pushed(tenant)
    assert body(answer)["expires_in"] == seconds
    query = {"client_id": "web", "request_uri": str(body(answer)["request_uri"])}
    clock.now += seconds
    with pytest.raises(Refused, match="pushed_unknown"):
        await Browser(tenant).opens(query)


async def test_a_reload_goes_on_with_the_same_flow() -> None:
    """The browser that opened it may do so again, also later, and in no second flow. RFC 9126 section 4."""
    clock = Clock()
    tenant = await people_tenant(clock)
    browser, query = Browser(tenant), await short(tenant)
    first = await browser.opens(query)
    clock.now += 600
    again = await browser.opens(query)
    assert told(again)["flow"] == told(first)["flow"]
    assert "code" in told(await browser.signs_in(again))
    with pytest.raises(Refused, match="pushed_unknown"):
        await browser.opens(query)


async def test_nobody_else_may_open_it() -> None:
    """Once a browser has opened it, it is nobody else's. RFC 9126 section 7.3, class 26."""
    tenant = await people_tenant()
    query = await short(tenant)
    await Browser(tenant).opens(query)
    stranger = Browser(tenant)
    await stranger.authorize()
    for other in (Browser(tenant), stranger):
        with pytest.raises(Refused, match="pushed_unknown"):
            await other.opens(query)


@pytest.mark.parametrize("more", [{}, {"prompt": "none"}, {"prompt": "none", "max_age": "0"}])
async def test_it_is_answered_once(more: dict[str, str]) -> None:
    """With a code or with an error: the second visit finds nothing. RFC 9126 section 4."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    await browser.code()
    query = await short(tenant, **more)
    assert location(await browser.opens(query)).startswith(CALLBACK)
    with pytest.raises(Refused, match="pushed_unknown"):
        await browser.opens(query)


@pytest.mark.parametrize(
    "more", [{}, {"prompt": "none"}, {"prompt": "login"}, {"prompt": "none", "max_age": "0"}]
)
async def test_two_windows_that_race_are_one(monkeypatch: pytest.MonkeyPatch, more: dict[str, str]) -> None:
    """Whoever lands second sees a page: one code, one flow, or one error for one request. Class 26."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    await browser.code()
    query = await short(tenant, **more)
    both, current = asyncio.Barrier(2), sessions.current

    async def together(ask: Ask, tenant: Tenant) -> object:
        found = await current(ask, tenant)
        await both.wait()
        return found

    monkeypatch.setattr(sessions, "current", together)
    ends = await asyncio.gather(browser.opens(query), browser.opens(query), return_exceptions=True)
    (lost,) = [end for end in ends if isinstance(end, Refused)]
    assert lost.reason.slug in ("pushed_unknown", "flow_lost")


async def test_it_is_checked_again_when_it_is_opened() -> None:
    """An address or a grant that the client lost meanwhile is lost. RFC 9126 section 4."""
    tenant = await people_tenant()
    query, later = await short(tenant), await short(tenant)
    await altered(tenant, grant_types=())
    assert told(await Browser(tenant).opens(query))["error"] == "unauthorized_client"
    await altered(tenant, reply_urls=(ReplyUrl("https://app.example.com/new"),))
    with pytest.raises(Refused, match="redirect_mismatch"):
        await Browser(tenant).opens(later)


async def test_another_tenants_request_is_unknown() -> None:
    """What was pushed at one tenant opens nothing at another one. Class 33."""
    tenant = await people_tenant()
    query = await short(tenant)
    other = replace(tenant.record, id=tenant.id.replace("1", "2"), tenant=tenant.id.replace("1", "2"))
    assert await tenant.change(Save(web_client(tenant=other.id))) is None
    there = Tenant(other, tenant.addresses, tenant.keys, tenant.tools)
    with pytest.raises(Refused, match="pushed_unknown"):
        await Browser(there).opens(query)
