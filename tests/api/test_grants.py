"""/api/v2/grants."""

import pytest

from sekisho import tokens
from sekisho.model.artifact import Owner, Refresh
from sekisho.model.step import Save
from sekisho.people import consents
from sekisho.store import Window
from tests.api.conftest import Desk
from tests.tenants import AUDIENCE, ORIGIN
from tests.visitor import Browser, altered, location, person, redeemed, told, web_client

OWN = f"{ORIGIN}/userinfo"
EVERYTHING = {"scope": "openid offline_access read:things", "audience": AUDIENCE}


@pytest.fixture
async def given(home) -> dict[str, object]:
    """The tokens of somebody who was asked, and agreed."""
    await altered(home.tenant, is_first_party=False)
    browser = Browser(home.tenant)
    answer = await browser.signs_in(await browser.authorize(**EVERYTHING))
    answer = await browser.agrees(answer)
    return await redeemed(home.tenant, told(answer)["code"])


async def audiences(desk: Desk, query: str = "") -> list[str]:
    """What the grants of a list are for."""
    answer = await desk.ask(f"GET /grants{query}")
    assert isinstance(answer.json, list)
    return sorted(each["audience"] for each in answer.json)


async def lives(desk: Desk, given: dict[str, object]) -> list[bool]:
    """Whether access token and refresh token are good."""
    families = await desk.tenant.store.find(Refresh, Owner(tenant=desk.tenant.id, user="auth0|aya"), None, 10)
    return [await tokens.good(str(given["access_token"]), desk.tenant) is not None, bool(families)]


async def test_what_a_person_agreed_to_is_listed(home, given):
    """A grant is between a user, a client and an API; what is the server's own goes by /userinfo."""
    found = {each["audience"]: each for each in (await home.ask("GET /grants")).json}
    grant = found[AUDIENCE]
    assert grant == {
        "id": grant["id"],
        "clientID": "web",
        "user_id": "auth0|aya",
        "audience": AUDIENCE,
        "scope": ["read:things"],
    }
    assert found[OWN]["scope"] == ["openid", "offline_access"]
    for query, expected in (
        ("?user_id=auth0%7Caya", [AUDIENCE, OWN]),
        ("?user_id=auth0%7Cbob", []),
        ("?client_id=web", [AUDIENCE, OWN]),
        ("?client_id=other", []),
        (f"?audience={AUDIENCE}", [AUDIENCE]),
        (f"?audience={OWN}&user_id=auth0%7Caya&client_id=web", [OWN]),
        ("?audience=https://nothing.example", []),
    ):
        assert await audiences(home, query) == sorted(expected), query
    whole = (await home.ask("GET /grants?include_totals=true&per_page=1")).json
    assert (whole["total"], len(whole["grants"])) == (2, 1)
    assert await lives(home, given) == [True, True]


async def test_a_grant_that_ends_takes_its_tokens_along(home, given):
    """The client loses every token of this person, and the person is asked again for what ended."""
    (grant,) = (await home.ask(f"GET /grants?audience={AUDIENCE}")).json
    assert (await home.ask(f"DELETE /grants/{grant['id']}")).status == 204
    assert await lives(home, given) == [False, False]
    assert await audiences(home) == [OWN]
    assert (await home.ask(f"DELETE /grants/{grant['id']}")).status == 204
    (event,) = await home.tenant.store.events(home.tenant.id, {"slug": "consent_withdrawn"}, Window())
    assert event.detail == {"user_id": "auth0|aya", "client_id": "web"}
    browser = Browser(home.tenant)
    answer = await browser.signs_in(await browser.authorize(**EVERYTHING))
    assert "/consent?" in location(answer)


async def test_everything_that_a_person_agreed_to_ends(home, given):
    """All clients of one user lose what they were given; others keep theirs."""
    bob = consents.new("auth0|bob", web_client(), None, ("openid",), home.clock())
    assert await home.tenant.change(Save(bob)) is None
    assert (await home.ask("DELETE /grants?user_id=auth0%7Caya")).status == 204
    assert await lives(home, given) == [False, False]
    assert [each["user_id"] for each in (await home.ask("GET /grants")).json] == ["auth0|bob"]
    assert (await home.ask("DELETE /grants?user_id=auth0%7Cnobody")).status == 204


@pytest.mark.parametrize("query", ["", "?user_id=", "?client_id=web"])
async def test_says_whose_grants_end(home, query):
    """Nobody ends the grants of everybody by leaving something out."""
    answer = await home.ask(f"DELETE /grants{query}")
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_query_string")


async def test_deleting_a_user_deletes_its_grants(home, given):
    """Nothing that somebody agreed to outlives them."""
    assert (await home.ask(f"DELETE /users/{person().user_id.replace('|', '%7C')}")).status == 204
    assert await audiences(home) == []
    assert await lives(home, given) == [False, False]
