"""The authorization endpoint: who is told what, and where."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.artifact import Flow, Owner
from sekisho.model.client import ReplyUrl
from sekisho.model.step import Note, Save
from sekisho.oauth import authorize, flows
from sekisho.people import sessions
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.spec.refusals.authorization import AUDIENCE_REFUSED, FLOW_LOST
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.servers import claims_of
from tests.tenants import AUDIENCE, NOW, ORIGIN, TENANT, Clock, api
from tests.visitor import (
    CALLBACK,
    Browser,
    altered,
    decided,
    location,
    people_tenant,
    person,
    person_changed,
    redeemed,
    request,
    tokens_of,
    told,
)

ISSUER = f"{ORIGIN}/"


async def refused(browser: Browser, query: dict[str, str]) -> str:
    """The slug of what is shown as a page: nobody is redirected."""
    with pytest.raises(Refused) as refused:
        await browser.opens(query)
    return refused.value.reason.slug


async def test_a_person_signs_in_and_the_client_gets_a_code() -> None:
    """The page, then the redirect with code, state and issuer. RFC 6749 section 4.1.2, RFC 9207 section 2."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    first = await browser.authorize()
    assert first.status == 303
    assert location(first).startswith(f"{ORIGIN}/login?flow=")
    last = await browser.signs_in(first)
    assert last.status == 302
    assert location(last).startswith(f"{CALLBACK}?code=")
    assert set(told(last)) == {"code", "state", "iss"}
    assert (told(last)["state"], told(last)["iss"]) == ("s-1", ISSUER)
    assert ("cache-control", "no-store") in last.headers
    assert list(browser.cookies) == ["__Host-sekisho-sso-demo"]
    (event,) = await tenant.store.events(tenant.id, {"slug": "code_issued"}, Window())
    assert (event.client, event.user) == ("web", "auth0|aya")


