"""Somebody on their way through a sign-in, at a process that dies on the way."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.visitor import EVERYTHING
from tests.walks.mortal import DIES, Mortals
from tests.walks.pair import Pair, redeeming, refreshing
from tests.walks.surfer import Page, Surfer, code_in


@dataclass
class Life:
    """A mortal process, somebody on their way, and somebody who had everything before."""

    mortal: Mortals
    pair: Pair
    surfer: Surfer
    other: Surfer
    kept: str = ""

    async def dies(self, when: str, method: str, target: str, form: Mapping[str, str] | None = None) -> None:
        """The browser's request is the last one of a process; the next one has all that was acknowledged."""
        doomed = replace(self.surfer, headers={DIES: when})
        await self.ends(doomed.send(method, target, form))

    async def dies_for_client(self, when: str, path: str, form: Mapping[str, str]) -> None:
        """The client's request is."""
        await self.ends(self.pair.post(path, form, headers={DIES: when}))

    async def ends(self, last: Awaitable[httpx.Response]) -> None:
        """Nobody is answered; what was acknowledged before is there."""
        await self.mortal.dies(last)
        await self.has_everything()

    async def has_everything(self) -> None:
        """A session and an agreement, for which no page is needed, and a refresh token."""
        silent = await self.other.authorizes(client_id="stranger", prompt="none", scope=EVERYTHING)
        assert (await self.pair.token(redeeming(code_in(silent.answer), "stranger"))).is_success
        answer = await self.pair.token(refreshing(self.kept, "stranger"))
        assert answer.status_code == 200, answer.text
        self.kept = answer.json()["refresh_token"]

    async def given(self) -> Any:
        """Tokens for a fresh code."""
        answer = await self.pair.token(redeeming(await self.surfer.code(scope=EVERYTHING)))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def form(self) -> tuple[str, dict[str, str]]:
        """The sign-in page, filled in."""
        page = await self.surfer.authorizes(prompt="login")
        return page.target, {"csrf": page.csrf, **self.surfer.credentials}

    async def question(self) -> Page:
        """The consent page."""
        page = await self.surfer.authorizes(client_id="stranger", prompt="consent", scope=EVERYTHING)
        assert page.target.startswith("/consent?"), page.target
        return page
