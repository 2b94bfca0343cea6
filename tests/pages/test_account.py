"""The account page: what a person sees of themselves, and what they can do about it."""

from collections.abc import Mapping

import pytest

from sekisho.model.artifact import Owner, Refresh, Session
from sekisho.model.consent import Consent
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.pages.account.device import device
from sekisho.pages.account.page import RECENT
from sekisho.pages.account.profile import Profile
from sekisho.pages.render import render
from sekisho.people import sessions
from sekisho.people.factors.password import verify
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED, REFRESH_INVALID
from sekisho.store import Window
from tests.agreeing import (
    DOCUMENTS,
    FIELD,
    THEIRS,
    agreements,
    allows,
    asked_about,
    page_for,
    ranked,
    redeems,
)
from tests.agreeing import told as told_at_field
from tests.pages.visits import PASSWORD, Running, Visitor, csrf, shown, visited
from tests.tenants import NOW, ORIGIN, TENANT, Clock
from tests.visitor import VERIFIER, Browser, location, person, person_changed, redeemed, told

OTHER = "nine brown otters"
SSO = "__Host-sekisho-sso-demo"


async def at_home(clock: Clock | None = None, policy: Policy | None = None) -> Visitor:
    """Aya, signed in."""
    visitor = await visited(clock or Running(), policy)
    await visitor.signs_in()
    return visitor


async def does(visitor: Visitor, what: str, **form: str) -> Answer:
    """One of the forms of the page."""
    form = {name.replace("_password", "-password"): value for name, value in form.items()}
    return await visitor.fills("/account", f"/account/{what}?ui_locales=en", **form)


async def aya(visitor: Visitor) -> User:
    """Her record."""
    found = await visitor.browser.tenant.store.record(User, TENANT, person().id)
    assert found
    return found


async def session_of(visitor: Visitor) -> Session | None:
    """Who is signed in in this browser."""
    return await sessions.current(visitor.browser.ask("/", {}), visitor.browser.tenant)


async def happened(visitor: Visitor) -> list[str]:
    """The slugs of the audit, the latest first."""
    return [event.slug for event in await visitor.browser.tenant.store.events(TENANT, {}, Window())]


def text_of(answer: Answer, visitor: Visitor, query: Mapping[str, str] | None = None) -> str:
    """The page, as it is read."""
    ask = Ask(method="GET", path="/account", root=ORIGIN, query=tuple((query or {}).items()))
    return render(answer, ask, visitor.browser.tenant).body.decode()


async def test_a_stranger_has_to_sign_in_first() -> None:
    """Without a session there is no page and no deed, and the way leads back here."""
    visitor = await visited()
    expected = f"{ORIGIN}/login?return_to=%2Faccount"
    assert location(await visitor.get("/account")) == expected
    for what in ("profile", "sessions", "applications"):
        assert location(await visitor.post(f"/account/{what}", {"session": "others"})) == expected
    assert location(await visitor.post("/account/password", {})) == f"{expected}%23security"


@pytest.mark.parametrize("what", ["profile", "password", "sessions", "applications"])
async def test_a_forged_form_does_nothing(what: str) -> None:
    """Without the token, from another site, or for who was signed in before: refused."""
    visitor = await at_home()
    token = csrf(await visitor.get("/account"))
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post(f"/account/{what}", {})
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post(f"/account/{what}", {"csrf": token}, origin="https://evil.example")
    await visitor.signs_in()
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post(f"/account/{what}", {"csrf": token})


async def test_a_profile_is_changed() -> None:
    """Name, language and time zone become claims; an empty field takes one away, and all else stays."""
    visitor = await at_home()
    answer = await does(visitor, "profile", name=" 山田 愛子 ", locale="ja", zoneinfo="Asia/Tokyo")
    assert location(answer) == f"{ORIGIN}/account?done=profile#profile"
    user = await aya(visitor)
    expected = {**person().claims, "name": "山田 愛子", "locale": "ja", "zoneinfo": "Asia/Tokyo"}
    assert user.claims == expected
    await does(visitor, "profile", name="", locale="ja", zoneinfo="")
    assert {"name", "zoneinfo"}.isdisjoint((await aya(visitor)).claims)
    assert (await happened(visitor)).count("user_changed") == 2


