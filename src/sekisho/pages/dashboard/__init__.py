"""The dashboard: where administrators see and change everything. The table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.pages.dashboard.entrance import CALLBACK, HOME, callback
from sekisho.pages.dashboard.guard import behind
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Reads = Literal["", "form"]

ROUTES: tuple[tuple[str, str, Endpoint, Reads], ...] = (
    ("GET", CALLBACK, callback, ""),
    *((row.method, HOME + row.path, behind(row), "form" if row.method == "POST" else "") for row in ROWS),
)
