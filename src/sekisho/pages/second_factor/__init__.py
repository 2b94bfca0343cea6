"""The second factor in the browser: shown, or set up first. The table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.pages.second_factor.code import show as show_code
from sekisho.pages.second_factor.code import verify
from sekisho.pages.second_factor.manage import PATH as MANAGE
from sekisho.pages.second_factor.manage import decide
from sekisho.pages.second_factor.manage import show as show_manage
from sekisho.pages.second_factor.setup import confirm
from sekisho.pages.second_factor.setup import show as show_setup
from sekisho.pages.second_factor.visit import PATH, SETUP
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Reads = Literal["", "form"]

ROUTES: tuple[tuple[str, str, Endpoint, Reads], ...] = (
    ("GET", PATH, show_code, ""),
    ("POST", PATH, verify, "form"),
    ("GET", SETUP, show_setup, ""),
    ("POST", SETUP, confirm, "form"),
    ("GET", MANAGE, show_manage, ""),
    ("POST", MANAGE, decide, "form"),
)