async def test_the_language_of_the_profile_counts_at_once() -> None:
    """Whoever chooses a language reads it from then on, whatever link they had followed before."""
    visitor = await at_home()
    visitor.browser.cookies["lang"] = "en"
    answer = await does(visitor, "profile", name="Aya", locale="ja")
    assert "lang" not in visitor.browser.cookies
    assert "ui_locales" not in location(answer)
    assert '<html lang="ja"' in text_of(await visitor.get("/account"), visitor)
    kept = await does(visitor, "profile", name="Aya Example", locale="ja")
    assert location(kept) == f"{ORIGIN}/account?done=profile&ui_locales=en#profile"


@pytest.mark.parametrize(
    "form",
    [
        {"name": "x" * 301},
        {"name": "a\x07b"},
        {"name": "Aya", "locale": "xx"},
        {"name": "Aya", "locale": "en'><script>"},
        {"name": "Aya", "zoneinfo": "Mars/Base"},
        {"name": "Aya", "zoneinfo": "../../etc/passwd"},
    ],
)
async def test_a_profile_that_is_none_comes_back(form: Mapping[str, str]) -> None:
    """The page says that something is wrong, keeps what was typed, and nothing is saved."""
    visitor = await at_home()
    answer = await does(visitor, "profile", **form)
    assert (answer.status, shown(answer)["problem"]) == (400, "profile_malformed")
    typed = shown(answer)["profile"]
    assert isinstance(typed, Profile)
    assert typed.said["name"] == form["name"]
    assert "<script>" not in text_of(answer, visitor)
    assert (await aya(visitor)).claims == person().claims


@pytest.mark.parametrize("field", ["email", "blocked", "roles", "user_metadata", "phone_number", "username"])
async def test_a_profile_is_nothing_else(field: str) -> None:
    """Whatever else a form holds is not looked at: nobody makes themselves somebody else."""
    visitor = await at_home()
    before = await aya(visitor)
    await does(visitor, "profile", name="Aya", **{field: "evil@example.com"})
    assert (await aya(visitor)).claims == before.claims


async def test_who_brought_a_region_or_a_zone_of_their_own_keeps_them() -> None:
    """Saving the form changes nothing that was not touched, also what the form does not offer."""
    visitor = await at_home()
    told = {"locale": "ja_JP", "zoneinfo": "Mars/Base", "given_name": "Aya", "family_name": "Example"}
    await person_changed(visitor.browser.tenant, claims={**person().claims, **told})
    form = shown(await visitor.get("/account"))["profile"]
    assert isinstance(form, Profile)
    assert form.names == ("name", "given_name", "family_name")
    assert ("ja_JP", "日本語") in form.languages
    await does(visitor, "profile", **{**form.said, "given_name": "Ayako"})
    assert (await aya(visitor)).claims == {**person().claims, **told, "given_name": "Ayako"}


async def test_a_password_is_changed() -> None:
    """The new one is good, the old one is not; this browser has another session, others have none."""
    visitor = await at_home()
    other = Visitor(Browser(visitor.browser.tenant))
    await other.signs_in()
    before = visitor.browser.cookies[SSO], await session_of(visitor)
    answer = await does(visitor, "password", current_password=PASSWORD, new_password=OTHER)
    assert location(answer) == f"{ORIGIN}/account?done=password&ui_locales=en#security"
    after = visitor.browser.cookies[SSO], await session_of(visitor)
    assert before[0] != after[0]
    assert before[1]
    assert after[1]
    assert before[1].id != after[1].id
    assert await session_of(other) is None
    assert (await verify(visitor.browser.tenant, "aya@example.com", OTHER, "")).id == person().id
    assert "password_changed" in await happened(visitor)


