"""One request, one flow, one session, and many windows at once, over two processes of one database."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from sekisho.change.actor import Actor
from sekisho.model.consent import Consent
from sekisho.people import users
from sekisho.store import Window
from tests.tenants import AUDIENCE
from tests.visitor import EVERYTHING, person, request
from tests.walks.pair import OTHER, PROOF, Pair, inside, redeeming, refreshing
from tests.walks.surfer import Page, Surfer, code_in, told

WINDOWS = 25


async def opening(pair: Pair) -> str:
    """Where the client sends the person after it has pushed."""
    answer = await pair.post("/oauth/par", {**request(), **PROOF})
    assert answer.status_code == 201, answer.text
    return f"/authorize?client_id=web&request_uri={answer.json()['request_uri']}"


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def test_a_pushed_request_is_opened_by_one_browser(pair: Pair) -> None:
    """50 windows open it at once: one flow has it, and leads to one code. RFC 9126 section 7.3, class 26."""
    target = await opening(pair)
    # A window of its own knows nothing yet of what another one is given to keep.
    windows = [pair.surfer() for _ in range(2 * WINDOWS)]
    answers = await asyncio.gather(*(window.send("GET", target) for window in windows))
    assert statuses(answers) == {303: 1, 400: 2 * WINDOWS - 1}
    (one,) = [window for window in windows if window.cookies]
    (begun,) = [answer for answer in answers if answer.is_redirect]
    assert (await windows[windows.index(one) - 1].goes(target)).answer.status_code == 400
    again = await one.goes(target)
    assert again.target == one.target(begun)
    assert await one.through(again)
    assert (await one.goes(target)).answer.status_code == 400


async def test_a_pushed_request_is_answered_once(pair: Pair) -> None:
    """Whoever is signed in and opens it 50 times at once is given one code. RFC 9126 section 4, class 26."""
    surfer = pair.surfer()
    await surfer.code()
    target = await opening(pair)
    answers = await asyncio.gather(*(surfer.send("GET", target) for _ in range(2 * WINDOWS)))
    assert statuses(answers) == {302: 1, 400: 2 * WINDOWS - 1}
    (code,) = [code_in(answer) for answer in answers if answer.is_redirect]
    assert (await pair.token(redeeming(code))).status_code == 200


async def test_a_flow_in_many_windows_gives_one_code(pair: Pair) -> None:
    """All windows go on at once: the client gets one answer for one state. RFC 6749 section 4.1.2."""
    surfer = pair.surfer()
    page = await surfer.authorizes(prompt="login")
    answer = await surfer.posts(page, **surfer.credentials)
    onward = surfer.target(answer)
    answers = await asyncio.gather(*(surfer.send("GET", onward) for _ in range(2 * WINDOWS)))
    assert statuses(answers) == {302: 1, 400: 2 * WINDOWS - 1}
    (code,) = [code_in(answer) for answer in answers if answer.is_redirect]
    assert (await pair.token(redeeming(code))).status_code == 200


async def together(surfer: Surfer, page: Page, times: int, **form: str) -> list[Page]:
    """A form that is sent several times at once; each window then goes where it is led."""
    answers = await asyncio.gather(*(surfer.posts(page, **form) for _ in range(times)))
    targets = [surfer.target(answer) for answer in answers]
    assert all(targets), (statuses(answers), answers[targets.index("")].text[-3000:])
    return list(await asyncio.gather(*map(surfer.goes, targets)))


async def test_a_sign_in_that_is_sent_twice_is_one(pair: Pair) -> None:
    """Whoever presses the button twice is signed in, and led to the client by one of the answers."""
    surfer = pair.surfer()
    page = await surfer.authorizes()
    ends = await together(surfer, page, 2, **surfer.credentials)
    assert statuses([end.answer for end in ends]) == {302: 1, 400: 1}


async def test_a_yes_that_is_sent_twice_is_one(pair: Pair) -> None:
    """Whoever presses the button twice agreed once: one agreement for each API, one code."""
    surfer = pair.surfer()
    page = await stranger_asks(surfer, prompt="consent")
    ends = await together(surfer, page, 8, decision="allow")
    assert statuses([end.answer for end in ends]) == {302: 1, 400: 7}
    (code,) = [code_in(end.answer) for end in ends if end.answer.is_redirect]
    assert (await agreements(pair)).count(("stranger", None)) == 1
    assert (await pair.token(redeeming(code, "stranger"))).status_code == 200


async def stranger_asks(surfer: Surfer, **more: str) -> Page:
    """Whoever is signed in is asked to agree."""
    await surfer.code()
    page = await surfer.authorizes(client_id="stranger", **more)
    assert page.target.startswith("/consent?"), page.target
    return page


async def agreements(pair: Pair) -> list[tuple[str, str | None]]:
    """What the person agreed to."""
    async with inside(pair.installation) as tenant:
        kept = await tenant.store.records(Consent, tenant.id, {"user_id": person().user_id}, Window())
    return [(each.client, each.api) for each in kept]


async def test_two_windows_that_agree_at_once_both_go_on(pair: Pair) -> None:
    """Two requests of one application: each gets its code, and there is one agreement."""
    surfer = pair.surfer()
    pages = [await stranger_asks(surfer, audience=AUDIENCE, scope="read:things") for _ in range(2)]
    ends = await asyncio.gather(*(surfer.fills(page, decision="allow") for page in pages))
    codes = {code_in(end.answer) for end in ends}
    assert len(codes) == 2
    assert (await agreements(pair)).count(("stranger", AUDIENCE)) == 1


async def leaving(surfer: Surfer) -> Callable[[], Awaitable[httpx.Response]]:
    """The person is about to press the button that signs out."""
    page = await surfer.goes("/oidc/logout")
    form = {"csrf": page.csrf, "decision": "confirm"}
    return lambda: surfer.send("POST", "/oidc/logout/confirm", form)


async def is_over(surfer: Surfer, before: dict[str, str]) -> None:
    """Whoever kept the cookie has nothing of it, at either process."""
    for _ in surfer.urls:
        surfer.cookies |= before
        assert told((await surfer.authorizes(prompt="none")).answer)["error"] == "login_required"


async def test_a_session_that_ends_takes_its_codes_along(pair: Pair) -> None:
    """Redeemed while the person leaves, a code gives all or nothing; later it gives nothing. Class 34."""
    surfer = pair.surfer()
    codes = [await surfer.code(scope=EVERYTHING) for _ in range(25)]
    leaves, early, late, before = await leaving(surfer), codes[:20], codes[20:], dict(surfer.cookies)
    redeemed = (pair.token(redeeming(code), n) for n, code in enumerate(early))
    left, *answers = await asyncio.gather(leaves(), *redeemed)
    assert left.status_code == 303
    assert set(statuses(answers)) <= {200, 400}
    for answer in answers:
        if answer.is_success:
            assert await pair.lives(answer.json()["access_token"]) == {True}
    assert statuses([await pair.token(redeeming(code), n) for n, code in enumerate(late)]) == {400: 5}
    assert statuses([await pair.token(redeeming(code)) for code in early]) == {400: 20}
    await is_over(surfer, before)


async def test_leaving_takes_nothing_from_who_may_act_alone(pair: Pair) -> None:
    """Offline access goes on, and the session is over everywhere. OpenID Connect Core 1.0 section 11."""
    surfer = pair.surfer()
    first = await given(pair, surfer)
    leaves, before = await leaving(surfer), dict(surfer.cookies)
    left, answers = await asyncio.gather(leaves(), pair.storm(refreshing(first["refresh_token"]), 20))
    assert left.status_code == 303
    assert statuses(answers) == {200: 20}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert (await pair.token(refreshing(successor), 1)).status_code == 200
    await is_over(surfer, before)


async def given(pair: Pair, surfer: Surfer) -> Any:
    """Tokens of a fresh code."""
    answer = await pair.token(redeeming(await surfer.code(scope=EVERYTHING)))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_nothing_of_a_blocked_person_is_left(pair: Pair) -> None:
    """Blocked while codes are redeemed and tokens renewed; unblocked, nothing from before works. Class 34."""
    surfer = pair.surfer(OTHER)
    first = await given(pair, surfer)
    codes = [await surfer.code(scope=EVERYTHING) for _ in range(20)]
    async with inside(pair.installation) as tenant:
        answers, renewed, _ = await asyncio.gather(
            asyncio.gather(*(pair.token(redeeming(code), n) for n, code in enumerate(codes))),
            pair.storm(refreshing(first["refresh_token"]), 20),
            users.block(tenant, OTHER.user_id, Actor()),
        )
        await users.unblock(tenant, OTHER.user_id, Actor())
    assert set(statuses([*answers, *renewed])) <= {200, 400, 403}
    bodies = [first, *(answer.json() for answer in (*answers, *renewed) if answer.is_success)]
    for body in bodies:
        assert await pair.lives(body["access_token"]) == {False}
    await pair.refused(*{body["refresh_token"] for body in bodies})
    assert statuses([await pair.token(redeeming(code)) for code in codes]) == {400: 20}
    assert (await surfer.authorizes()).target.startswith("/login?")
