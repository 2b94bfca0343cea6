"""What people agree to: asked once, remembered, taken back."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.model.api import Api
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.consent import Consent
from sekisho.model.step import Lost, Note, Save
from sekisho.oauth import flows
from sekisho.oauth.steps import Need
from sekisho.oauth.wishes.audience import everything, wish
from sekisho.people import consents, sessions
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, Clock
from tests.visitor import (
    CALLBACK,
    EVERYTHING,
    Browser,
    location,
    people_tenant,
    person,
    redeemed,
    refreshed,
    told,
)

THIRD: Mapping[str, Any] = {"is_first_party": False}


async def signed_in(tenant: Tenant) -> Browser:
    """A browser with a session."""
    browser = Browser(tenant)
    await browser.signs_in(await browser.authorize())
    return browser


async def needed(browser: Browser, answer: Answer) -> list[tuple[str | None, tuple[str, ...]]]:
    """What the consent page of this flow would ask for."""
    here = browser.page(answer)
    way = await flows.found(here, browser.tenant)
    client = await browser.tenant.known.named(Client, browser.tenant.id, "web")
    assert client
    session = await sessions.current(here, browser.tenant)
    wanted = await wish(way.flow.request, client, session, browser.tenant)
    return [(need.api, need.scopes) for need in wanted.needs]


async def change_api(tenant: Tenant, **fields: object) -> None:
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    assert await tenant.change(Save(replace(known, **fields))) is None


async def test_an_agreement_is_asked_for_once() -> None:
    """A third party asks; the answer is remembered, also in another browser. Section 3.1.2.4."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    page = await browser.authorize()
    assert location(page).startswith("https://id.example.com/consent?flow=")
    assert await needed(browser, page) == [(None, ("openid", "profile", "email"))]
    assert "code" in told(await browser.agrees(page))
    assert "code" in told(await browser.authorize(prompt="none"))
    other = Browser(tenant)
    assert "code" in told(await other.signs_in(await other.authorize()))


async def test_an_administrators_agreement_is_for_everybody() -> None:
    """What an administrator agreed to is asked nobody; the rest is."""
    tenant = await people_tenant(**THIRD)
    everybody = Consent(tenant=tenant.id, id="everybody", user=None, client="web", api=None)
    await tenant.change(Save(replace(everybody, scopes=("openid", "profile", "address"))))
    browser = await signed_in(tenant)
    assert "code" in told(await browser.authorize(scope="openid profile"))
    assert await needed(browser, await browser.authorize()) == [(None, ("email",))]


async def test_only_what_is_new_is_asked_for() -> None:
    """More scopes are one more question, and everything is remembered together."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    await browser.agrees(await browser.authorize(scope="openid email"))
    page = await browser.authorize(scope="openid email phone read:things", audience=AUDIENCE)
    assert await needed(browser, page) == [(None, ("phone",)), (AUDIENCE, ("read:things",))]
    await browser.agrees(page)
    assert "code" in told(await browser.authorize(scope="email phone", prompt="none"))
    assert "code" in told(await browser.authorize(scope="read:things", audience=AUDIENCE, prompt="none"))
    page = await browser.authorize(scope="read:things write:things", audience=AUDIENCE)
    assert await needed(browser, page) == [(AUDIENCE, ("write:things",))]


@pytest.mark.parametrize("audience", [None, AUDIENCE])
@pytest.mark.parametrize("scope", [None, "unknown"])
async def test_a_third_party_asks_even_for_no_scope(audience: str | None, scope: str | None) -> None:
    """A token says who the person is, whatever its scope: nobody gets one unasked. Class 30."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    page = await browser.authorize(scope=scope, audience=audience)
    assert await needed(browser, page) == [(audience, ())]
    assert "code" in told(await browser.agrees(page))
    assert "code" in told(await browser.authorize(scope=scope, audience=audience, prompt="none"))
    # Agreement about one thing is none about the other.
    other = None if audience else AUDIENCE
    assert (
        told(await browser.authorize(scope=scope, audience=other, prompt="none"))["error"]
        == "consent_required"
    )