async def test_who_is_signed_in_sees_no_page() -> None:
    """A session answers at once, by GET and by POST. OpenID Connect Core 1.0 section 3.1.2.1."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    await browser.code()
    assert "code" in told(await browser.authorize())
    sent = browser.ask("/authorize", request(), "POST")
    answer = await authorize.authorize(sent, tenant)
    # Never 307, which would send the form on. RFC 9700 section 4.12.
    assert answer.status == 303
    assert "code" in told(answer)


@pytest.mark.parametrize("state", ["", "a b+c&d=e#f?g%20", "日本", "x" * 128, "'\"<script>", None])
@pytest.mark.parametrize("mode", ["query", "fragment"])
async def test_the_state_comes_back_as_it_was(state: str | None, mode: str) -> None:
    """In success and in error, whatever it is; an empty one is none. RFC 6749 sections 3.1 and 4.1.2."""
    browser = Browser(await people_tenant())
    await browser.code()
    expected = {"state": state} if state else {}
    for more in ({}, {"prompt": "none login"}):
        answer = await browser.authorize(state=state, response_mode=mode, **more)
        separator = "?" if mode == "query" else "#"
        assert location(answer).startswith(f"{CALLBACK}{separator}")
        said = told(answer)
        assert said["iss"] == ISSUER
        assert {name: value for name, value in said.items() if name == "state"} == expected


async def test_a_query_of_the_address_stays() -> None:
    """What the registered address has in its query is kept. RFC 6749 section 3.1.2."""
    uri = f"{CALLBACK}?tenant=1"
    browser = Browser(await people_tenant(reply_urls=(ReplyUrl(uri),)))
    answer = await browser.authorize(redirect_uri=uri, prompt="none")
    assert location(answer).startswith(f"{uri}&error=login_required")


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"client_id": None}, "missing_parameter"),
        ({"client_id": "nobody"}, "client_unknown"),
        ({"client_id": "x" * 600}, "client_unknown"),
        ({"client_id": "we\0b"}, "client_unknown"),
        ({"redirect_uri": "https://evil.com/cb"}, "redirect_mismatch"),
        ({"redirect_uri": f"{CALLBACK}?code=x"}, "redirect_mismatch"),
        ({"redirect_uri": None}, "redirect_mismatch"),
    ],
)
@pytest.mark.parametrize(
    "also", [{}, {"response_type": "x"}, {"prompt": "none"}, {"scope": 'openid "'}, {"request": "x"}]
)
async def test_nobody_is_redirected_to_a_stranger(
    more: dict[str, str | None], slug: str, also: dict[str, str]
) -> None:
    """Until client and address are certain every error is a page. RFC 6749 section 4.1.2.1, class 4."""
    browser = Browser(await people_tenant())
    assert await refused(browser, request(**more, **also)) == slug
    assert browser.cookies == {}


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"response_mode": "form"}, "invalid_request"),
        ({"scope": 'a"'}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"nonce": "x" * 3000}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://app.example.com/r"}, "request_uri_not_supported"),
        ({"audience": "https://nothing.example.com"}, "access_denied"),
        ({"audience": "x" * 700}, "access_denied"),
        ({"audience": "x\0"}, "access_denied"),
        ({"audience": f"{ORIGIN}/api/v2/"}, "access_denied"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_the_client_is_told_what_is_wrong(more: dict[str, str | None], error: str) -> None:
    """Once it is certain where to, errors are redirects with state and issuer. RFC 6749 section 4.1.2.1."""
    tenant = await people_tenant()
    answer = await Browser(tenant).authorize(**more)
    assert location(answer).startswith(f"{CALLBACK}?error=")
    assert set(told(answer)) == {"error", "error_description", "state", "iss"}
    assert (told(answer)["error"], told(answer)["state"]) == (error, "s-1")
    assert (told(answer)["iss"], answer.status) == (ISSUER, 302)
    await tenant.audit.flush()
    (event, *_) = await tenant.store.events(tenant.id, {}, Window())
    assert event.client == "web"


@pytest.mark.parametrize("name", ["scope", "state", "nonce", "prompt", "x-unknown"])
async def test_what_was_sent_twice_is_refused(name: str) -> None:
    """Also by redirect; a state that came twice is not repeated. RFC 6749 section 3.1."""
    tenant = await people_tenant()
    query = (*request().items(), (name, "1"), (name, "2"))
    answer = await authorize.authorize(replace(Browser(tenant).ask("/authorize", {}), query=query), tenant)
    assert told(answer)["error"] == "invalid_request"
    assert told(answer).get("state") == (None if name == "state" else "s-1")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "request_uri"])
async def test_what_decides_where_to_answer_comes_once(name: str) -> None:
    """Two clients or two addresses are none. RFC 6749 section 3.1."""
    tenant = await people_tenant()
    query = (*request(request_uri="urn:x").items(), (name, "other"))
    with pytest.raises(Refused, match="repeated_parameter"):
        await authorize.authorize(replace(Browser(tenant).ask("/authorize", {}), query=query), tenant)


async def test_a_disabled_client_is_unknown() -> None:
    """What an administrator switched off asks nobody anything."""
    tenant = await people_tenant(enabled=False)
    assert await refused(Browser(tenant), request()) == "client_unknown"


@pytest.mark.parametrize(
    ("fields", "more", "seen"),
    [
        ({}, {"client_id": None}, ("client_id", "a value", "")),
        ({}, {"client_id": "nobody"}, ("client_id", "the client_id of an application", "nobody")),
        ({"enabled": False}, {}, ("enabled", "true", "false")),
        ({}, {"redirect_uri": f"{CALLBACK}/"}, ("redirect_uri", CALLBACK, f"{CALLBACK}/")),
    ],
)
async def test_a_page_has_its_reason_in_the_audit(
    fields: dict[str, Any], more: dict[str, str | None], seen: tuple[str, str, str]
) -> None:
    """What the page does not tell anybody, the refusal has for the audit."""
    with pytest.raises(Refused) as refused:
        await Browser(await people_tenant(**fields)).authorize(**more)
    assert refused.value.seen == Contrast(*seen)


@pytest.mark.parametrize(
    ("policy", "more", "got"),
    [
        (Policy(), {"audience": "https://nothing.example.com"}, "https://nothing.example.com"),
        (Policy(default_audience="https://gone.example.com"), {}, "https://gone.example.com"),
    ],
)
async def test_an_api_that_is_not_there_is_told(policy: Policy, more: dict[str, str], got: str) -> None:
    """The audience that was looked for is in the audit, that of the tenant where none was sent."""
    tenant = await decided(await people_tenant(), policy)
    await Browser(tenant).authorize(**more)
    await tenant.audit.flush()
    (event,) = await tenant.store.events(tenant.id, {"slug": "audience_refused"}, Window())
    assert [event.detail[name] for name in ("parameter", "expected", "got")] == [
        *("audience", "an identifier of an API", got)
    ]


async def test_a_client_without_the_grant_is_told_so() -> None:
    """A client asks for what it is registered for. RFC 6749 section 4.1.2.1, class 20."""
    answer = await Browser(await people_tenant(grant_types=("client_credentials",))).authorize()
    assert told(answer)["error"] == "unauthorized_client"
    assert told(answer)["error_description"] == "Grant type 'authorization_code' not allowed for the client."


async def test_a_public_client_needs_pkce() -> None:
    """Without credentials there has to be a challenge. RFC 9700 section 2.1.1, class 14."""
    browser = Browser(await people_tenant(token_endpoint_auth_method="none"))
    answer = await browser.authorize(code_challenge=None, code_challenge_method=None)
    assert told(answer)["error"] == "invalid_request"
    assert "code" in told(await browser.signs_in(await browser.authorize()))


async def test_a_request_of_oauth_alone() -> None:
    """Without `openid` the one address need not be sent, and PKCE, nonce and state are no duty here."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    answer = await browser.signs_in(await browser.opens({"client_id": "web", "response_type": "code"}))
    assert set(told(answer)) == {"code", "iss"}
    assert location(answer).startswith(CALLBACK)


