"""The ways in: signing in, making an account, setting a password. The table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.pages.sign_in.forgot import PATH as FORGOT
from sekisho.pages.sign_in.forgot import begin as send
from sekisho.pages.sign_in.forgot import show as show_forgot
from sekisho.pages.sign_in.invitation import PATH as INVITATION
from sekisho.pages.sign_in.invitation import accept
from sekisho.pages.sign_in.invitation import show as show_invitation
from sekisho.pages.sign_in.link import PATH as LINK
from sekisho.pages.sign_in.link import enter as follow
from sekisho.pages.sign_in.link import show as show_link
from sekisho.pages.sign_in.page import show as show_sign_in
from sekisho.pages.sign_in.page import sign_in as enter
from sekisho.pages.sign_in.reset import accept as reset
from sekisho.pages.sign_in.reset import show as show_reset
from sekisho.pages.sign_in.sign_up import show as show_sign_up
from sekisho.pages.sign_in.sign_up import sign_up as begin
from sekisho.people.letters.resets import PATH as RESET
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
    ("GET", FORGOT, show_forgot, ""),
    ("POST", FORGOT, send, "form"),
    ("GET", RESET, show_reset, ""),
    ("POST", RESET, reset, "form"),
    ("GET", LINK, show_link, ""),
    ("POST", LINK, follow, "form"),
)
