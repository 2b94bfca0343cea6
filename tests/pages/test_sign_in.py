"""The sign-in page: who comes in, who does not, and what they learn from it."""

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Session
from sekisho.model.step import Save
from sekisho.pages.render import render
from sekisho.people import sessions, users
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, FORM_FORGED
from tests.pages.visits import PASSWORD, Visitor, csrf, into_flow, shown, visited, with_password
from tests.tenants import ORIGIN, Clock
from tests.visitor import location, person, person_changed, told


def page_of(answer: Answer) -> tuple[int, str]:
    """Status and text of a page, its token and its nonce blotted out."""
    rendered = render(answer, Ask(method="GET", path="/login", root=ORIGIN))
    nonce = dict(rendered.headers)["content-security-policy"].partition("nonce-")[2].strip("'")
    return answer.status, rendered.body.decode().replace(csrf(answer), "").replace(nonce, "")


async def session_of(visitor: Visitor) -> Session | None:
    """Who is signed in in this browser."""
    return await sessions.current(visitor.browser.ask("/", {}), visitor.browser.tenant)


async def test_a_flow_goes_on_after_the_sign_in() -> None:
    """Name and password lead back to where it is decided what comes next, and then to the client."""
    visitor = await visited()
    answer = await visitor.signs_in(to=await into_flow(visitor))
    assert answer.status == 303
    assert location(answer).startswith(f"{ORIGIN}/authorize/resume?flow=")
    assert told(await visitor.browser.resumes(answer))["code"]


async def test_without_a_flow_the_account_comes_next() -> None:
    """Somebody who was not sent by a client comes to their account."""
    visitor = await visited()
    assert location(await visitor.signs_in()) == f"{ORIGIN}/account"
    assert await session_of(visitor)


@pytest.mark.parametrize(
    ("return_to", "expected"),
    [
        ("%2Ft%2Fdemo%2Faccount%23apps", "/t/demo/account#apps"),
        ("%2F%2Fevil.example", "/account"),
        ("https%3A%2F%2Fevil.example", "/account"),
        ("%2F%5Cevil.example", "/account"),
    ],
)
async def test_a_path_of_ours_comes_next(return_to: str, expected: str) -> None:
    """`return_to` is followed at this origin and nowhere else."""
    visitor = await visited()
    assert location(await visitor.signs_in(to=f"/login?return_to={return_to}")) == ORIGIN + expected


async def test_nobody_learns_who_exists() -> None:
    """A wrong password, an unknown name, a name that is none: one page, one status, one text."""
    visitor = await visited()
    pages = []
    aya = "aya@example.com"
    for name, password in ((aya, "x"), ("who@example.com", PASSWORD), ("a b", "x"), (aya, "")):
        answer = await visitor.fills("/login", username=name, password=password)
        assert shown(answer)["attempt"].username == name  # type: ignore[attr-defined]
        status, text = page_of(answer)
        pages.append((status, text.replace(name, "")))
    assert len(set(pages)) == 1
    assert pages[0][0] == 400
    assert PASSWORD not in pages[0][1]
    assert await session_of(visitor) is None


async def test_whoever_guesses_has_to_wait() -> None:
    """After too many attempts the answer is 429 and says when to come back, for unknown names, too."""
    for name in ("aya@example.com", "who@example.com"):
        visitor = await visited(policy=Policy(sign_in_account_burst=2))
        for _ in range(2):
            assert (await visitor.fills("/login", username=name, password="x")).status == 400
        answer = await visitor.fills("/login", username=name, password=PASSWORD)
        assert answer.status == 429
        assert dict(answer.headers)["retry-after"] == "300"
        assert "Try again in 5 min" in page_of(answer)[1]


async def test_who_is_blocked_is_told_so_with_the_right_password_only() -> None:
    """A blocked account is a wrong password to all but its owner."""
    visitor = await visited()
    await person_changed(visitor.browser.tenant, blocked=True)
    assert (await visitor.signs_in(password="x")).status == 400
    answer = await visitor.signs_in()
    assert answer.status == 403
    assert "is blocked" in page_of(answer)[1]


