"""The second factor in the browser: shown, set up, changed; what comes before it and what after."""

import pytest

from sekisho.mail.letter import Letter
from sekisho.model.artifact import Session
from sekisho.pages.render import render
from sekisho.people import sessions
from sekisho.people.factors import recovery
from sekisho.people.second_factor import enrolment, held
from sekisho.spec.conditional.facts import MFA_ACR
from sekisho.spec.http import Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, FORM_FORGED
from tests.oauth.test_pipelines import claims_of
from tests.pages.visits import Visitor, into_flow, shown, visited
from tests.second_factors import code, enrolled, known, wrong
from tests.tenants import ORIGIN, Clock
from tests.visitor import Browser, location, person, redeemed, told

ALWAYS = Policy(second_factor="always")


async def with_app(visitor: Visitor) -> tuple[str, tuple[str, ...]]:
    """The person has an app and recovery codes."""
    secret, found = await enrolled(visitor.browser.tenant, person())
    return secret, found.codes


def text_of(visitor: Visitor, answer) -> str:
    """The page as it is sent."""
    asked = Ask(method="GET", path="/account", root=ORIGIN)
    return render(answer, asked, visitor.browser.tenant).body.decode()


async def session_of(visitor: Visitor) -> Session:
    """The session of this browser."""
    found = await sessions.current(visitor.browser.ask("/", {}), visitor.browser.tenant)
    assert found
    return found


def path(answer) -> str:
    """Where an answer leads, at this origin."""
    return location(answer).removeprefix(ORIGIN)


async def to_code(visitor: Visitor, **more: str | None) -> str:
    """In a flow, past the password: the address of the page that comes then."""
    resumed = await visitor.browser.resumes(await visitor.signs_in(to=await into_flow(visitor, **more)))
    return path(resumed)


async def set_up(visitor: Visitor, address: str):
    """The page that links an app is filled in."""
    page = await visitor.get(address)
    secret = str(shown(page)["secret"]).replace(" ", "")
    form = {
        "csrf": str(shown(page)["csrf"]),
        "begun": str(shown(page)["begun"]),
        "code": code(secret, visitor.browser.tenant, -1),
    }
    return secret, await visitor.post(address, form)


async def test_a_code_leads_on_with_the_flow():
    """After the password comes the code, after the code the answer; the token says how and when."""
    clock = Clock()
    visitor = await visited(clock)
    secret, _ = await with_app(visitor)
    address = await to_code(visitor)
    assert address.startswith("/mfa?flow=")
    before, began = await session_of(visitor), clock.now
    clock.now += 20
    answer = await visitor.fills(address, code=code(secret, visitor.browser.tenant))
    assert path(answer).startswith("/authorize/resume?flow=")
    finished = told(await visitor.browser.resumes(answer))
    said = claims_of(
        visitor.browser.tenant, str((await redeemed(visitor.browser.tenant, finished["code"]))["id_token"])
    )
    assert said["amr"] == ["pwd", "otp", "mfa"]
    assert said["acr"] == MFA_ACR
    assert said["auth_time"] == int(began)
    after = await session_of(visitor)
    assert after.id != before.id
    assert said["sid"] == after.id


async def test_the_session_from_before_is_good_for_nothing():
    """Whoever had the cookie of the half-way session has nothing of what was shown after."""
    visitor = await visited()
    secret, _ = await with_app(visitor)
    address = await to_code(visitor)
    copied = dict(visitor.browser.cookies)
    await visitor.fills(address, code=code(secret, visitor.browser.tenant))
    thief = Browser(visitor.browser.tenant, copied)
    assert await sessions.current(thief.ask("/", {}), thief.tenant) is None


async def test_a_recovery_code_leads_on_too():
    """A code that was written down does; the token says that there was more than one factor, and no app."""
    visitor = await visited()
    _, codes = await with_app(visitor)
    address = await to_code(visitor)
    other = str(shown(await visitor.get(address))["other"])
    assert other.startswith("/mfa?way=recovery&flow=")
    finished = await visitor.browser.resumes(await visitor.fills(other, code=codes[0].lower()))
    said = claims_of(
        visitor.browser.tenant,
        str((await redeemed(visitor.browser.tenant, told(finished)["code"]))["id_token"]),
    )
    assert (said["amr"], said["acr"]) == (["pwd", "mfa"], MFA_ACR)


