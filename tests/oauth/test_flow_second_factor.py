"""The second factor in a flow: when it is asked for, that it is asked for once, and what moves with it."""

import itertools

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Session
from sekisho.oauth import flows
from sekisho.oauth.flow import is_theirs, next_step
from sekisho.oauth.steps import (
    CONSENT,
    LOGIN,
    PROVE,
    Agree,
    Demands,
    Finish,
    Login,
    Prove,
    Situation,
    Stop,
)
from sekisho.people import sessions, users
from sekisho.people.factors import totp
from sekisho.people.second_factor import proving
from sekisho.people.second_factor.proving import Proof
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST
from sekisho.spec.refusals.conditional import ACCESS_BLOCKED, SECOND_FACTOR_NEEDED, SIGN_IN_STALE
from sekisho.spec.refusals.factors import FACTOR_REPLAYED
from tests.oauth.test_flow import MINE, NEED, NOW, REQUEST
from tests.second_factors import BY, code, enrolled, known
from tests.tenants import TENANT
from tests.visitor import Browser, decided, location, people_tenant, person, told

PROVED = replace(MINE, amr=("pwd", "otp", "mfa"))
SILENT = replace(REQUEST, prompt=("none",))
WANTED = Demands(second_factor=True)


@pytest.mark.parametrize(
    ("at", "step"),
    [
        (Situation(REQUEST, MINE, demands=WANTED), Prove()),
        (Situation(REQUEST, PROVED, demands=WANTED), Finish(PROVED)),
        (Situation(SILENT, MINE, demands=WANTED), Stop(SECOND_FACTOR_NEEDED)),
        (Situation(REQUEST, MINE, done=(PROVE,), demands=WANTED), Stop(SECOND_FACTOR_NEEDED)),
        (Situation(REQUEST, None, demands=WANTED), Login()),
        (Situation(REQUEST, MINE, needs=(NEED,), demands=WANTED), Prove()),
        (Situation(REQUEST, PROVED, needs=(NEED,), demands=WANTED), Agree((NEED,))),
        (Situation(REQUEST, PROVED, demands=Demands(second_factor=True, is_stale=True)), Login()),
        (Situation(REQUEST, PROVED, done=(LOGIN,), demands=Demands(is_stale=True)), Stop(SIGN_IN_STALE)),
        (Situation(REQUEST, PROVED, demands=Demands(refused=ACCESS_BLOCKED)), Stop(ACCESS_BLOCKED)),
    ],
)
def test_lines_that_are_worth_reading(at: Situation, step: object) -> None:
    """Blocked before stale, stale before a factor, a factor before agreement; silent ones are told."""
    assert next_step(at, NOW) == step


@pytest.mark.parametrize(
    ("demands", "needs", "helps"),
    list(
        itertools.product(
            (Demands(), WANTED, Demands(is_stale=True), Demands(second_factor=True, is_stale=True)),
            ((), (NEED,)),
            (True, False),
        )
    ),
)
def test_no_step_up_goes_round_for_ever(demands: Demands, needs: tuple, helps: bool) -> None:
    """Whatever is demanded, and whether or not its page helps, a flow ends after each page once."""
    at, seen = Situation(REQUEST, None, demands=demands, needs=needs), []
    for _ in range(8):
        step = next_step(at, NOW)
        if isinstance(step, (Finish, Stop)):
            break
        seen.append(type(step))
        if isinstance(step, Login):
            at = replace_at(at, LOGIN, replace(MINE, auth_time=NOW), stale=not helps)
        elif isinstance(step, Prove):
            at = replace_at(at, PROVE, PROVED if helps else MINE)
        else:
            at = replace_at(at, CONSENT, at.session, agreed=helps)
    else:
        pytest.fail("it goes round")
    assert len(seen) == len(set(seen))


def replace_at(
    at: Situation, done: str, session: Session | None, *, stale: bool = True, agreed: bool = False
) -> Situation:
    """The situation after a page did its part."""
    demands = at.demands if stale else Demands(second_factor=at.demands.second_factor)
    needs = () if agreed else at.needs
    return Situation(at.request, session, done=(*at.done, done), needs=needs, demands=demands)


async def half_way(browser: Browser):
    """In a flow, past the password: the page that comes then, its flow and session."""
    answer = await browser.signs_in(await browser.authorize())
    here = browser.page(answer)
    session = await sessions.current(here, browser.tenant)
    assert session
    return here, await flows.found(here, browser.tenant), session


async def protected() -> tuple[Browser, str]:
    """The person has an app."""
    tenant = await people_tenant()
    secret, _ = await enrolled(tenant, person())
    return Browser(tenant), secret


async def proof_of(browser: Browser, secret: str) -> Proof:
    """The code of this moment, found good."""
    user = await known(browser.tenant, person())
    return await proving.prove(browser.tenant, user, totp.KIND, code(secret, browser.tenant), BY)


