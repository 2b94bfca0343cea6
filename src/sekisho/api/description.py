"""Where the management API describes itself: to programs, and to people."""

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from sekisho.api import document, guide, rate
from sekisho.api.operation import Operation
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import MANAGEMENT_PATH, Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
KEPT = (("cache-control", "no-cache"),)


def to_programs(operations: Iterable[Operation]) -> Endpoint:
    """GET /openapi.json: the same bytes for everybody."""
    body = msgspec.json.encode(document.written(operations))

    async def openapi(ask: Ask, tenant: Tenant) -> Answer:
        return Answer(body=body, headers=KEPT)

    return openapi


def to_people(operations: Iterable[Operation]) -> Endpoint:
    """GET /docs: a page that needs no script."""
    chapters = guide.chapters(operations)

    async def docs(ask: Ask, tenant: Tenant) -> Answer:
        context = {
            "issuer": tenant.issuer(ask),
            "management": MANAGEMENT_PATH,
            "chapters": chapters,
            "allowance": rate.allowance(tenant),
        }
        return Answer(page=("management", context))

    return docs
