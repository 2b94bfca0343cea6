"""Codes, refresh tokens and exchanges in Entra's words, raced for over two processes of one database."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.consent import Consent
from sekisho.model.step import Save
from sekisho.people import consents
from tests.entra import PAGE, RECORDS, SPA, A, B, asking, on_behalf, origin, redeeming
from tests.visitor import person
from tests.walks.pair import Pair, inside
from tests.walks.surfer import Surfer

MANY = 20
ENTRA = "/main/oauth2/v2.0"
HERE: Mapping[str, str] = {"origin": origin(PAGE)}
Form = Mapping[str, Any]


@pytest.fixture
async def surfer(pair: Pair) -> Surfer:
    """A page, the APIs behind it, and somebody who agreed to all of it."""
    async with inside(pair.installation) as tenant:
        for each in RECORDS[1:]:
            kept = await tenant.store.record(type(each), tenant.id, each.id)
            if kept is None:
                assert await tenant.change(Save(replace(each, tenant=tenant.id))) is None
    return pair.surfer(person())


async def asked(pair: Pair, form: Form, n: int, headers: Mapping[str, str] = HERE) -> dict[str, Any]:
    """What one of the processes says."""
    sent = {name: str(value) for name, value in form.items() if value is not None}
    body: dict[str, Any] = (await pair.post(f"{ENTRA}/token", sent, n, headers)).json()
    return body


async def storm(pair: Pair, form: Form, many: int = MANY) -> list[dict[str, Any]]:
    """The same many times at the same moment, half of them at each process."""
    return list(await asyncio.gather(*(asked(pair, form, n) for n in range(many))))


async def code_of(surfer: Surfer) -> str:
    """A code for the page."""
    query = "&".join(f"{name}={value}" for name, value in asking().items()).replace(" ", "%20")
    page = await surfer.goes(f"{ENTRA}/authorize?{query}")
    if page.target.startswith("/login?"):
        page = await surfer.fills(page, **surfer.credentials)
    return str(httpx.URL(page.answer.headers["location"]).params["code"])


def again(text: str) -> Form:
    """The page shows a refresh token."""
    return {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": text}


async def test_a_code_is_used_once(pair: Pair, surfer: Surfer) -> None:
    """Of many that show it at both processes one at most is answered, and what that one got ends."""
    code = await code_of(surfer)
    answers = await storm(pair, redeeming(code))
    given = [each for each in answers if "access_token" in each]
    assert len(given) <= 1
    for body in given:
        for n in range(2):
            assert (await asked(pair, again(body["refresh_token"]), n))["error"] == "invalid_grant"
            assert (await asked(pair, on_behalf(body["access_token"]), n, {}))["error"] == "invalid_grant"


async def test_a_refresh_race_has_one_outcome(pair: Pair, surfer: Surfer) -> None:
    """All that show one token at once are given the same next one, by either process."""
    body = await asked(pair, redeeming(await code_of(surfer)), 0)
    answers = await storm(pair, again(body["refresh_token"]))
    assert len({each["refresh_token"] for each in answers}) == 1


async def test_nothing_lives_that_was_given_while_consent_ended(pair: Pair, surfer: Surfer) -> None:
    """Exchanges at both processes while the person takes it back: no token and no family of them goes on."""
    body = await asked(pair, redeeming(await code_of(surfer)), 0)
    form = on_behalf(body["access_token"], scope="api://b/read offline_access")
    first = await asked(pair, form, 0, {})
    assert "access_token" in first
    async with inside(pair.installation) as tenant:
        mine = await tenant.store.named(Consent, tenant.id, f"auth0|aya {A} {B}")
        assert mine

        async def ends() -> list[dict[str, Any]]:
            await asyncio.sleep(0.02)
            await consents.withdraw(tenant, mine.id, Actor())
            return []

        rounds = [storm(pair, form, 6) for _ in range(4)]
        answers = await asyncio.gather(*rounds, ends())
        answers = [[first], *answers]
        assert await tenant.change(Save(replace(mine, version=0))) is None
    own = {"client_id": B, "scope": "api://c/read"}
    for each in (each for several in answers for each in several if "access_token" in each):
        for n in range(2):
            assert "error" in await asked(pair, on_behalf(each["access_token"], **own), n, {})
            shown = {**again(each["refresh_token"]), "client_id": A, "client_secret": form["client_secret"]}
            assert "error" in await asked(pair, shown, n, {})
