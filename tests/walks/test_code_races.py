"""One code, one refresh token, many who show it at once, over two processes of one database."""

import asyncio
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Refresh
from sekisho.model.step import Swap
from sekisho.store import Window
from sekisho.tokens import refresh_token
from tests.tenants import AUDIENCE
from tests.visitor import EVERYTHING
from tests.walks.pair import POLICY, Pair, inside, redeeming, refreshing

MANY = 200


async def tokens(pair: Pair, **more: str | None) -> Any:
    """What the client is given for a code that nobody else has."""
    code = await pair.surfer().code(**{"scope": EVERYTHING, **more})
    answer = await pair.token(redeeming(code))
    assert answer.status_code == 200, answer.text
    return answer.json()


def won(answers: list[httpx.Response]) -> list[Any]:
    """What was given; everybody else was refused as the documents say."""
    refused = [answer for answer in answers if not answer.is_success]
    assert {(each.status_code, each.json()["error"]) for each in refused} <= {(400, "invalid_grant")}
    return [answer.json() for answer in answers if answer.is_success]


async def nothing_is_left(pair: Pair, given: list[Any]) -> None:
    """No process knows any of these tokens."""
    assert set().union(*[await pair.lives(body["access_token"]) for body in given]) == {False}
    await pair.refused(*{body["refresh_token"] for body in given})


@pytest.mark.parametrize("audience", [None, AUDIENCE])
async def test_a_code_that_leaked_gives_nothing(pair: Pair, audience: str | None) -> None:
    """200 redeem one code: one wins, the replay of the others takes it all back. RFC 6749 4.1.2, class 16."""
    code = await pair.surfer().code(scope=EVERYTHING, audience=audience)
    given = won(await pair.storm(redeeming(code), MANY))
    assert len(given) == 1
    await nothing_is_left(pair, given)


async def test_a_replay_ends_what_is_being_renewed(pair: Pair) -> None:
    """However a replay and the refreshes of the first one's token interleave, nothing survives. Class 16."""
    code = await pair.surfer().code(scope=EVERYTHING)
    first = (await pair.token(redeeming(code))).json()
    assert await pair.lives(first["access_token"]) == {True}
    storms = (pair.storm(refreshing(first["refresh_token"]), 50), pair.storm(redeeming(code), 50))
    renewed, replayed = map(won, await asyncio.gather(*storms))
    assert replayed == []
    await nothing_is_left(pair, [first, *renewed])


async def test_nobody_is_signed_out_for_asking_at_once(pair: Pair) -> None:
    """200 refresh one token: each gets the same successor, which is good; the tokens all work. Class 18."""
    first = await tokens(pair)
    given = won(await pair.storm(refreshing(first["refresh_token"]), MANY))
    assert len(given) == MANY
    (successor,) = {body["refresh_token"] for body in given}
    assert successor != first["refresh_token"]
    for body in given[:: MANY // 8]:
        assert await pair.lives(body["access_token"]) == {True}
    (again,) = won([await pair.token(refreshing(successor), 1)])
    assert again["refresh_token"] not in (successor, first["refresh_token"])


async def test_an_old_token_ends_the_family_everywhere(pair: Pair) -> None:
    """What was replaced longer ago than the leeway is a theft, whichever process sees it. Class 18."""
    first = await tokens(pair)
    (second,) = won([await pair.token(refreshing(first["refresh_token"]), 1)])
    (third,) = won([await pair.token(refreshing(second["refresh_token"]), 0)])
    # Two generations ago, but a moment only: refused, and nobody is signed out for it.
    assert won(await pair.storm(refreshing(first["refresh_token"]), 20)) == []
    assert await pair.lives(third["access_token"]) == {True}
    family = await aged(pair, third["refresh_token"])
    assert won(await pair.storm(refreshing(first["refresh_token"]), MANY)) == []
    await nothing_is_left(pair, [first, second, third])
    async with inside(pair.installation) as tenant:
        events = await tenant.store.events(tenant.id, {"slug": "refresh_reused"}, Window(limit=1_000))
    (about,) = {event.detail["grant"] for event in events if event.detail["grant"] == family}
    assert about == family


async def aged(pair: Pair, text: str) -> str:
    """The family of a token, as if more time had passed than the leeway."""
    async with inside(pair.installation) as tenant:
        family = await tenant.store.get(Refresh, refresh_token.read(text).family)
        assert isinstance(family, Refresh)
        before = family.rotated_at - POLICY.refresh_leeway - 1
        assert await tenant.store.write(Swap(replace(family, rotated_at=before))) is None
        return family.id


async def test_an_old_token_and_the_newest_at_once(pair: Pair) -> None:
    """While the owner renews, a thief gets nothing for the old one; a family ends whole. Class 18."""
    first = await tokens(pair)
    (second,) = won([await pair.token(refreshing(first["refresh_token"]), 1)])
    await aged(pair, second["refresh_token"])
    texts = (first["refresh_token"], second["refresh_token"])
    stolen, renewed = map(won, await asyncio.gather(*(pair.storm(refreshing(text), 50) for text in texts)))
    assert stolen == []
    states = [await pair.lives(body["access_token"]) for body in (first, second, *renewed)]
    assert states in ([{True}] * len(states), [{False}] * len(states))
    if states[0] == {False}:
        await nothing_is_left(pair, [second, *renewed])
