"""The ways in: signing in, making an account, setting a first password. The table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.pages.sign_in.invitation import PATH as INVITATION
from sekisho.pages.sign_in.invitation import accept
from sekisho.pages.sign_in.invitation import show as show_invitation
from sekisho.pages.sign_in.page import show as show_sign_in
from sekisho.pages.sign_in.page import sign_in as enter
from sekisho.pages.sign_in.sign_up import show as show_sign_up
from sekisho.pages.sign_in.sign_up import sign_up as begin
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Reads = Literal["", "form"]

ROUTES: tuple[tuple[str, str, Endpoint, Reads], ...] = (
    ("GET", "/login", show_sign_in, ""),
    ("POST", "/login", enter, "form"),
    ("GET", "/signup", show_sign_up, ""),
    ("POST", "/signup", begin, "form"),
    ("GET", INVITATION, show_invitation, ""),
    ("POST", INVITATION, accept, "form"),
)