@pytest.mark.parametrize(("way", "problem"), [("", "wrong"), ("&way=recovery", "wrong")])
async def test_a_wrong_code_is_told_kindly(way: str, problem: str):
    """The form comes again with what was wrong, and nobody is further than before."""
    visitor = await visited()
    secret, _ = await with_app(visitor)
    address = await to_code(visitor) + way
    answer = await visitor.fills(address, code=wrong(secret, visitor.browser.tenant))
    assert answer.status == 403
    assert shown(answer)["attempt"].problem == problem  # type: ignore[attr-defined]
    assert "mfa" not in (await session_of(visitor)).amr


async def test_a_used_code_is_told_so():
    """A code that was used in another browser is told apart from a wrong one: wait for the next."""
    visitor = await visited()
    secret, _ = await with_app(visitor)
    address, other = await to_code(visitor), Visitor(Browser(visitor.browser.tenant))
    text = code(secret, visitor.browser.tenant)
    await other.fills(await to_code(other), code=text)
    answer = await visitor.fills(address, code=text)
    assert shown(answer)["attempt"].problem == "used"  # type: ignore[attr-defined]
    assert "Wait for the next one" in text_of(visitor, answer)


async def test_whoever_guesses_has_to_wait():
    """Too many wrong codes answer 429, in every window and at the right code, too."""
    visitor = await visited(policy=Policy(sign_in_account_burst=2))
    secret, _ = await with_app(visitor)
    address = await to_code(visitor)
    for _ in range(2):
        await visitor.fills(address, code=wrong(secret, visitor.browser.tenant))
    answer = await visitor.fills(address, code=code(secret, visitor.browser.tenant))
    assert answer.status == 429
    assert "retry-after" in dict(answer.headers)
    assert "Try again in" in text_of(visitor, answer)


async def test_a_form_that_is_sent_twice_leads_on():
    """The second one finds it done; also where the page is opened again."""
    visitor = await visited()
    secret, _ = await with_app(visitor)
    address = await to_code(visitor)
    form = {
        "csrf": str(shown(await visitor.get(address))["csrf"]),
        "code": code(secret, visitor.browser.tenant),
    }
    await visitor.post(address, form)
    for again in (await visitor.post(address, form), await visitor.get(address)):
        assert path(again).startswith("/authorize/resume?flow=")


async def test_who_has_none_sets_it_up_on_the_way():
    """Where the tenant always wants one: the picture, the codes that are shown once, and on."""
    visitor = await visited(policy=ALWAYS)
    tenant = visitor.browser.tenant
    address = path(await visitor.get(await to_code(visitor)))
    assert address.startswith("/mfa/setup?flow=")
    secret, answer = await set_up(visitor, address)
    assert answer.status == 200
    codes = shown(answer)["codes"]
    assert isinstance(codes, tuple)
    assert len(codes) == 10
    assert dict(answer.headers)["cache-control"] == "no-store"
    assert codes[0] in text_of(visitor, answer)
    assert secret not in text_of(visitor, answer)
    assert str(shown(answer)["next"]).startswith(f"{ORIGIN}/authorize/resume?flow=")
    assert "mfa" in (await session_of(visitor)).amr
    assert set(await held.of_user(tenant, person())) == {"totp", "recovery"}


async def test_what_is_set_up_wrongly_shows_the_same_picture():
    """A wrong code keeps the secret that the app has already; one that took too long gets another."""
    clock = Clock()
    visitor = await visited(clock, policy=ALWAYS)
    address = path(await visitor.get(await to_code(visitor)))
    page = await visitor.get(address)
    form = {"csrf": str(shown(page)["csrf"]), "begun": str(shown(page)["begun"])}
    secret = str(shown(page)["secret"])
    answer = await visitor.post(address, {**form, "code": wrong(secret, visitor.browser.tenant)})
    assert shown(answer)["attempt"].problem == "wrong"  # type: ignore[attr-defined]
    assert (shown(answer)["secret"], shown(answer)["begun"]) == (secret, form["begun"])
    answer = await visitor.post(
        address, {**form, "begun": "changed", "code": code(secret, visitor.browser.tenant)}
    )
    assert shown(answer)["attempt"].problem == "over"  # type: ignore[attr-defined]
    assert shown(answer)["secret"] != secret
    assert await held.of_user(visitor.browser.tenant, person()) == {}


