"""Signing out, as a person meets it."""

import pytest

from sekisho.app import urls
from sekisho.people import sessions
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FORM_FORGED, LOGOUT_MISMATCH, PERSON_BLOCKED
from tests.pages.visits import Visitor, csrf, into_flow, shown, visited
from tests.tenants import ORIGIN
from tests.visitor import location, person_changed, redeemed, told

BYE = "https://app.example.com/bye"
CONFIRM = "/oidc/logout/confirm"


async def signed_in() -> Visitor:
    """Somebody with a session, whose client has an address for afterwards."""
    visitor = await visited(allowed_logout_urls=(BYE,))
    await visitor.signs_in()
    return visitor


async def is_signed_in(visitor: Visitor) -> bool:
    """There is a session in this browser."""
    return await sessions.current(visitor.browser.ask("/", {}), visitor.browser.tenant) is not None


async def test_a_client_that_knows_the_session_ends_it_at_once() -> None:
    """With a hint nobody is asked; the person goes back to the client, without session and without cookie."""
    visitor = await visited(allowed_logout_urls=(BYE,))
    answer = await visitor.browser.resumes(await visitor.signs_in(to=await into_flow(visitor)))
    hint = (await redeemed(visitor.browser.tenant, told(answer)["code"]))["id_token"]
    address = f"/oidc/logout?id_token_hint={hint}&post_logout_redirect_uri={BYE}"
    assert location(await visitor.get(f"{address}&state=s")) == f"{BYE}?state=s"
    assert not await is_signed_in(visitor)
    assert "__Host-sekisho-sso-demo" not in visitor.browser.cookies
    # A second time there is nothing to end: the person goes on all the same.
    assert location(await visitor.get(address)) == BYE


async def test_everybody_else_asks_the_person() -> None:
    """A link on any site shows the question, and ends nothing."""
    visitor = await signed_in()
    for answer in (await visitor.get("/oidc/logout"), await visitor.post("/oidc/logout", {"state": "s"})):
        assert answer.page is not None
        assert answer.page[0] == "sign_out"
    assert await is_signed_in(visitor)


async def test_yes_ends_the_session() -> None:
    """The person confirms; the page that says so can be loaded again, and has the element for it."""
    visitor = await signed_in()
    answer = await visitor.fills("/oidc/logout?ui_locales=ja", CONFIRM, decision="confirm", ui_locales="ja")
    assert location(answer) == f"{ORIGIN}/oidc/logout?ui_locales=ja"
    assert not await is_signed_in(visitor)
    for _ in range(2):
        answer = await visitor.get("/oidc/logout")
        assert answer.page is not None
        assert answer.page[0] == "signed_out"


async def test_yes_leads_back_to_the_client() -> None:
    """Where the client named an address of its own, and itself, the person's word is enough."""
    visitor = await signed_in()
    address = f"/oidc/logout?client_id=web&post_logout_redirect_uri={BYE}&state=s"
    kept = shown(await visitor.get(address))["kept"]
    assert kept == {"client_id": "web", "post_logout_redirect_uri": BYE, "state": "s"}
    answer = await visitor.fills(address, CONFIRM, **kept, decision="confirm")
    assert location(answer) == f"{BYE}?state=s"


@pytest.mark.parametrize("decision", ["cancel", ""])
async def test_no_ends_nothing(decision: str) -> None:
    """Who stays comes to their account."""
    visitor = await signed_in()
    answer = await visitor.fills("/oidc/logout", CONFIRM, decision=decision)
    assert location(answer) == f"{ORIGIN}/account"
    assert await is_signed_in(visitor)


async def test_a_forged_yes_ends_nothing() -> None:
    """Without the token, from another site, with another address than those registered: refused."""
    visitor = await signed_in()
    token = csrf(await visitor.get("/oidc/logout"))
    yes = {"decision": "confirm", "csrf": token}
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post(CONFIRM, {"decision": "confirm"})
    with pytest.raises(Refused, match=FORM_FORGED.slug):
        await visitor.post(CONFIRM, yes, origin="https://evil.example")
    evil = {"client_id": "web", "post_logout_redirect_uri": "https://evil.example"}
    with pytest.raises(Refused, match=LOGOUT_MISMATCH.slug):
        await visitor.post(CONFIRM, {**yes, **evil})
    assert await is_signed_in(visitor)


async def test_a_way_back_is_offered_where_nobody_was_signed_in() -> None:
    """Without session and hint nobody is redirected; the registered address is a link."""
    visitor = await visited(allowed_logout_urls=(BYE,))
    answer = await visitor.get(f"/oidc/logout?client_id=web&post_logout_redirect_uri={BYE}")
    assert shown(answer)["goes_to"] == BYE
    assert shown(await visitor.get(f"/oidc/logout?post_logout_redirect_uri={BYE}"))["back"] is None


async def test_somebody_blocked_is_told_so() -> None:
    """The pages of an account are not for those who are blocked."""
    visitor = await signed_in()
    await person_changed(visitor.browser.tenant, blocked=True)
    with pytest.raises(Refused, match=PERSON_BLOCKED.slug) as refused:
        await visitor.get("/account")
    assert refused.value.seen == Contrast("blocked", "false", "true")


def test_the_metadata_names_the_endpoint() -> None:
    """The row of the endpoint names itself, for both methods. Section 2.1."""
    assert urls().find("GET", "/oidc/logout").route.names_itself == "end_session_endpoint"
    assert urls().find("POST", "/oidc/logout").route.reads == "form"
