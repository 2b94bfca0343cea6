"""Events that an id leads to: their own, or the correlation id that a page of ours showed somebody."""

import re
from collections.abc import Sequence

from sekisho.model.event import Event
from sekisho.registry import logs
from sekisho.registry.logs import Wanted
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

MOST = 8
_IDENTIFIES = re.compile(r"(?=.*[0-9])[A-Za-z0-9._:-]{8,64}")


def is_id(word: str) -> bool:
    """It looks like what identifies an event or a request."""
    return bool(_IDENTIFIES.fullmatch(word))


async def of(word: str, tenant: Tenant) -> Sequence[Event]:
    """The event of this id, or the newest ones of the request that has it as its correlation id."""
    try:
        return (await logs.find(tenant, word),)
    except Refused:
        return (await logs.sought(tenant, Wanted(correlation=word), None, MOST)).events
