"""What people see: the table of addresses."""

from collections.abc import Awaitable, Callable

from sekisho.pages.explained import explained
from sekisho.pages.landing import landing
from sekisho.pages.static import favicon, robots, static
from sekisho.spec.enhanced import HELP
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]

ROUTES: tuple[tuple[str, Endpoint], ...] = (
    ("/", landing),
    (HELP, explained),
    ("/static/{name}", static),
    ("/favicon.ico", favicon),
    ("/robots.txt", robots),
)