async def test_setting_up_wants_a_fresh_sign_in():
    """Whoever finds a browser that somebody left signed in links no app of their own."""
    clock = Clock()
    visitor = await visited(clock)
    await visitor.signs_in()
    clock.now += 601
    assert path(await visitor.get("/mfa/setup")) == "/login?return_to=%2Fmfa%2Fsetup"
    visitor = await visited(clock, policy=ALWAYS)
    address = path(await visitor.get(await to_code(visitor)))
    clock.now += 601
    assert path(await visitor.get(address)).startswith("/login?flow=")


async def test_without_a_flow_the_way_leads_to_where_one_wanted():
    """After signing in, whoever has a factor shows it, and then comes to the path they wanted."""
    visitor = await visited()
    secret, _ = await with_app(visitor)
    answer = await visitor.signs_in(to="/login?return_to=%2Faccount%23apps")
    assert path(answer) == "/mfa?return_to=%2Faccount%23apps"
    answer = await visitor.fills(path(answer), code=code(secret, visitor.browser.tenant))
    assert path(answer) == "/account#apps"
    assert (await visitor.get("/account")).status == 200


async def test_nobody_is_asked_who_owes_nothing():
    """Who is not signed in signs in; who has no factor goes on; who owes nothing sees no form."""
    visitor = await visited()
    assert path(await visitor.get("/mfa")) == "/login"
    assert path(await visitor.post("/mfa", {"code": "1"})) == "/login"
    assert path(await visitor.get("/mfa/setup?return_to=%2Fa")) == "/login?return_to=%2Fa"
    assert path(await visitor.post("/mfa/setup", {})) == "/login"
    await visitor.signs_in()
    assert path(await visitor.get("/mfa?return_to=%2F%2Fevil.example")) == "/account"
    assert path(await visitor.post("/mfa", {"code": "1"})) == "/account"
    address = await into_flow(visitor, prompt="login")
    stranger = Visitor(Browser(visitor.browser.tenant))
    with pytest.raises(Refused) as caught:
        await stranger.get(f"/mfa?{address.partition('?')[2]}")
    assert caught.value.reason is FLOW_LOST


async def test_the_account_waits_for_the_second_factor():
    """Half way in, no page and no deed of the account is there; each leads to the code first."""
    visitor = await visited()
    await with_app(visitor)
    await visitor.signs_in()
    for answer in (
        await visitor.get("/account"),
        await visitor.post("/account/profile", {"name": "x"}),
        await visitor.post("/account/sessions", {"session": "others"}),
        await visitor.get("/account/second-factor"),
        await visitor.post("/account/second-factor", {"deed": "remove"}),
    ):
        assert path(answer) == "/mfa?return_to=%2Faccount"
    assert path(await visitor.post("/account/password", {})) == "/mfa?return_to=%2Faccount%23security"


async def test_forms_are_of_their_browser():
    """A form without its token changes nothing."""
    visitor = await visited()
    secret, _ = await with_app(visitor)
    address = await to_code(visitor)
    with pytest.raises(Refused) as caught:
        await visitor.post(address, {"code": code(secret, visitor.browser.tenant)})
    assert caught.value.reason is FORM_FORGED
    await visitor.fills(address, code=code(secret, visitor.browser.tenant))
    for form in ({"deed": "remove"}, {"deed": "other", "csrf": "x"}):
        with pytest.raises(Refused) as caught:
            await visitor.post("/account/second-factor", form)
        assert caught.value.reason is FORM_FORGED
    other = await visited(policy=ALWAYS)
    with pytest.raises(Refused) as caught:
        await other.post(path(await other.get(await to_code(other))), {"code": "1"})
    assert caught.value.reason is FORM_FORGED


async def signed_in(visitor: Visitor, secret: str) -> None:
    """All the way into the account."""
    answer = await visitor.signs_in()
    await visitor.fills(path(answer), code=code(secret, visitor.browser.tenant))