@pytest.mark.parametrize(
    ("current", "new", "status", "problem"),
    [
        ("five green lanterns", OTHER, 400, "password_wrong"),
        ("", OTHER, 400, "password_wrong"),
        (PASSWORD, "short", 400, "password_short"),
        (PASSWORD, "x" * 257, 400, "password_malformed"),
        (PASSWORD, "password1", 400, "password_guessable"),
        (PASSWORD, "aya@example.com", 400, "password_personal"),
    ],
)
async def test_a_password_that_is_refused_stays(current: str, new: str, status: int, problem: str) -> None:
    """The page says which rule is broken; nobody is signed out, and neither password is in the page."""
    visitor = await at_home()
    before = await session_of(visitor)
    answer = await does(visitor, "password", current_password=current, new_password=new)
    assert (answer.status, shown(answer)["problem"]) == (status, problem)
    page = text_of(answer, visitor)
    assert "aria-invalid" in page
    for secret in (PASSWORD, OTHER, "password1"):
        assert f'"{secret}"' not in page
    assert before == await session_of(visitor)
    assert await verify(visitor.browser.tenant, "aya@example.com", PASSWORD, "")


async def test_whoever_guesses_the_current_password_has_to_wait() -> None:
    """A session that somebody left open is no way around the lockout."""
    visitor = await at_home(policy=Policy(sign_in_account_burst=2))
    for _ in range(2):
        await does(visitor, "password", current_password="x", new_password=OTHER)
    answer = await does(visitor, "password", current_password=PASSWORD, new_password=OTHER)
    assert answer.status == 429
    assert shown(answer)["problem"] == "sign_in_locked"


async def test_a_password_needs_a_recent_sign_in() -> None:
    """After a while the page offers to sign in again instead, and a form from before leads there, too."""
    clock = Running()
    visitor = await at_home(clock)
    token = csrf(await visitor.get("/account"))
    assert 'id="change-password"' in text_of(await visitor.get("/account"), visitor)
    clock.now += RECENT
    page = text_of(await visitor.get("/account"), visitor)
    assert 'id="change-password"' not in page
    assert 'id="again"' in page
    form = {"csrf": token, "current-password": PASSWORD, "new-password": OTHER}
    answer = await visitor.post("/account/password", form)
    assert location(answer) == f"{ORIGIN}/login?return_to=%2Faccount%23security"
    assert await verify(visitor.browser.tenant, "aya@example.com", PASSWORD, "")


async def test_devices_are_listed_and_ended() -> None:
    """Each session has the words of its device; another one is ended, this one stays."""
    visitor = await at_home()
    others = [Visitor(Browser(visitor.browser.tenant)) for _ in range(3)]
    for other in others:
        await other.signs_in()
    places = shown(await visitor.get("/account"))["places"]
    assert isinstance(places, list)
    assert [each.is_here for each in places] == [True, False, False, False]
    there = await session_of(others[0])
    assert there
    assert location(await does(visitor, "sessions", session=there.id)).startswith(
        f"{ORIGIN}/account?done=session&"
    )
    assert [bool(await session_of(each)) for each in (visitor, *others)] == [True, False, True, True]
    await does(visitor, "sessions", session="others")
    assert [bool(await session_of(each)) for each in (visitor, *others)] == [True, False, False, False]
    assert (await happened(visitor)).count("session_ended") == 3


async def test_nobody_ends_the_session_of_somebody_else() -> None:
    """The id of a stranger's session does nothing."""
    visitor = await at_home()
    stranger = person(id="7" * 36, user_id="auth0|other", logins=("other@example.com",))
    assert await visitor.browser.tenant.change(Save(stranger)) is None
    other = Browser(visitor.browser.tenant)
    begun = sessions.begin(stranger, ("pwd",), other.ask("/", {}), visitor.browser.tenant)
    assert await visitor.browser.tenant.store.write(begun.put) is None
    await does(visitor, "sessions", session=begun.session.id)
    await does(visitor, "sessions", session="others")
    found = await visitor.browser.tenant.store.find(Session, begun.session.owner, None, 10)
    assert [each.id for each in found] == [begun.session.id]


