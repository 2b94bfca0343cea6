"""The management API, /api/v2."""

from collections.abc import Awaitable, Callable

from sekisho.api.description import to_people, to_programs
from sekisho.api.gate import behind
from sekisho.api.resources import OPERATIONS
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]

# Method, path below /api/v2, endpoint. What describes the others is open.
ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    *((each.method, each.path, behind(each)) for each in OPERATIONS),
    ("GET", "/openapi.json", to_programs(OPERATIONS)),
    ("GET", "/docs", to_people(OPERATIONS)),
)
