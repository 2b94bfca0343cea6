"""Forms that are sent twice: a button that is pressed again, a page in two windows."""

import asyncio

import pytest

from sekisho.model.consent import Consent
from sekisho.model.step import Note, Save
from sekisho.oauth import flows
from sekisho.pages import consent
from sekisho.pages.consent import Question
from sekisho.people import sessions, users
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.pages.visits import PASSWORD, Visitor, csrf, into_flow, visited
from tests.tenants import NOW, ORIGIN, TENANT, Clock
from tests.visitor import location, person, told

RESUME = f"{ORIGIN}/authorize/resume"


async def at_once(visitor: Visitor, addresses: list[str], **form: str) -> list[Answer]:
    """The forms of these pages, at the same moment."""
    pages = [(address, {"csrf": csrf(await visitor.get(address)), **form}) for address in addresses]
    answers = await asyncio.gather(*(visitor.post(*page) for page in pages))
    assert all(location(answer).startswith(RESUME) for answer in answers)
    return list(answers)


async def asked(visitor: Visitor, **more: str) -> str:
    """Where the person, who is signed in, is asked to agree."""
    address = await into_flow(visitor, **more)
    assert address.startswith("/consent?flow=")
    return address


async def agreements(tenant: Tenant) -> list[tuple[str, ...]]:
    """The scopes that were agreed to."""
    return [each.scopes for each in await tenant.store.records(Consent, TENANT, {}, Window())]


@pytest.mark.parametrize("last", [0, 1])
async def test_a_sign_in_that_is_sent_twice_leads_on(last: int) -> None:
    """Whichever answer the browser keeps, the person is signed in and goes on; there is one code."""
    visitor = await visited()
    address = await into_flow(visitor, prompt="login")
    form = {"username": person().logins[0], "password": PASSWORD}
    answers = await at_once(visitor, [address, address], **form)
    assert "code" in told(await visitor.browser.resumes(answers[last]))
    with pytest.raises(Refused, match=FLOW_LOST.slug):
        await visitor.browser.resumes(answers[1 - last])


async def test_a_sign_in_in_another_window_is_as_good() -> None:
    """The same person, signed in again since, is asked and answers there; a session from before is none."""
    clock = Clock()
    visitor = await visited(clock, is_first_party=False)
    await visitor.signs_in()
    before = dict(visitor.browser.cookies)
    clock.now += 1
    address = location(
        await visitor.browser.resumes(await visitor.signs_in(to=await into_flow(visitor, prompt="login")))
    )
    await visitor.signs_in()
    address = address.removeprefix(ORIGIN)
    assert "code" in told(await visitor.browser.resumes(await visitor.fills(address, decision="allow")))
    address = await into_flow(visitor, prompt="login consent")
    answer = await visitor.browser.resumes(await visitor.signs_in(to=address))
    visitor.browser.cookies |= before
    assert told(await visitor.browser.resumes(answer))["error"] == "login_required"


async def test_who_was_signed_out_everywhere_meanwhile_is_not_signed_in() -> None:
    """What ended everything of this person ends the session that was about to begin. Class 34."""
    visitor = await visited()
    tenant = visitor.browser.tenant
    here = visitor.browser.page(await visitor.browser.authorize())
    way, begun = await flows.found(here, tenant), sessions.begin(person(), ("pwd",), here, tenant, born=NOW)
    await users.end(tenant, person().user_id)
    note = Note(tenant.audit.event(tenant.id, "user_signed_in"))
    with pytest.raises(Refused, match=FLOW_LOST.slug):
        await flows.signed_in(way, begun, note, here, tenant)
    assert (await flows.found(here, tenant)).flow.done == ()


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two windows know what to save before either does."""
    both, saves, waiting = asyncio.Barrier(2), consent._saves, [1, 1]

    async def known(question: Question, whose: str | None, tenant: Tenant) -> tuple[Save, ...]:
        found = await saves(question, whose, tenant)
        if waiting:
            waiting.pop()
            await both.wait()
        return found

    monkeypatch.setattr(consent, "_saves", known)


@pytest.mark.parametrize("more", [{}, {"prompt": "consent"}])
async def test_a_yes_that_is_sent_twice_leads_on(together: None, more: dict[str, str]) -> None:
    """Both answers lead on, one agreement is kept and noted once, and there is one code."""
    visitor = await visited(is_first_party=False)
    await visitor.signs_in()
    address = await asked(visitor, **more)
    answers = await at_once(visitor, [address, address], decision="allow")
    assert "code" in told(await visitor.browser.resumes(answers[1]))
    tenant = visitor.browser.tenant
    assert len(await agreements(tenant)) == 1
    assert len(await tenant.store.events(TENANT, {"slug": "consent_given"}, Window())) == 1


async def test_two_windows_of_one_application_both_go_on(together: None) -> None:
    """Each has a flow and a code of its own, and they make one agreement together."""
    visitor = await visited(is_first_party=False)
    await visitor.signs_in()
    addresses = [await asked(visitor), await asked(visitor)]
    answers = await at_once(visitor, addresses, decision="allow")
    for answer in answers:
        assert "code" in told(await visitor.browser.resumes(answer))
    assert len(await agreements(visitor.browser.tenant)) == 1


async def test_nobody_is_asked_twice_in_one_flow() -> None:
    """The page of a question that was answered leads on, also where the client wants it asked again."""
    visitor = await visited(is_first_party=False)
    await visitor.signs_in()
    address = await asked(visitor, prompt="consent")
    await visitor.fills(address, decision="allow")
    assert location(await visitor.get(address)).startswith(RESUME)
