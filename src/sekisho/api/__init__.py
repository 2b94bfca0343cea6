"""The management API, /api/v2."""

from collections.abc import Awaitable, Callable

from sekisho.api.resources import ROUTES as RESOURCES
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]

# Method, path below /api/v2, endpoint; what describes the resources will be listed beside them.
ROUTES: tuple[tuple[str, str, Endpoint], ...] = (*RESOURCES,)
