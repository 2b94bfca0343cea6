"""kill -9 after each write and before each answer of a sign-in, at its eight places, and the way on."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Mapping
from contextlib import suppress

import httpx
import pytest

from sekisho.model.artifact import AccessToken, Code, Owner, Refresh, Spent
from sekisho.model.step import Note
from sekisho.people import consents
from sekisho.store import Window
from sekisho.tenant import Tenant
from sekisho.tokens import refresh_token
from tests.tenants import SECRET
from tests.visitor import EVERYTHING, person, request
from tests.walks.life import Life
from tests.walks.mortal import ANSWERING, WROTE, Mortals
from tests.walks.pair import OTHER, Pair, inside, redeeming, refreshing
from tests.walks.surfer import authorization, code_in, told

# The places of the story, and how often each of them writes.
PLACES: Mapping[str, int] = {
    "pushed": 1,
    "flow begun": 1,
    "signed in": 1,
    "agreed": 1,
    "code issued": 2,
    "code redeemed": 1,
    "refresh rotated": 1,
    "left": 2,
}
PUSHED: Mapping[str, str] = {**request(), "client_secret": SECRET}


def deaths(place: str) -> pytest.MarkDecorator:
    """After each write of this place, and before its answer."""
    return pytest.mark.parametrize("when", [*map(str, range(1, PLACES[place] + 1)), ANSWERING])


@pytest.fixture
async def life(mortal: Mortals, pair_of_one: Pair) -> Life:
    """Somebody had everything, and somebody else begins."""
    found = Life(mortal, pair_of_one, pair_of_one.surfer(), pair_of_one.surfer(OTHER))
    answer = await found.pair.token(
        redeeming(await found.other.code(client_id="stranger", scope=EVERYTHING), "stranger")
    )
    found.kept = answer.json()["refresh_token"]
    return found


@pytest.fixture
def pair_of_one(mortal: Mortals, web: httpx.AsyncClient) -> Pair:
    """The one process, asked as others are."""
    return Pair(mortal.installation, (mortal.url,), web)


async def wrote(answer: Awaitable[httpx.Response]) -> tuple[int, httpx.Response]:
    """How often a request has written."""
    found = await answer
    assert found.status_code < 400, found.text
    return int(found.headers[WROTE]), found


async def test_every_write_is_a_fault_point(life: Life) -> None:
    """The story in peace writes as often as there are points to die at: none is forgotten."""
    surfer, counts = life.surfer, {}
    counts["pushed"], pushed = await wrote(life.pair.post("/oauth/par", {**PUSHED, "prompt": "consent"}))
    target = f"/authorize?client_id=web&request_uri={pushed.json()['request_uri']}"
    counts["flow begun"], answer = await wrote(surfer.send("GET", target))
    page = await surfer.goes(surfer.target(answer))
    counts["signed in"], answer = await wrote(surfer.posts(page, **surfer.credentials))
    page = await surfer.goes(surfer.target(answer))
    counts["agreed"], answer = await wrote(surfer.posts(page, decision="allow"))
    counts["code issued"], answer = await wrote(surfer.send("GET", surfer.target(answer)))
    code = await surfer.code(scope=EVERYTHING)
    counts["code redeemed"], answer = await wrote(life.pair.token(redeeming(code)))
    again = refreshing(answer.json()["refresh_token"])
    counts["refresh rotated"], _ = await wrote(life.pair.token(again))
    page = await surfer.goes("/oidc/logout")
    confirmed = {"csrf": page.csrf, "decision": "confirm"}
    counts["left"], _ = await wrote(surfer.send("POST", "/oidc/logout/confirm", confirmed))
    assert counts == PLACES


@deaths("pushed")
async def test_a_request_that_was_pushed(life: Life, when: str) -> None:
    """Pushed before: it can be opened. Pushed when the process died: the client pushes again."""
    before = await life.pair.post("/oauth/par", PUSHED)
    await life.dies_for_client(when, "/oauth/par", PUSHED)
    after = await life.pair.post("/oauth/par", PUSHED)
    for pushed in (before, after):
        assert pushed.status_code == 201
        page = await life.surfer.goes(f"/authorize?client_id=web&request_uri={pushed.json()['request_uri']}")
        assert await life.surfer.through(page)


@deaths("flow begun")
async def test_a_flow_that_begins(life: Life, when: str) -> None:
    """The person loads the page again; what was pushed for the lost flow is used up, and pushed again."""
    await life.dies(when, "GET", authorization())
    assert await life.surfer.code(prompt="login")
    uris = [(await life.pair.post("/oauth/par", PUSHED)).json()["request_uri"] for _ in range(2)]
    lost, other = (f"/authorize?client_id=web&prompt=login&request_uri={uri}" for uri in uris)
    life.surfer.cookies.clear()
    await life.dies(when, "GET", lost)
    assert (await life.surfer.goes(lost)).answer.status_code == 400
    assert await life.surfer.through(await life.surfer.goes(other))


@deaths("signed in")
async def test_a_person_who_signs_in(life: Life, when: str) -> None:
    """The browser has no session of it, and the same form signs the person in."""
    target, form = await life.form()
    await life.dies(when, "POST", target, form)
    assert told((await life.surfer.authorizes(prompt="none")).answer)["error"] == "login_required"
    answer = await life.surfer.send("POST", target, form)
    assert code_in((await life.surfer.goes(life.surfer.target(answer))).answer)


@deaths("agreed")
async def test_a_person_who_agrees(life: Life, when: str) -> None:
    """The agreement is kept: the same form leads on, nobody is asked again, and it is written down once."""
    await life.surfer.code()
    async with inside(life.pair.installation) as tenant:
        note = Note(tenant.audit.event(tenant.id, "consent_revoked"))
        await consents.take_back(person().user_id, "stranger", tenant, note)
        page, before = await life.question(), await yeses(tenant)
        await life.dies(when, "POST", page.target, {"csrf": page.csrf, "decision": "allow"})
        assert code_in((await life.surfer.fills(page, decision="allow")).answer)
        silent = await life.surfer.authorizes(client_id="stranger", prompt="none", scope=EVERYTHING)
        assert code_in(silent.answer)
        assert await yeses(tenant) == before + 1


async def yeses(tenant: Tenant) -> int:
    """How often the audit says that the person agreed."""
    where = {"slug": "consent_given", "user": person().user_id}
    return len(await tenant.store.events(tenant.id, where, Window(limit=1_000)))


@deaths("code issued")
async def test_a_code_that_never_arrived(life: Life, when: str) -> None:
    """The flow is over, since it was answered; from the application on, the next code needs no page."""
    target, form = await life.form()
    onward = life.surfer.target(await life.surfer.send("POST", target, form))
    await life.dies(when, "GET", onward)
    assert (await life.surfer.goes(onward)).answer.status_code == 400
    assert (await life.pair.token(redeeming(code_in((await life.surfer.authorizes()).answer)))).is_success


@deaths("code redeemed")
async def test_a_code_that_was_redeemed(life: Life, when: str) -> None:
    """It is spent, and shown again it takes back what nobody received; the next one is to be had silently."""
    code = await life.surfer.code(scope=EVERYTHING)
    await life.dies_for_client(when, "/oauth/token", redeeming(code))
    async with inside(life.pair.installation) as tenant:
        spent = await tenant.store.get(Code, code)
        assert isinstance(spent, Spent)
        whose = Owner(tenant=tenant.id, grant=spent.id)
        assert await tenant.store.find(AccessToken, whose, None, 9)
        answer = await life.pair.token(redeeming(code))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
        assert await tenant.store.get(Refresh, spent.id) is None
        assert await tenant.store.find(AccessToken, whose, None, 9) == []
    silent = await life.surfer.authorizes(prompt="none", scope=EVERYTHING)
    assert (await life.pair.token(redeeming(code_in(silent.answer)))).is_success


@deaths("refresh rotated")
async def test_a_refresh_that_was_not_answered(life: Life, when: str) -> None:
    """The client asks again with the token that it has, and gets the one successor, as often as it asks."""
    first = await life.given()
    await life.dies_for_client(when, "/oauth/token", refreshing(first["refresh_token"]))
    answers = [await life.pair.token(refreshing(first["refresh_token"])) for _ in range(3)]
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    family = await kept_family(life, successor)
    assert family.generation == 1
    assert (await life.pair.token(refreshing(successor))).is_success
    assert await life.pair.lives(first["access_token"]) == {True}


async def kept_family(life: Life, text: str) -> Refresh:
    """The family of a refresh token, as it is kept."""
    async with inside(life.pair.installation) as tenant:
        found = await tenant.store.get(Refresh, refresh_token.read(text).family)
    assert isinstance(found, Refresh)
    return found


@deaths("left")
async def test_a_person_who_leaves(life: Life, when: str) -> None:
    """The session is over although nobody said so; offline access stays, and the person signs in again."""
    first = await life.given()
    page = await life.surfer.goes("/oidc/logout")
    await life.dies(when, "POST", "/oidc/logout/confirm", {"csrf": page.csrf, "decision": "confirm"})
    assert told((await life.surfer.authorizes(prompt="none")).answer)["error"] == "login_required"
    assert (await life.surfer.goes("/oidc/logout")).answer.status_code == 200
    assert (await life.pair.token(refreshing(first["refresh_token"]))).is_success
    assert await life.surfer.code()


async def test_clients_that_renew_under_load_stay_signed_in(life: Life) -> None:
    """Killed in the middle of many refreshes: each client goes on with the last token that it received."""
    first = [(await life.given())["refresh_token"] for _ in range(12)]
    newest, over = dict(enumerate(first)), asyncio.Event()

    async def renews(n: int) -> None:
        # Who was only about to connect is answered by the next process.
        while not over.is_set():
            with suppress(httpx.TransportError):
                answer = await life.pair.token(refreshing(newest[n]))
                assert answer.status_code == 200, answer.text
                newest[n] = answer.json()["refresh_token"]

    async def kills() -> None:
        await asyncio.sleep(0.4)
        os.kill(life.mortal.born[-1], signal.SIGKILL)
        over.set()

    await asyncio.gather(kills(), *map(renews, newest))
    life.mortal.died()
    assert not set(first).intersection(newest.values())
    await life.has_everything()
    for text in newest.values():
        answer = await life.pair.token(refreshing(text))
        assert answer.status_code == 200, answer.text
        assert (await life.pair.token(refreshing(answer.json()["refresh_token"]))).status_code == 200