async def test_a_forged_form_signs_nobody_in() -> None:
    """Without the token, with a token of another browser, from another site: refused (login CSRF)."""
    visitor, other = await visited(), await visited()
    right = {"username": "aya@example.com", "password": PASSWORD}
    token = csrf(await visitor.get("/login"))
    for form, headers in (
        (right, {}),
        ({**right, "csrf": csrf(await other.get("/login"))}, {}),
        ({**right, "csrf": token}, {"origin": "https://evil.example"}),
        ({**right, "csrf": token}, {"sec_fetch_site": "cross-site"}),
    ):
        with pytest.raises(Refused, match=FORM_FORGED.slug):
            await visitor.post("/login", form, **headers)
    visitor.browser.cookies.clear()
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post("/login", {**right, "csrf": token})


async def test_a_form_belongs_to_its_flow() -> None:
    """The token of one flow is none of another's, and a flow of another browser cannot be signed in to."""
    visitor, other = await visited(), await visited()
    one, two = await into_flow(visitor), await into_flow(visitor)
    right = {"username": "aya@example.com", "password": PASSWORD}
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post(two, {**right, "csrf": csrf(await visitor.get(one))})
    with pytest.raises(Refused, match=FLOW_LOST.slug):
        await other.get(one)


async def test_each_sign_in_is_a_new_session() -> None:
    """Whatever session a browser brought along, it leaves with another one (session fixation)."""
    visitor = await visited()
    await visitor.signs_in()
    before = dict(visitor.browser.cookies), await session_of(visitor)
    await visitor.signs_in()
    after = dict(visitor.browser.cookies), await session_of(visitor)
    assert before[1]
    assert after[1]
    assert before[1].id != after[1].id
    assert before[0]["__Host-sekisho-sso-demo"] != after[0]["__Host-sekisho-sso-demo"]


async def test_a_hint_is_filled_in() -> None:
    """The client's `login_hint` stands in the form, as text."""
    visitor = await visited()
    evil = '"><script>alert(1)</script>'
    text = page_of(await visitor.get(await into_flow(visitor, login_hint=evil)))[1]
    assert "<script>alert" not in text
    assert 'value="&#34;&gt;&lt;script&gt;' in text


async def test_the_client_says_who_it_is() -> None:
    """Name, logo, policy and terms of the client are there; what is no web address is no link."""
    visitor = await visited(
        name="<b>Shop</b>",
        logo_uri="https://shop.example/logo.png",
        policy_uri="https://shop.example/privacy",
        tos_uri="javascript:alert(1)",
    )
    text = page_of(await visitor.get(await into_flow(visitor)))[1]
    assert "&lt;b&gt;Shop&lt;/b&gt;" in text
    assert 'src="/logo/web"' in text
    assert 'href="https://shop.example/privacy"' in text
    assert "javascript:" not in text


async def test_the_policy_lets_the_answer_through() -> None:
    """A page in a flow allows its form to end at the client's origin; others do not. Frames are forbidden."""
    visitor = await visited()
    flow = await into_flow(visitor)
    for address, expected in (("/login", "'self';"), (flow, "'self' https://app.example.com;")):
        rendered = render(await visitor.get(address), Ask(method="GET", path="/login", root=ORIGIN))
        policy = dict(rendered.headers)["content-security-policy"]
        assert f"form-action {expected}" in policy
        assert "frame-ancestors 'none'" in policy


async def test_the_language_of_the_page_goes_on() -> None:
    """Who changed the language on the sign-in page finds it on the next one."""
    visitor = await visited()
    answer = await visitor.signs_in(to=f"{await into_flow(visitor)}&ui_locales=ja")
    assert "ui_locales=ja" in location(answer)


async def test_a_password_that_changed_meanwhile_signs_nobody_in() -> None:
    """The session is born when the proof began: what ended everything since then ends it, too."""
    clock = Clock()
    visitor = await visited(clock)
    tenant, user = visitor.browser.tenant, person()
    begun = sessions.begin(user, ("pwd",), visitor.browser.ask("/", {}), tenant, born=clock.now)
    clock.now += 1
    await users.end(tenant, user.user_id)
    clock.now += 1
    assert await tenant.store.write(begun.put)
    assert begun.session.auth_time == begun.session.born


async def test_another_name_of_the_same_person_will_do() -> None:
    """A login name is found in its canonical form."""
    visitor = await visited()
    other = replace(person(), id="7" * 36, user_id="auth0|other", logins=("other",), username="other")
    assert await visitor.browser.tenant.change(Save(other)) is None
    await with_password(visitor.browser.tenant, other)
    assert (await visitor.fills("/login", username=" OTHER ", password=PASSWORD)).status == 303