@pytest.mark.parametrize(
    ("agent", "name", "icon"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604",
            "iPhone, Safari",
            "phone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140 Safari/537 Edg/140",
            "Windows, Edge",
            "laptop",
        ),
        ("Mozilla/5.0 (Linux; Android 16; Pixel) Chrome/140 Mobile Safari/537", "Android, Chrome", "phone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Gecko/2010 Firefox/150", "Mac, Firefox", "laptop"),
        ("curl/8", "", "laptop"),
        ("", "", "laptop"),
    ],
)
def test_a_device_has_words(agent: str, name: str, icon: str) -> None:
    """System and browser by the names that their owner knows; nothing where nobody knows them."""
    found = device(agent)
    assert (found.name, found.icon) == (name, icon)


async def test_an_application_is_disconnected() -> None:
    """It is listed with what it may do, and then it is not: its tokens and its consents have ended."""
    visitor = await at_home()
    tenant, user = visitor.browser.tenant, person().user_id
    scopes = ("openid", "email")
    agreed = Consent(tenant=TENANT, id="c1", user=user, client="web", api=None, scopes=scopes, created_at=NOW)
    assert await tenant.change(Save(agreed)) is None
    code = told(await visitor.browser.authorize(scope="openid email offline_access"))["code"]
    assert (await redeemed(tenant, code))["refresh_token"]
    rows = shown(await visitor.get("/account"))["connected"]
    assert isinstance(rows, list)
    assert [(each.caller.id, [line.scope for line in each.lines]) for each in rows] == [
        ("web", ["openid", "email", "offline_access"])
    ]
    assert location(await does(visitor, "applications", client="web")).startswith(
        f"{ORIGIN}/account?done=application"
    )
    assert shown(await visitor.get("/account"))["connected"] == []
    assert await tenant.store.find(Refresh, Owner(tenant=TENANT, user=user), None, 10) == []
    assert "consent_withdrawn" in await happened(visitor)


async def test_what_an_administrator_agreed_to_is_no_persons_to_end() -> None:
    """It is listed with its API, as an administrator's; a person takes back only what they agreed to."""
    visitor = await asked_about()
    tenant, mine, scope = (
        visitor.browser.tenant,
        (FIELD, DOCUMENTS, person().user_id),
        "openid api://documents/",
    )
    await ranked(visitor)
    await allows(visitor, await page_for(visitor, f"{scope}Audit.Read"), everyone="yes")
    visitor.browser.cookies.clear()
    await visitor.signs_in()
    text = text_of(await visitor.get("/account"), visitor, {"ui_locales": "en"})
    assert "Allowed by an administrator, for everyone" in text
    assert "See who read what</bdi> · <bdi>Example Documents</bdi>" in text
    assert 'name="client"' not in text
    await allows(visitor, await page_for(visitor, f"{scope}Files.Read"))
    text = text_of(await visitor.get("/account"), visitor, {"ui_locales": "en"})
    assert "Read your documents</bdi> · <bdi>Example Documents</bdi>" in text
    assert f'name="client" value="{FIELD}"' in text
    assert mine in await agreements(tenant)
    await does(visitor, "applications", client=FIELD)
    assert await agreements(tenant) == {
        (FIELD, None, None): ("openid",),
        (FIELD, DOCUMENTS, None): ("Audit.Read",),
    }


async def test_taking_back_ends_tokens_in_entras_words() -> None:
    """Without their agreement a refresh token gives nothing any more. Contract section 8.7."""
    visitor = await asked_about(None, Running())
    scope = "openid offline_access api://documents/Files.Read"
    said = told_at_field(await allows(visitor, await page_for(visitor, scope)))
    form = {"code": said["code"], "redirect_uri": THEIRS, "code_verifier": VERIFIER}
    last = (await redeems(visitor, grant_type="authorization_code", **form))["refresh_token"]
    last = (await redeems(visitor, grant_type="refresh_token", refresh_token=last))["refresh_token"]
    await does(visitor, "applications", client=FIELD)
    with pytest.raises(Refused, match=REFRESH_INVALID.slug):
        await redeems(visitor, grant_type="refresh_token", refresh_token=last)
