"""A row of the dashboard's table: an address, its page, and what somebody has to be allowed for it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from sekisho.pages.dashboard.administrator import Administrator
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Page = Callable[[Ask, Administrator, Tenant], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Row:
    """`path` is below /dashboard; `needs` is a scope of the management API.

    `recent`: only shortly after a sign-in. What is posted so has a page at the same path, to come back to.
    """

    method: Literal["GET", "POST"]
    path: str
    page: Page
    needs: str
    recent: bool = False
