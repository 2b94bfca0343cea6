"""A forgotten password: a link by mail, which sets another one once, and the same answer whoever is named."""

import asyncio
import re

import pytest
from msgspec.structs import replace

from sekisho.model.step import Save
from sekisho.people import sessions, users
from sekisho.people.factors.password import verify
from sekisho.people.letters import resets
from sekisho.people.letters.sending import FROM_ADDRESS, TO_ACCOUNT
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED
from sekisho.spec.refusals.mail import MAIL_LIMITED, MAIL_OFF, RESET_INVALID, RESET_SPENT
from sekisho.spec.refusals.people import PASSWORD_WRONG
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.mails import delivered, with_post
from tests.pages.visits import PASSWORD, Running, Visitor, csrf, into_flow, shown, visited
from tests.tenants import ORIGIN, TENANT
from tests.visitor import Browser, location, person, person_changed

OTHER = "nine brown otters"
COOKIE = "__Host-sekisho-reset-demo"
AYA = "aya@example.com"


async def visitor_of(policy: Policy | None = None) -> Visitor:
    """Aya's browser, where mail can be sent."""
    visitor = await visited(Running(), policy)
    visitor.browser.tenant = with_post(visitor.browser.tenant)
    return visitor


async def asks(visitor: Visitor, name: str = AYA, at: str = "/forgot") -> str:
    """The form, filled in; where it leads."""
    return location(await visitor.fills(at, username=name))


async def links(tenant: Tenant) -> list[str]:
    """The paths that were sent, the newest first."""
    return [
        re.findall(r"https?://\S+", each.mail.text)[0].removeprefix(ORIGIN)
        for each in await delivered(tenant)
    ]


async def opened(visitor: Visitor) -> str:
    """Aya asked, and followed the link; its address."""
    await asks(visitor)
    (link,) = await links(visitor.browser.tenant)
    await visitor.get(link)
    return link


async def accepts(visitor: Visitor, password: str = OTHER) -> str:
    """The form of the link, filled in; where it leads."""
    return location(await visitor.fills("/reset", **{"new-password": password}))


async def events(tenant: Tenant) -> list[str]:
    """What the audit tells, the first thing first."""
    return [event.slug for event in reversed(await tenant.store.events(TENANT, {}, Window(limit=100)))]


async def refusal(visitor: Visitor, path: str) -> object:
    """Why a page is not shown."""
    with pytest.raises(Refused) as refused:
        await visitor.get(path)
    return refused.value.reason


async def test_the_sign_in_page_leads_there_where_mail_is_sent() -> None:
    """The link is there if it leads somewhere, and what was on the way stays on the way."""
    visitor = await visitor_of()
    assert shown(await visitor.get("/login"))["resets"] is True
    without = await visited()
    assert shown(await without.get("/login"))["resets"] is False
    assert await refusal(without, "/forgot") is MAIL_OFF
    with pytest.raises(Refused) as refused:
        await without.post("/forgot", {"username": AYA})
    assert refused.value.reason is MAIL_OFF


async def test_a_link_sets_another_password() -> None:
    """The mail comes in the person's language, the link leads to a form, and nobody is signed in by it."""
    visitor = await visitor_of()
    assert await asks(visitor, at="/forgot?ui_locales=ja") == f"{ORIGIN}/forgot?ui_locales=ja&done=sent"
    (laid,) = await delivered(visitor.browser.tenant)
    assert (laid.mail.to, laid.mail.language) == (AYA, "ja")
    (link,) = await links(visitor.browser.tenant)
    answer = await visitor.get(link)
    assert (answer.status, location(answer)) == (303, f"{ORIGIN}/reset?ui_locales=ja")
    headers = dict(answer.headers)
    assert headers["cache-control"] == "no-store"
    assert "Path=/; HttpOnly; Max-Age=3600; Secure; SameSite=Lax" in headers["set-cookie"]
    assert await accepts(visitor) == f"{ORIGIN}/login?done=reset"
    assert COOKIE not in visitor.browser.cookies
    assert await sessions.current(visitor.browser.ask("/", {}), visitor.browser.tenant) is None
    assert shown(await visitor.get("/login?done=reset"))["is_reset"] is True
    assert (await verify(visitor.browser.tenant, AYA, OTHER, "")).id == person().id
    with pytest.raises(Refused) as refused:
        await verify(visitor.browser.tenant, AYA, PASSWORD, "")
    assert refused.value.reason is PASSWORD_WRONG


async def test_the_person_s_own_language_comes_first() -> None:
    """Whoever asks in another language, the letter speaks that of the account."""
    visitor = await visitor_of()
    await person_changed(visitor.browser.tenant, claims={**person().claims, "locale": "en_GB"})
    await asks(visitor, at="/forgot?ui_locales=ja")
    assert [each.mail.language for each in await delivered(visitor.browser.tenant)] == ["en"]


