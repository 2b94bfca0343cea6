"""What people see: the table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.pages.account import ROUTES as ACCOUNT
from sekisho.pages.consent import decide as decide_consent
from sekisho.pages.consent import show as show_consent
from sekisho.pages.dashboard import ROUTES as DASHBOARD
from sekisho.pages.explained import explained
from sekisho.pages.landing import landing
from sekisho.pages.logo import logo
from sekisho.pages.logout import decide as decide_logout
from sekisho.pages.second_factor import ROUTES as SECOND_FACTOR
from sekisho.pages.sign_in import ROUTES as SIGN_IN
from sekisho.pages.static import favicon, robots, static
from sekisho.spec.http import Answer, Ask
from sekisho.spec.software.enhanced import HELP
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Reads = Literal["", "form"]

ROUTES: tuple[tuple[str, str, Endpoint, Reads], ...] = (
    ("GET", "/", landing, ""),
    ("GET", HELP, explained, ""),
    *SIGN_IN,
    *SECOND_FACTOR,
    ("GET", "/consent", show_consent, ""),
    ("POST", "/consent", decide_consent, "form"),
    ("POST", "/oidc/logout/confirm", decide_logout, "form"),
    *ACCOUNT,
    *DASHBOARD,
    ("GET", "/logo/{client_id}", logo, ""),
    ("GET", "/static/{name}", static, ""),
    ("GET", "/favicon.ico", favicon, ""),
    ("GET", "/robots.txt", robots, ""),
)