async def test_silently_nobody_is_asked() -> None:
    """What is missing is an error, and nothing is remembered. OpenID Connect Core 1.0 section 3.1.2.6."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    answer = told(await browser.authorize(prompt="none"))
    assert (answer["error"], answer["error_description"]) == ("consent_required", "Consent required")
    assert await consents.of_user(person().user_id, tenant) == []


@pytest.mark.parametrize(
    ("reply", "skip", "more", "asks"),
    [
        (CALLBACK, True, {"scope": EVERYTHING}, False),
        ("http://localhost/cb", True, {"scope": EVERYTHING}, False),
        ("com.example.app:/cb", True, {"scope": EVERYTHING}, False),
        (CALLBACK, True, {"scope": "read:things", "audience": AUDIENCE}, False),
        (CALLBACK, False, {"scope": "read:things", "audience": AUDIENCE}, True),
        (CALLBACK, False, {"scope": "openid", "audience": AUDIENCE}, True),
        ("http://localhost/cb", True, {"scope": "read:things", "audience": AUDIENCE}, True),
        ("https://localhost/cb", True, {"scope": "read:things", "audience": AUDIENCE}, True),
        ("https://127.0.0.1/cb", True, {"scope": "read:things", "audience": AUDIENCE}, True),
        ("https://[::1]/cb", True, {"scope": "read:things", "audience": AUDIENCE}, True),
        ("http://app.example.com/cb", True, {"scope": "read:things", "audience": AUDIENCE}, True),
        ("com.example.app:/cb", True, {"scope": "read:things", "audience": AUDIENCE}, True),
    ],
)
async def test_the_tenants_own_applications(reply: str, skip: bool, more: dict[str, str], asks: bool) -> None:
    """They ask nobody for a sign-in, nor for an API that says so if the address proves itself. Class 30."""
    tenant = await people_tenant(reply_urls=(ReplyUrl(reply),))
    await change_api(tenant, skip_consent=skip)
    browser = Browser(tenant)
    answer = await browser.signs_in(await browser.authorize(redirect_uri=reply, **more))
    assert ("/consent?" in location(answer)) is asks


async def test_prompt_consent_asks_again() -> None:
    """Whatever was agreed to before, and once. OpenID Connect Core 1.0 section 3.1.2.1."""
    for fields in ({}, THIRD):
        tenant = await people_tenant(**fields)
        browser = await signed_in(tenant)
        for _ in range(2):
            page = await browser.authorize(prompt="consent")
            assert "/consent?" in location(page)
            assert "code" in told(await browser.agrees(page))


async def test_who_agrees_is_who_gets_the_code() -> None:
    """Another person who signs in meanwhile is asked for themselves. Class 30."""
    clock = Clock()
    tenant = await people_tenant(clock, **THIRD)
    ken = person(id="6" * 36, user_id="auth0|ken", logins=("ken@example.com",))
    assert await tenant.store.write(Save(ken)) is None
    browser = await signed_in(tenant)
    page = await browser.authorize(prompt="consent", max_age="60")
    here = browser.page(page)
    way = await flows.found(here, tenant)
    await flows.agreed(way, (), here, tenant)
    clock.now += 61
    again = await browser.resumes(page)
    assert "/login?" in location(again)
    asked = await browser.signs_in(again, ken)
    assert "/consent?" in location(asked)
    way = await flows.found(here, tenant)
    assert way.flow.user == ken.user_id
    assert "code" in told(await browser.agrees(asked))


async def test_the_same_person_is_not_asked_twice() -> None:
    """A sign-in that got too old on the consent page is renewed; the agreement stays."""
    clock = Clock()
    tenant = await people_tenant(clock, **THIRD)
    browser = await signed_in(tenant)
    page = await browser.authorize(prompt="consent", max_age="60")
    clock.now += 61
    again = await browser.agrees(page)
    assert "/login?" in location(again)
    assert "code" in told(await browser.signs_in(again))


async def test_an_agreement_without_anybody_counts_for_nothing() -> None:
    """Signed out on the consent page: the sign-in comes first, and the question again."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    page = await browser.authorize()
    here = browser.page(page)
    session = await sessions.current(here, tenant)
    assert session
    await sessions.end(session, tenant)
    answer = await browser.resumes(await flows.agreed(await flows.found(here, tenant), (), here, tenant))
    assert "/login?" in location(answer)
    assert "/consent?" in location(await browser.signs_in(answer))


