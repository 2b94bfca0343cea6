"""What every operation goes through first: a live token, its rate, its scopes, a closed query."""

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from sekisho.api import query, rate
from sekisho.api.bearer import caller, need
from sekisho.api.operation import Operation
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

Door = Callable[[Ask, Tenant], Awaitable[Answer]]


def behind(operation: Operation) -> Door:
    """The operation as the list of URLs has it; the headers of the rate go with refusals too."""
    names = tuple(parameter.name for parameter in operation.takes)

    async def enter(ask: Ask, tenant: Tenant) -> Answer:
        bearer = await caller(ask, tenant)
        headers = await rate.spend(bearer, tenant)
        try:
            need(bearer, *operation.scopes)
            for scope in operation.also:
                need(bearer, scope)
            query.only(ask, *names)
            answer = await operation.endpoint(ask, tenant, bearer)
        except Refused as refused:
            refused.headers = {**dict(headers), **refused.headers}
            raise
        return replace(answer, headers=(*answer.headers, *headers))

    return enter
