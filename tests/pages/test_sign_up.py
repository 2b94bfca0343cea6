"""The sign-up page: who may make an account, what comes of it, and what nobody learns from it."""

import asyncio

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Flow
from sekisho.model.connection import Connection
from sekisho.model.event import Event
from sekisho.model.step import Save, Take
from sekisho.model.user import User
from sekisho.pages.render import render
from sekisho.pages.sign_in.entrance import Attempt
from sekisho.people import sessions, users
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, FORM_FORGED
from sekisho.spec.refusals.people import SIGN_UP_OFF
from sekisho.store import Window
from tests.pages.visits import PAGES, PASSWORD, Visitor, csrf, into_flow, shown, visited
from tests.tenants import ORIGIN, TENANT, Clock
from tests.visitor import location, person_changed, redeemed, told

NEW = "new@example.com"
OTHER = "nine brown otters"
ALLOWED = Policy(sign_up_allowed=True, password_memory_kib=7_168, password_passes=5)


async def at_gate(policy: Policy = ALLOWED, clock: Clock | None = None) -> Visitor:
    """Somebody at a tenant with this policy, and with a database of users."""
    visitor = await visited(clock, policy)
    assert await visitor.browser.tenant.change(Save(Connection(tenant=TENANT, id="con_1"))) is None
    return visitor


async def signs_up(
    visitor: Visitor, email: str = NEW, password: str = PASSWORD, to: str = "/signup"
) -> Answer:
    """The form, filled in."""
    return await visitor.fills(to, email=email, password=password)


async def somebody(visitor: Visitor, email: str = NEW) -> User | None:
    """Who has this address."""
    return await users.of_login(visitor.browser.tenant, email)


async def events(visitor: Visitor) -> list[Event]:
    """What happened, the latest first."""
    return list(await visitor.browser.tenant.store.events(TENANT, {}, Window()))


def problem(answer: Answer) -> str:
    """What the form says was wrong."""
    attempt = shown(answer)["attempt"]
    assert isinstance(attempt, Attempt)
    return attempt.problem


def text_of(answer: Answer) -> str:
    """The page as it is read, what changes with each visit blotted out."""
    rendered = render(answer, Ask(method="GET", path="/signup", root=ORIGIN))
    nonce = dict(rendered.headers)["content-security-policy"].partition("nonce-")[2].strip("'")
    return rendered.body.decode().replace(csrf(answer), "").replace(nonce, "")


async def test_nobody_signs_up_where_it_is_not_allowed() -> None:
    """By default there is neither page nor form nor link, and the hint of a client leads to the sign-in."""
    visitor = await visited()
    with pytest.raises(Refused, match=SIGN_UP_OFF.slug) as refused:
        await visitor.get("/signup")
    assert refused.value.seen == Contrast("sign_up_allowed", "true", "false")
    with pytest.raises(Refused, match=SIGN_UP_OFF.slug):
        await visitor.post("/signup", {"email": NEW, "password": PASSWORD})
    assert "/signup" not in text_of(await visitor.get("/login"))
    assert (await into_flow(visitor, screen_hint="signup")).startswith("/login?")


async def test_the_hint_of_a_client_leads_here() -> None:
    """`screen_hint=signup` shows this page first; any other value, or none, shows the sign-in page."""
    visitor = await at_gate()
    assert (await into_flow(visitor, screen_hint="signup")).startswith("/signup?flow=")
    assert (await into_flow(visitor, screen_hint="login")).startswith("/login?flow=")


async def test_one_page_leads_to_the_other() -> None:
    """Links lead from the sign-in page here and back, and the flow, the path and the name stay."""
    visitor = await at_gate()
    flow = (await into_flow(visitor)).partition("?")[2]
    assert f'href="/signup?{flow}"' in text_of(await visitor.get(f"/login?{flow}"))
    assert f'href="/login?{flow}"' in text_of(await visitor.get(f"/signup?{flow}"))
    query = "return_to=%2Faccount%23apps&amp;login_hint=new%40example.com&amp;ui_locales=ja"
    page = text_of(await visitor.get("/login?" + query.replace("&amp;", "&")))
    assert f'href="/signup?{query}"' in page