async def test_the_flow_goes_on_from_where_another_window_moved_it() -> None:
    """A page that knew the flow as it was before moves it on all the same, and nothing done is lost."""
    browser, secret = await protected()
    here, way, session = await half_way(browser)
    moved = await flows.agreed(way, (), here, browser.tenant)
    assert moved
    begun = sessions.stepped(person(), session, ("otp", "mfa"), here, browser.tenant)
    answer = await flows.proved(way, begun, await proof_of(browser, secret), here, browser.tenant)
    browser.keep(answer)
    flow = (await flows.found(here, browser.tenant)).flow
    assert flow.done == (LOGIN, CONSENT, PROVE)
    assert is_theirs(flow, begun.session)
    assert not is_theirs(flow, session)
    assert "code" in told(await browser.resumes(answer))


async def test_a_code_that_was_used_moves_nothing() -> None:
    """Somebody else used the code between looking and landing: no session begins, the flow stays."""
    browser, secret = await protected()
    here, way, session = await half_way(browser)
    proof = await proof_of(browser, secret)
    await proving.spend(browser.tenant, proof)
    begun = sessions.stepped(person(), session, proof.amr, here, browser.tenant)
    with pytest.raises(Refused, match=FACTOR_REPLAYED.slug):
        await flows.proved(way, begun, proof, here, browser.tenant)
    assert (await flows.found(here, browser.tenant)).flow.done == (LOGIN,)
    assert await sessions.of_user(person(), browser.tenant) == [session]


async def test_who_was_signed_out_meanwhile_goes_nowhere() -> None:
    """What ended everything of the person ends the session that was about to begin."""
    browser, secret = await protected()
    here, way, session = await half_way(browser)
    proof = await proof_of(browser, secret)
    await users.end(browser.tenant, person().user_id)
    begun = sessions.stepped(person(), session, proof.amr, here, browser.tenant)
    with pytest.raises(Refused, match=FLOW_LOST.slug):
        await flows.proved(way, begun, proof, here, browser.tenant)


async def test_a_flow_that_never_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others are faster every time, it is told so."""
    browser, secret = await protected()
    here, way, session = await half_way(browser)
    await flows.agreed(way, (), here, browser.tenant)
    monkeypatch.setattr(flows, "TRIES", 1)
    begun = sessions.stepped(person(), session, ("mfa",), here, browser.tenant)
    with pytest.raises(Refused, match=FLOW_LOST.slug):
        await flows.proved(way, begun, await proof_of(browser, secret), here, browser.tenant)


@pytest.mark.parametrize(
    ("policy", "acr", "page"),
    [
        ("when_required", None, None),
        ("when_required", "http://schemas.openid.net/pape/policies/2007/06/multi-factor", "/mfa"),
        ("when_required", "urn:other", None),
        ("always", None, "/mfa"),
        ("never", "http://schemas.openid.net/pape/policies/2007/06/multi-factor", None),
    ],
)
async def test_who_is_asked_for_one(policy: str, acr: str | None, page: str | None) -> None:
    """By the tenant, and by the class that a request asks for; a class that nobody knows asks for nothing."""
    tenant = await decided(await people_tenant(), Policy(second_factor=policy))  # type: ignore[arg-type]
    browser = Browser(tenant)
    answer = await browser.signs_in(await browser.authorize(acr_values=acr))
    if page is None:
        assert "code" in told(answer)
    else:
        assert location(answer).startswith(f"https://id.example.com{page}?flow=")
    silent = await browser.authorize(acr_values=acr, prompt="none")
    expected = {"error": SECOND_FACTOR_NEEDED.error} if page else {}
    assert {name: value for name, value in told(silent).items() if name == "error"} == expected


async def test_who_sets_one_up_is_asked_for_it_everywhere() -> None:
    """A session that began with a password alone, in another browser, has to show it from then on."""
    tenant = await people_tenant()
    elsewhere = Browser(tenant)
    await elsewhere.code()
    assert "code" in told(await elsewhere.authorize(prompt="none"))
    await enrolled(tenant, person())
    assert told(await elsewhere.authorize(prompt="none"))["error"] == "interaction_required"
    assert "/mfa?flow=" in location(await elsewhere.authorize())


async def test_a_session_that_showed_more_keeps_its_times() -> None:
    """When the person signed in, for whom, and when it ends at the latest stay as they were."""
    browser, _ = await protected()
    here, _, session = await half_way(browser)
    before = replace(session, clients={"web": NOW}, born=session.born - 10, auth_time=session.auth_time - 5)
    after = sessions.stepped(person(), before, ("otp", "mfa"), here, browser.tenant).session
    assert (after.auth_time, after.born, after.clients) == (before.auth_time, before.born, before.clients)
    assert after.amr == ("pwd", "otp", "mfa")
    assert after.id != before.id
    assert after.owner.tenant == TENANT
    old = replace(before, born=before.born - browser.tenant.policy.session_lifetime + 60)
    late = sessions.stepped(person(), old, ("mfa",), here, browser.tenant).session
    assert late.expires_at == old.born + browser.tenant.policy.session_lifetime