@pytest.mark.parametrize("prompt", ["login", "select_account"])
async def test_a_prompt_asks_for_a_sign_in_once(prompt: str) -> None:
    """The session is not enough; the sign-in that follows is. OpenID Connect Core 1.0 section 3.1.2.1."""
    clock = Clock()
    browser = Browser(await people_tenant(clock))
    await browser.code()
    clock.now += 5
    answer = await browser.authorize(prompt=prompt)
    assert "/login?" in location(answer)
    assert "code" in told(await browser.signs_in(answer))


async def test_an_old_sign_in_is_renewed_once() -> None:
    """`max_age` is the age of the sign-in; 0 asks always, and neither loops. Section 3.1.2.1."""
    clock = Clock()
    browser = Browser(await people_tenant(clock))
    await browser.code()
    assert "code" in told(await browser.authorize(max_age="60"))
    for age in ("0", "60"):
        clock.now += 61
        answer = await browser.authorize(max_age=age)
        assert "/login?" in location(answer)
        assert "code" in told(await browser.signs_in(answer))
    assert told(await browser.authorize(max_age="0", prompt="none"))["error"] == "login_required"


async def test_a_silent_request_shows_nothing() -> None:
    """`prompt=none` is a code or an error, and no flow begins. OpenID Connect Core 1.0 section 3.1.2.6."""
    clock = Clock()
    browser = Browser(await people_tenant(clock))
    assert told(await browser.authorize(prompt="none"))["error"] == "login_required"
    assert browser.cookies == {}
    await browser.code()
    assert "code" in told(await browser.authorize(prompt="none"))
    clock.now += Policy().session_idle_lifetime + 1
    assert told(await browser.authorize(prompt="none"))["error_description"] == "Login required"


async def test_silent_sign_in_keeps_a_session_awake_but_not_for_ever() -> None:
    """Use moves the idle end of a session, never the absolute one."""
    clock, policy = Clock(), Policy()
    browser = Browser(await people_tenant(clock))
    await browser.code()
    for _ in range(3):
        clock.now += policy.session_idle_lifetime - 1
        answer = told(await browser.authorize(prompt="none"))
        assert ("code" in answer) is (clock.now < NOW + policy.session_lifetime)
    assert told(await browser.authorize(prompt="none"))["error"] == "login_required"


async def test_a_session_remembers_whom_it_was_used_for() -> None:
    """The clients of a session are kept, a bounded number of them, and no write repeats it."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    await browser.code()
    session = await sessions.current(browser.ask("/", {}), tenant)
    assert session
    assert list(session.clients) == ["web"]
    assert sessions.seen(session, "web", tenant) == ()
    full = replace(session, clients=dict.fromkeys(map(str, range(sessions.MOST_CLIENTS)), NOW))
    assert sessions.seen(full, "one more", tenant) == ()


async def test_a_hint_means_one_person() -> None:
    """An ID token says who is meant; somebody else is no answer. OpenID Connect Core 1.0 section 3.1.2.1."""
    tenant = await people_tenant()
    hint = str((await tokens_of(tenant))["id_token"])
    browser = Browser(tenant)
    ken = person(id="6" * 36, user_id="auth0|ken", logins=("ken@example.com",))
    assert await tenant.store.write(Save(ken)) is None
    await browser.signs_in(await browser.authorize(), ken)
    assert told(await browser.authorize(id_token_hint=hint, prompt="none"))["error"] == "login_required"
    page = await browser.authorize(id_token_hint=hint)
    assert told(await browser.signs_in(page, ken))["error"] == "login_required"
    page = await browser.authorize(id_token_hint=hint)
    assert "code" in told(await browser.signs_in(page, person()))
    assert "code" in told(await browser.authorize(id_token_hint=hint, prompt="none"))


async def test_a_hint_at_somebody_who_is_gone() -> None:
    """Nobody who could sign in is meant: silently there is no answer."""
    tenant = await people_tenant()
    hint = str((await tokens_of(tenant))["id_token"])
    browser = Browser(tenant)
    ken = person(id="6" * 36, user_id="auth0|ken", logins=("ken@example.com",))
    assert await tenant.store.write(Save(ken)) is None
    await browser.signs_in(await browser.authorize(), ken)
    await person_changed(tenant, user_id="auth0|moved")
    assert told(await browser.authorize(id_token_hint=hint, prompt="none"))["error"] == "login_required"


async def test_a_blocked_person_is_refused() -> None:
    """A session does not outlive the right to sign in. Class 34."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    await browser.code()
    await person_changed(tenant, blocked=True)
    answer = told(await browser.authorize())
    assert (answer["error"], answer["error_description"]) == ("access_denied", "user is blocked")


