"""The account page: the table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.pages.account.acts import change_password, change_profile, disconnect, end_session
from sekisho.pages.account.page import PATH, show
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Reads = Literal["", "form"]

ROUTES: tuple[tuple[str, str, Endpoint, Reads], ...] = (
    ("GET", PATH, show, ""),
    ("POST", "/account/profile", change_profile, "form"),
    ("POST", "/account/password", change_password, "form"),
    ("POST", "/account/sessions", end_session, "form"),
    ("POST", "/account/applications", disconnect, "form"),
)