async def test_a_flow_goes_on_with_a_new_person() -> None:
    """The client gets its code, for somebody who was not there before and whose address nobody checked."""
    visitor = await at_gate()
    answer = await signs_up(visitor, to=await into_flow(visitor, screen_hint="signup"))
    code = told(await visitor.browser.resumes(answer))["code"]
    assert (await redeemed(visitor.browser.tenant, code))["id_token"]
    user = await somebody(visitor)
    assert user
    assert user.claims == {"email": NEW, "email_verified": False}
    assert [event.slug for event in await events(visitor)][-2:] == ["user_signed_in", "user_signed_up"]


async def test_without_a_flow_the_account_comes_next() -> None:
    """Somebody who was not sent by a client comes to their account, or to a path of ours."""
    visitor = await at_gate()
    assert location(await signs_up(visitor)) == f"{ORIGIN}/account"
    other = await at_gate()
    assert location(await signs_up(other, to="/signup?return_to=%2F%2Fevil.example")) == f"{ORIGIN}/account"


async def test_the_audit_knows_who_and_whence() -> None:
    """The event names the new person and the client, and holds neither password nor address."""
    visitor = await at_gate()
    await signs_up(visitor, to=await into_flow(visitor, screen_hint="signup"))
    (event,) = [each for each in await events(visitor) if each.slug == "user_signed_up"]
    user = await somebody(visitor)
    assert user
    assert (event.user, event.client) == (user.user_id, "web")
    for secret in (PASSWORD, NEW, "argon2"):
        assert secret not in str(event)


async def test_a_flow_that_is_over_makes_nobody() -> None:
    """The person, the session and the flow's next step land together, or none of them does."""
    visitor = await at_gate()
    address = await into_flow(visitor, screen_hint="signup")
    (handle,) = [value for name, value in visitor.browser.cookies.items() if "flow-" in name]
    form = {"csrf": csrf(await visitor.get(address)), "email": NEW, "password": PASSWORD}
    ended = visitor.browser.tenant.store.write(Take(Flow, handle))
    post, lost = await asyncio.gather(visitor.post(address, form), ended, return_exceptions=True)
    assert isinstance(post, Refused)
    assert post.reason is FLOW_LOST
    assert lost is None
    assert await somebody(visitor) is None


@pytest.mark.parametrize(
    ("email", "password", "expected"),
    [
        ("aya", PASSWORD, "malformed"),
        ("aya@", PASSWORD, "malformed"),
        ("a b@example.com", PASSWORD, "malformed"),
        ("a|b@exa|mple.com", PASSWORD, "malformed"),
        ("x" * 260 + "@example.com", PASSWORD, "malformed"),
        ("", PASSWORD, "malformed"),
        (NEW, "short", "password_short"),
        (NEW, "", "password_short"),
        (NEW, "x" * 257, "password_malformed"),
        (NEW, "password1", "password_guessable"),
        ("somebodys@example.com", "somebodys1", "password_personal"),
    ],
)
async def test_a_poor_form_comes_back(email: str, password: str, expected: str) -> None:
    """The page says which rule is broken; the address stays, the password does not, and nobody is made."""
    visitor = await at_gate()
    answer = await signs_up(visitor, email, password)
    assert (answer.status, problem(answer)) == (400, expected)
    page = text_of(answer)
    assert "aria-invalid" in page
    assert "<title>Error: " in page
    assert len(password) < 8 or password not in page
    assert [event.slug for event in await events(visitor) if event.slug == "user_signed_up"] == []