async def test_several_windows_have_several_flows() -> None:
    """Each window goes on by itself, and ends its own flow only."""
    browser = Browser(await people_tenant())
    one, two = await browser.authorize(state="one"), await browser.authorize(state="two")
    assert told(await browser.signs_in(two))["state"] == "two"
    assert told(await browser.signs_in(one))["state"] == "one"
    assert list(browser.cookies) == ["__Host-sekisho-sso-demo"]


async def test_a_browser_has_ten_flows_at_most() -> None:
    """Whoever begins more forgets the oldest; other cookies stay."""
    browser = Browser(await people_tenant(), {"__Host-other": "1"})
    first = await browser.authorize()
    for _ in range(flows.MOST):
        await browser.authorize()
    assert len(browser.cookies) == flows.MOST + 1
    assert "__Host-other" in browser.cookies
    with pytest.raises(Refused, match="flow_lost"):
        await browser.signs_in(first)


async def test_a_flow_is_its_browsers() -> None:
    """The id alone opens nothing, nor does another handle, nor another tenant's. Classes 25 and 29."""
    tenant = await people_tenant()
    browser, stranger = Browser(tenant), Browser(tenant)
    mine = browser.page(await browser.authorize())
    theirs = stranger.page(await stranger.authorize())
    for ask in (
        replace(mine, headers={}),
        replace(mine, headers=theirs.headers),
        replace(mine, query=()),
        replace(mine, query=(("flow", "x" * 65),)),
        replace(mine, query=(("flow", "a;b"),)),
    ):
        with pytest.raises(Refused, match="flow_lost"):
            await flows.found(ask, tenant)
    (swapped,) = stranger.cookies.values()
    (name,) = browser.cookies
    with pytest.raises(Refused, match="flow_lost"):
        await flows.found(replace(mine, headers={"cookie": f"{name}={swapped}"}), tenant)
    assert (await flows.found(mine, tenant)).flow.request.state == "s-1"


async def test_a_flow_ends() -> None:
    """After its lifetime, or once it was answered, there is nothing to go on with."""
    clock = Clock()
    tenant = await people_tenant(clock)
    browser = Browser(tenant)
    page = browser.page(await browser.authorize())
    clock.now += Policy().flow_lifetime + 1
    with pytest.raises(Refused, match="flow_lost"):
        await flows.found(page, tenant)
    answer = await browser.authorize()
    before = dict(browser.cookies)
    await browser.signs_in(answer)
    browser.cookies |= before
    with pytest.raises(Refused, match="flow_lost"):
        await flows.found(browser.page(answer), tenant)


async def test_two_windows_of_one_flow_give_one_code() -> None:
    """Who comes second sees a page: the client gets one answer for one state."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    answer = await browser.authorize()
    here = browser.page(answer)
    way = await flows.found(here, tenant)
    begun = sessions.begin(person(), ("pwd",), here, tenant)
    note = Note(tenant.audit.event(tenant.id, "user_signed_in"))
    await browser.resumes(await flows.signed_in(way, begun, note, here, tenant))
    again = sessions.begin(person(), ("pwd",), here, tenant)
    note = Note(tenant.audit.event(tenant.id, "user_signed_in"))
    with pytest.raises(Refused, match="flow_lost"):
        await flows.signed_in(way, again, note, here, tenant)
    assert await tenant.store.find(Flow, Owner(tenant=tenant.id), None, 9) == []


async def test_a_session_that_ends_meanwhile_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing out between the look at the session and the code leaves no code. Class 34."""
    clock = Clock()
    tenant = await people_tenant(clock)
    browser = Browser(tenant)
    await browser.code()
    current = sessions.current

    async def ended(ask: Ask, tenant: Tenant) -> object:
        session = await current(ask, tenant)
        assert session
        clock.now += 1
        await sessions.end(session, tenant)
        clock.now += 1
        return session

    monkeypatch.setattr(sessions, "current", ended)
    with pytest.raises(Refused, match=FLOW_LOST.slug):
        await browser.authorize()


