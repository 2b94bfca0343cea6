"""The consent page: what a person is asked, and what an answer is worth."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.consent import Consent
from sekisho.model.step import Save
from sekisho.oauth.steps import Need
from sekisho.pages.render import render
from sekisho.people import consents
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST, FORM_FORGED
from tests.pages.visits import Visitor, client_of, csrf, into_flow, shown, visited
from tests.tenants import AUDIENCE, ORIGIN
from tests.visitor import location, person, told

THIRD: dict[str, Any] = {"is_first_party": False}
SCOPES = "openid email read:things"


async def asked(**more: str) -> tuple[Visitor, str]:
    """A person who signed in and is asked, and where."""
    visitor = await visited(**THIRD)
    return visitor, await asked_again(visitor, **more)


async def asked_again(visitor: Visitor, **more: str) -> str:
    """Where the next flow of this person asks."""
    address = await into_flow(visitor, **{"scope": SCOPES, "audience": AUDIENCE, **more})
    if address.startswith("/login"):
        answer = await visitor.browser.resumes(await visitor.signs_in(to=address))
        address = location(answer).removeprefix(ORIGIN)
    assert address.startswith("/consent?flow=")
    return address


def text_of(answer: Answer, language: str = "") -> str:
    """The page as a browser gets it."""
    ask = Ask(method="GET", path="/consent", root=ORIGIN, query=(("ui_locales", language),))
    return render(answer, ask).body.decode()


async def agreed(visitor: Visitor, api: str | None) -> Consent | None:
    """What is remembered."""
    client = await client_of(visitor)
    return await consents.agreed(person().user_id, client, api, visitor.browser.tenant)


async def test_everything_is_asked_in_words() -> None:
    """Our scopes in our words, an API's in its own; who asks, who is signed in, where it leads."""
    visitor, address = await asked()
    text = text_of(await visitor.get(address))
    for words in (
        *("See your email address", "<code>read:things</code>", "Things", "Web", "aya@example.com"),
        *("app.example.com", 'id="allow"', 'id="deny"', "Not you?"),
    ):
        assert words in text
    assert "メールアドレスを見る" in text_of(await visitor.get(address), "ja")


async def test_yes_is_remembered_and_answered() -> None:
    """The client gets its code, the agreement is kept for the server and for the API, and audited."""
    visitor, address = await asked()
    answer = await visitor.browser.resumes(await visitor.fills(address, decision="allow"))
    assert told(answer)["code"]
    kept = [await agreed(visitor, api) for api in (None, AUDIENCE)]
    assert [each and each.scopes for each in kept] == [("openid", "email"), ("read:things",)]
    assert "code" in told(await visitor.browser.authorize(scope=SCOPES, audience=AUDIENCE))


async def test_no_is_told_to_the_client() -> None:
    """The client learns that the person declined, with its state; the flow is over and nothing is kept."""
    visitor, address = await asked()
    answer = await visitor.fills(address, decision="deny")
    assert answer.status == 303
    assert location(answer).startswith("https://app.example.com/cb?")
    assert told(answer)["error"] == "access_denied"
    assert told(answer)["state"] == "s-1"
    assert await agreed(visitor, None) is None
    with pytest.raises(Refused, match=FLOW_LOST.slug):
        await visitor.get(address)


@pytest.mark.parametrize("decision", ["", "maybe"])
async def test_only_a_decision_decides(decision: str) -> None:
    """A form that says neither yes nor no changes nothing."""
    visitor, address = await asked()
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.fills(address, decision=decision)
    assert await agreed(visitor, None) is None


async def test_a_forged_yes_is_refused() -> None:
    """Without the token, or from another site, nobody agreed."""
    visitor, address = await asked()
    token = csrf(await visitor.get(address))
    for form, headers in (
        ({"decision": "allow"}, {}),
        ({"decision": "allow", "csrf": token}, {"origin": "https://evil.example"}),
    ):
        with pytest.raises(Refused, match=FORM_FORGED.slug):
            await visitor.post(address, form, **headers)
    assert await agreed(visitor, None) is None


async def test_yes_is_said_by_the_person_who_was_asked() -> None:
    """Somebody else who signed in meanwhile, in another window, did not agree to what the first one saw."""
    visitor, address = await asked()
    token = csrf(await visitor.get(address))
    tenant = visitor.browser.tenant
    other = replace(person(), id="8" * 36, user_id="auth0|bo", logins=("bo@example.com",))
    assert await tenant.change(Save(other)) is None
    await visitor.browser.signs_in(await visitor.browser.authorize(prompt="login"), other)
    answer = await visitor.post(address, {"decision": "allow", "csrf": token})
    assert location(answer).startswith(f"{ORIGIN}/authorize/resume")
    assert await consents.of_user(other.user_id, tenant) == []
    assert await agreed(visitor, None) is None


async def test_yes_is_about_what_was_seen() -> None:
    """Where an agreement ended while the page was open, the page agrees to nothing more than it showed."""
    visitor, address = await asked(scope="openid")
    await visitor.browser.resumes(await visitor.fills(address, decision="allow"))
    address = await asked_again(visitor)
    token = csrf(await visitor.get(address))
    await visitor.browser.tenant.store.write()
    kept = await agreed(visitor, None)
    assert kept
    assert await visitor.browser.tenant.change(Save(replace(kept, scopes=()))) is None
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post(address, {"decision": "allow", "csrf": token})


async def test_a_client_may_have_it_asked_again() -> None:
    """With prompt=consent everything is shown again, also what was agreed to before."""
    visitor, address = await asked()
    await visitor.browser.resumes(await visitor.fills(address, decision="allow"))
    again = await asked_again(visitor, prompt="consent")
    asking: Any = shown(await visitor.get(again))["asking"]
    assert [line.scope for each in asking for line in each.lines] == ["openid", "email", "read:things"]
    assert told(await visitor.browser.resumes(await visitor.fills(again, decision="allow")))["code"]


async def test_without_a_session_the_flow_decides() -> None:
    """The page asks nobody who is not signed in, and takes no answer from them."""
    visitor, address = await asked()
    token = csrf(await visitor.get(address))
    del visitor.browser.cookies["__Host-sekisho-sso-demo"]
    for answer in (
        await visitor.get(address),
        await visitor.post(address, {"decision": "allow", "csrf": token}),
    ):
        assert location(answer).startswith(f"{ORIGIN}/authorize/resume?flow=")


async def test_an_api_without_scopes_is_asked_about() -> None:
    """A token for an API that says who comes is asked about, although it has no scope."""
    visitor, address = await asked(scope="openid")
    page = await visitor.get(address)
    assert "Act in your name" in text_of(page)
    assert Need(AUDIENCE, ()) != Need(None, ("openid",))


async def test_a_name_cannot_be_markup() -> None:
    """What a client or an API calls itself is text, its letters kept from changing the direction of ours."""
    visitor = await visited(name='<img src=x onerror="alert(1)">', **THIRD)
    text = text_of(await visitor.get(await asked_again(visitor)))
    assert "<img src=x" not in text
    assert "<bdi>&lt;img src=x" in text