async def test_nobody_learns_who_exists_without_making_an_account() -> None:
    """A form with anything wrong in it has one answer for an address that is taken and a free one."""
    visitor = await at_gate()
    for password in ("short", "password1", "x" * 257):
        pages = []
        for email in ("aya@example.com", NEW):
            answer = await signs_up(visitor, email, password)
            pages.append((answer.status, text_of(answer).replace(email, "")))
        assert pages[0] == pages[1]


@pytest.mark.parametrize("blocked", [False, True])
async def test_a_taken_address_is_not_given_away(*, blocked: bool) -> None:
    """It says that it does not work and not why, changes nothing, and is a wrong password to the audit."""
    visitor = await at_gate()
    await person_changed(visitor.browser.tenant, blocked=blocked)
    answer = await signs_up(visitor, " AYA@example.com ", OTHER)
    assert (answer.status, problem(answer)) == (409, "taken")
    assert await sessions.current(visitor.browser.ask("/", {}), visitor.browser.tenant) is None
    await visitor.browser.tenant.audit.flush()
    assert {"password_wrong", "already_exists"} <= {event.slug for event in await events(visitor)}
    assert (await Visitor(visitor.browser).signs_in()).status == (403 if blocked else 303)


async def test_a_form_that_was_sent_twice_brings_in_whoever_sent_it() -> None:
    """Who knows the password of an address that is taken is that person, and simply comes in."""
    visitor = await at_gate()
    flow = await into_flow(visitor)
    address = flow.replace("/login", "/signup")
    token = csrf(await visitor.get(address))
    form = {"csrf": token, "email": NEW, "password": PASSWORD}
    both = await asyncio.gather(visitor.post(address, form), visitor.post(address, form))
    assert {answer.status for answer in both} == {303}
    assert all(location(answer).startswith(f"{ORIGIN}/authorize/resume") for answer in both)
    assert [event.slug for event in await events(visitor)].count("user_signed_up") == 1


async def test_each_try_costs_an_attempt_of_the_address() -> None:
    """Right or wrong it stays paid: from one network only so many accounts are made or probed at a time."""
    visitor = await at_gate(replace(ALLOWED, sign_in_address_burst=2))
    tries = [("one@example.com", PASSWORD), ("two@example.com", "short"), ("three@example.com", PASSWORD)]
    answers = []
    for email, password in tries:
        token = csrf(await visitor.get("/signup"))
        ask = visitor.browser.ask("/signup", {"csrf": token, "email": email, "password": password}, "POST")
        answers.append(
            await PAGES["POST", "/signup"](replace(ask, address="192.0.2.7"), visitor.browser.tenant)
        )
    assert [answer.status for answer in answers] == [303, 400, 429]
    assert dict(answers[2].headers)["retry-after"] == "30"
    assert problem(answers[2]) == "locked"
    assert await somebody(visitor, "three@example.com") is None


async def test_a_forged_form_makes_nobody() -> None:
    """Without the token, with that of the sign-in page, from another site: refused."""
    visitor = await at_gate()
    right = {"email": NEW, "password": PASSWORD}
    token = csrf(await visitor.get("/signup"))
    for form, headers in (
        (right, {}),
        ({**right, "csrf": csrf(await visitor.get("/login"))}, {}),
        ({**right, "csrf": token}, {"origin": "https://evil.example"}),
    ):
        with pytest.raises(Refused, match=FORM_FORGED.slug):
            await visitor.post("/signup", form, **headers)
    assert await somebody(visitor) is None


async def test_the_policy_of_the_page_lets_the_answer_through() -> None:
    """In a flow the form may end at the client's origin, otherwise only here; frames are forbidden."""
    visitor = await at_gate()
    flow = await into_flow(visitor, screen_hint="signup")
    for address, expected in (("/signup", "'self';"), (flow, "'self' https://app.example.com;")):
        rendered = render(await visitor.get(address), Ask(method="GET", path="/signup", root=ORIGIN))
        policy = dict(rendered.headers)["content-security-policy"]
        assert f"form-action {expected}" in policy
        assert "frame-ancestors 'none'" in policy