async def test_who_signs_in_anew_is_who_the_flow_means() -> None:
    """If another window signs in somebody else meanwhile, the flow answers for nobody."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    ken = person(id="6" * 36, user_id="auth0|ken", logins=("ken@example.com",))
    assert await tenant.store.write(Save(ken)) is None
    answer = await browser.authorize(prompt="login consent")
    assert "/consent?" in location(await browser.signs_in(answer))
    await browser.signs_in(await browser.authorize(prompt="login"), ken)
    assert told(await browser.resumes(answer))["error"] == "login_required"


async def test_an_address_that_was_removed_gets_no_answer() -> None:
    """The flow looks again whether the client and its address are still there. RFC 9700 section 4.1."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    answer = await browser.authorize()
    await altered(tenant, reply_urls=(ReplyUrl("https://app.example.com/new"),))
    with pytest.raises(Refused, match="redirect_mismatch"):
        await browser.signs_in(answer)
    await altered(tenant, reply_urls=(ReplyUrl(CALLBACK),), enabled=False)
    with pytest.raises(Refused, match="client_unknown"):
        await browser.resumes(answer)


async def test_a_store_that_is_away_is_nothing_for_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is our fault is a page with a status of its own, and the flow is still there."""
    tenant = await people_tenant()
    browser = Browser(tenant)

    async def away(*_: object) -> None:
        raise Refused(STORE_UNAVAILABLE)

    with monkeypatch.context() as patch:
        patch.setattr(tenant.store, "write", away)
        with pytest.raises(Refused, match="store_unavailable"):
            await browser.authorize()
    assert "code" in told(await browser.signs_in(await browser.authorize()))


@pytest.mark.parametrize(
    ("audience", "default", "expected"),
    [
        (None, "", "opaque"),
        (f"{ORIGIN}/userinfo", "", "opaque"),
        (None, AUDIENCE, AUDIENCE),
        (AUDIENCE, "", AUDIENCE),
        (f"{ORIGIN}/userinfo", AUDIENCE, "opaque"),
        ("https://alias.example.com", "", AUDIENCE),
    ],
)
async def test_what_a_token_is_for(audience: str | None, default: str, expected: str) -> None:
    """The API asked for, else the tenant's default one, else /userinfo, whose tokens are opaque."""
    tenant = await decided(await people_tenant(), Policy(default_audience=default))
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    await tenant.change(Save(replace(known, identifiers=(AUDIENCE, "https://alias.example.com"))))
    body = await redeemed(tenant, await Browser(tenant).code(audience=audience))
    text = str(body["access_token"])
    if expected == "opaque":
        assert "." not in text
        return
    assert claims_of(text)["aud"] == [expected, f"{ORIGIN}/userinfo"]


async def test_the_management_api_is_no_persons_to_give() -> None:
    """Our own APIs are not given in a person's name, under no name. Class 66."""
    tenant = await people_tenant()
    system = api(id="m", identifiers=(MANAGEMENT,), is_system=True)
    assert await tenant.change(Save(system)) is None
    for audience in (MANAGEMENT, f"{ORIGIN}/api/v2/"):
        answer = await Browser(tenant).authorize(audience=audience)
        assert told(answer)["error_description"] == f"Service not found: {audience}"


async def test_another_tenants_session_and_flow_are_nothing_here() -> None:
    """Cookies carry the tenant in their name, and the store its owner. Class 33."""
    tenant = await people_tenant()
    browser = Browser(tenant)
    await browser.code()
    (name,) = browser.cookies
    record = replace(tenant.record, id=TENANT.replace("1", "2"))
    other = Tenant(record, tenant.addresses, tenant.keys, tenant.tools)
    assert name.endswith("-demo")
    assert await sessions.current(browser.ask("/", {}), other) is None


async def test_a_page_goes_by_the_language_that_was_asked_for() -> None:
    """`ui_locales` travels with the flow. OpenID Connect Core 1.0 section 3.1.2.1."""
    browser = Browser(await people_tenant())
    answer = await browser.authorize(ui_locales="ja en")
    assert told(answer)["ui_locales"] == "ja en"


async def test_an_audience_that_is_not_there() -> None:
    """An API that the tenant does not have is access_denied at the client's address."""
    answer = await Browser(await people_tenant()).authorize(audience="https://nobody.example")
    assert told(answer)["error"] == AUDIENCE_REFUSED.error == "access_denied"
    assert told(answer)["error_description"] == "Service not found: https://nobody.example"