async def test_the_account_tells_what_there_is():
    """Nothing, then an app and ten codes; nothing at all where the tenant has no second factors."""
    visitor = await visited()
    await visitor.signs_in()
    assert shown(await visitor.get("/account"))["second"].since is None  # type: ignore[attr-defined]
    assert "/mfa/setup" in text_of(visitor, await visitor.get("/account"))
    await set_up(visitor, "/mfa/setup?return_to=%2Faccount")
    answer = await visitor.get("/account")
    second = shown(answer)["second"]
    assert (second.since, second.left) == (visitor.browser.tenant.now(), 10)  # type: ignore[attr-defined]
    assert "10 of 10 left" in text_of(visitor, answer)
    never = await visited(policy=Policy(second_factor="never"))
    await never.signs_in()
    assert shown(await never.get("/account"))["second"] is None


async def test_turning_it_off_takes_a_code():
    """A wrong code changes nothing; a right one ends app and codes."""
    visitor = await visited()
    clock = visitor.browser.tenant.tools.clock
    secret, _ = await with_app(visitor)
    await signed_in(visitor, secret)
    tenant = visitor.browser.tenant
    for text in (wrong(secret, tenant), "AAAA-AAAA-AAAA-AAAA", ""):
        answer = await visitor.fills("/account/second-factor", code=text, deed="remove")
        assert shown(answer)["attempt"].problem == "wrong"  # type: ignore[attr-defined]
    assert len(await held.of_user(tenant, person())) == 2
    clock.now += 30  # type: ignore[attr-defined]
    answer = await visitor.fills("/account/second-factor", code=code(secret, tenant), deed="remove")
    assert path(answer) == "/account?done=second_factor_removed#security"
    assert await held.of_user(tenant, person()) == {}
    assert path(await visitor.get("/account/second-factor")) == "/mfa/setup"


async def test_new_codes_take_a_code():
    """Whoever shows one of the old codes has ten new ones, on this page and nowhere else."""
    visitor = await visited()
    secret, codes = await with_app(visitor)
    await signed_in(visitor, secret)
    answer = await visitor.fills("/account/second-factor", code=codes[0], deed="renew")
    fresh = shown(answer)["codes"]
    assert isinstance(fresh, tuple)
    assert len(fresh) == recovery.MANY
    assert not set(fresh) & set(codes)
    assert fresh[0] in text_of(visitor, answer)


async def test_a_deed_that_is_none_uses_nothing_up():
    """What the form never says is refused before a code is looked at."""
    visitor = await visited()
    secret, codes = await with_app(visitor)
    await signed_in(visitor, secret)
    with pytest.raises(Refused) as caught:
        await visitor.fills("/account/second-factor", code=codes[0], deed="both")
    assert caught.value.reason is FORM_FORGED
    assert len((await held.of_user(visitor.browser.tenant, person()))["recovery"].digests) == 10


async def test_who_signs_in_as_somebody_else_begins_anew():
    """What one person showed is nothing that another one showed: the flow asks again."""
    visitor = await visited()
    await with_app(visitor)
    address = await to_code(visitor)
    answer = await visitor.browser.resumes(await visitor.signs_in(to=address.replace("/mfa", "/login")))
    assert path(answer).startswith("/mfa?flow=")
    assert (await known(visitor.browser.tenant, person())).has_second_factor


def test_letters_have_texts():
    """Each letter about a second factor is printed in both languages, with neither link nor code."""
    from sekisho.pages.letters import printed
    from sekisho.people.second_factor import told as letters

    for name in (letters.ADDED, letters.REMOVED, letters.RENEWED, letters.RECOVERED):
        for language in ("en", "ja"):
            letter = Letter(
                name=name,
                to="a@example.com",
                language=language,
                house="Gate",
                expires_at=60,
                words={"account": "a@example.com", "address": "192.0.2.1"},
            )
            mail = printed(letter, 0)
            assert "192.0.2.1" in mail.text
            assert "192.0.2.1" in mail.html
            assert "href" not in mail.html
            assert "\n\n\n" not in mail.text


async def test_a_picture_is_as_the_app_reads_it():
    """The drawing has a quiet zone of four dots on each side, and something dark in it."""
    from sekisho.pages.second_factor.picture import picture

    drawn = picture("otpauth://totp/a?secret=b")
    assert drawn.width >= 21 + 8
    assert drawn.path.startswith("M4 4h7v1h-7z")
    setup = enrolment.begin((await visited()).browser.tenant, person(), "s")
    assert picture(setup.address) == picture(setup.address)