async def test_what_was_not_agreed_to_is_not_given() -> None:
    """A page that remembers less than was asked for ends the flow with an error, and not with a code."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    page = await browser.authorize()
    here = browser.page(page)
    answer = await browser.resumes(await flows.agreed(await flows.found(here, tenant), (), here, tenant))
    assert told(answer)["error"] == "consent_required"
    with pytest.raises(Refused, match="flow_lost"):
        await browser.resumes(page)


async def test_a_person_says_no() -> None:
    """The client is told, by a redirect that no form follows; the flow is over. RFC 6749 section 4.1.2.1."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    page = await browser.authorize()
    before = dict(browser.cookies)
    answer = await browser.declines(page)
    assert answer.status == 303
    assert location(answer).startswith(CALLBACK)
    assert (told(answer)["error"], told(answer)["state"]) == ("access_denied", "s-1")
    assert told(answer)["iss"] == "https://id.example.com/"
    assert len(browser.cookies) == len(before) - 1
    browser.cookies = before
    with pytest.raises(Refused, match="flow_lost"):
        await browser.agrees(page)
    await tenant.audit.flush()
    (event,) = await tenant.store.events(tenant.id, {"slug": "person_declined"}, Window())
    assert event.client == "web"


async def test_a_yes_counts_once() -> None:
    """Of two windows with the same page the first one goes on."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    here = browser.page(await browser.authorize())
    way = await flows.found(here, tenant)
    await flows.agreed(way, (), here, tenant)
    with pytest.raises(Refused, match="flow_lost"):
        await flows.agreed(way, (), here, tenant)


async def taken_back(tenant: Tenant) -> None:
    event = tenant.audit.event(tenant.id, "consent_revoked", client="web")
    await consents.take_back(person().user_id, "web", tenant, Note(event))


@pytest.mark.parametrize("audience", [None, AUDIENCE])
async def test_taking_it_back_ends_what_it_gave(audience: str | None) -> None:
    """Access and refresh tokens, codes on their way, and the agreement; the session stays."""
    clock = Clock()
    tenant = await people_tenant(clock, **THIRD)
    browser = await signed_in(tenant)
    answer = await browser.agrees(await browser.authorize(scope=EVERYTHING, audience=audience))
    body = await redeemed(tenant, told(answer)["code"])
    code = told(await browser.authorize(scope=EVERYTHING, audience=audience))["code"]
    clock.now += 1
    await taken_back(tenant)
    assert await tokens.good(str(body["access_token"]), tenant) is None
    with pytest.raises(Refused, match="refresh_invalid"):
        await refreshed(tenant, body["refresh_token"])
    with pytest.raises(Refused, match="code_invalid"):
        await redeemed(tenant, code)
    assert await consents.of_user(person().user_id, tenant) == []
    clock.now += 1
    page = await browser.authorize(scope=EVERYTHING, audience=audience)
    assert "/consent?" in location(page)
    # Asked anew, and good anew.
    again = await redeemed(tenant, told(await browser.agrees(page))["code"])
    assert await tokens.good(str(again["access_token"]), tenant)


async def test_taking_back_takes_what_is_agreed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agreement that changes under our hands goes all the same; what keeps changing is our fault."""
    tenant = await people_tenant(**THIRD)
    browser = await signed_in(tenant)
    await browser.agrees(await browser.authorize())
    records, late = tenant.store.records, [Policy()]

    async def changing(kind: type, *asked: Any) -> object:
        found: list[Any] = await records(kind, *asked)
        if kind is Consent and late:
            late.pop()
            assert await tenant.store.write(Save(replace(found[0], scopes=("openid",)))) is None
        return found

    monkeypatch.setattr(tenant.store, "records", changing)
    await taken_back(tenant)
    assert await consents.of_user(person().user_id, tenant) == []

    async def lost(step: Note, *_: object) -> Lost:
        return Lost(step, "stale")

    monkeypatch.setattr(tenant.store, "write", lost)
    with pytest.raises(Refused, match="overloaded"):
        await taken_back(tenant)


async def test_everything_that_there_is_to_ask() -> None:
    """The server's own scopes and the API's are two agreements."""
    tenant = await people_tenant()
    known = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert known
    assert everything(known, ("openid", "read:things")) == (
        Need(None, ("openid",)),
        Need(AUDIENCE, ("read:things",)),
    )
    assert everything(known, ()) == (Need(AUDIENCE, ()),)