async def test_the_audit_tells_what_the_answer_does_not() -> None:
    """Asked, sent, set; who named nobody; and neither a link nor a password."""
    visitor = await visitor_of()
    link = await opened(visitor)
    await accepts(visitor)
    await asks(visitor, "nobody@example.com")
    tenant = visitor.browser.tenant
    assert await events(tenant) == ["password_reset_asked", "mail_sent", "password_reset", "mail_withheld"]
    told = str(await tenant.store.events(TENANT, {}, Window(limit=100)))
    assert all(secret not in told for secret in (link.partition("ticket=")[2][:20], OTHER))


@pytest.mark.parametrize(
    "name", [AYA, "AYA@EXAMPLE.COM", "nobody@example.com", "not an address", "x" * 300, "a\0b"]
)
async def test_the_answer_is_the_same_for_everybody(name: str) -> None:
    """Whoever is named, the same page says that a mail may come. OWASP, Forgot Password Cheat Sheet."""
    visitor = await visitor_of()
    assert await asks(visitor, name) == f"{ORIGIN}/forgot?done=sent"
    page = shown(await visitor.get("/forgot?done=sent"))
    assert page["sent"] is True
    assert len(await delivered(visitor.browser.tenant)) == int(name.lower() == AYA)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"blocked": True}, "blocked"),
        ({"claims": {}}, "no_address"),
        ({"claims": {"email": "aya@example.com\r\nBcc: eve@evil.example"}}, "no_address"),
    ],
)
async def test_nothing_is_sent_where_nothing_can_come_of_it(fields: dict[str, object], why: str) -> None:
    """A blocked person, one without an address, and one whose address is none, are sent nothing."""
    visitor = await visitor_of()
    await person_changed(visitor.browser.tenant, **fields)
    assert await asks(visitor) == f"{ORIGIN}/forgot?done=sent"
    assert await delivered(visitor.browser.tenant) == []
    (event,) = await visitor.browser.tenant.store.events(TENANT, {}, Window())
    assert event.detail["why"] == why


async def test_the_link_goes_to_the_address_that_is_kept() -> None:
    """What looks like somebody's address and is not gets no mail: the one that was typed is never used."""
    visitor = await visitor_of()
    await asks(visitor, "ＡＹＡ@ｅｘａｍｐｌｅ.com")
    assert [each.mail.to for each in await delivered(visitor.browser.tenant)] == [AYA]
    await asks(visitor, "aya@exаmple.com")
    assert len(await delivered(visitor.browser.tenant)) == 1


async def test_everything_from_before_ends() -> None:
    """Whoever was signed in is not any more, and other links open nothing."""
    visitor = await visitor_of()
    tenant = visitor.browser.tenant
    other = Visitor(Browser(tenant))
    await other.signs_in()
    await asks(visitor)
    await asks(visitor)
    second, first = await links(tenant)
    await visitor.get(second)
    await accepts(visitor)
    assert await sessions.current(other.browser.ask("/", {}), tenant) is None
    assert await refusal(visitor, first) is RESET_INVALID
    assert await refusal(visitor, second) is RESET_SPENT


async def test_a_link_is_good_once() -> None:
    """Of many at once one wins, and the others are told that it is over."""
    visitor = await visitor_of()
    tenant, link = visitor.browser.tenant, await opened(visitor)
    handle = visitor.browser.cookies[COOKIE]
    outcomes = await asyncio.gather(
        *(resets.accept(tenant, handle, f"{OTHER} {n}", _actor()) for n in range(4)), return_exceptions=True
    )
    won = [each for each in outcomes if not isinstance(each, BaseException)]
    assert len(won) == 1
    assert {each.reason for each in outcomes if isinstance(each, Refused)} <= {RESET_SPENT, RESET_INVALID}
    assert await refusal(visitor, link) in (RESET_SPENT, RESET_INVALID)


