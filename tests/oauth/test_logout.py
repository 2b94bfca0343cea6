"""Signing out at a client's wish. OpenID Connect RP-Initiated Logout 1.0."""

import pytest
from msgspec.structs import replace

from sekisho.oauth.logout import leave, leaving
from sekisho.people import sessions
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import HINT_INVALID, LOGOUT_MISMATCH
from sekisho.tenant import Tenant
from tests.tenants import Clock
from tests.visitor import Browser, altered, people_tenant, person_changed, redeemed

BYE, OTHER = "https://app.example.com/bye", "https://app.example.com/bye?a=1"


async def left(clock: Clock | None = None) -> tuple[Browser, str]:
    """A person who signed in, and the ID token that the client got."""
    tenant = await people_tenant(clock, allowed_logout_urls=(BYE, OTHER))
    browser = Browser(tenant)
    return browser, str((await redeemed(tenant, await browser.code()))["id_token"])


def asked(browser: Browser, method: str = "GET", **params: str):
    """What the client asks for."""
    return leaving(browser.ask("/oidc/logout", params, method), browser.tenant)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_client_that_knows_the_session_ends_it(method: str) -> None:
    """An ID token of this session proves that the client is part of it: nobody is asked. Section 2."""
    browser, hint = await left()
    found = await asked(browser, method, id_token_hint=hint, post_logout_redirect_uri=BYE, state="a b&c")
    assert found.is_proved
    assert found.goes_to == f"{BYE}?state=a+b%26c"
    assert found.session
    await leave(found.session, browser.ask("/", {}), browser.tenant)
    assert await sessions.current(browser.ask("/", {}), browser.tenant) is None


@pytest.mark.parametrize(
    ("uri", "state", "expected"),
    [
        (BYE, None, BYE),
        (BYE, "", BYE),
        (OTHER, None, OTHER),
        (OTHER, "s", f"{OTHER}&state=s"),
    ],
)
async def test_the_state_goes_along(uri: str, state: str | None, expected: str) -> None:
    """State is added if there is one, to the query that the address has. Section 3."""
    browser, hint = await left()
    told = {"id_token_hint": hint, "post_logout_redirect_uri": uri}
    found = await asked(browser, **told, **({} if state is None else {"state": state}))
    assert found.goes_to == expected


@pytest.mark.parametrize(
    "uri",
    [
        *(
            f"{BYE}/",
            f"{BYE}?b=1",
            f"{BYE}#a",
            "https://app.example.com/BYE",
            "https://app.example.com.evil/bye",
        ),
        *("https://evil.example/", "javascript:alert(1)", "//evil.example", "https://app.example.com/cb"),
    ],
)
@pytest.mark.parametrize("with_hint", [True, False])
async def test_nobody_is_led_to_an_address_that_is_not_registered(uri: str, *, with_hint: bool) -> None:
    """The address is a registered one, letter for letter, with and without a hint. Section 3."""
    browser, hint = await left()
    who = {"id_token_hint": hint} if with_hint else {"client_id": "web"}
    with pytest.raises(Refused, match=LOGOUT_MISMATCH.slug) as refused:
        await asked(browser, **who, post_logout_redirect_uri=uri)
    seen = refused.value.seen
    assert seen
    assert (seen.name, seen.got) == ("post_logout_redirect_uri", uri)
    assert seen.expected == (OTHER if "?" in uri else BYE)


@pytest.mark.parametrize("params", [{}, {"client_id": "web"}, {"state": "s"}, {"logout_hint": "x"}])
async def test_without_a_hint_the_person_is_asked(params: dict[str, str]) -> None:
    """Who cannot prove to know the session does not end it. Section 2."""
    browser, _ = await left()
    found = await asked(browser, **params)
    assert found.session
    assert not found.is_proved
    assert found.goes_to == ""


async def test_an_address_needs_a_client() -> None:
    """Without hint and client_id nobody knows whose address it is: it leads nowhere. Section 3."""
    browser, _ = await left()
    assert (await asked(browser, post_logout_redirect_uri=BYE)).goes_to == ""
    assert (await asked(browser, post_logout_redirect_uri=BYE, client_id="who")).goes_to == ""
    assert (await asked(browser, post_logout_redirect_uri=BYE, client_id="w" * 600)).goes_to == ""
    assert (await asked(browser, post_logout_redirect_uri=BYE, client_id="web")).goes_to == BYE


async def test_a_forged_hint_proves_nothing_and_leads_nowhere() -> None:
    """A hint without signature, or with another one, is as good as none. Section 4."""
    browser, hint = await left()
    head, payload, _ = hint.split(".")
    for forged in (f"{head}.{payload}.AAAA", f"eyJhbGciOiJub25lIn0.{payload}.", "x", hint[:-4] + "AAAA"):
        found = await asked(browser, id_token_hint=forged, post_logout_redirect_uri=BYE, client_id="web")
        assert not found.is_proved
        assert found.goes_to == ""


async def test_a_hint_that_expired_is_a_hint() -> None:
    """Clients keep ID tokens for longer than they are good for. Section 4."""
    clock = Clock()
    browser, hint = await left(clock)
    clock.now += 40_000
    assert (await asked(browser, id_token_hint=hint)).is_proved


async def test_the_client_is_the_audience() -> None:
    """A client_id beside a hint names the client that the hint was made for. Section 2."""
    browser, hint = await left()
    with pytest.raises(Refused, match=HINT_INVALID.slug) as refused:
        await asked(browser, id_token_hint=hint, client_id="machine")
    assert refused.value.seen == Contrast("client_id", "web", "machine")
    assert (await asked(browser, id_token_hint=hint, client_id="web")).is_proved


async def test_a_hint_about_another_session_proves_nothing() -> None:
    """Of this person, but from before; or of another person: the one who is signed in is asked. Section 2."""
    browser, hint = await left()
    await browser.signs_in(await browser.authorize(prompt="login"))
    assert not (await asked(browser, id_token_hint=hint)).is_proved
    other = Browser(browser.tenant)
    assert (await asked(other, id_token_hint=hint, post_logout_redirect_uri=BYE)).is_proved
    assert (await asked(other, id_token_hint=hint, post_logout_redirect_uri=BYE)).session is None


async def test_a_client_that_is_switched_off_leads_nowhere() -> None:
    """Its addresses were taken along; the session that it knows can still be ended."""
    browser, hint = await left()
    await altered(browser.tenant, enabled=False)
    for told in ({"id_token_hint": hint}, {"client_id": "web"}):
        found = await asked(browser, **told, post_logout_redirect_uri=BYE)
        assert (found.goes_to, found.is_proved) == ("", "id_token_hint" in told)


async def test_a_blocked_person_can_leave() -> None:
    """Leaving asks for no permission."""
    browser, hint = await left()
    await person_changed(browser.tenant, blocked=True)
    found = await asked(browser, id_token_hint=hint)
    assert found.is_proved
    assert found.session
    await leave(found.session, browser.ask("/", {}), browser.tenant)


async def test_the_end_of_a_session_ends_what_it_gave() -> None:
    """The session is gone in every process, and it is remembered who left."""
    browser, _ = await left()
    tenant: Tenant = browser.tenant
    session = await sessions.current(browser.ask("/", {}), tenant)
    assert session
    await leave(session, replace(browser.ask("/", {}), address="192.0.2.1"), tenant)
    assert await tenant.store.revoked(session.owner, session.born)