async def test_a_link_is_spent_even_where_nothing_else_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit that sets the password takes the link: a process that dies after it leaves none."""

    async def dies(*_: object) -> None:
        raise ConnectionError

    visitor = await visitor_of()
    link = await opened(visitor)
    with monkeypatch.context() as patch:
        patch.setattr(users, "end", dies)
        with pytest.raises(ConnectionError):
            await accepts(visitor)
    assert await refusal(visitor, link) is RESET_SPENT


async def test_a_link_is_good_for_an_hour() -> None:
    """Afterwards it opens nothing."""
    visitor = await visitor_of()
    link = await opened(visitor)
    clock = visitor.browser.tenant.tools.clock
    assert isinstance(clock, Running)
    clock.now += resets.LIFETIME
    assert await refusal(visitor, link) is RESET_INVALID


@pytest.mark.parametrize(
    "fields", [{"blocked": True}, {"claims": {"email": "another@example.com", "email_verified": True}}]
)
async def test_a_link_is_for_who_it_was_sent_to(fields: dict[str, object]) -> None:
    """Who is blocked, or has another address by now, has no use of it; who reads the old one neither."""
    visitor = await visitor_of()
    await opened(visitor)
    page = await visitor.get("/reset")
    await person_changed(visitor.browser.tenant, **fields)
    assert await refusal(visitor, "/reset") is RESET_INVALID
    with pytest.raises(Refused) as refused:
        await visitor.post("/reset", {"csrf": csrf(page), "new-password": OTHER})
    assert refused.value.reason is RESET_INVALID


async def test_a_link_of_another_tenant_opens_nothing() -> None:
    """A link is good where it was made."""
    visitor = await visitor_of()
    link = await opened(visitor)
    tenant = visitor.browser.tenant
    other = TENANT.replace("1", "2")
    visitor.browser.tenant = type(tenant)(
        replace(tenant.record, tenant=other, id=other), tenant.addresses, tenant.keys, tenant.tools
    )
    assert await refusal(visitor, link) is RESET_INVALID


@pytest.mark.parametrize("ticket", ["", "gone", "x" * 65, "x" * 5_000])
async def test_an_unknown_link_opens_nothing(ticket: str) -> None:
    """Whatever was cut off or made up is told the same."""
    visitor = await visitor_of()
    assert await refusal(visitor, f"/reset?ticket={ticket}") is RESET_INVALID


@pytest.mark.parametrize(("password", "problem"), [("short", "password_short"), (AYA, "password_personal")])
async def test_a_poor_password_comes_back(password: str, problem: str) -> None:
    """The page says which rule is broken, and the link is as good as before."""
    visitor = await visitor_of()
    await opened(visitor)
    answer = await visitor.fills("/reset", **{"new-password": password})
    assert (answer.status, shown(answer)["problem"]) == (400, problem)
    assert await accepts(visitor) == f"{ORIGIN}/login?done=reset"


async def test_whoever_reads_the_mail_has_the_address() -> None:
    """An address that nobody checked is checked by this."""
    visitor = await visitor_of()
    await person_changed(visitor.browser.tenant, claims={**person().claims, "email_verified": False})
    await opened(visitor)
    await accepts(visitor)
    assert (await users.find(visitor.browser.tenant, person().id)).claims["email_verified"] is True


async def test_who_set_a_new_password_is_locked_out_no_more() -> None:
    """Too many wrong passwords before do not stand in the way of the right one."""
    visitor = await visitor_of(Policy(sign_in_account_burst=1))
    with pytest.raises(Refused):
        await verify(visitor.browser.tenant, AYA, "wrong", "")
    await opened(visitor)
    await accepts(visitor)
    assert await verify(visitor.browser.tenant, AYA, OTHER, "")


async def test_an_account_is_not_flooded() -> None:
    """So many mails at once and no more, whichever of their names is used, and nobody is told."""
    visitor = await visitor_of()
    tenant = visitor.browser.tenant
    user = replace(person(), username="aya", logins=(AYA, "aya"), version=1)
    assert await tenant.change(Save(user)) is None
    for number in range(int(TO_ACCOUNT.burst) + 3):
        assert await asks(visitor, ("aya", AYA)[number % 2]) == f"{ORIGIN}/forgot?done=sent"
    assert len(await delivered(tenant)) == TO_ACCOUNT.burst
    clock = tenant.tools.clock
    assert isinstance(clock, Running)
    clock.now += TO_ACCOUNT.pace + 1
    await asks(visitor)
    assert len(await delivered(tenant)) == TO_ACCOUNT.burst + 1


async def test_one_address_does_not_ask_for_everybody() -> None:
    """From one network only so many are asked for, whoever they are for."""
    visitor = await visitor_of()
    for number in range(int(FROM_ADDRESS.burst)):
        await asks(visitor, f"nobody{number}@example.com")
    for name in (AYA, "nobody@example.com"):
        with pytest.raises(Refused) as refused:
            await asks(visitor, name)
        assert refused.value.reason is MAIL_LIMITED
        assert int(refused.value.headers["retry-after"]) > 0


async def test_the_forms_are_ours() -> None:
    """Neither form is taken from elsewhere, nor without its token."""
    visitor = await visitor_of()
    await opened(visitor)
    for path, form in (("/forgot", {"username": AYA}), ("/reset", {"new-password": OTHER})):
        with pytest.raises(Refused) as refused:
            await visitor.post(path, form)
        assert refused.value.reason is FORM_FORGED


async def test_a_flow_waits_meanwhile() -> None:
    """Who was sent by an application finds the way back to its sign-in."""
    visitor = await visitor_of()
    at = (await into_flow(visitor)).replace("/login", "/forgot")
    after = await asks(visitor, at=at)
    assert after == f"{ORIGIN}{at}&done=sent"
    page = shown(await visitor.get(after.removeprefix(ORIGIN)))
    assert page["onward"] == at.removeprefix("/forgot")


def _actor():
    from sekisho.change.actor import Actor

    return Actor()
